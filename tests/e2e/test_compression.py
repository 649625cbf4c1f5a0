# SPDX-License-Identifier: Apache-2.0
"""push: how layers are stored, which form manifests have, and what is written into them."""

import bz2
import gzip
import json
import lzma
import random
import shutil
import subprocess
import tarfile

import pytest

import corpus
import make_image
import make_layout
import program
import truth

CHOICES = ['gzip', 'gzip:0', 'gzip:1', 'gzip:2', 'gzip:6', 'gzip:9', 'portable', 'portable:1',
           'portable:9', 'zstd', 'zstd:1', 'zstd:19', 'none']
PLAIN = truth.FIXTURES / 'docker20-one.tar'
GZIPPED = truth.FIXTURES / 'crane-tarball.tar'
INDEX = truth.FIXTURES / 'buildx-oci-attest.tar'
EXPECTED = truth.load()['good']
SUFFIX = {'gzip': '.tar+gzip', 'portable': '.tar+gzip', 'zstd': '.tar+zstd', 'none': '.tar'}


def layers_of(place, name, tag='1'):
    return json.loads(place.manifest(name, tag)[0])['layers']


@pytest.fixture(scope='module')
def large(tmp_path_factory):
    """An archive whose layers have several blocks: its path and its truth."""
    words = [bytes(random.Random(seed).choices(b'abcdefgh', k=700)) for seed in range(50)]
    rng = random.Random(1)
    layers = [make_image.layer_of({'text': b''.join(rng.choices(words, k=3000)),
                                   'noise': rng.randbytes(300_000 * number)})
              for number in (1, 2)]
    path = tmp_path_factory.mktemp('large') / 'large.tar'
    image = make_image.docker_archive(path, layers)
    return path, {image['config_digest']: image['diff_ids']}


# --- layers --------------------------------------------------------------------------------------


@pytest.mark.parametrize('choice', CHOICES)
def test_every_choice_gives_one_digest_from_file_and_pipe_to_registry_and_layout(
        ociship, layout, distribution, name, choice, large):
    path, known = large
    digests = set()
    for place, repository in ((layout, 'file'), (distribution, f'{name}-file')):
        digests.add(ociship('push', path, f'{place.repository(repository)}:1', '--no-cache',
                            '--compression', choice).digest)
    for place, repository in ((layout, 'pipe'), (distribution, f'{name}-pipe')):
        digests.add(ociship('push', '-', f'{place.repository(repository)}:1', '--no-cache',
                            '--compression', choice, stdin=path.read_bytes()).digest)
    assert len(digests) == 1
    for place, repository in ((layout, 'file'), (distribution, f'{name}-pipe')):
        truth.check_image(place, repository, '1', known)
        for layer in layers_of(place, repository):
            assert layer['mediaType'].endswith(SUFFIX[choice.partition(':')[0]])


@pytest.mark.smoke
def test_the_digest_does_not_depend_on_the_number_of_processors(ociship, layout, large):
    if not shutil.which('taskset'):
        pytest.skip('taskset is not installed')
    path, _ = large
    for choice in ('gzip', 'zstd', 'portable'):
        arguments = ['push', str(path), '--compression', choice, '--no-cache']
        everywhere = ociship(*arguments, f'{layout.repository(choice)}:all')
        subprocess.run(['taskset', '-c', '0', program.PROGRAM, *arguments,
                        f'{layout.repository(choice + "-one")}:one'], env=ociship.environment(),
                       check=True, capture_output=True, timeout=60)
        one = truth.sha256(layout.manifest(f'{choice}-one', 'one')[0])
        assert one == everywhere.digest


def test_the_digest_does_not_depend_on_how_a_pipe_is_written(ociship, layout, large):
    path, _ = large
    whole = ociship('push', path, f'{layout.repository("whole")}:1', '--no-cache')
    running = subprocess.Popen([program.PROGRAM, 'push', '-', '--no-cache',
                                f'{layout.repository("parts")}:1'], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=False,
                               env=ociship.environment())
    data, at, rng = path.read_bytes(), 0, random.Random(3)
    while at < len(data):
        size = rng.choice([1, 7, 511, 4096, 65537, 300_001])
        running.stdin.write(data[at:at + size])
        running.stdin.flush()
        at += size
    running.stdin.close()
    out = running.stdout.read().decode()
    assert running.wait(timeout=60) == 0
    assert out.strip().endswith(whole.digest)


def test_gzip_is_level_1_and_a_level_makes_a_difference(ociship, layout, large):
    path, _ = large
    def digest(choice):
        return ociship('push', path, layout.repository(choice.replace(':', '-')), '--no-cache',
                       '--compression', choice).digest
    assert digest('gzip') == digest('gzip:1')
    assert digest('zstd') == digest('zstd:3')
    assert len({digest(choice) for choice in ('gzip:1', 'gzip:9', 'zstd', 'none')}) == 4
    assert digest('portable:6') == digest('gzip:6'), 'both are made by zlib'


@pytest.mark.parametrize('choice', ['gzip:9', 'zstd', 'none'])
@pytest.mark.parametrize('path', [GZIPPED, INDEX], ids=lambda path: path.name)
def test_what_is_compressed_already_stays_as_it_is(ociship, layout, path, choice):
    for way, source, stdin in (('file', path, None), ('pipe', '-', path.read_bytes())):
        plain = ociship('push', source, f'{layout.repository("a")}:1', stdin=stdin)
        chosen = ociship('push', source, f'{layout.repository(way)}:1', '--compression', choice,
                         '--no-cache', stdin=stdin)
        assert chosen.digest == plain.digest


@pytest.mark.parametrize('store', [
    lzma.compress, bz2.compress,
    lambda data: lzma.compress(data[:700]) + lzma.compress(data[700:]),
], ids=['xz', 'bzip2', 'xz-streams'])
@pytest.mark.parametrize('choice', ['gzip', 'zstd', 'none'])
def test_xz_and_bzip2_layers_become_what_plain_ones_become(ociship, layout, store, choice,
                                                          tmp_path):
    layers = [make_image.layer_of({'a': bytes(range(256)) * 100 * number}) for number in (1, 2)]
    image = make_image.docker_archive(tmp_path / 'plain', layers)
    make_image.docker_archive(tmp_path / 'packed', layers, store=store)
    known = {image['config_digest']: image['diff_ids']}
    plain = ociship('push', tmp_path / 'plain', f'{layout.repository("a")}:1', '--compression',
                    choice)
    for way, source, stdin in (('file', tmp_path / 'packed', None),
                               ('pipe', '-', (tmp_path / 'packed').read_bytes())):
        packed = ociship('push', source, f'{layout.repository(way)}:1', '--compression', choice,
                         '--no-cache', stdin=stdin)
        assert packed.digest == plain.digest
        truth.check_image(layout, way, '1', known)


@pytest.mark.parametrize('store', [lzma.compress, bz2.compress], ids=['xz', 'bzip2'])
@pytest.mark.parametrize('prefix', ['blobs/sha256/', ''], ids=['layout', 'bare'])
def test_a_layer_that_is_called_as_a_blob_is_recompressed_all_the_same(ociship, layout, store, prefix,
                                                                       tmp_path):
    layer = make_image.layer_of({'a': b'a' * 9000})
    config = make_image.config_of([f'sha256:{make_image.sha256_hex(layer)}'])
    packed = store(layer)
    name = prefix + make_image.sha256_hex(packed)
    manifest = json.dumps([{'Config': 'c.json', 'RepoTags': [], 'Layers': [name]}]).encode()
    with tarfile.open(tmp_path / 'archive', 'w') as tar:
        for member, content in ((name, packed), ('c.json', config), ('manifest.json', manifest)):
            make_image.add(tar, member, content)
    from_file = ociship('push', tmp_path / 'archive', f'{layout.repository("file")}:1')
    from_pipe = ociship('push', '-', f'{layout.repository("pipe")}:1', '--no-cache',
                        stdin=(tmp_path / 'archive').read_bytes())
    assert from_pipe.digest == from_file.digest
    truth.check_image(layout, 'pipe', '1')


@pytest.mark.parametrize('store, kind', [(gzip.compress, 'gzip'), (corpus.zstd, 'zstd')])
def test_a_compressed_layer_keeps_its_bytes(ociship, layout, store, kind, tmp_path):
    layers = [make_image.layer_of({'a': b'a' * 9000}), make_image.layer_of({'b': b'b'})]
    try:
        make_image.docker_archive(tmp_path / 'packed', layers, store=store)
    except LookupError as error:
        pytest.skip(str(error))
    for way, source, stdin in (('file', tmp_path / 'packed', None),
                               ('pipe', '-', (tmp_path / 'packed').read_bytes())):
        ociship('push', source, f'{layout.repository(way)}:1', stdin=stdin)
        stored = layers_of(layout, way)
        assert [truth.uncompressed(layout.blob(way, layer['digest'])) for layer in stored] == layers
        assert all(layer['mediaType'].endswith(f'+{kind}') for layer in stored)


@pytest.mark.parametrize('store', [
    lambda data: gzip.compress(data) + b'trailing',
    lambda data: gzip.compress(data) + bytes(512),
    lambda data: gzip.compress(data)[:-1],
    lambda data: lzma.compress(data)[:-8],
    lambda data: bz2.compress(data)[:-1],
    lambda data: lzma.compress(data) + b'trailing',
    lambda data: bz2.compress(data) + b'trailing',
    lambda data: corpus.zstd(data) + b'trailing',
    lambda data: corpus.zstd(data)[:-1],
    lambda data: gzip.compress(gzip.compress(data)),
], ids=['gz-trailing', 'gz-zeros', 'gz-cut', 'xz-cut', 'bz2-cut', 'xz-trailing', 'bz2-trailing',
        'zst-trailing', 'zst-cut', 'gz-twice'])
def test_a_compressed_layer_that_is_not_exactly_that_is_refused(ociship, layout, store, tmp_path):
    try:
        make_image.docker_archive(tmp_path / 'bad', [make_image.layer_of({'a': b'a' * 9000})],
                                  store=store)
    except LookupError as error:
        pytest.skip(str(error))
    for source, stdin in ((tmp_path / 'bad', None), ('-', (tmp_path / 'bad').read_bytes())):
        said = ociship('push', source, f'{layout.repository("a")}:1', code=program.BAD_INPUT,
                       stdin=stdin)
        assert 'layer.tar' in said.err
        assert layout.tags('a') == []


# --- around the archive --------------------------------------------------------------------------


def gzip_members(data):
    return b''.join(gzip.compress(data[at:at + 3000]) for at in range(0, len(data), 3000))


def zstd_frames(data):
    skippable = b'\x50\x2a\x4d\x18\x04\x00\x00\x00abcd'
    return skippable + corpus.zstd(data[:5000]) + skippable + corpus.zstd(data[5000:]) + skippable


@pytest.mark.parametrize('wrap', [
    lzma.compress, bz2.compress, gzip_members, zstd_frames,
    lambda data: lzma.compress(data[:9000]) + lzma.compress(data[9000:]),
    lambda data: bz2.compress(data[:9000]) + bz2.compress(data[9000:]),
    lambda data: gzip.compress(lzma.compress(data)),
    lambda data: bz2.compress(corpus.zstd(data)),
], ids=['xz', 'bzip2', 'gzip-members', 'zstd-frames', 'xz-streams', 'bzip2-streams', 'gzip-of-xz',
        'bzip2-of-zstd'])
@pytest.mark.parametrize('path', [PLAIN, INDEX], ids=lambda path: path.name)
def test_compression_around_an_archive_is_taken_off(ociship, layout, path, wrap, tmp_path):
    try:
        data = wrap(path.read_bytes())
    except LookupError as error:
        pytest.skip(str(error))
    (tmp_path / 'packed').write_bytes(data)
    plain = ociship('push', path, f'{layout.repository("plain")}:1')
    for way, source, stdin in (('file', tmp_path / 'packed', None), ('pipe', '-', data)):
        packed = ociship('push', source, f'{layout.repository(way)}:1', '--no-cache', stdin=stdin)
        assert packed.digest == plain.digest
        truth.check_image(layout, way, '1', truth.configs(EXPECTED[path.name]))


@pytest.mark.parametrize('wrap', [
    lambda data: gzip.compress(gzip.compress(gzip.compress(data))),
    lambda data: lzma.compress(data)[:-20],
    lambda data: bz2.compress(data)[:-20],
    lambda data: gzip.compress(data)[:-9],
    lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
], ids=['three-levels', 'xz-cut', 'bzip2-cut', 'gzip-cut', 'lzma'])
def test_what_cannot_be_taken_off_is_refused(ociship, layout, wrap, tmp_path):
    data = wrap(PLAIN.read_bytes())
    (tmp_path / 'packed').write_bytes(data)
    for source, stdin in ((tmp_path / 'packed', None), ('-', data)):
        ociship('push', source, f'{layout.repository("a")}:1', code=program.BAD_INPUT, stdin=stdin)
        assert layout.tags('a') == []


# --- Docker's manifests --------------------------------------------------------------------------


def media_types(place, name, reference='1'):
    """Every media type in a manifest and those below it."""
    data, media_type = place.manifest(name, reference)
    document = json.loads(data)
    found = {media_type, document['mediaType']}
    for child in document.get('manifests') or []:
        found |= {child['mediaType']} | media_types(place, name, child['digest'])
    for blob in [document.get('config'), *(document.get('layers') or [])]:
        if blob:
            found.add(blob['mediaType'])
    return found


@pytest.mark.parametrize('path', [PLAIN, GZIPPED, truth.FIXTURES / 'docker28-one.tar.gz',
                                  truth.FIXTURES / 'podman5-dir.tar'], ids=lambda path: path.name)
def test_manifests_in_dockers_format(ociship, place, name, path, peer):
    data = path.read_bytes()
    repository = place.repository(name)
    pushed = ociship('push', path, f'{repository}:1', '--manifest-format', 'docker')
    piped = ociship('push', '-', f'{repository}:2', '--manifest-format', 'docker', '--no-cache',
                    stdin=data)
    assert piped.digest == pushed.digest
    truth.check_image(place, name, '1', truth.configs(EXPECTED[path.name]))
    assert media_types(place, name) == {make_layout.DOCKER_MANIFEST, make_layout.DOCKER_CONFIG,
                                        make_layout.DOCKER_LAYER}
    if place.kind != 'layout':
        peer('crane', 'validate', '--remote', f'{repository}:1')


def two_platforms(folder, *, docker_children=False, docker_index=False, attested=False):
    made = make_layout.Layout(folder)
    entries = []
    for architecture in ('amd64', 'arm64'):
        image = made.image([make_image.layer_of({'a': architecture.encode() * 1000})], architecture,
                           gzip.compress, '+gzip', docker=docker_children)
        entries.append(make_layout.for_platform(image, architecture))
        if attested:
            entries.append(made.attestation(image))
    made.finish(made.index(entries, docker=docker_index))
    return made


@pytest.mark.parametrize('docker_children', [False, True])
@pytest.mark.parametrize('docker_index', [False, True])
@pytest.mark.parametrize('wanted', ['oci', 'docker'])
@pytest.mark.parametrize('way', ['folder', 'pipe'])
def test_an_index_is_converted_with_everything_below_it(ociship, layout, docker_children,
                                                       docker_index, wanted, way, tmp_path):
    made = two_platforms(tmp_path / 'made', docker_children=docker_children,
                         docker_index=docker_index)
    source, stdin = tmp_path / 'made', None
    if way == 'pipe':
        source, stdin = '-', made.archive(tmp_path / 'made.tar').read_bytes()
    pushed = ociship('push', source, f'{layout.repository("a")}:1', '--manifest-format', wanted,
                     stdin=stdin)
    digest, met = truth.check_image(layout, 'a', '1', made.known)
    assert digest == pushed.digest and met == set(made.known)
    assert {'docker' in media_type for media_type in media_types(layout, 'a')} == {
        wanted == 'docker'}
    index = json.loads(layout.manifest('a', '1')[0])
    assert [entry['platform']['architecture'] for entry in index['manifests']] == ['amd64', 'arm64']


def test_a_format_that_it_has_already_keeps_the_digest(ociship, layout):
    pushed = ociship('push', INDEX, f'{layout.repository("a")}:1', '--manifest-format', 'oci')
    assert pushed.digest == EXPECTED[INDEX.name]['oci'][0]['digest']


def test_attestations_stay_connected_when_an_index_becomes_oci(ociship, layout, tmp_path):
    made = two_platforms(tmp_path / 'made', docker_children=True, attested=True)
    ociship('push', tmp_path / 'made', f'{layout.repository("a")}:1', '--manifest-format', 'oci')
    truth.check_image(layout, 'a', '1', made.known)
    entries = json.loads(layout.manifest('a', '1')[0])['manifests']
    about = {entry['annotations']['vnd.docker.reference.digest'] for entry in entries
             if 'annotations' in entry}
    assert about == {entry['digest'] for entry in entries if 'annotations' not in entry}


def test_an_attestation_has_no_place_in_dockers_format(ociship, layout):
    for source, stdin in ((INDEX, None), ('-', INDEX.read_bytes())):
        said = ociship('push', source, f'{layout.repository("a")}:1', '--manifest-format',
                       'docker', code=program.USAGE, stdin=stdin)
        assert 'in-toto' in said.err
        assert layout.tags('a') == []
    ociship('push', INDEX, f'{layout.repository("a")}:1', '--manifest-format', 'docker',
            '--platform', 'linux/amd64')
    assert make_layout.DOCKER_MANIFEST in media_types(layout, 'a')


@pytest.mark.parametrize('arguments', [
    ['--manifest-format', 'docker', '--compression', 'zstd'],
    ['--manifest-format', 'docker', '--compression', 'zstd:3'],
    ['--manifest-format', 'docker', '--annotation', 'a=b'],
    ['--manifest-format', 'docker', '--git-annotations'],
    ['--manifest-format', 'podman'],
    ['--compression', 'lz4'],
    ['--compression', 'gzip:10'],
    ['--compression', 'zstd:0'],
    ['--compression', 'gzip:'],
    ['--annotation', 'novalue'],
    ['--annotation', '=value'],
    ['--annotation', 'a=1', '--annotation', 'a=2'],
])
def test_what_contradicts_itself_is_refused_before_anything_is_read(ociship, layout, arguments):
    ociship('push', 'missing.tar', f'{layout.repository("a")}:1', *arguments, code=program.USAGE)
    assert not layout.folder.exists()


def test_zstd_layers_do_not_go_into_dockers_format(ociship, layout, tmp_path):
    try:
        make_image.docker_archive(tmp_path / 'zstd', [make_image.layer_of({'a': b'a'})],
                                  store=corpus.zstd)
    except LookupError as error:
        pytest.skip(str(error))
    said = ociship('push', tmp_path / 'zstd', f'{layout.repository("a")}:1', '--manifest-format',
                   'docker', code={program.USAGE, program.BAD_INPUT})
    assert 'zstd' in said.err
    assert layout.tags('a') == []


# --- annotations ---------------------------------------------------------------------------------


@pytest.mark.parametrize('path', [PLAIN, GZIPPED, INDEX], ids=lambda path: path.name)
def test_annotations_are_in_the_manifest_or_index(ociship, place, name, path):
    repository = place.repository(name)
    arguments = ['--annotation', 'org.example.a=one', '--annotation', 'b==x y\n"ü']
    pushed = ociship('push', path, f'{repository}:1', *arguments)
    piped = ociship('push', '-', f'{repository}:2', *arguments, stdin=path.read_bytes())
    assert piped.digest == pushed.digest
    document = json.loads(place.manifest(name, '1')[0])
    assert document['annotations'] == {'org.example.a': 'one', 'b': '=x y\n"ü'}
    truth.check_image(place, name, '1', truth.configs(EXPECTED[path.name]))


def test_annotations_of_an_index_stay_and_others_are_added(ociship, layout, tmp_path):
    made = make_layout.Layout(tmp_path / 'made')
    image = made.image([make_image.layer_of({'a': b'a'})])
    made.finish(made.index([make_layout.for_platform(image, 'amd64')],
                           annotations={'old': '1', 'both': 'before'}))
    ociship('push', tmp_path / 'made', f'{layout.repository("a")}:1', '--annotation', 'new=2',
            '--annotation', 'both=after')
    document = json.loads(layout.manifest('a', '1')[0])
    assert document['annotations'] == {'old': '1', 'both': 'after', 'new': '2'}
    assert document['manifests'] == [make_layout.for_platform(image, 'amd64')]


def test_annotations_of_an_index_of_several_sources(ociship, layout, tmp_path):
    for architecture in ('amd64', 'arm64'):
        make_image.docker_archive(tmp_path / architecture, [make_image.layer_of({'a': b'a'})],
                                  architecture)
    ociship('push', tmp_path / 'amd64', tmp_path / 'arm64', f'{layout.repository("a")}:1',
            '--annotation', 'a=b')
    document = json.loads(layout.manifest('a', '1')[0])
    assert document['annotations'] == {'a': 'b'}
    assert all('annotations' not in json.loads(layout.manifest('a', entry['digest'])[0])
               for entry in document['manifests'])


def annotations_from_git(ociship, layout, folder, *arguments, **options):
    ociship('push', PLAIN, f'{layout.repository("a")}:1', f'--git-annotations={folder}', *arguments,
            **options)
    prefix = 'org.opencontainers.image.'
    annotations = json.loads(layout.manifest('a', '1')[0])['annotations']
    assert all(key.startswith(prefix) for key in annotations)
    return {key[len(prefix):]: value for key, value in annotations.items()}


def test_annotations_from_git(ociship, layout, work_tree):
    folder, git = work_tree
    commit = git('rev-parse', 'HEAD')
    assert annotations_from_git(ociship, layout, folder) == {
        'revision': commit, 'created': '2023-11-14T22:13:20Z'}
    git('remote', 'add', 'origin', 'git@example.com:acme/app.git')
    git('tag', 'v1.4.2')
    git('tag', 'not-a-version')
    assert annotations_from_git(ociship, layout, folder) == {
        'revision': commit, 'created': '2023-11-14T22:13:20Z', 'version': '1.4.2',
        'source': 'https://example.com/acme/app'}
    assert annotations_from_git(ociship, layout, folder, '--semver', 'v2.0.0')['version'] == '2.0.0'


def test_the_time_is_that_of_source_date_epoch(ociship, layout, work_tree):
    folder, _ = work_tree
    found = annotations_from_git(ociship, layout, folder, env={'SOURCE_DATE_EPOCH': '86400'})
    assert found['created'] == '1970-01-02T00:00:00Z'
    for wrong in ('yesterday', '-1', '1.5', '999999999999999'):
        ociship('push', PLAIN, f'{layout.repository("b")}:1', f'--git-annotations={folder}',
                code=program.USAGE, env={'SOURCE_DATE_EPOCH': wrong})


def test_a_password_in_the_remote_is_not_published(ociship, layout, work_tree):
    folder, git = work_tree
    git('remote', 'add', 'origin', 'https://user:secret@example.com/acme/app.git')
    assert annotations_from_git(ociship, layout, folder)['source'] == 'https://example.com/acme/app'


def test_an_annotation_that_is_given_wins_over_git(ociship, layout, work_tree):
    folder, _ = work_tree
    found = annotations_from_git(ociship, layout, folder, '--annotation',
                                 'org.opencontainers.image.revision=mine')
    assert found['revision'] == 'mine'


def test_annotations_of_a_dirty_work_tree_are_refused(ociship, layout, work_tree):
    folder, _ = work_tree
    (folder / 'file').write_text('two\n')
    said = ociship('push', PLAIN, f'{layout.repository("a")}:1', f'--git-annotations={folder}',
                   code=None)
    assert said.code in (program.FAILURE, program.USAGE, program.BAD_INPUT), said
    assert not layout.path('a').exists() or layout.tags('a') == []
