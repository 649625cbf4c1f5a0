# SPDX-License-Identifier: Apache-2.0
"""The sample archives, the ways in which each can be handed over, and what a push of each has to
leave behind."""

import dataclasses
import gzip
import io
import json
import pathlib
import shutil
import subprocess
import tarfile

import truth

_FOLDER = '.dir.tar'  # to be unpacked: the input is a folder
_COMPRESSED = (b'\x1f\x8b', b'\x28\xb5\x2f\xfd')


@dataclasses.dataclass(frozen=True)
class Image:
    """What one image of an archive has to become. `digest` is None where the manifest is made."""

    configs: frozenset
    tags: frozenset
    digest: str = None


@dataclasses.dataclass(frozen=True)
class Sample:
    path: pathlib.Path
    entry: dict

    @property
    def expect(self):
        return self.entry['expect'].split('-')[0]

    @property
    def is_folder(self):
        return self.path.name.endswith(_FOLDER)

    @property
    def is_hybrid(self):
        return bool(self.entry.get('docker') and self.entry.get('oci'))

    def images(self, half=None):
        """The images, in order; of a hybrid those of `half`, 'docker' or 'oci'."""
        if self.entry.get('dir'):
            return [_dir_image(node) for node in self.entry['dir']]
        if half is None and self.is_hybrid:
            half = 'oci' if _has_compressed_layers(self.path) else 'docker'
        if half == 'oci' or not self.entry.get('docker'):
            return _oci_images(self.entry['oci'])
        return [Image(frozenset({image['config_digest']}), _tags_of(image['repo_tags'] or []))
                for image in self.entry['docker']]

    def unpack(self, folder):
        """The folder that the sample is a tar of."""
        with tarfile.open(self.path) as tar:
            tar.extractall(folder)
        return folder


def samples(kind):
    """name -> Sample: all fixtures, and all of the full set where that is there. `kind` is 'good'
    or 'bad'; what an index makes sparse is among the good."""
    found = {}
    for folder in (truth.FIXTURES, truth.SAMPLES):
        expected = truth.load(folder)
        below = folder / kind if folder == truth.SAMPLES or kind == 'bad' else folder
        entries = dict(expected[kind], **(expected.get('sparse', {}) if kind == 'good' else {}))
        for name, entry in entries.items():
            found[name] = Sample(below / name, entry)
    return dict(sorted(found.items()))


def known_configs():
    """config digest -> diff IDs, of all samples together."""
    known = {}
    for sample in samples('good').values():
        known.update(truth.configs(sample.entry))
    return known


def _tags_of(names):
    return frozenset(name.rsplit('/', 1)[-1].rsplit(':', 1)[-1] for name in names)


def _names(node):
    annotations = node.get('annotations') or {}
    return [annotations[key] for key in ('org.opencontainers.image.ref.name',
                                         'io.containerd.image.name') if key in annotations]


def _descendants(node):
    for child in node.get('manifests') or []:
        yield child['digest']
        yield from _descendants(child)


def _oci_images(nodes):
    """What a layout lists beside an index although it belongs to it is no image of its own."""
    below = {digest for node in nodes for digest in _descendants(node)}
    images = {}
    for node in nodes:
        if node['digest'] in below and not _names(node):
            continue
        configs = frozenset(found['config_digest'] for found in truth.image_manifests([node]))
        tags = _tags_of(_names(node))
        if node['digest'] in images:  # one image with two names
            tags |= images[node['digest']].tags
        images[node['digest']] = Image(configs, tags, node['digest'])
    return list(images.values())


def _dir_image(node):
    # The configs of an index in a `dir:` follow from its digest.
    configs = frozenset({node['config_digest']}) if 'config_digest' in node else None
    return Image(configs, frozenset(), node['manifest_digest'])


def _has_compressed_layers(path):
    with tarfile.open(path) as tar:
        names = [name for image in json.load(tar.extractfile('manifest.json'))
                 for name in image['Layers'] or []]
        return any(tar.extractfile(name).read(4).startswith(_COMPRESSED) for name in names)


# --- ways in -------------------------------------------------------------------------------------


def zstd(data):
    """LookupError where the tool is missing."""
    if not shutil.which('zstd'):
        raise LookupError('zstd is not installed')
    return subprocess.run(['zstd', '-qc'], input=data, capture_output=True, check=True).stdout


WRAPPERS = {'plain': bytes, 'gz': gzip.compress, 'zst': zstd}


def ways(sample, folder, wrappers=('plain', 'gz', 'zst')):
    """Yields (name, SOURCE, standard input) for every way to hand `sample` over. Folders come as
    they are, and as a tar of the folder."""
    if sample.is_folder:
        yield 'folder', sample.unpack(folder / 'unpacked'), None
    plain = sample.path.read_bytes()
    for wrapper in wrappers:
        data = WRAPPERS[wrapper](plain)
        path = folder / f'archive-{wrapper}'
        path.write_bytes(data)
        yield f'{wrapper}-file', path, None
        yield f'{wrapper}-pipe', '-', data


# --- archives of other tools, read back ----------------------------------------------------------


class DirPlace:
    """A `dir:` folder of skopeo as truth.check_image reads a place."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def manifest(self, _, reference):
        hexadecimal = reference.rpartition(':')[2]
        path = self.folder / f'{hexadecimal}.manifest.json'
        data = (path if path.is_file() else self.folder / 'manifest.json').read_bytes()
        document = json.loads(data)
        return data, document.get('mediaType') or 'application/vnd.oci.image.manifest.v1+json'

    def blob(self, _, digest):
        return (self.folder / digest.partition(':')[2]).read_bytes()


def tarball_images(path):
    """[(config digest, diff IDs)] of an archive with manifest.json, computed from its bytes."""
    with tarfile.open(path) as tar:
        def member(name):
            return tar.extractfile(name).read()
        return [(truth.sha256(member(image['Config'])),
                 [truth.sha256(truth.uncompressed(member(layer)))
                  for layer in image['Layers'] or []])
                for image in json.loads(member('manifest.json'))]


def tar_of(members):
    """The bytes of a tar with these members, in order: (name, bytes) pairs."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w', format=tarfile.PAX_FORMAT) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()
