# SPDX-License-Identifier: Apache-2.0
"""push: images of several platforms become one index, and an index is narrowed to some of them."""

import json

import pytest

import make_image
import make_layout
import program
import truth

INDEX = truth.FIXTURES / 'buildx-oci-attest.tar'


def docker_archive(folder, architecture, content=None):
    """An archive for a platform: its path, and the config digest."""
    path = folder / f'{architecture}-{content or "image"}.tar'
    layer = make_image.layer_of({'a': (content or architecture).encode() * 1000})
    image = make_image.docker_archive(path, [layer], architecture)
    return path, image['config_digest'], image['diff_ids']


@pytest.fixture
def three(tmp_path):
    """architecture -> archive, and config digest -> diff IDs of all three."""
    paths, known = {}, {}
    for architecture in ('amd64', 'arm64', 's390x'):
        path, config, diff_ids = docker_archive(tmp_path, architecture)
        paths[architecture] = path
        known[config] = diff_ids
    return paths, known


def attested_index(folder, architectures=('amd64', 'arm64', 'ppc64le'), **options):
    """A layout with an index as buildkit makes it, an attestation for each image."""
    made = make_layout.Layout(folder)
    entries, attestations = [], []
    for architecture in architectures:
        image = made.image([make_image.layer_of({'a': architecture.encode() * 999})], architecture,
                           **options)
        entries.append(make_layout.for_platform(image, architecture))
        attestations.append(made.attestation(image))
    made.finish(made.index(entries + attestations, annotations={'of': 'the index'}))
    return made, entries, attestations


def entries_of(place, name, tag='1'):
    return json.loads(place.manifest(name, tag)[0])['manifests']


def platforms_of(place, name, tag='1'):
    return [entry['platform']['architecture'] for entry in entries_of(place, name, tag)]


# --- several sources -----------------------------------------------------------------------------


@pytest.mark.smoke
def test_several_sources_become_an_index_in_their_order(ociship, place, name, three):
    paths, known = three
    destination = place.repository(name)
    pushed = ociship('push', *paths.values(), f'{destination}:1', '--tag', 'second')
    digest, met = truth.check_image(place, name, '1', known)
    assert digest == pushed.digest and met == set(known)
    assert platforms_of(place, name) == list(paths)
    assert place.manifest(name, '1')[1] == make_layout.INDEX
    assert place.tags(name) == ['1', 'second']
    again = ociship('push', *paths.values(), f'{destination}:again', '--no-cache')
    assert again.digest == pushed.digest


def test_one_of_them_may_come_from_a_pipe(ociship, layout, three):
    paths, _ = three
    pushed = ociship('push', *paths.values(), f'{layout.repository("a")}:1')
    piped = ociship('push', paths['amd64'], '-', paths['s390x'], f'{layout.repository("b")}:1',
                    stdin=paths['arm64'].read_bytes(), env={'HOME': None, 'XDG_CACHE_HOME': None})
    assert piped.digest == pushed.digest
    ociship('push', '-', '-', f'{layout.repository("c")}:1', stdin=b'', code=program.USAGE)


def test_an_index_in_dockers_format(ociship, registry_place, name, three, peer):
    paths, known = three
    destination = f'{registry_place.repository(name)}:1'
    ociship('push', *paths.values(), destination, '--manifest-format', 'docker')
    truth.check_image(registry_place, name, '1', known)
    assert registry_place.manifest(name, '1')[1] == make_layout.DOCKER_LIST
    assert {entry['mediaType'] for entry in entries_of(registry_place, name)} == {
        make_layout.DOCKER_MANIFEST}
    peer('crane', 'validate', '--remote', destination)


def test_two_of_one_platform_are_refused_and_nothing_tagged(ociship, place, name, tmp_path):
    first, *_ = docker_archive(tmp_path, 'amd64', 'one')
    second, *_ = docker_archive(tmp_path, 'amd64', 'two')
    for arguments in ([], ['--platform', 'linux/arm64', '--platform', 'linux/arm64'],
                      ['--platform', 'linux/amd64', '--platform', 'linux/x86_64']):
        said = ociship('push', first, second, f'{place.repository(name)}:1', *arguments,
                       code={program.USAGE, program.BAD_INPUT})
        assert 'platform' in said.err
        assert place.tags(name) == []


@pytest.mark.parametrize('pair', [('amd64', 'linux/amd64/v1'), ('arm64', 'linux/arm64/v8')])
def test_two_names_of_one_platform_are_two_of_one_platform(ociship, layout, tmp_path, pair):
    first, *_ = docker_archive(tmp_path, pair[0], 'one')
    second, *_ = docker_archive(tmp_path, pair[0], 'two')
    ociship('push', first, second, f'{layout.repository("a")}:1', '--platform', f'linux/{pair[0]}',
            '--platform', pair[1], code={program.USAGE, program.BAD_INPUT})
    assert layout.tags('a') == []


def test_platforms_that_are_said_stand_in_the_index(ociship, layout, tmp_path):
    """The configs say amd64 for both, as a cross compiler without care leaves them."""
    first, *_ = docker_archive(tmp_path, 'amd64', 'one')
    second, *_ = docker_archive(tmp_path, 'amd64', 'two')
    ociship('push', first, second, f'{layout.repository("a")}:1', '--platform', 'linux/amd64',
            '--platform', 'linux/arm/v7')
    assert [entry['platform'] for entry in entries_of(layout, 'a')] == [
        {'architecture': 'amd64', 'os': 'linux'},
        {'architecture': 'arm', 'os': 'linux', 'variant': 'v7'}]


def test_several_sources_need_a_platform_each_or_none(ociship, layout, three):
    paths, _ = three
    ociship('push', *paths.values(), f'{layout.repository("a")}:1', '--platform', 'linux/amd64',
            code=program.USAGE)
    assert not layout.folder.exists()


def test_a_config_without_a_platform_needs_one_that_is_said(ociship, layout, tmp_path):
    good, *_ = docker_archive(tmp_path, 'amd64')
    none, *_ = docker_archive(tmp_path, '')
    said = ociship('push', good, none, f'{layout.repository("a")}:1',
                   code={program.USAGE, program.BAD_INPUT})
    assert '--platform' in said.err and layout.tags('a') == []
    ociship('push', good, none, f'{layout.repository("a")}:1', '--platform', 'linux/amd64',
            '--platform', 'linux/riscv64')
    assert platforms_of(layout, 'a') == ['amd64', 'riscv64']


@pytest.mark.parametrize('way', ['folder', 'archive', 'pipe'])
def test_a_source_that_is_an_index_is_flattened_and_its_attestations_stay(ociship, layout, way,
                                                                         tmp_path):
    made, entries, attestations = attested_index(tmp_path / 'made')
    other, config, diff_ids = docker_archive(tmp_path, 's390x')
    source, stdin = tmp_path / 'made', None
    if way != 'folder':
        source = made.archive(tmp_path / 'made.tar')
    if way == 'pipe':
        source, stdin = '-', source.read_bytes()
    known = {**made.known, config: diff_ids}
    pushed = ociship('push', source, other, f'{layout.repository("a")}:1', stdin=stdin)
    digest, met = truth.check_image(layout, 'a', '1', known)
    assert digest == pushed.digest and met == set(known)
    found = entries_of(layout, 'a')
    assert [entry['digest'] for entry in found[:-1]] == [entry['digest'] for entry
                                                         in entries + attestations]
    assert [entry.get('annotations') for entry in found[:-1]] == [
        entry.get('annotations') for entry in entries + attestations]
    assert found[-1]['platform']['architecture'] == 's390x'
    again = ociship('push', source, other, f'{layout.repository("b")}:1', '--no-cache',
                    stdin=stdin)
    assert again.digest == pushed.digest


def test_an_index_that_has_the_platform_of_another_source_is_refused(ociship, layout, tmp_path):
    made, *_ = attested_index(tmp_path / 'made')
    other, *_ = docker_archive(tmp_path, 'arm64')
    ociship('push', made.folder, other, f'{layout.repository("a")}:1',
            code={program.USAGE, program.BAD_INPUT})
    assert layout.tags('a') == []


def test_two_sources_that_are_the_same_image_are_refused(ociship, layout, tmp_path):
    path, *_ = docker_archive(tmp_path, 'amd64')
    ociship('push', path, path, f'{layout.repository("a")}:1',
            code={program.USAGE, program.BAD_INPUT})
    assert layout.tags('a') == []


def test_a_bad_source_among_good_ones_leaves_no_tag(ociship, place, name, three):
    paths, _ = three
    for order in ((paths['amd64'], truth.FIXTURES / 'bad' / 'trunc-layer.tar'),
                  (truth.FIXTURES / 'bad' / 'trunc-layer.tar', paths['amd64'])):
        said = ociship('push', *order, f'{place.repository(name)}:1', code=program.BAD_INPUT)
        assert 'trunc-layer.tar' in said.err
        assert place.tags(name) == []


def test_an_image_of_several_in_one_source_is_chosen_in_its_name(ociship, layout, tmp_path):
    path, *_ = docker_archive(tmp_path, 'arm64')
    multi = truth.FIXTURES / 'docker28-multi.tar'
    ociship('push', f'docker-archive:{multi}:child:1', path, f'{layout.repository("a")}:1')
    chosen = entries_of(layout, 'a')[0]
    config = json.loads(layout.blob('a', chosen['digest']))['config']['digest']
    assert config == truth.load()['good'][multi.name]['docker'][1]['config_digest']


# --- one source ----------------------------------------------------------------------------------


@pytest.mark.parametrize('way', ['folder', 'pipe'])
def test_an_index_is_pushed_as_it_is(ociship, place, name, way, tmp_path):
    made, *_ = attested_index(tmp_path / 'made')
    wanted = json.loads((made.folder / 'index.json').read_text())['manifests'][0]['digest']
    source, stdin = made.folder, None
    if way == 'pipe':
        source, stdin = '-', made.archive(tmp_path / 'made.tar').read_bytes()
    pushed = ociship('push', source, f'{place.repository(name)}:1', stdin=stdin)
    assert pushed.digest == wanted
    truth.check_image(place, name, '1', made.known)


@pytest.mark.parametrize('way', ['folder', 'pipe'])
def test_one_platform_of_an_index_is_that_image(ociship, layout, way, tmp_path):
    made, entries, _ = attested_index(tmp_path / 'made')
    source, stdin = made.folder, None
    if way == 'pipe':
        source, stdin = '-', made.archive(tmp_path / 'made.tar').read_bytes()
    pushed = ociship('push', source, f'{layout.repository("a")}:1', '--platform', 'linux/arm64',
                     stdin=stdin)
    assert pushed.digest == entries[1]['digest']
    truth.check_image(layout, 'a', '1', made.known)


def test_several_platforms_of_an_index_are_an_index_with_their_attestations(ociship, layout,
                                                                           tmp_path):
    made, entries, attestations = attested_index(tmp_path / 'made')
    arguments = ['--platform', 'linux/ppc64le', '--platform', 'linux/amd64']
    pushed = ociship('push', made.folder, f'{layout.repository("a")}:1', *arguments)
    piped = ociship('push', '-', f'{layout.repository("b")}:1', *arguments,
                    stdin=made.archive(tmp_path / 'made.tar').read_bytes())
    assert piped.digest == pushed.digest
    wanted = {entries[0]['digest'], entries[2]['digest'], attestations[0]['digest'],
              attestations[2]['digest']}
    assert {entry['digest'] for entry in entries_of(layout, 'a')} == wanted
    assert json.loads(layout.manifest('a', '1')[0])['annotations'] == {'of': 'the index'}
    truth.check_image(layout, 'a', '1', made.known)


def test_only_what_was_chosen_is_sent(ociship, layout, tmp_path):
    made, entries, _ = attested_index(tmp_path / 'made')
    ociship('push', made.folder, f'{layout.repository("a")}:1', '--platform', 'linux/amd64')
    there = {f'sha256:{path.name}' for path in (layout.path('a') / 'blobs' / 'sha256').iterdir()}
    assert entries[1]['digest'] not in there
    assert len(there) == 3  # manifest, config, layer


def test_a_platform_that_is_not_there_lists_those_that_are(ociship, layout, tmp_path):
    made, *_ = attested_index(tmp_path / 'made')
    for arguments in (['--platform', 'linux/s390x'],
                      ['--platform', 'linux/amd64', '--platform', 'windows/amd64']):
        said = ociship('push', made.folder, f'{layout.repository("a")}:1', *arguments,
                       code=program.USAGE)
        assert 'linux/arm64' in said.err and 'unknown' not in said.err
        assert layout.tags('a') == []


def test_the_platform_of_a_single_image_must_be_the_one_that_is_said(ociship, layout, tmp_path):
    path, *_ = docker_archive(tmp_path, 'arm64')
    ociship('push', path, f'{layout.repository("a")}:1', '--platform', 'linux/aarch64')
    said = ociship('push', path, f'{layout.repository("b")}:1', '--platform', 'linux/amd64',
                   code=program.USAGE)
    assert 'arm64' in said.err
    assert layout.tags('b') == []


def test_variants_choose_among_images_of_one_architecture(ociship, layout, tmp_path):
    made = make_layout.Layout(tmp_path / 'made')
    entries = {variant: make_layout.for_platform(
        made.image([make_image.layer_of({'a': variant.encode()})], 'arm'), 'arm', variant)
        for variant in ('v6', 'v7')}
    made.finish(made.index(list(entries.values())))
    for said, wanted in (('linux/arm/v6', 'v6'), ('linux/arm/v7', 'v7'), ('linux/arm', 'v7')):
        pushed = ociship('push', made.folder, f'{layout.repository("a")}:1', '--platform', said)
        assert pushed.digest == entries[wanted]['digest']


def test_an_absent_part_of_an_index_does_not_matter_to_the_platform_that_is_chosen(ociship, layout,
                                                                                  tmp_path):
    made, entries, _ = attested_index(tmp_path / 'made')
    (made.folder / 'blobs' / 'sha256' / entries[1]['digest'][7:]).unlink()
    ociship('push', made.folder, f'{layout.repository("a")}:1', code=program.BAD_INPUT)
    pushed = ociship('push', made.folder, f'{layout.repository("a")}:1', '--platform',
                     'linux/amd64')
    assert pushed.digest == entries[0]['digest']
    for choice in (['--platform', 'linux/arm64'],
                   ['--platform', 'linux/arm64', '--platform', 'linux/amd64']):
        ociship('push', made.folder, f'{layout.repository("b")}:1', *choice,
                code=program.BAD_INPUT)
        assert layout.tags('b') == []


def test_of_a_sparse_index_the_complete_part_is_pushed_with_its_attestations(ociship, layout,
                                                                            tmp_path):
    made, entries, attestations = attested_index(tmp_path / 'made')
    (made.folder / 'blobs' / 'sha256' / entries[1]['digest'][7:]).unlink()
    said = ociship('push', made.folder, f'{layout.repository("a")}:1', '--sparse')
    assert 'sparse' in said.err and said.digest in said.err
    kept = [entries[0], entries[2], attestations[0], attestations[2]]
    assert {entry['digest'] for entry in entries_of(layout, 'a')} == {entry['digest'] for entry
                                                                     in kept}
    truth.check_image(layout, 'a', '1', made.known)
    piped = ociship('push', '-', f'{layout.repository("b")}:1', '--sparse',
                    stdin=made.archive(tmp_path / 'made.tar').read_bytes())
    assert piped.digest == said.digest


@pytest.mark.parametrize('part', ['layer', 'config'])
def test_an_image_without_all_of_its_blobs_is_not_complete(ociship, layout, part, tmp_path):
    made, entries, _ = attested_index(tmp_path / 'made')
    blobs = made.folder / 'blobs' / 'sha256'
    manifest = json.loads((blobs / entries[1]['digest'][7:]).read_text())
    lost = manifest['config'] if part == 'config' else manifest['layers'][0]
    (blobs / lost['digest'][7:]).unlink()
    archive = made.archive(tmp_path / 'made.tar').read_bytes()
    for source, stdin in ((made.folder, None), ('-', archive)):
        said = ociship('push', source, f'{layout.repository("a")}:1', code=program.BAD_INPUT,
                       stdin=stdin)
        assert entries[1]['digest'] in said.err
        assert not layout.path('a').exists() or layout.tags('a') == []
        ociship('push', source, f'{layout.repository("b")}:1', '--sparse', stdin=stdin)
        assert [entry['digest'] for entry in entries_of(layout, 'b')[:2]] == [
            entries[0]['digest'], entries[2]['digest']]
        truth.check_image(layout, 'b', '1', made.known)
