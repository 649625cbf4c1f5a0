# SPDX-License-Identifier: Apache-2.0
"""What the sample archives hold, and a check of what stands in a registry or a layout folder."""

import gzip
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / 'fixtures'
# The full sample set lies beside the project, where it is there at all.
SAMPLES = pathlib.Path(os.environ.get('OCISHIP_SAMPLES', ROOT.parent / 'shared' / 'archives'))

INDEX_TYPES = {'application/vnd.oci.image.index.v1+json',
               'application/vnd.docker.distribution.manifest.list.v2+json'}
MANIFEST_TYPES = sorted(INDEX_TYPES | {'application/vnd.oci.image.manifest.v1+json',
                                       'application/vnd.docker.distribution.manifest.v2+json'})


def load(folder=FIXTURES):
    """The contents of expected.json, or nothing where there is none."""
    path = folder / 'expected.json'
    return json.loads(path.read_text()) if path.is_file() else {'good': {}, 'bad': {}}


def sha256(data):
    return 'sha256:' + hashlib.sha256(data).hexdigest()


def docker_images(entry):
    return entry.get('docker') or []


def image_manifests(nodes):
    """The image manifests below OCI truth nodes that are there, indexes opened."""
    for node in nodes or []:
        if node.get('ABSENT'):
            continue
        if node.get('kind') == 'index':
            yield from image_manifests(node.get('manifests'))
        else:
            yield node


def configs(entry):
    """config digest -> diff IDs, of everything in an archive."""
    known = {}
    for image in [*docker_images(entry), *image_manifests(entry.get('oci')),
                  *(entry.get('dir') or [])]:
        if image.get('config_digest'):
            known[image['config_digest']] = image.get('diff_ids') or []
    return known


class RegistryPlace:
    """A registry as a destination, read back over HTTP without any tool."""

    def __init__(self, registry):
        self.registry = registry
        self.kind = registry.kind

    def repository(self, name):
        return f'{self.registry.host}/{name}'

    def _get(self, path, accept=()):
        request = urllib.request.Request(f'http://{self.registry.host}/v2/{path}')
        for media_type in accept:
            request.add_header('Accept', media_type)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read(), answer.headers.get('Content-Type', '')

    def manifest(self, name, reference):
        """The bytes and the media type of a manifest; KeyError when it is not there."""
        try:
            # One header line: some registries look at the first one only.
            return self._get(f'{name}/manifests/{reference}', [', '.join(MANIFEST_TYPES)])
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise KeyError(reference) from error
            raise

    def blob(self, name, digest):
        return self._get(f'{name}/blobs/{digest}')[0]

    def tags(self, name):
        try:
            return sorted(json.loads(self._get(f'{name}/tags/list')[0]).get('tags') or [])
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return []
            raise

    def _send(self, method, url, data, media_type):
        request = urllib.request.Request(url, data=data, method=method,
                                         headers={'Content-Type': media_type})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.headers.get('Location', '')

    def referrers(self, name, digest):
        """The descriptors of what refers to `digest`, by the API or by the fallback tag."""
        try:
            data = self._get(f'{name}/referrers/{digest}')[0]
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            try:
                data = self.manifest(name, digest.replace(':', '-'))[0]
            except KeyError:
                return []
        return json.loads(data)['manifests']

    def put_blob(self, name, data):
        start = f'http://{self.registry.host}/v2/{name}/blobs/uploads/'
        to = self._send('POST', start, b'', 'application/octet-stream')
        to = urllib.parse.urljoin(start, to)
        separator = '&' if '?' in to else '?'
        self._send('PUT', f'{to}{separator}digest={sha256(data)}', data,
                   'application/octet-stream')

    def put_manifest(self, name, reference, data, media_type):
        self._send('PUT', f'http://{self.registry.host}/v2/{name}/manifests/{reference}', data,
                   media_type)


class LayoutPlace:
    """OCI layout folders below one folder as a destination."""

    kind = 'layout'

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def path(self, name):
        return self.folder / name.replace('/', '-')

    def repository(self, name):
        return f'oci:{self.path(name)}'

    def entries(self, name):
        index = self.path(name) / 'index.json'
        return json.loads(index.read_text())['manifests'] if index.is_file() else []

    def blob(self, name, digest):
        algorithm, _, hexadecimal = digest.partition(':')
        return (self.path(name) / 'blobs' / algorithm / hexadecimal).read_bytes()

    def manifest(self, name, reference):
        for entry in self.entries(name):
            called = entry.get('annotations', {}).get('org.opencontainers.image.ref.name')
            if reference in (called, entry['digest']):
                return self.blob(name, entry['digest']), entry['mediaType']
        if ':' in reference:  # a manifest below an index has no entry of its own
            data = self.blob(name, reference)
            return data, json.loads(data)['mediaType']
        raise KeyError(reference)

    def referrers(self, name, digest):
        return [entry for entry in self.entries(name)
                if json.loads(self.blob(name, entry['digest'])).get('subject', {}).get('digest')
                == digest]

    def put_blob(self, name, data):
        (self.path(name) / 'blobs' / 'sha256' / sha256(data)[7:]).write_bytes(data)

    def put_manifest(self, name, reference, data, media_type):
        self.put_blob(name, data)
        path = self.path(name) / 'index.json'
        index = json.loads(path.read_text())
        entry = {'mediaType': media_type, 'digest': sha256(data), 'size': len(data)}
        if ':' not in reference:
            entry['annotations'] = {'org.opencontainers.image.ref.name': reference}
        index['manifests'].append(entry)
        path.write_text(json.dumps(index))

    def tags(self, name):
        found = (entry.get('annotations', {}).get('org.opencontainers.image.ref.name')
                 for entry in self.entries(name))
        return sorted(tag for tag in found if tag)


def uncompressed(data):
    """None where the tool for it is missing."""
    if data.startswith(b'\x1f\x8b'):
        return gzip.decompress(data)
    if data.startswith(b'\x28\xb5\x2f\xfd') or data[1:4] == b'\x2a\x4d\x18':
        if not shutil.which('zstd'):
            return None
        return subprocess.run(['zstd', '-dcq'], input=data, capture_output=True, check=True).stdout
    return data


def _is_attestation(manifest):
    layers = manifest.get('layers') or []
    return bool(layers) and all('in-toto' in layer['mediaType'] for layer in layers)


def check_image(place, name, reference, known=None):
    """Reads the manifest `reference`, and all below it, back from `place`, and compares every byte
    with its digest and every layer with the diff IDs in `known` (see configs), or, without it, of
    its config. Gives the digest of the manifest and the set of config digests that were met."""
    data, media_type = place.manifest(name, reference)
    digest = sha256(data)
    assert ':' not in reference or reference == digest
    document = json.loads(data)
    assert document.get('mediaType', media_type) == media_type
    if media_type in INDEX_TYPES:
        met = set()
        for child in document['manifests']:
            child_digest, child_configs = check_image(place, name, child['digest'], known)
            assert child_digest == child['digest']
            met |= child_configs
        return digest, met
    config = place.blob(name, document['config']['digest'])
    assert sha256(config) == document['config']['digest']
    assert len(config) == document['config']['size']
    layers = document.get('layers') or []
    bodies = []
    for layer in layers:
        body = place.blob(name, layer['digest'])
        assert sha256(body) == layer['digest'] and len(body) == layer['size']
        bodies.append(body)
    expected = json.loads(config).get('rootfs', {}).get('diff_ids') or []
    assert known is None or known[document['config']['digest']] == expected
    if not _is_attestation(document):
        assert len(layers) == len(expected)
        for body, diff_id in zip(bodies, expected):
            plain = uncompressed(body)
            assert plain is None or sha256(plain) == diff_id
    return digest, {document['config']['digest']}
