# SPDX-License-Identifier: Apache-2.0
"""push --exec: a program that prints an archive, as streamLayeredImage of Nix makes them."""

import os
import pathlib
import signal
import subprocess
import time

import pytest

import make_image
import program
import truth

ARCHIVE = truth.FIXTURES / 'nix-stream.tar'
KNOWN = truth.configs(truth.load()['good'][ARCHIVE.name])


@pytest.fixture
def script(tmp_path):
    """script('cat archive') writes an executable shell script, and gives its path."""
    def write(text, name='result'):
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\n{text}\n')
        path.chmod(0o755)
        return path
    return write


def is_gone(pid):
    """A process that ended a moment ago may not have been waited for yet."""
    for _ in range(100):
        status = pathlib.Path(f'/proc/{pid}/stat')
        if not status.exists() or status.read_text().rpartition(')')[2].split()[0] == 'Z':
            return True
        time.sleep(0.02)
    return False


@pytest.mark.smoke
def test_what_a_program_prints_is_pushed(ociship, place, name, script):
    pushed = ociship('push', '--exec', script(f'cat {ARCHIVE}'), f'{place.repository(name)}:1')
    digest, met = truth.check_image(place, name, '1', KNOWN)
    assert digest == pushed.digest and met == set(KNOWN)
    again = ociship('push', ARCHIVE, f'{place.repository(name)}:2')
    assert again.digest == pushed.digest


def test_a_relative_path_is_a_path_and_no_word_of_the_search_path(ociship, layout, script):
    script(f'cat {ARCHIVE}')
    ociship('push', '--exec', './result', f'{layout.repository("a")}:1')
    assert layout.tags('a') == ['1']
    ociship('push', '--exec', 'true', f'{layout.repository("b")}:1', code=program.BAD_INPUT)


@pytest.mark.parametrize('called', ['with space', '$(touch made)', '`touch made`', 'a;touch made',
                                    "quote'", 'star*', '-n', 'ünï'])
def test_no_shell_looks_at_the_name(ociship, layout, script, called, tmp_path):
    path = script(f'cat {ARCHIVE}', called)
    ociship('push', '--exec', path, f'{layout.repository("a")}:1')
    assert layout.tags('a') == ['1']
    assert not (tmp_path / 'made').exists()


def test_it_has_no_arguments_and_an_empty_standard_input(ociship, layout, script):
    path = script(f'[ $# -eq 0 ] && [ "$(wc -c)" -eq 0 ] && cat {ARCHIVE}')
    ociship('push', '--exec', path, f'{layout.repository("a")}:1', stdin=b'something')
    assert layout.tags('a') == ['1']


def test_much_on_standard_error_does_not_stop_it(ociship, layout, script):
    path = script(f'head -c 3000000 /dev/zero >&2; cat {ARCHIVE}; head -c 3000000 /dev/zero >&2')
    ociship('push', '--exec', path, f'{layout.repository("a")}:1')
    assert layout.tags('a') == ['1']


@pytest.mark.parametrize('text', [
    'echo no space left >&2; exit 3',
    f'head -c 60000 {ARCHIVE}; echo no space left >&2; exit 3',
    f'cat {ARCHIVE}; echo no space left >&2; exit 3',
    f'cat {ARCHIVE}; exec >&-; sleep 0.3; echo no space left >&2; exit 3',
], ids=['before', 'in-the-middle', 'after', 'long-after'])
def test_its_failure_is_ours_with_its_words(ociship, place, name, script, text):
    path = script(text)
    said = ociship('push', '--exec', path, f'{place.repository(name)}:1', '--semver', '1.0.0',
                   code=program.FAILURE)
    assert 'no space left' in said.err and '3' in said.err and str(path) in said.err
    assert place.tags(name) == []


@pytest.mark.parametrize('before', ['', f'head -c 60000 {ARCHIVE}; ', f'cat {ARCHIVE}; '],
                         ids=['before', 'in-the-middle', 'after'])
def test_ended_by_a_signal_is_a_failure(ociship, layout, script, before):
    said = ociship('push', '--exec', script(f'{before}kill -9 $$'), f'{layout.repository("a")}:1',
                   code=program.FAILURE)
    assert 'signal 9' in said.err
    assert layout.tags('a') == []


def test_its_words_cannot_steer_the_terminal(ociship, layout, script):
    said = ociship('push', '--exec', script(r"printf 'evil\033]0;x\007' >&2; exit 1"),
                   f'{layout.repository("a")}:1', code=program.FAILURE)
    assert 'evil' in said.err
    assert '\x1b' not in said.err and '\x07' not in said.err


@pytest.mark.parametrize('text', ['true', 'echo hello', f'head -c 60000 {ARCHIVE}'],
                         ids=['nothing', 'text', 'half'])
def test_success_without_an_archive_is_bad_input(ociship, layout, script, text):
    ociship('push', '--exec', script(text), f'{layout.repository("a")}:1', code=program.BAD_INPUT)
    assert layout.tags('a') == []


@pytest.mark.parametrize('text', ['exec yes', 'exec cat /dev/zero',
                                  f'exec cat {ARCHIVE} /dev/zero',
                                  f'cat {ARCHIVE}; exec yes'],
                         ids=['text', 'zeros', 'zeros-after', 'text-after'])
def test_output_without_an_end_does_not_hang_and_the_program_is_gone(ociship, layout, script, text,
                                                                     tmp_path):
    said = ociship('push', '--exec', script(f'echo $$ > pid; {text}'),
                   f'{layout.repository("a")}:1', code=None, timeout=20)
    assert said.code in (program.BAD_INPUT, program.FAILURE), said
    assert layout.tags('a') == []
    assert is_gone((tmp_path / 'pid').read_text().strip())


def test_a_refused_archive_leaves_no_process(ociship, layout, script, tmp_path):
    make_image.docker_archive(tmp_path / 'good', [make_image.layer_of({'a': b'x' * 5000})])
    data = (tmp_path / 'good').read_bytes()
    (tmp_path / 'bad').write_bytes(data.replace(b'x' * 5000, b'x' * 4999 + b'y'))
    said = ociship('push', '--exec', script('echo $$ > pid; cat bad; exec sleep 300 >&-'),
                   f'{layout.repository("a")}:1', code=program.BAD_INPUT, timeout=30)
    assert 'sha256:' in said.err
    assert is_gone((tmp_path / 'pid').read_text().strip())


def test_interrupted_while_it_waits_for_the_program(ociship, layout, script, tmp_path):
    path = script(f'echo $$ > pid; head -c 60000 {ARCHIVE}; touch waiting; exec sleep 300')
    running = subprocess.Popen([program.PROGRAM, 'push', '--exec', path,
                                f'{layout.repository("a")}:1'], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path,
                               env=ociship.environment())
    end = time.monotonic() + 20
    while not (tmp_path / 'waiting').exists() and time.monotonic() < end:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=20) == 130
    assert layout.tags('a') == []
    assert is_gone((tmp_path / 'pid').read_text().strip())


@pytest.mark.parametrize('kind', ['absent', 'no-permission', 'folder', 'no-program'])
def test_what_cannot_be_run_is_named(ociship, layout, script, kind, tmp_path):
    path = tmp_path / 'thing'
    if kind == 'no-permission':
        script('true', 'thing').chmod(0o644)
    elif kind == 'folder':
        path.mkdir()
    elif kind == 'no-program':
        path.write_bytes(os.urandom(100))
        path.chmod(0o755)
    said = ociship('push', '--exec', path, f'{layout.repository("a")}:1', code=program.BAD_INPUT)
    assert 'thing' in said.err
    assert not layout.path('a').exists() or layout.tags('a') == []


def test_programs_and_files_of_different_platforms_become_one_index(ociship, layout, script,
                                                                    tmp_path):
    known = {}
    for architecture in ('amd64', 'arm64', 's390x'):
        layer = make_image.layer_of({'arch': architecture.encode() * 1000})
        image = make_image.docker_archive(tmp_path / architecture, [layer], architecture)
        known[image['config_digest']] = image['diff_ids']
    ociship('push', tmp_path / 'amd64', '--exec', script('cat arm64', 'one'), '--exec',
            script('cat s390x', 'two'), f'{layout.repository("a")}:1')
    _, met = truth.check_image(layout, 'a', '1', known)
    assert met == set(known)


def test_one_of_several_that_fails_leaves_no_tag(ociship, layout, script, tmp_path):
    make_image.docker_archive(tmp_path / 'amd64', [make_image.layer_of({'a': b'a'})])
    ociship('push', tmp_path / 'amd64', '--exec', script(f'cat {ARCHIVE}; exit 7'), '--platform',
            'linux/amd64', '--platform', 'linux/arm64', f'{layout.repository("a")}:1',
            code=program.FAILURE)
    assert layout.tags('a') == []
