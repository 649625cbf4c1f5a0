# SPDX-License-Identifier: Apache-2.0
"""push --progress: what is seen on a terminal, in a log, by a program, and when nobody looks."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time

import pytest

import program
import truth

# The beginning of the last line, when half of the archive has come.
SUMMARY = '2 la'
SIZES = (700, 900, 3000)  # KiB
STYLES = ['auto', 'bars', 'plain', 'json', 'none']
PLAIN_LINE = re.compile(r'sha256:[0-9a-f]{12}  (sent |there|known)  [0-9.]+ ([KMG]i)?B'
                        r'|tagged \S+|ociship: .*')


class Screen:
    """What a terminal shows after the escapes that the program uses; nothing may be wider."""

    def __init__(self, columns):
        self.columns = columns
        self.lines = ['']
        self.seen = set()  # every line that ever stood there

    def feed(self, text):
        for piece in re.findall(r'\x1b\[\d*[A-Z]|\r\n|[^\x1b\r\n]+|.', text, re.DOTALL):
            if piece == '\r\n':
                line = self.lines[-1]
                assert len(line) < self.columns or PLAIN_LINE.fullmatch(line), line
                self.lines.append('')
            elif piece.endswith('F') and piece.startswith('\x1b'):
                count = int(piece[2:-1])
                assert 0 < count < len(self.lines), 'above what was written'
                assert self.lines[-1] == ''
                del self.lines[-count:]
                self.lines[-1] = ''
            elif piece == '\x1b[J':
                pass  # nothing is kept below the cursor here
            else:
                assert '\x1b' not in piece, f'unknown escape in {text!r}'
                self.lines[-1] += piece
                self.seen.add(self.lines[-1])


class Terminal:
    """Runs the program with standard error on a terminal; `screen` and `text` are what it shows."""

    def __init__(self, run, *arguments, size=(24, 80), env=None, stdin=subprocess.DEVNULL):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', *size, 0, 0))
        self.screen, self.text = Screen(size[1]), ''
        self._process = subprocess.Popen(
            [program.PROGRAM, *map(str, arguments)], stdin=stdin, stdout=subprocess.PIPE,
            stderr=theirs, cwd=run.folder,
            env=run.environment(changes={'TERM': 'xterm', 'CI': None, **(env or {})}))
        os.close(theirs)
        self._ours = ours
        self.stdin = self._process.stdin

    def read(self, wanted=None, seconds=30):
        """Reads until the text `wanted` has come, or the end."""
        end = time.monotonic() + seconds
        while wanted is None or wanted not in self.text:
            left = end - time.monotonic()
            assert left > 0 and select.select([self._ours], [], [], left)[0], \
                f'{wanted!r} did not come: {self.text!r}'
            try:
                data = os.read(self._ours, 65536)
            except OSError:  # how a terminal ends on Linux
                data = b''
            if not data:
                assert wanted is None, f'{wanted!r} did not come: {self.text!r}'
                return
            self.text += data.decode()
            self.screen.feed(data.decode())

    def interrupt(self):
        self._process.send_signal(signal.SIGINT)

    def finish(self, code=program.DONE):
        self.read()
        out = self._process.stdout.read().decode()
        assert self._process.wait(30) == code, self.text
        os.close(self._ours)
        return out


@pytest.fixture(scope='module')
def archive(noise):
    return noise(*SIZES)[0]


def push_halves(terminal, archive, wanted):
    """Writes half of the archive to standard input, waits, and writes the rest."""
    data = archive.read_bytes()
    writer = threading.Thread(target=terminal.stdin.write, args=(data[:len(data) // 2],))
    writer.start()
    terminal.read(wanted)
    writer.join(30)

    def rest():
        terminal.stdin.write(data[len(data) // 2:])
        terminal.stdin.close()

    writer = threading.Thread(target=rest)
    writer.start()
    out = terminal.finish()
    writer.join(30)
    return out


def plain_lines(text):
    lines = text.splitlines()
    assert lines and all(PLAIN_LINE.fullmatch(line) for line in lines), text
    return lines


def test_bars_stand_on_a_terminal_and_plain_lines_stay(ociship, layout, archive):
    terminal = Terminal(ociship, 'push', '-', f'{layout.repository("a")}:1', stdin=subprocess.PIPE)
    out = push_halves(terminal, archive, SUMMARY)
    assert out.startswith(layout.repository('a'))
    lines = plain_lines('\n'.join(terminal.screen.lines).rstrip('\n'))
    assert [line.split('  ')[1].strip() for line in lines[:-1]] == ['sent'] * 3
    assert lines[-1] == 'tagged 1'
    bars = [line for line in terminal.screen.seen if ' reading' in line]
    assert bars and all(re.match(r'[0-9a-f]{12} |layer \d', bar) for bar in bars), terminal.text
    assert any(re.match(r'\d layers?, .* sent', line) for line in terminal.screen.seen)


@pytest.mark.parametrize('size', [(24, 200), (24, 60), (24, 20), (3, 80), (1, 5), (0, 0)])
def test_bars_fit_into_every_terminal(ociship, layout, archive, size):
    terminal = Terminal(ociship, 'push', '-', f'{layout.repository("a")}:1',
                        size=size if size[1] else (24, 80), stdin=subprocess.PIPE)
    push_halves(terminal, archive, SUMMARY)
    plain_lines('\n'.join(terminal.screen.lines).rstrip('\n'))


@pytest.mark.parametrize('env', [{'TERM': 'dumb'}, {'TERM': None}, {'TERM': ''}, {'CI': 'true'},
                                 {'CI': '1'}])
def test_no_bars_where_a_terminal_cannot_or_nobody_looks(ociship, layout, archive, env):
    terminal = Terminal(ociship, 'push', archive, f'{layout.repository("a")}:1', env=env)
    terminal.finish()
    assert '\x1b' not in terminal.text
    plain_lines(terminal.text.replace('\r', ''))


def test_an_error_stands_below_no_bar(ociship, layout, archive):
    terminal = Terminal(ociship, 'push', '-', f'{layout.repository("a")}:1', stdin=subprocess.PIPE)
    data = archive.read_bytes()
    writer = threading.Thread(target=terminal.stdin.write, args=(data[:len(data) // 2],))
    writer.start()
    terminal.read(SUMMARY)
    writer.join(30)
    terminal.stdin.close()
    assert terminal.finish(program.BAD_INPUT) == ''
    lines = plain_lines('\n'.join(terminal.screen.lines).rstrip('\n'))
    assert lines[-1].startswith('ociship: ')


def test_an_interruption_leaves_no_bar(ociship, layout, archive):
    terminal = Terminal(ociship, 'push', '-', f'{layout.repository("a")}:1', stdin=subprocess.PIPE)
    data = archive.read_bytes()
    writer = threading.Thread(target=terminal.stdin.write, args=(data[:len(data) // 2],))
    writer.start()
    terminal.read(SUMMARY)
    writer.join(30)
    terminal.interrupt()
    assert terminal.finish(130) == ''
    lines = plain_lines('\n'.join(terminal.screen.lines).rstrip('\n'))
    assert lines[-1].startswith('ociship: ')


@pytest.mark.parametrize('why', ['429', '502'])
def test_a_retry_is_said_above_the_bars(ociship, faults, name, archive, why):
    faults.reset(faults=[{'kind': None, 'number': 6, 'mode': why}])
    terminal = Terminal(ociship, 'push', archive, f'{faults.host}/{name}:1')
    terminal.finish()
    said = [line for line in terminal.screen.lines if 'retry 1 of ' in line]
    assert len(said) == 1, terminal.text
    assert ('rate limited' in said[0]) == (why == '429')


@pytest.mark.smoke
@pytest.mark.parametrize('style', STYLES)
def test_every_style_gives_the_same_answer(ociship, layout, archive, style):
    plain = ociship('push', archive, f'{layout.repository("plain")}:1')
    pushed = ociship('push', '--progress', style, archive, f'{layout.repository("a")}:1')
    assert pushed.digest == plain.digest
    if style == 'none':
        assert pushed.err == ''
    elif style == 'json':
        assert [json.loads(line)['v'] for line in pushed.err.splitlines()]
    else:
        assert '\x1b' not in pushed.err or style == 'bars'
        assert len(plain_lines(re.sub('\x1b\\[[0-9]*[FJ]|.*layers?, .*\n|.*\\[.*\\].*\n', '',
                                      pushed.err))) == 4


def events(text):
    found = [json.loads(line) for line in text.splitlines()]
    assert all(event['v'] == 1 for event in found)
    return found


def test_json_tells_of_each_blob(ociship, layout, archive):
    said = ociship('push', '--progress', 'json', archive, f'{layout.repository("a")}:1')
    found = events(said.err)
    started = {event['id']: event for event in found if event['event'] == 'blob-start'}
    done = {event['id']: event for event in found if event['event'] == 'blob-done'}
    assert len(started) == 3 and started.keys() == done.keys()
    for event in done.values():
        assert event['state'] == 'sent' and event['size'] > 0
        assert re.fullmatch('sha256:[0-9a-f]{64}', event['digest'])
    assert [event['count'] for event in found if event['event'] == 'layers'] == [3]
    assert [event['digest'] for event in found if event['event'] == 'manifest'] == [said.digest]
    assert [(event['tag'], event['digest']) for event in found if event['event'] == 'tag'] \
        == [('1', said.digest)]


def test_json_knows_what_was_there(ociship, layout, archive):
    destination = f'{layout.repository("a")}:1'
    ociship('push', archive, destination)
    said = ociship('push', '--progress', 'json', archive, destination)
    assert [event['state'] for event in events(said.err) if event['event'] == 'blob-done'] \
        == ['known'] * 3


def test_json_of_a_plan_sends_nothing(ociship, layout, archive):
    said = ociship('push', '--dry-run', '--progress', 'json', archive,
                   f'{layout.repository("a")}:1')
    found = events(said.err)
    assert [event['state'] for event in found if event['event'] == 'blob-done'] == ['send'] * 3
    assert not [event for event in found if event['event'] in ('manifest', 'tag')]


def test_json_has_errors_and_notices_too(ociship, layout, archive):
    said = ociship('push', '--progress', 'json', 'absent.tar', f'{layout.repository("a")}:1',
                   code=program.BAD_INPUT)
    assert [(event['event'], event['code']) for event in events(said.err)] \
        == [('error', program.BAD_INPUT)]
    said = ociship('push', '--progress', 'json', archive, layout.repository('a'))
    assert [event for event in events(said.err) if event['event'] in ('notice', 'tag')]


def test_json_tells_of_retries(ociship, faults, name, archive):
    faults.reset(faults=[{'kind': None, 'number': 6, 'mode': '429'}])
    said = ociship('push', '--progress', 'json', archive, f'{faults.host}/{name}:1')
    retries = [event for event in events(said.err) if event['event'] == 'retry']
    assert len(retries) == 1
    assert retries[0]['attempt'] == 1 and retries[0]['of'] >= 1 and retries[0]['delay_ms'] >= 0
    assert retries[0]['why'] == 'status 429' and retries[0]['what']


def test_json_tells_of_warnings(ociship, faults, name, archive):
    faults.reset('warning-299')
    said = ociship('push', '--progress', 'json', archive, f'{faults.host}/{name}:1')
    assert [event['text'] for event in events(said.err) if event['event'] == 'warning']


def test_a_log_gets_a_line_while_nothing_comes(ociship, layout, archive):
    reading, writing = os.pipe()
    started = time.monotonic()
    with subprocess.Popen([program.PROGRAM, 'push', '-', f'{layout.repository("a")}:1'],
                          stdin=reading, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          cwd=ociship.folder, env=ociship.environment()) as process:
        os.close(reading)
        assert select.select([process.stderr], [], [], 40)[0]
        assert process.stderr.readline() \
            == b'ociship: 0 layers, 0 B sent, waiting for standard input\n'
        assert 19 < time.monotonic() - started < 40
        with os.fdopen(writing, 'wb') as rest:
            rest.write(archive.read_bytes())
        out, err = process.communicate(timeout=30)
        assert process.returncode == program.DONE and out.startswith(b'oci:')
        assert len(plain_lines(err.decode())) == 4


@pytest.mark.parametrize('style', STYLES)
@pytest.mark.parametrize('way', ['reader gone', 'closed', 'full'])
def test_a_push_works_although_nobody_can_be_told(ociship, layout, archive, noise, style, way):
    reading, writing = os.pipe()
    os.close(reading)
    full = os.open('/dev/full', os.O_WRONLY)
    try:
        done = subprocess.run(
            [program.PROGRAM, 'push', '--progress', style, archive,
             f'{layout.repository("a")}:1'],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=full if way == 'full' else writing, timeout=60, check=False,
            cwd=ociship.folder, env=ociship.environment(),
            preexec_fn=(lambda: os.close(2)) if way == 'closed' else None)
    finally:
        os.close(writing)
        os.close(full)
    assert done.returncode == program.DONE
    assert done.stdout.startswith(b'oci:') and len(done.stdout.splitlines()) == 1
    assert layout.tags('a') == ['1']
    # Nothing of what was said stands in a file that was opened meanwhile.
    truth.check_image(layout, 'a', '1', noise(*SIZES)[1])


@pytest.mark.parametrize('command', [['verify', '--key'], ['inspect'], ['sign', '--key']])
def test_other_commands_tell_of_retries_and_warnings(ociship, faults, name, archive, keys, command):
    faults.reset('warning-299')
    ociship('push', archive, f'{faults.host}/{name}:1', '--key', keys / 'mine.key',
            password='correct horse')
    faults.set(faults=[{'kind': None, 'number': 2, 'mode': '502'}])
    key = {'verify': [keys / 'mine.pub'], 'sign': [keys / 'mine.key']}.get(command[0], [])
    said = ociship(*command, *key, f'{faults.host}/{name}:1', password='correct horse')
    assert 'ociship: retry 1 of ' in said.err
    assert 'ociship: note: ' in said.err


@pytest.mark.parametrize('jobs', ['1', '64'])
def test_any_number_of_jobs_gives_the_same_image(ociship, registry_place, name, noise, jobs):
    archive, known = noise(*[64] * 30)
    plain = ociship('push', archive, f'{registry_place.repository(name)}:1')
    pushed = ociship('push', '--no-cache', '--jobs', jobs, archive,
                     f'{registry_place.repository(name + "-jobs")}:1')
    assert pushed.digest == plain.digest
    assert truth.check_image(registry_place, name + '-jobs', '1', known)[0] == plain.digest


@pytest.mark.parametrize('flags', [['--progress', 'fancy'], ['--progress', ''], ['--jobs', '0'],
                                   ['--jobs', '65'], ['--jobs', '-1'], ['--jobs', 'many']])
def test_what_there_is_not_is_refused(ociship, layout, archive, flags):
    ociship('push', *flags, archive, f'{layout.repository("a")}:1', code=program.USAGE)
