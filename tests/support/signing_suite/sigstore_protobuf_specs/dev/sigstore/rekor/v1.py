# SPDX-License-Identifier: Apache-2.0
"""In place of the class that is generated for sigstore_rekor.proto."""

import dataclasses


@dataclasses.dataclass
class KindVersion:
    kind: str
    version: str
