#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Image archives for scripts/bench: of this machine's own files, kept as files, and of made-up
data, as a stream of any size.

  bench_archives.py GIGABYTES FILE    writes the stream to standard output and, before its first
                                      byte, the digest of its config to FILE
"""

import gzip
import hashlib
import io
import json
import os
import pathlib
import random
import shutil
import sys
import tarfile
import tempfile

import make_image

STREAM_LAYER_BYTES = 500_000_000
_BLOCK_BYTES = 64 << 20

# --- of this machine's files ---------------------------------------------------------------------


def _machine_files():
    """The regular files of /usr, in one order on every run."""
    for folder, folders, files in os.walk('/usr'):
        folders.sort()
        for name in sorted(files):
            path = pathlib.Path(folder, name)
            if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK):
                yield path


def _write_layer(files, size, path):
    """Fills a tar with about `size` bytes of files, none large beside that; gives its digest."""
    with tarfile.open(path, 'w') as tar:
        while tar.offset < size:
            file = next(files, None)
            if file is None:
                raise SystemExit('bench: /usr is too small for this --size')
            if file.stat().st_size < size // 4:
                tar.add(file, arcname=str(file)[1:])
    with open(path, 'rb') as layer:
        return hashlib.file_digest(layer, 'sha256').hexdigest()


def _documents(digests):
    """What follows the layers in Nix's order: the name and bytes of the config and the manifest."""
    config = make_image.config_of([f'sha256:{digest}' for digest in digests])
    config_name = f'{make_image.sha256_hex(config)}.json'
    manifest = [{'Config': config_name, 'RepoTags': ['bench:1'],
                 'Layers': [_layer_name(digest) for digest in digests]}]
    return (config_name, config), ('manifest.json', json.dumps(manifest).encode())


def _layer_name(digest):
    return f'{digest}/layer.tar'


def _add(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def _write_archive(size, layers, path):
    """An archive of `size` MB as Nix orders it. Gives the digest of its config."""
    files, digests = _machine_files(), []
    with tempfile.TemporaryDirectory(dir=path.parent) as work, tarfile.open(path, 'w') as tar:
        layer = pathlib.Path(work, 'layer')
        for _ in range(layers):
            digests.append(_write_layer(files, size * 1_000_000 // layers, layer))
            tar.add(layer, arcname=_layer_name(digests[-1]))
        config, manifest = _documents(digests)
        _add(tar, *config)
        _add(tar, *manifest)
    return f'sha256:{make_image.sha256_hex(config[1])}'


class FileArchive:
    """An archive of about `size` MB. make() writes it unless it is there from last time."""

    def __init__(self, folder, size, layers, compressed=False):
        plain = folder / f'{size}MB-{layers}.tar'
        self.size, self.layers = size, layers
        self.plain, self._config = plain, pathlib.Path(f'{plain}.config')
        self.path = pathlib.Path(f'{plain}.gz') if compressed else plain

    def make(self):
        if not self._config.is_file():
            print(f'bench: making {self.plain.name}', file=sys.stderr)
            self.plain.parent.mkdir(parents=True, exist_ok=True)
            self._config.write_text(_write_archive(self.size, self.layers, self.plain))
        if not self.path.is_file():
            print(f'bench: making {self.path.name}', file=sys.stderr)
            part = pathlib.Path(f'{self.path}.part')
            with open(self.plain, 'rb') as source, gzip.open(part, 'wb', compresslevel=6) as to:
                shutil.copyfileobj(source, to, 1 << 20)
            part.rename(self.path)

    def warm(self):
        """Reads it into the page cache."""
        with open(self.path, 'rb') as file:
            while file.read(1 << 20):
                pass

    def config_digest(self):
        return self._config.read_text()

    def feeder(self, _):
        """The command that writes it into a pipe."""
        return ['cat', str(self.path)]


# --- of made-up data -----------------------------------------------------------------------------


class StreamArchive:
    """An archive of any size that is never a file: its bytes are made as they are read."""

    def __init__(self, gigabytes):
        self.gigabytes = gigabytes
        self._digest_file = None

    def feeder(self, folder):
        self._digest_file = pathlib.Path(folder, 'stream.config')
        return [sys.executable, '-B', __file__, str(self.gigabytes), str(self._digest_file)]

    def config_digest(self):
        return self._digest_file.read_text()


def _block():
    """Bytes that deflate shrinks to about 40 %: pieces of words between pieces of noise."""
    dice = random.Random(1)
    words = [dice.randbytes(dice.randint(1, 5)).hex() for _ in range(1024)]
    text = ' '.join(dice.choices(words, k=1 << 19)).encode()
    pieces = []
    for _ in range(_BLOCK_BYTES >> 12):
        begin = dice.randrange(len(text) - 3840)
        pieces += text[begin:begin + 3840], dice.randbytes(256)
    return b''.join(pieces)


def _write_stream(gigabytes, to, digest_file):
    """Layers that are alike but for their last block, which holds their number: the digest of what
    they share is computed once, so each name is known beforehand and the rest is only copying."""
    block = memoryview(_block())
    file = tarfile.TarInfo('data')
    file.size = STREAM_LAYER_BYTES // 512 * 512
    head, numbered = file.tobuf(), 512
    whole, rest = divmod(file.size - numbered, _BLOCK_BYTES)
    shared = [head, *[block] * whole, block[:rest]]
    hasher = hashlib.sha256()
    for piece in shared:
        hasher.update(piece)

    def tail(number):
        return str(number).encode().ljust(numbered, b'\n') + bytes(1024)

    digests = []
    for number in range(max(1, gigabytes * 1_000_000_000 // STREAM_LAYER_BYTES)):
        own = hasher.copy()
        own.update(tail(number))
        digests.append(own.hexdigest())
    config, manifest = _documents(digests)
    pathlib.Path(digest_file).write_text(f'sha256:{make_image.sha256_hex(config[1])}')
    for number, digest in enumerate(digests):
        member = tarfile.TarInfo(_layer_name(digest))
        member.size = sum(map(len, shared)) + len(tail(number))
        to.write(member.tobuf())
        for piece in (*shared, tail(number)):
            to.write(piece)
        to.write(bytes(-member.size % 512))
    end = io.BytesIO()
    with tarfile.open(fileobj=end, mode='w') as tar:
        _add(tar, *config)
        _add(tar, *manifest)
    to.write(end.getvalue())


if __name__ == '__main__':
    try:
        _write_stream(int(sys.argv[1]), sys.stdout.buffer, sys.argv[2])
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(1)  # the reader went away: it says why
