# SPDX-License-Identifier: Apache-2.0
"""Registries on free ports of the loopback, for tests and the benchmark."""

import ctypes
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import peers

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_WAIT_SECONDS = 20
_ACCESS = re.compile(r'"(GET|HEAD|POST|PUT|PATCH|DELETE) (\S+) HTTP/1\.[01]" (\d{3})')


def _end_with_parent():
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Registry:
    """A running registry. `host` is HOST:PORT; stop() ends it, by its PID."""

    def __init__(self, kind, folder, argv_of_port, environment=None):
        self.kind = kind
        self.log = pathlib.Path(folder, f'{kind}.log')
        # A port that was free can be taken before the server has it: then another one.
        for attempt in range(3):
            port = free_port()
            self.host = f'127.0.0.1:{port}'
            with open(self.log, 'wb') as log:
                self._process = subprocess.Popen(
                    argv_of_port(port), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    cwd=folder, env={'PATH': os.environ['PATH'], 'HOME': str(folder),
                                     **(environment or {})},
                    preexec_fn=_end_with_parent)
            if self._is_ready():
                return
            self.stop()
        raise RuntimeError(f'{kind} did not start: {self.log.read_text()[-2000:]}')

    @property
    def pid(self):
        return self._process.pid

    def _is_ready(self):
        end = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(f'http://{self.host}/v2/', timeout=2).close()
                return True
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        return False

    def requests(self, repository=''):
        """(method, path, status) of each request so far, of one repository when it is named."""
        found = _ACCESS.findall(self.log.read_text(errors='replace'))
        prefix = f'/v2/{repository}/' if repository else '/'
        return [(method, path, int(status)) for method, path, status in found
                if path.startswith(prefix)]

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def _distribution(kind, program, folder):
    def argv(port):
        config = pathlib.Path(folder, f'{kind}.yml')
        config.write_text(
            'version: 0.1\n'
            'log: {level: warn}\n'
            f'storage: {{filesystem: {{rootdirectory: {folder}/data-{kind}}}, '
            'delete: {enabled: true}}\n'
            f'http: {{addr: "127.0.0.1:{port}"}}\n')
        return [program, 'serve', str(config)]
    return Registry(kind, folder, argv, {'OTEL_TRACES_EXPORTER': 'none'})


def start(kind, folder):
    """Starts 'docker-registry' (Debian's), 'distribution' (v3) or 'olareg' with its files in
    `folder`, and gives a Registry. LookupError, with the reason, where it is not installed."""
    folder = pathlib.Path(folder)
    if kind == 'docker-registry':
        program = shutil.which('docker-registry')
        if not program:
            raise LookupError('docker-registry is not installed')
        return _distribution(kind, program, folder)
    if kind == 'distribution':
        return _distribution(kind, peers.path('registry'), folder)
    if kind == 'olareg':
        program = peers.path('olareg')
        return Registry(kind, folder, lambda port: [
            program, 'serve', '--addr', '127.0.0.1', '--port', str(port), '--store-type', 'mem',
            '--api-delete'])
    raise ValueError(kind)
