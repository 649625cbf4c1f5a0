# SPDX-License-Identifier: Apache-2.0
"""The programs that scripts/peers built, and the environment in which they run."""

import functools
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


@functools.lru_cache(maxsize=1)
def folder():
    said = subprocess.run([ROOT / 'scripts' / 'peers', '--path'], capture_output=True, text=True,
                          check=True)
    return pathlib.Path(said.stdout.strip())


def path(name):
    """The path of a program in scripts/peers; LookupError, with the reason, without it."""
    program = folder() / name
    if not os.access(program, os.X_OK):
        raise LookupError(f'{name} is not built (scripts/peers)')
    return str(program)


def environment(home):
    """What a program of somebody else gets to see: its own empty home, nothing of the caller's."""
    return {'PATH': os.environ['PATH'], 'HOME': str(home), 'LC_ALL': 'C.UTF-8',
            'XDG_RUNTIME_DIR': str(home)}


def run(name, *arguments, home, password='', check=True, **options):
    """Runs crane or cosign. Fails with its own words when it fails and `check` is set."""
    done = subprocess.run([path(name), *map(str, arguments)], text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=120, check=False,
                          env={**environment(home), 'COSIGN_PASSWORD': password}, **options)
    if check and done.returncode != 0:
        raise AssertionError(f'{name} {" ".join(map(str, arguments))}: {done.stderr}')
    return done
