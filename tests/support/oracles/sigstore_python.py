# SPDX-License-Identifier: Apache-2.0
"""What sigstore-python says of bundles: a JSON document in each line of standard input, an answer
to each in a line of standard output. Runs in the environment that scripts/peers makes.

Asked:    {"bundle": TEXT, "trusted_root": PATH, "artifact": PATH, "identity": S, "issuer": S}
Answered: {"verdict": "accepted" | "refused" | "unsupported", "why": TEXT}

Unsupported is what the library has no function for: keys that are no certificates.
"""

import hashlib
import json
import logging
import pathlib
import sys

from sigstore.dsse import Statement
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy

IN_TOTO = 'application/vnd.in-toto+json'


def verifier_of(path, known={}):
    if path not in known:
        known[path] = Verifier(trusted_root=TrustedRoot.from_file(path))
    return known[path]


def about(payload, artifact):
    """The library leaves the subject to its caller; its own command line demands it as here."""
    statement = Statement(payload)
    digest = hashlib.sha256(artifact).hexdigest()
    return any(subject.digest.root.get('sha256') == digest for subject in statement._inner.subjects)


def judge(asked):
    if 'key' in asked:
        return 'unsupported', 'a key'
    verifier = verifier_of(asked['trusted_root'])
    signer = policy.Identity(identity=asked['identity'], issuer=asked['issuer'])
    bundle = Bundle.from_json(asked['bundle'])
    artifact = pathlib.Path(asked['artifact']).read_bytes()
    if bundle._dsse_envelope is None:
        verifier.verify_artifact(artifact, bundle, signer)
        return 'accepted', ''
    payload_type, payload = verifier.verify_dsse(bundle, signer)
    if payload_type != IN_TOTO:
        return 'refused', f'payload of type {payload_type}'
    if not about(payload, artifact):
        return 'refused', 'a statement about something else'
    return 'accepted', ''


def main():
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        try:
            verdict, why = judge(json.loads(line))
        except Exception as error:  # whatever it throws, it did not accept
            verdict, why = 'refused', f'{type(error).__name__}: {error}'[:300]
        print(json.dumps({'verdict': verdict, 'why': why}), flush=True)


main()
