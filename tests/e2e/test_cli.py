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
    ['sign', 'oci:x:1'],
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
                                       ['verify', '--help'], ['generate-key-pair', '--help'],
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


@pytest.mark.parametrize('arguments', [['--help'], ['version'],
                                       ['push', ARCHIVE, 'oci:layout:1']])
def test_a_reader_that_went_away_is_no_crash(ociship, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([program.PROGRAM, *arguments], stdout=writing, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, cwd=ociship.folder, check=False,
                          env=ociship.environment(), timeout=60)
    os.close(writing)
    assert done.returncode >= 0 or done.returncode == -signal.SIGPIPE
    assert b'Sanitizer' not in done.stderr


def test_an_answer_that_cannot_be_written_is_a_failure(ociship):
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([program.PROGRAM, 'push', ARCHIVE, 'oci:layout:1'], stdout=full,
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
