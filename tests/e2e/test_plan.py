# SPDX-License-Identifier: Apache-2.0
"""push --dry-run: what it says is what a push does, and it writes nothing."""

import json
import re

import pytest

import make_image
import program
import truth

FIXTURES = ['docker20-one.tar', 'docker28-one.tar.gz', 'nix-stream.tar', 'buildx-oci-attest.tar',
            'crane-tarball.tar', 'podman5-dir.tar']
ARCHIVE = truth.FIXTURES / 'docker20-one.tar'
CHANGED = truth.FIXTURES / 'nix-stream.tar'
INDEX = truth.FIXTURES / 'buildx-oci-attest.tar'
WRITES = ('POST', 'PUT', 'PATCH', 'DELETE')


def plan_of(ociship, *arguments, **options):
    """The document of a plan, and its one image."""
    document = json.loads(ociship('push', '--dry-run', '-o', 'json', *arguments, **options).out)
    assert document['schema'] == 'ociship/push-plan/v1'
    image, = document['images']
    return document, image


def sent(document):
    return {layer['digest'] for layer in document['layers'] if layer['plan'] == 'send'}


def blobs(place, name):
    """The digests of all layers that the tags of a repository lead to."""
    found = set()
    for tag in place.tags(name):
        todo = [tag]
        while todo:
            document = json.loads(place.manifest(name, todo.pop())[0])
            todo += [child['digest'] for child in document.get('manifests') or []]
            found |= {layer['digest'] for layer in document.get('layers') or []}
    return found


@pytest.mark.parametrize('way', ['file', 'pipe'])
@pytest.mark.parametrize('fixture', FIXTURES)
def test_a_plan_is_what_the_push_after_it_does(ociship, layout, fixture, way):
    path = truth.FIXTURES / fixture
    source, stdin = (path, None) if way == 'file' else ('-', path.read_bytes())
    document, image = plan_of(ociship, source, f'{layout.repository("a")}:1', stdin=stdin)
    assert image['tags'] == [{'tag': '1'}]
    assert not layout.path('a').exists()
    pushed = ociship('push', source, f'{layout.repository("a")}:1', stdin=stdin)
    assert image['digest'] == pushed.digest
    assert image['name'] == layout.repository('a')
    assert sent(document) >= blobs(layout, 'a')
    for layer in document['layers']:
        assert layer['size'] == len(layout.blob('a', layer['digest']))


@pytest.mark.smoke
def test_a_plan_writes_nothing_to_registry_layout_or_cache(ociship, registries, layout, name):
    running = registries('distribution')
    for destination in (f'{running.host}/{name}:1', f'{layout.repository("a")}:1'):
        ociship('push', '--dry-run', ARCHIVE, destination)
        ociship('push', '--dry-run', '-', destination, stdin=ARCHIVE.read_bytes())
    assert [request for request in running.requests(name) if request[0] in WRITES] == []
    assert not layout.folder.exists()
    assert [path for path in ociship.home.rglob('*') if path.is_file()] == []


def test_a_plan_leaves_what_is_there_as_it_is(ociship, registries, layout, name):
    running = registries('distribution')
    places = [(truth.RegistryPlace(running), name), (layout, 'a')]
    for place, called in places:
        ociship('push', ARCHIVE, f'{place.repository(called)}:1')
    cache = {path: path.read_bytes() for path in ociship.home.rglob('*') if path.is_file()}
    files = {path: path.read_bytes() for path in layout.path('a').rglob('*') if path.is_file()}
    writes = [request for request in running.requests(name) if request[0] in WRITES]
    for place, called in places:
        ociship('push', '--dry-run', CHANGED, f'{place.repository(called)}:1', '--tag', 'new')
    assert files == {path: path.read_bytes() for path in layout.path('a').rglob('*')
                     if path.is_file()}
    assert cache == {path: path.read_bytes() for path in ociship.home.rglob('*') if path.is_file()}
    assert writes == [request for request in running.requests(name) if request[0] in WRITES]


def test_what_the_destination_has_is_not_planned_to_be_sent(ociship, place, name, tmp_path):
    base = make_image.layer_of({'base': b'b' * 50000})
    for version in ('1', '2'):
        make_image.docker_archive(tmp_path / version,
                                  [base, make_image.layer_of({'app': version.encode() * 9000})])
    destination = place.repository(name)
    fresh, _ = plan_of(ociship, tmp_path / '2', f'{destination}:2')
    ociship('push', tmp_path / '1', f'{destination}:1')
    first = blobs(place, name)
    document, image = plan_of(ociship, tmp_path / '2', f'{destination}:2')
    assert sent(fresh) == {layer['digest'] for layer in document['layers']}
    assert len(sent(document)) == 1 and not sent(document) & first
    assert place.tags(name) == ['1']
    assert ociship('push', tmp_path / '2', f'{destination}:2').digest == image['digest']
    again, image = plan_of(ociship, tmp_path / '2', f'{destination}:2')
    assert sent(again) == set()
    assert image['tags'] == [{'tag': '2', 'before': image['digest']}]


def test_the_text_says_which_tags_are_new_move_and_stay(ociship, place, name):
    destination = place.repository(name)
    old = ociship('push', ARCHIVE, f'{destination}:moves').digest
    new = ociship('push', CHANGED, f'{destination}:stays').digest
    said = ociship('push', '--dry-run', CHANGED, f'{destination}:moves', '--tag', 'stays', '--tag',
                   'fresh').out
    assert said.splitlines()[0] == f'{destination}@{new}'
    assert re.search(rf'tag moves +moves from {old}', said)
    assert re.search(r'tag stays +stays', said)
    assert re.search(r'tag fresh +new', said)
    assert place.tags(name) == ['moves', 'stays']


def test_the_json_says_what_each_tag_names_now(ociship, place, name):
    destination = place.repository(name)
    old = ociship('push', ARCHIVE, f'{destination}:moves').digest
    _, image = plan_of(ociship, CHANGED, f'{destination}:moves', '--tag', 'fresh')
    assert image['tags'] == [{'tag': 'moves', 'before': old}, {'tag': 'fresh'}]


def test_short_versions_that_would_not_move_are_not_in_the_plan(ociship, place, name):
    destination = place.repository(name)
    ociship('push', CHANGED, destination, '--semver', '1.4.2')
    _, image = plan_of(ociship, ARCHIVE, destination, '--semver', '1.4.1')
    assert [tag['tag'] for tag in image['tags']] == ['1.4.1']


def test_a_version_that_names_another_image_is_a_conflict(ociship, place, name):
    destination = place.repository(name)
    ociship('push', CHANGED, destination, '--semver', '1.4.2')
    said = ociship('push', '--dry-run', ARCHIVE, destination, '--semver', '1.4.2',
                   code=program.TAG_CONFLICT)
    assert '1.4.2' in said.err
    ociship('push', '--dry-run', CHANGED, destination, '--semver', '1.4.2')


@pytest.mark.parametrize('file', sorted(truth.load()['bad']))
def test_a_plan_of_a_bad_archive_is_refused(ociship, layout, file):
    path = truth.FIXTURES / 'bad' / file
    for source, stdin in ((path, None), ('-', path.read_bytes())):
        ociship('push', '--dry-run', source, f'{layout.repository("a")}:1', stdin=stdin,
                code=program.BAD_INPUT, timeout=30)
    assert not layout.folder.exists()


def test_a_plan_of_all_images_has_each_with_its_tags(ociship, layout, tmp_path):
    source = truth.LayoutPlace(tmp_path / 'sources')
    digests = {tag: ociship('push', path, f'{source.repository("a")}:{tag}').digest
               for tag, path in (('one', ARCHIVE), ('two', CHANGED))}
    document = json.loads(ociship('push', '--dry-run', '-o', 'json', '--all',
                                  source.repository('a'), layout.repository('b')).out)
    assert {image['tags'][0]['tag']: image['digest'] for image in document['images']} == digests
    assert not layout.folder.exists()


def test_a_plan_of_several_platforms_is_the_index_that_a_push_makes(ociship, place, name, tmp_path):
    paths = []
    for architecture in ('amd64', 'arm64'):
        paths.append(tmp_path / architecture)
        make_image.docker_archive(paths[-1], [make_image.layer_of({'a': architecture.encode()})],
                                  architecture)
    program_path = tmp_path / 'program'
    program_path.write_text(f'#!/bin/sh\ncat {INDEX}\n')
    program_path.chmod(0o755)
    for arguments in (paths, [paths[1], '--exec', program_path], [INDEX, '--platform',
                                                                  'linux/amd64']):
        _, image = plan_of(ociship, *arguments, f'{place.repository(name)}:1')
        pushed = ociship('push', *arguments, f'{place.repository(name)}:1')
        assert image['digest'] == pushed.digest


@pytest.mark.parametrize('arguments', [['--compression', 'zstd'], ['--manifest-format', 'docker'],
                                       ['--annotation', 'a=b'], ['--compression', 'none']])
def test_a_plan_has_the_digest_that_these_flags_give(ociship, layout, arguments):
    _, image = plan_of(ociship, ARCHIVE, f'{layout.repository("a")}:1', *arguments)
    assert ociship('push', ARCHIVE, f'{layout.repository("a")}:1',
                   *arguments).digest == image['digest']


def test_a_plan_with_a_key_signs_nothing(ociship, layout, keys):
    _, image = plan_of(ociship, ARCHIVE, f'{layout.repository("a")}:1', '--key',
                       keys / 'mine.key', password='correct horse')
    assert image['digest'] == ociship('push', ARCHIVE, f'{layout.repository("b")}:1').digest
    assert not layout.path('a').exists()


def test_a_plan_for_a_server_that_is_not_there_fails(ociship):
    ociship('push', '--dry-run', ARCHIVE, '127.0.0.1:1/a:1', code=program.UNAVAILABLE)
