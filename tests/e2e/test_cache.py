# SPDX-License-Identifier: Apache-2.0
"""push: what is remembered between pushes, and that it never matters to what arrives."""

import json
import os
import shutil
import subprocess

import pytest

import make_image
import program
import truth

ARCHIVE = truth.FIXTURES / 'docker20-one.tar'
CHANGED = truth.FIXTURES / 'nix-stream.tar'
KNOWN = truth.configs(truth.load()['good'][ARCHIVE.name])
NO_HOME = {'HOME': None, 'XDG_CACHE_HOME': None}


def cache_file(ociship):
    return ociship.home / 'cache' / 'ociship' / 'layers-1'


def remembered(ociship):
    """The diff IDs that the cache knows."""
    path = cache_file(ociship)
    if not path.is_file():
        return set()
    return {line.split(' ')[1] for line in path.read_text().splitlines()[1:]}


def diff_ids_of(fixture):
    return {diff_id for diff_ids in truth.configs(truth.load()['good'][fixture.name]).values()
            for diff_id in diff_ids}


def uploads(registry, name):
    return [request for request in registry.requests(name)
            if request[0] in ('POST', 'PATCH') and '/blobs/' in request[1]]


def words(said, word):
    """The layers that an answer says were "sent", "there" or "known"."""
    return [line for line in said.err.splitlines() if line.split()[1:2] == [word]]


@pytest.fixture
def uncached_tag(distribution, name):
    """Gives `name` the blobs of the first push without any tag that could teach them: the next
    push can know them from the cache alone."""
    def forget(digest):
        for tag in distribution.tags(name):
            # What the tag says is replaced by an image without layers.
            config = json.dumps({'architecture': 'amd64', 'os': 'linux',
                                 'rootfs': {'type': 'layers', 'diff_ids': []}}).encode()
            distribution.put_blob(name, config)
            empty = json.dumps({
                'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.manifest.v1+json',
                'config': {'mediaType': 'application/vnd.oci.image.config.v1+json',
                           'digest': truth.sha256(config), 'size': len(config)},
                'layers': []}).encode()
            distribution.put_manifest(name, tag, empty,
                                      'application/vnd.oci.image.manifest.v1+json')
        assert digest not in [truth.sha256(distribution.manifest(name, tag)[0])
                              for tag in distribution.tags(name)]
    return forget


@pytest.mark.parametrize('way', ['file', 'pipe'])
def test_layers_that_only_the_cache_knows_are_not_sent_again(ociship, distribution, name, way,
                                                            uncached_tag):
    destination = distribution.repository(name)
    first = ociship('push', ARCHIVE, f'{destination}:1')
    assert remembered(ociship) == diff_ids_of(ARCHIVE)
    uncached_tag(first.digest)
    before = uploads(distribution.registry, name)
    source, stdin = (ARCHIVE, None) if way == 'file' else ('-', ARCHIVE.read_bytes())
    again = ociship('push', source, f'{destination}:2', stdin=stdin)
    assert again.digest == first.digest
    assert uploads(distribution.registry, name) == before
    assert words(again, 'sent') == []
    if way == 'file':
        assert len(words(again, 'known')) == 5, 'a file is not even read'
    truth.check_image(distribution, name, '2', KNOWN)


def test_the_cache_does_not_make_up_for_layers_that_the_destination_lacks(ociship, distribution,
                                                                        name):
    first = ociship('push', ARCHIVE, f'{distribution.repository(name)}:1')
    other = f'{name}-other'
    again = ociship('push', ARCHIVE, f'{distribution.repository(other)}:1')
    assert again.digest == first.digest
    truth.check_image(distribution, other, '1', KNOWN)


def test_a_cache_that_lies_is_found_out_by_what_the_destination_has(ociship, distribution, name):
    """Whoever can write the cache can name other blobs in it, but not make them up."""
    destination = distribution.repository(name)
    ociship('push', ARCHIVE, f'{destination}:1')
    lines = cache_file(ociship).read_text().splitlines()[1:]
    text = ''.join(' '.join([*line.split(' ')[:2], 'sha256:' + '0' * 64, *line.split(' ')[3:]])
                   + '\n' for line in lines)
    cache_file(ociship).write_text(truth.sha256(text.encode()) + '\n' + text)
    ociship('push', ARCHIVE, f'{distribution.repository(name + "-other")}:1')
    truth.check_image(distribution, f'{name}-other', '1', KNOWN)


@pytest.mark.parametrize('damage', ['cut', 'changed', 'garbage', 'empty', 'long', 'folder'])
def test_a_damaged_cache_is_a_note_and_is_replaced(ociship, layout, damage):
    ociship('push', ARCHIVE, f'{layout.repository("a")}:1')
    path = cache_file(ociship)
    data = path.read_bytes()
    if damage == 'folder':
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes({'cut': data[:-7], 'changed': data.replace(b'gzip', b'none', 1),
                          'garbage': os.urandom(1000), 'empty': b'',
                          'long': data + b'x' * (9 << 20)}[damage])
    said = ociship('push', CHANGED, f'{layout.repository("b")}:1')
    # A file of no length is one that was not written yet.
    assert ('note' in said.err and 'layers-1' in said.err) or damage == 'empty'
    truth.check_image(layout, 'b', '1', truth.configs(truth.load()['good'][CHANGED.name]))
    if damage != 'folder':
        assert remembered(ociship) == diff_ids_of(CHANGED)
        assert 'note' not in ociship('push', CHANGED, f'{layout.repository("b")}:1').err


def test_concurrent_pushes_into_one_cache_lose_nothing(ociship, layout, tmp_path):
    wanted = set()
    for number in range(8):
        layers = [make_image.layer_of({f'{number}-{layer}': b'x'}) for layer in range(4)]
        wanted |= set(make_image.docker_archive(tmp_path / f'{number}.tar', layers)['diff_ids'])
    running = [subprocess.Popen([program.PROGRAM, 'push', tmp_path / f'{number}.tar',
                                 f'{layout.repository(str(number))}:1'], stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                env=ociship.environment()) for number in range(8)]
    for process in running:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0 and b'note' not in err, err
    assert remembered(ociship) == wanted


def test_compressions_do_not_mix_in_the_cache(ociship, layout):
    for choice in ('gzip', 'zstd', 'gzip:9', 'none', 'portable'):
        fresh = ociship('push', ARCHIVE, f'{layout.repository(choice.replace(":", "-"))}:1',
                        '--compression', choice, '--no-cache')
        name = choice.replace(':', '-')
        cached = ociship('push', ARCHIVE, f'{layout.repository(name + "-learns")}:1',
                         '--compression', choice)
        again = ociship('push', ARCHIVE, f'{layout.repository(name + "-knows")}:1',
                        '--compression', choice)
        assert fresh.digest == cached.digest == again.digest, choice


def test_no_cache_neither_reads_nor_writes_it(ociship, distribution, name):
    destination = distribution.repository(name)
    first = ociship('push', ARCHIVE, f'{destination}:1', '--no-cache')
    assert not cache_file(ociship).exists()
    ociship('push', ARCHIVE, f'{destination}-other:1')
    before = cache_file(ociship).read_bytes()
    again = ociship('push', ARCHIVE, f'{destination}:1', '--no-cache')
    assert again.digest == first.digest
    assert words(again, 'known') == [] and words(again, 'sent') == []
    ociship('push', CHANGED, f'{destination}:2', '--no-cache')
    assert cache_file(ociship).read_bytes() == before
    cache_file(ociship).write_bytes(b'damaged')
    assert 'note' not in ociship('push', CHANGED, f'{destination}:2', '--no-cache').err


def test_a_cache_that_cannot_be_written_is_only_a_note(ociship, layout, tmp_path):
    folder = tmp_path / 'cache'
    if os.geteuid() == 0:
        folder.write_text('no folder')
    else:
        folder.mkdir(mode=0o500)
    said = ociship('push', ARCHIVE, f'{layout.repository("a")}:1', env={'XDG_CACHE_HOME':
                                                                      str(folder)})
    assert 'note' in said.err and str(folder) in said.err
    truth.check_image(layout, 'a', '1', KNOWN)


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can mount a file system')
def test_a_read_only_cache_is_read_and_only_a_note(ociship, distribution, name, uncached_tag):
    first = ociship('push', ARCHIVE, f'{distribution.repository(name)}:1')
    uncached_tag(first.digest)
    folder = cache_file(ociship).parent
    mounted = subprocess.run(['mount', '--bind', '-o', 'ro', folder, folder], check=False,
                             capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f'mount: {mounted.stderr.decode().strip()}')
    try:
        again = ociship('push', ARCHIVE, f'{distribution.repository(name)}:2')
        assert words(again, 'sent') == [] and len(words(again, 'known')) == 5
        said = ociship('push', CHANGED, f'{distribution.repository(name)}:3')
        assert 'note' in said.err and str(folder) in said.err
    finally:
        subprocess.run(['umount', folder], check=True)


@pytest.mark.smoke
@pytest.mark.parametrize('env', [NO_HOME, {'HOME': '', 'XDG_CACHE_HOME': ''},
                                 {'HOME': 'relative', 'XDG_CACHE_HOME': 'relative'}],
                         ids=['unset', 'empty', 'relative'])
def test_without_a_home_nothing_is_remembered_and_nothing_fails(ociship, layout, env, tmp_path):
    pushed = ociship('push', ARCHIVE, f'{layout.repository("a")}:1', env=env)
    truth.check_image(layout, 'a', '1', KNOWN)
    assert 'note' not in pushed.err
    assert {path.name for path in tmp_path.iterdir()} == {'home', 'layouts'}


def test_without_a_cache_folder_it_lies_in_the_home(ociship, layout):
    ociship('push', ARCHIVE, f'{layout.repository("a")}:1', env={'XDG_CACHE_HOME': None})
    assert (ociship.home / '.cache' / 'ociship' / 'layers-1').is_file()


def test_the_cache_is_for_its_owner_alone(ociship, layout):
    ociship('push', ARCHIVE, f'{layout.repository("a")}:1')
    assert cache_file(ociship).stat().st_mode & 0o077 == 0


def test_a_refused_archive_teaches_nothing_wrong(ociship, layout, tmp_path):
    good = make_image.layer_of({'a': b'x' * 5000})
    make_image.docker_archive(tmp_path / 'good', [good])
    data = (tmp_path / 'good').read_bytes()
    (tmp_path / 'bad').write_bytes(data.replace(b'x' * 5000, b'x' * 4999 + b'y'))
    ociship('push', tmp_path / 'bad', f'{layout.repository("a")}:1', code=program.BAD_INPUT)
    ociship('push', '-', f'{layout.repository("a")}:1', code=program.BAD_INPUT,
            stdin=(tmp_path / 'bad').read_bytes())
    cached = ociship('push', tmp_path / 'good', f'{layout.repository("a")}:1')
    shutil.rmtree(ociship.home / 'cache')
    fresh = ociship('push', tmp_path / 'good', f'{layout.repository("b")}:1', '--no-cache')
    assert cached.digest == fresh.digest
    truth.check_image(layout, 'a', '1')


@pytest.mark.parametrize('way', ['file', 'pipe'])
def test_a_layer_that_lies_is_refused_though_the_cache_knows_the_true_one(ociship, layout, way,
                                                                        tmp_path):
    make_image.docker_archive(tmp_path / 'good', [make_image.layer_of({'a': b'x' * 5000})])
    data = (tmp_path / 'good').read_bytes()
    bad = data.replace(b'x' * 5000, b'x' * 4999 + b'y')
    (tmp_path / 'bad').write_bytes(bad)
    ociship('push', tmp_path / 'good', f'{layout.repository("a")}:1')
    source, stdin = (tmp_path / 'bad', None) if way == 'file' else ('-', bad)
    said = ociship('push', source, f'{layout.repository("b")}:1', code=program.BAD_INPUT,
                   stdin=stdin)
    assert 'sha256:' in said.err
    assert layout.tags('b') == []
