# SPDX-License-Identifier: Apache-2.0
"""Writes OCI layout folders and archives: manifests, indexes, attestations, as they are wanted."""

import hashlib
import json
import pathlib
import tarfile

INDEX = 'application/vnd.oci.image.index.v1+json'
MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
CONFIG = 'application/vnd.oci.image.config.v1+json'
LAYER = 'application/vnd.oci.image.layer.v1.tar'
DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json'
DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip'
IN_TOTO = 'application/vnd.in-toto+json'


def _digest(data):
    return 'sha256:' + hashlib.sha256(data).hexdigest()


class Layout:
    """A layout folder in the making. Each function gives a descriptor; finish() writes index.json.
    `known` has config digest -> diff IDs."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / 'blobs' / 'sha256').mkdir(parents=True)
        (self.folder / 'oci-layout').write_text('{"imageLayoutVersion": "1.0.0"}')
        self.known = {}

    def blob(self, data, media_type):
        digest = _digest(data)
        (self.folder / 'blobs' / 'sha256' / digest[7:]).write_bytes(data)
        return {'mediaType': media_type, 'digest': digest, 'size': len(data)}

    def document(self, document, media_type):
        return self.blob(json.dumps(document).encode(), media_type)

    def image(self, layers, architecture='amd64', store=bytes, kind='', docker=False, **members):
        """`layers` are plain tars, stored as `store` makes them; `kind` is '+gzip' or '+zstd'.
        Other members go into the manifest."""
        diff_ids = [_digest(layer) for layer in layers]
        config = self.document({'architecture': architecture, 'os': 'linux',
                                'rootfs': {'type': 'layers', 'diff_ids': diff_ids}},
                               DOCKER_CONFIG if docker else CONFIG)
        self.known[config['digest']] = diff_ids
        media_type = DOCKER_LAYER if docker else LAYER + kind
        manifest_type = DOCKER_MANIFEST if docker else MANIFEST
        return self.document(
            {'schemaVersion': 2, 'mediaType': manifest_type, 'config': config,
             'layers': [self.blob(store(layer), media_type) for layer in layers], **members},
            manifest_type)

    def attestation(self, about):
        """What buildkit puts beside an image: a manifest with a statement for a layer."""
        statement = json.dumps({'subject': about['digest']}).encode()
        config = self.document({'architecture': 'unknown', 'os': 'unknown', 'rootfs': {
            'type': 'layers', 'diff_ids': [_digest(statement)]}}, CONFIG)
        self.known[config['digest']] = [_digest(statement)]
        manifest = self.document({'schemaVersion': 2, 'mediaType': MANIFEST, 'config': config,
                                  'layers': [self.blob(statement, IN_TOTO)]}, MANIFEST)
        return {**manifest, 'platform': {'architecture': 'unknown', 'os': 'unknown'},
                'annotations': {'vnd.docker.reference.type': 'attestation-manifest',
                                'vnd.docker.reference.digest': about['digest']}}

    def index(self, entries, docker=False, **members):
        media_type = DOCKER_LIST if docker else INDEX
        return self.document({'schemaVersion': 2, 'mediaType': media_type, 'manifests': entries,
                              **members}, media_type)

    def finish(self, *entries, tag='1'):
        """The first entry gets the tag."""
        first = {**entries[0], 'annotations': {'org.opencontainers.image.ref.name': tag}}
        (self.folder / 'index.json').write_text(json.dumps(
            {'schemaVersion': 2, 'manifests': [first, *entries[1:]]}))
        return self.folder

    def archive(self, path):
        """The finished folder as an OCI archive."""
        with tarfile.open(path, 'w') as tar:
            for name in ('oci-layout', 'index.json', 'blobs'):
                tar.add(self.folder / name, name)
        return path


def for_platform(descriptor, architecture, variant=None):
    platform = {'architecture': architecture, 'os': 'linux'}
    if variant:
        platform['variant'] = variant
    return {**descriptor, 'platform': platform}
