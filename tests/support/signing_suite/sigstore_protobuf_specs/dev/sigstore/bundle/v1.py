# SPDX-License-Identifier: Apache-2.0
"""In place of the classes that are generated for sigstore_bundle.proto: as much of a bundle as the
signing items of sigstore-conformance look at."""

import base64
import re

from sigstore_protobuf_specs.dev.sigstore.rekor.v1 import KindVersion

_BYTES = {'rawBytes', 'payload'}


class Message:
    """A JSON object with its members as attributes, named as Python does."""

    def __init__(self, members):
        for key, value in members.items():
            name = re.sub('([A-Z]|(?<=x)509)', lambda m: '_' + m.group(0).lower(), key)
            setattr(self, name.replace('x_509', 'x509'), _read(key, value))

    def is_set(self, name):
        return hasattr(self, name)


class Bundle(Message):
    from_dict = classmethod(lambda cls, members: cls(members))


def _read(key, value):
    if key == 'kindVersion':
        return KindVersion(value['kind'], value['version'])
    if isinstance(value, dict):
        return Message(value)
    if isinstance(value, list):
        return [_read('', element) for element in value]
    return base64.b64decode(value) if key in _BYTES else value
