# SPDX-License-Identifier: Apache-2.0
"""A whole Sigstore of real servers on the loopback: Fulcio with a certificate log, Rekor v1 and v2,
a timestamp authority, a TUF repository, registries, an issuer of tokens, and cosign.

Its scripts lie in the folder OCISHIP_STACK, else beside the repository in shared/stack. Building
its programs takes minutes, so that it is done by `scripts/peers stack` and never here.
"""

import json
import os
import pathlib
import random
import shlex
import socket
import subprocess
import urllib.request

import peers

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = pathlib.Path(os.environ.get('OCISHIP_STACK', ROOT.parent / 'shared' / 'stack'))
PROGRAMS = ('registry', 'olareg', 'fulcio', 'rekor2', 'tsa', 'cosign', 'crane', 'rekor1', 'ctlog',
            'front', 'tokend', 'tufrepo', 'trillianmem')
_PORTS = 32  # it takes so many in a row


def _cache():
    return peers.folder().parent / 'ociship-stack'


def _free_base():
    """The first of enough ports in a row that nobody listens on."""
    for _ in range(50):
        base = random.randrange(20000, 30000, _PORTS)
        probes = []
        try:
            for port in range(base, base + _PORTS):
                probes.append(socket.socket())
                probes[-1].bind(('127.0.0.1', port))
            return base
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
    raise RuntimeError('no ports for the Sigstore stack')


class Stack:
    """A running stack of its own; stack['REGISTRY'] is what its scripts call STACK_REGISTRY. stop()
    ends and removes it. LookupError, with the reason, where it is not there."""

    def __init__(self, folder):
        cache = _cache()
        if not (SCRIPTS / 'up.sh').is_file():
            raise LookupError('the scripts of the Sigstore stack are not there (OCISHIP_STACK)')
        missing = [name for name in PROGRAMS if not os.access(cache / 'bin' / name, os.X_OK)]
        if missing or not (cache / 'oidc' / 'done').is_file():
            raise LookupError('the Sigstore stack is not built (scripts/peers stack)')
        self.folder = pathlib.Path(folder)
        self._environment = {
            **peers.environment(self.folder), 'STACK_CACHE': str(cache),
            'STACK_STATE': str(self.folder / 'state'), 'STACK_PORT_BASE': str(_free_base()),
            'STACK_SKIP_INSTALL': '1', 'STACK_WAIT': '90'}
        try:
            self._script('up.sh')
        except BaseException:
            self.stop()
            raise
        self._settings = {}
        for line in self._script('env.sh').splitlines():
            name, value = shlex.split(line)[1].split('=', 1)
            self._settings[name.removeprefix('STACK_')] = value
        self.tuf_folder = self.folder / 'state' / 'data' / 'tuf'

    def _script(self, name, *arguments):
        # Into files: what it starts would hold a pipe open.
        with open(self.folder / f'{name}.out', 'w+', encoding='utf-8') as out, \
                open(self.folder / f'{name}.err', 'w+', encoding='utf-8') as err:
            done = subprocess.run(['bash', str(SCRIPTS / name), *arguments], env=self._environment,
                                  stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=240,
                                  check=False)
            out.seek(0)
            err.seek(0)
            if done.returncode:
                raise RuntimeError(f'{name} failed: {err.read()[-2000:]}')
            return out.read()

    def __getitem__(self, name):
        return self._settings[name]

    def stop(self):
        self._script('down.sh', '--wipe')

    def token(self, kind='email', claims=None, email=''):
        """An identity token, as mint.sh makes them; `claims` are merged over the usual ones."""
        said = json.dumps(claims) if claims else ''
        arguments = [email, said] if kind == 'email' else [said]
        return self._script('mint.sh', kind, *arguments).strip()

    def cosign(self, *arguments, check=True):
        """Runs cosign, which trusts this stack; fails with its words when it does."""
        done = subprocess.run([self['COSIGN'], *map(str, arguments)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False,
                              cwd=self.folder, env={**peers.environment(self.folder),
                                                    'COSIGN_PASSWORD': ''})
        if check and done.returncode:
            raise AssertionError(f'cosign {" ".join(map(str, arguments))}: {done.stderr}')
        return done

    def get(self, path, accept='application/vnd.oci.image.manifest.v1+json'):
        """What a registry of it has: (bytes, media type). `path` is HOST/v2/..."""
        request = urllib.request.Request(f'http://{path}', headers={'Accept': accept})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read(), answer.headers.get('Content-Type', '')

    def put(self, path, data, media_type):
        """Puts a manifest. `path` is HOST/v2/NAME/manifests/REFERENCE."""
        request = urllib.request.Request(f'http://{path}', data, {'Content-Type': media_type},
                                         method='PUT')
        urllib.request.urlopen(request, timeout=20).close()

    def put_blob(self, repository, data, digest):
        """`repository` is HOST/v2/NAME."""
        request = urllib.request.Request(f'http://{repository}/blobs/uploads/', b'', method='POST')
        with urllib.request.urlopen(request, timeout=20) as answer:
            place = answer.headers['Location']
        if place.startswith('/'):
            place = f'http://{repository.partition("/")[0]}{place}'
        mark = '&' if '?' in place else '?'
        self.put(f'{place.removeprefix("http://")}{mark}digest={digest}', data,
                 'application/octet-stream')
