# SPDX-License-Identifier: Apache-2.0
"""Registries on free ports of the loopback, for tests and the benchmark."""

import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

import peers

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_WAIT_SECONDS = 20
_FOLDER = pathlib.Path(__file__).resolve().parent
_ACCESS = re.compile(r'"(GET|HEAD|POST|PUT|PATCH|DELETE) (\S+) HTTP/1\.[01]" (\d{3})')


def _end_with_parent():
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Registry:
    """A running registry. `host` is HOST:PORT; stop() ends it, by its PID."""

    def __init__(self, kind, folder, argv_of_port, environment=None, scheme='http'):
        self.kind = kind
        self._scheme = scheme
        self._tls = ssl._create_unverified_context() if scheme == 'https' else None
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
                urllib.request.urlopen(f'{self._scheme}://{self.host}/v2/', timeout=2,
                                       context=self._tls).close()
                return True
            except urllib.error.HTTPError:
                return True  # it wants a login
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


def _distribution(kind, program, folder, tls='', auth=''):
    def argv(port):
        config = pathlib.Path(folder, f'{kind}.yml')
        config.write_text(
            'version: 0.1\n'
            'log: {level: warn}\n'
            f'storage: {{filesystem: {{rootdirectory: {folder}/data-distribution}}, '
            'delete: {enabled: true}}\n'
            f'http: {{addr: "127.0.0.1:{port}"{tls}}}\n{auth}')
        return [program, 'serve', str(config)]
    return Registry(kind, folder, argv, {'OTEL_TRACES_EXPORTER': 'none'},
                    'https' if tls else 'http')


def distribution(folder, kind='distribution', tls=None, client_authority=None, password_file=None,
                 tokens=None):
    """Distribution v3 with a login or TLS. `tls` is (certificate, key), `tokens` is (realm, issuer,
    certificate). Those of one folder serve the same content, so one without a login can be read to
    see what another one took; each needs its own `kind`."""
    settings, auth = '', ''
    if tls:
        clients = f', clientcas: ["{client_authority}"]' if client_authority else ''
        settings = f', tls: {{certificate: "{tls[0]}", key: "{tls[1]}"{clients}}}'
    if password_file:
        auth = f'auth: {{htpasswd: {{realm: tests, path: "{password_file}"}}}}\n'
    if tokens:
        realm, issuer, certificate = tokens
        auth = (f'auth: {{token: {{realm: "{realm}", service: tests, issuer: "{issuer}", '
                f'rootcertbundle: "{certificate}"}}}}\n')
    return _distribution(kind, peers.path('registry'), pathlib.Path(folder), settings, auth)


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
        return distribution(folder)
    if kind == 'olareg':
        program = peers.path('olareg')
        return Registry(kind, folder, lambda port: [
            program, 'serve', '--addr', '127.0.0.1', '--port', str(port), '--store-type', 'mem',
            '--api-delete'])
    raise ValueError(kind)


# --- servers of ours -----------------------------------------------------------------------------


class Helper:
    """A server of this folder as a process of its own. `ports` is what it prints; ask() talks to
    the port `control`; stop() ends it, by its PID."""

    def __init__(self, script, *options):
        self._process = subprocess.Popen(
            [sys.executable, '-B', str(_FOLDER / script), *map(str, options)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=_end_with_parent)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f'{script} did not start')
        self.ports = json.loads(line)
        self.host = f'127.0.0.1:{self.ports["port"]}'

    def ask(self, path, document=None):
        data = None if document is None else json.dumps(document).encode()
        url = f'http://127.0.0.1:{self.ports["control"]}{path}'
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=20) as answer:
            return json.loads(answer.read())

    def set(self, **settings):
        self.ask('/set', settings)

    def log(self):
        return self.ask('/log')

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


class FaultRegistry(Helper):
    """fault_registry.py: `other` is the host of its storage."""

    kind = 'fault'

    def __init__(self, *options):
        super().__init__('fault_registry.py', *options)
        self.other = f'127.0.0.1:{self.ports["other"]}'

    def reset(self, *switches, **settings):
        """Forgets everything; then these switches, NAME or NAME=VALUE, and settings hold."""
        self.ask('/reset', {'switches': _switches(switches), **settings})

    def switch(self, *switches):
        """Only these switches hold from now on, and no faults."""
        self.set(switches=_switches(switches), faults=[])

    def store(self, name):
        """{'blobs': {digest: size}, 'manifests': {digest: type}, 'tags': {tag: digest}}."""
        return self.ask('/store').get(name, {'blobs': {}, 'manifests': {}, 'tags': {}})


class TokenServer(Helper):
    """token_server.py; `realm` is where tokens are, set() changes what token_server.py lists."""

    def __init__(self, certificate, key, tls=None):
        super().__init__('token_server.py', '--certificate', certificate, '--key', key,
                         *(['--tls-cert', tls[0], '--tls-key', tls[1]] if tls else []))
        self.realm = f'{"https" if tls else "http"}://{self.host}/token'


class CuttingProxy(Helper):
    """cutting_proxy.py before a registry; it can be read as that."""

    def __init__(self, registry):
        super().__init__('cutting_proxy.py', '--to', registry.host.rpartition(':')[2])
        self.kind = registry.kind

    def count(self):
        """{'sent': bytes to the registry since set(), 'cuts_left': how many}."""
        return self.ask('/count')


def _switches(texts):
    found = {}
    for text in texts:
        name, equals, value = text.partition('=')
        found[name] = value if equals else True
    return found
