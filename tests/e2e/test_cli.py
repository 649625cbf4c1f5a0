# SPDX-License-Identifier: Apache-2.0
"""The command line itself: usage errors, help, an output that nobody reads."""

import os
import signal
import subprocess

import pytest

import program
import truth

ARCHIVE = str(truth.FIXTURES / 'docker20-one.tar')
PUBLIC_KEY = str(truth.FIXTURES / 'cosign' / 'p256.pub')
DIGEST = 'sha256:' + '0' * 64


SIZES = ['1', '0', '5B', '10KiB', '10kB', '10K', '1M', '20MiB', '500MB', '20GiB', '3TB', '1TiB']


@pytest.mark.parametrize('size', SIZES)
def test_sizes_are_taken_with_and_without_a_unit(ociship, size):
    ociship('push', ARCHIVE, 'oci:x:1', '--max-layer-size', size,
            code={program.DONE, program.BAD_INPUT})


@pytest.mark.parametrize('arguments', [
    [],
    ['nonsense'],
    ['--nonsense'],
    ['push'],
    ['push', ARCHIVE],
    ['push', ARCHIVE, 'oci:x:1', '--nonsense'],
    ['push', ARCHIVE, 'oci:x:1', '--tag'],
    ['push', ARCHIVE, 'oci:x:1', '-o', 'yaml'],
    ['push', ARCHIVE, 'oci:x:1', '--signature-format', 'both'],  # and no key
    ['push', ARCHIVE, 'oci:x:1', '--key', 'k', '--signature-format', 'pgp'],
    ['push', ARCHIVE, f'oci:x:1@{DIGEST}'],
    ['push', ARCHIVE, 'oci:'],
    ['push', ARCHIVE, 'example.com/Upper:1'],
    ['push', ARCHIVE, 'example.com:notaport/a:1'],
    ['push', ARCHIVE, 'example.com/a:'],
    ['push', ARCHIVE, 'example.com/../a:1'],
    ['push', ARCHIVE, 'example.com/a b:1'],
    ['push', '', 'oci:x:1'],
    ['push', '-', '-', 'oci:x:1'],
    ['push', 'dir:', 'oci:x:1'],
    ['push', 'docker-archive:', 'oci:x:1'],
    ['push', '--exec', 'program'],
    ['push', '--exec'],
    ['push', '--exec', '', 'oci:x:1'],
    ['push', ARCHIVE, 'oci:x', '--all', '--image', '@0'],
    ['push', ARCHIVE, 'oci:x', '--all', '--tag', '1'],
    ['push', ARCHIVE, 'oci:x:1', '--all'],
    ['push', ARCHIVE, 'oci:x', '--all', '--semver', '1.0.0'],
    ['push', ARCHIVE, 'oci:x', '--all', '--git'],
    ['push', ARCHIVE, ARCHIVE, 'oci:x', '--all'],
    ['push', ARCHIVE, '--exec', 'program', 'oci:x', '--all'],
    ['push', ARCHIVE, 'oci:x:1', '--key', ''],
    ['push', ARCHIVE, 'oci:x:1', '--digestfile', ''],
    ['push', ARCHIVE, 'oci:x:1', '--signature-format', ''],
    ['push', ARCHIVE, 'oci:x:1', '--image', ''],
    ['push', ARCHIVE, 'oci:x:1', '--image'],
    ['push', ARCHIVE, 'oci:x:1', '--image', '@1'],
    ['push', ARCHIVE, 'oci:x:1', '--image', 'nobody:1'],
    ['push', ARCHIVE, 'oci:x:1', '--platform', 'linux'],
    ['push', ARCHIVE, 'oci:x:1', '--platform', 'linux/'],
    ['push', ARCHIVE, 'oci:x:1', '--platform', '/amd64'],
    ['push', ARCHIVE, 'oci:x:1', '--platform', 'linux/arm/v7/more'],
    ['push', ARCHIVE, 'oci:x:1', '--platform', 'li nux/amd64'],
    ['push', ARCHIVE, 'oci:x:1', '--platform', ''],
    ['push', ARCHIVE, 'oci:x:1', '--max-layer-size', ''],
    ['push', ARCHIVE, 'oci:x:1', '--max-layer-size', 'large'],
    ['push', ARCHIVE, 'oci:x:1', '--max-layer-size', '-1'],
    ['push', ARCHIVE, 'oci:x:1', '--max-layer-size', '1.5G'],
    ['push', ARCHIVE, 'oci:x:1', '--max-layer-size', '10 GB'],
    ['push', ARCHIVE, 'oci:x:1', '--max-layer-size', '99999999999TB'],
    ['push', ARCHIVE, 'oci:x:1', '--max-layer-size', '18446744073709551616'],
    ['push', ARCHIVE, 'oci:x:1', '--compression', ''],
    ['push', ARCHIVE, 'oci:x:1', '--compression', 'xz'],
    ['push', ARCHIVE, 'oci:x:1', '--compression', 'gzip:01'],
    ['push', ARCHIVE, 'oci:x:1', '--compression', 'none:1'],
    ['push', ARCHIVE, 'oci:x:1', '--compression', 'portable:0'],
    ['push', ARCHIVE, 'oci:x:1', '--compression', 'zstd:20'],
    ['push', ARCHIVE, 'oci:x:1', '--manifest-format', ''],
    ['push', ARCHIVE, 'oci:x:1', '--manifest-format', 'OCI'],
    ['push', ARCHIVE, 'oci:x:1', '--annotation', 'novalue'],
    ['push', ARCHIVE, 'oci:x:1', '--annotation', ''],
    ['push', ARCHIVE, 'oci:x:1', '--dry-run=maybe'],
    ['push', ARCHIVE, 'oci:x:1', '--no-cache=maybe'],
    ['inspect'],
    ['inspect', ''],
    ['inspect', ARCHIVE, '--nonsense'],
    ['inspect', ARCHIVE, '-o', 'yaml'],
    ['inspect', 'example.com/Upper:1'],
    ['inspect', 'example.com/app'],
    ['inspect', f'example.com/app@{DIGEST}0'],
    ['sign'],
    ['sign', 'oci:x:1', '--tlog', '--no-tlog'],
    ['sign', 'oci:x:1', '--key', 'k', '--identity-token', 'a.b.c'],
    ['sign-blob'],
    ['sign-blob', '-'],
    ['sign-blob', 'a', 'b', '--bundle', 'c'],
    ['sign', '--key', 'k'],
    ['sign', '--key', 'k', '--format', 'pgp', 'oci:x:1'],
    ['sign', '--key', 'k', '-a', 'novalue', 'oci:x:1'],
    ['verify', 'oci:x:1'],
    ['verify', '--key', 'k'],
    ['verify', '--key', PUBLIC_KEY, 'example.com/a@sha256:12'],
    ['verify', '--key', PUBLIC_KEY, 'example.com/Upper:1'],
    ['generate-key-pair', 'argument'],
    ['version', 'argument'],
])
def test_usage_errors(ociship, arguments, tmp_path):
    said = ociship(*arguments, code=program.USAGE, password='x')
    assert said.out == ''
    assert not (tmp_path / 'x').exists()


@pytest.mark.smoke
@pytest.mark.parametrize('arguments', [['--help'], ['push', '--help'], ['sign', '--help'],
                                       ['verify', '--help'], ['inspect', '--help'],
                                       ['generate-key-pair', '--help'],
                                       ['version']])
def test_help_and_version_answer_on_stdout(ociship, arguments):
    said = ociship(*arguments)
    assert said.out.strip()
    assert said.err == ''


def test_a_misspelt_command_is_named(ociship):
    assert 'vreify' in ociship('vreify', 'oci:x:1', code=program.USAGE).err


def test_control_characters_of_a_name_are_not_printed(ociship):
    said = ociship('push', 'evil\x1b]0;\x07\nname.tar', 'oci:x:1', code=program.BAD_INPUT)
    assert '\x1b' not in said.err and '\x07' not in said.err


@pytest.mark.parametrize('arguments', [['--help'], ['version'], ['inspect', ARCHIVE],
                                       ['push', ARCHIVE, 'oci:layout:1'],
                                       ['push', '--dry-run', ARCHIVE, 'oci:layout:1']])
def test_a_reader_that_went_away_is_no_crash(ociship, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([program.PROGRAM, *arguments], stdout=writing, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, cwd=ociship.folder, check=False,
                          env=ociship.environment(), timeout=60)
    os.close(writing)
    assert done.returncode >= 0 or done.returncode == -signal.SIGPIPE
    assert b'Sanitizer' not in done.stderr


@pytest.mark.parametrize('arguments', [['push', ARCHIVE, 'oci:layout:1'], ['inspect', ARCHIVE],
                                       ['push', '--dry-run', ARCHIVE, 'oci:layout:1']])
def test_an_answer_that_cannot_be_written_is_a_failure(ociship, arguments):
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([program.PROGRAM, *arguments], stdout=full,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=60,
                              cwd=ociship.folder, env=ociship.environment(), check=False)
    assert done.returncode == program.FAILURE


def test_closed_standard_streams_are_no_crash(ociship):
    done = subprocess.run(['sh', '-c', '"$@" <&- >&- 2>&-', 'sh', program.PROGRAM, 'push', ARCHIVE,
                           'oci:layout:1'], cwd=ociship.folder, env=ociship.environment(),
                          timeout=60, check=False)
    assert done.returncode in (program.DONE, program.FAILURE)


@pytest.mark.smoke
def test_a_home_that_is_not_there_does_no_harm(ociship, layout, tmp_path):
    done = subprocess.run([program.PROGRAM, 'push', ARCHIVE, f'{layout.repository("a")}:1'],
                          env={'PATH': os.environ['PATH'], 'HOME': str(tmp_path / 'missing')},
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert layout.tags('a') == ['1']
