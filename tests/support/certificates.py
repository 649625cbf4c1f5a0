# SPDX-License-Identifier: Apache-2.0
"""A certificate authority for tests, by the program openssl: its files stand in one folder."""

import pathlib
import shutil
import subprocess

_NAMES = ('IP:127.0.0.1,IP:::1,DNS:localhost,DNS:registry.localhost,DNS:storage.localhost,'
          'DNS:registry.test')
_NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']


def _openssl(*arguments):
    done = subprocess.run(['openssl', *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise RuntimeError(f'openssl {arguments[0]}: {done.stderr}')


class Authority:
    """`certificate` is the file of the authority; issue() gives the files of what it signs."""

    def __init__(self, folder, name='ociship test authority'):
        if not shutil.which('openssl'):
            raise LookupError('openssl is not installed')
        self.folder = pathlib.Path(folder)
        self.certificate = self.folder / 'ca.crt'
        self.key = self.folder / 'ca.key'
        _openssl('req', '-x509', *_NEW_KEY, '-days', 2, '-subj', f'/CN={name}',
                 '-keyout', self.key, '-out', self.certificate)

    def issue(self, name, days=2, names=_NAMES, usage='serverAuth'):
        """A certificate and its key; it has expired when `days` is negative."""
        certificate, key = self.folder / f'{name}.cert', self.folder / f'{name}.key'
        request, extensions = self.folder / f'{name}.csr', self.folder / f'{name}.ext'
        extensions.write_text(f'extendedKeyUsage={usage}\nsubjectAltName={names}\n')
        _openssl('req', '-new', *_NEW_KEY, '-subj', f'/CN={name}', '-keyout', key, '-out', request)
        _openssl('x509', '-req', '-in', request, '-CA', self.certificate, '-CAkey', self.key,
                 '-CAcreateserial', '-days', days, '-extfile', extensions, '-out', certificate)
        return certificate, key


def self_signed_rsa(folder):
    """A certificate and its RSA key, with which a token server signs."""
    certificate, key = pathlib.Path(folder, 'token.crt'), pathlib.Path(folder, 'token.key')
    _openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', 2, '-subj', '/CN=tokens',
             '-keyout', key, '-out', certificate)
    return certificate, key
