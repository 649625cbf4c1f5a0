#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""In place of the suite's own client, which verifies what the client under test signed: real cosign
with the trusted root of the stack. The files that the suite wants of a TUF cache are the stack's.

OCISHIP_TEST_COSIGN, OCISHIP_TEST_TRUSTED_ROOT and OCISHIP_TEST_SIGNING_CONFIG name them."""

import argparse
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
from urllib import parse


def update_trust_root():
    for repository in ('https://tuf-repo-cdn.sigstage.dev', 'https://tuf-repo-cdn.sigstore.dev'):
        folder = (pathlib.Path.home() / '.cache' / 'sigstore-python' / 'tuf' /
                  parse.quote(repository, safe=''))
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.environ['OCISHIP_TEST_TRUSTED_ROOT'], folder / 'trusted_root.json')
        shutil.copy(os.environ['OCISHIP_TEST_SIGNING_CONFIG'],
                    folder / 'signing_config.v0.2.json')


def verify(arguments):
    bundle = json.loads(pathlib.Path(arguments.bundle).read_text(encoding='utf-8'))
    command = 'verify-blob-attestation' if 'dsseEnvelope' in bundle else 'verify-blob'
    more = ['--type', predicate_of(bundle)] if 'dsseEnvelope' in bundle else []
    return subprocess.run(
        [os.environ['OCISHIP_TEST_COSIGN'], command, *more, '--bundle', arguments.bundle,
         '--trusted-root', os.environ['OCISHIP_TEST_TRUSTED_ROOT'], '--certificate-identity',
         arguments.certificate_identity, '--certificate-oidc-issuer',
         arguments.certificate_oidc_issuer, arguments.file], check=False).returncode


def predicate_of(bundle):
    statement = json.loads(base64.b64decode(bundle['dsseEnvelope']['payload']))
    return statement['predicateType']


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--staging', action='store_true')
    commands = parser.add_subparsers(dest='command', required=True)
    commands.add_parser('update-trust-root')
    verifying = commands.add_parser('verify-bundle')
    for name in ('--bundle', '--certificate-identity', '--certificate-oidc-issuer',
                 '--trusted-root'):
        verifying.add_argument(name)
    verifying.add_argument('--staging', action='store_true')
    verifying.add_argument('file')
    arguments = parser.parse_args()
    if arguments.command == 'update-trust-root':
        update_trust_root()
        return 0
    return verify(arguments)


if __name__ == '__main__':
    sys.exit(main())
