# SPDX-License-Identifier: Apache-2.0
"""Writes image archives as docker up to version 24 and Nix do: layers, config, manifest.json."""

import hashlib
import io
import json
import tarfile


def layer_of(files):
    """The bytes of a tar with these files: {name: bytes}."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w', format=tarfile.PAX_FORMAT) as tar:
        for name, data in files.items():
            add(tar, name, data)
    return buffer.getvalue()


def add(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def config_of(diff_ids, architecture='amd64', extra=None):
    return json.dumps({'architecture': architecture, 'os': 'linux', 'config': extra or {},
                       'rootfs': {'type': 'layers', 'diff_ids': diff_ids}}).encode()


def sha256_hex(data):
    return hashlib.sha256(data).hexdigest()


def docker_archive(path, layers, architecture='amd64', tags=(), extra=None, store=bytes):
    """Writes an archive with these layers (bytes of tars), each as `store` makes it, to `path`, and
    gives its truth as in expected.json."""
    names = [f'{sha256_hex(layer)}/layer.tar' for layer in layers]
    diff_ids = [f'sha256:{sha256_hex(layer)}' for layer in layers]
    config = config_of(diff_ids, architecture, extra)
    config_name = f'{sha256_hex(config)}.json'
    with tarfile.open(path, 'w', format=tarfile.PAX_FORMAT) as tar:
        for name, layer in dict(zip(names, layers)).items():
            add(tar, name, store(layer))
        add(tar, config_name, config)
        add(tar, 'manifest.json', json.dumps(
            [{'Config': config_name, 'RepoTags': list(tags), 'Layers': names}]).encode())
    return {'config_digest': f'sha256:{sha256_hex(config)}', 'diff_ids': diff_ids,
            'repo_tags': list(tags)}
