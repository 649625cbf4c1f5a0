# SPDX-License-Identifier: Apache-2.0
"""Runs the program under test, with an empty home and nothing of the caller's environment."""

import dataclasses
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get('OCISHIP', ROOT / 'build' / 'ociship')).resolve()

# Exit codes, by the names that the documentation has for them.
DONE, FAILURE, USAGE = 0, 1, 2
NO_SIGNATURE, NO_REFERENCE, NO_MATCH = 10, 11, 12
UNAUTHORIZED, NOT_FOUND, TAG_CONFLICT, RATE_LIMITED = 20, 21, 22, 23
UNAVAILABLE, BAD_INPUT = 24, 25

_PASSED_ON = ('PATH', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS')


@dataclasses.dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def digest(self):
        """Of the one line NAME@sha256:... that stdout consists of."""
        lines = self.out.splitlines()
        assert len(lines) == 1, self
        name, _, digest = lines[0].rpartition('@')
        assert name and digest.startswith('sha256:') and len(digest) == 71, self
        return digest


class Program:
    """`folder` becomes the working directory and holds the home."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.home = self.folder / 'home'
        self.home.mkdir(exist_ok=True)

    def environment(self, password=None, changes=None):
        """`changes` has variables that are different; None leaves one out."""
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        chosen = {'HOME': str(self.home), 'XDG_CACHE_HOME': str(self.home / 'cache'),
                  'XDG_CONFIG_HOME': str(self.home / 'config'),
                  'XDG_RUNTIME_DIR': str(self.home / 'run'), 'TMPDIR': str(self.folder)}
        if password is not None:
            chosen['COSIGN_PASSWORD'] = password
        changed = {**passed, **chosen, **(changes or {})}
        return {name: value for name, value in changed.items() if value is not None}

    def __call__(self, *arguments, code=DONE, password=None, stdin=None, timeout=60, env=None):
        """Runs it and compares the exit code; `code` may be a set, or None for any. `stdin` is
        bytes; without it standard input is empty. Sanitizer reports are failures whatever the code
        is."""
        done = subprocess.run([PROGRAM, *map(str, arguments)], input=stdin or b'',
                              capture_output=True, cwd=self.folder, timeout=timeout, check=False,
                              env=self.environment(password, env))
        answer = Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert 'Sanitizer' not in answer.err and 'runtime error:' not in answer.err, answer.err
        assert done.returncode >= 0, f'killed by signal {-done.returncode}: {answer.err}'
        expected = {code} if isinstance(code, int) else code
        assert expected is None or answer.code in expected, \
            f'{" ".join(map(str, arguments))}: exit {answer.code}, not {code}\n{answer.err}'
        if answer.code != DONE:
            assert not answer.out or answer.out.startswith('{'), answer
            assert answer.err.strip(), f'exit {answer.code} without a word'
        return answer
