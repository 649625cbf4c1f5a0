# SPDX-License-Identifier: Apache-2.0
"""inspect: what it says of archives, folders and registries is the truth."""

import gzip
import json

import pytest

import corpus
import make_image
import program
import truth

GOOD = corpus.samples('good')
ARCHIVE = truth.FIXTURES / 'docker20-one.tar'
MULTI = truth.FIXTURES / 'docker28-multi.tar'
INDEX = truth.FIXTURES / 'buildx-oci-attest.tar'
SPARSE = truth.FIXTURES / 'ctr21-sparse.tar'


def found_in(ociship, target, **options):
    document = json.loads(ociship('inspect', '-o', 'json', target, **options).out)
    assert document['schema'] == 'ociship/inspect/v1'
    inspected, = document['targets']
    assert inspected['target'] == str(target)
    return inspected['found']


def configs_of(inspection):
    """config digest -> diff IDs, of everything that an inspection tells of."""
    return {image['configDigest']: [layer.get('diffID') for layer in image['layers']]
            for image in inspection['images'] if 'configDigest' in image}


def attestations_in(nodes):
    """The configs of what is no image."""
    return {node['config_digest'] for node in truth.image_manifests(nodes)
            if 'vnd.docker.reference.type' in (node.get('annotations') or {})
            or node.get('architecture') == 'unknown'}


def check_truth(found, sample):
    images = sample.images()
    assert len(found) == len(images)
    attestations = attestations_in(sample.entry.get('oci') or [])
    known = truth.configs(sample.entry)
    for inspection, image in zip(found, images):
        assert image.digest in (None, inspection.get('digest'))
        if image.configs is None:
            continue
        met = configs_of(inspection)
        assert set(met) == image.configs
        for config in image.configs - attestations:
            assert met[config] == known[config]


@pytest.mark.parametrize('way', ['file', 'pipe', 'gz-file', 'gz-pipe'])
@pytest.mark.parametrize('file', [file for file, sample in GOOD.items() if sample.expect == 'good'])
def test_what_is_in_an_archive(ociship, file, way, tmp_path):
    sample = GOOD[file]
    data = sample.path.read_bytes()
    if way.startswith('gz'):
        data = gzip.compress(data)
    (tmp_path / 'archive').write_bytes(data)
    if way.endswith('pipe'):
        check_truth(found_in(ociship, '-', stdin=data), sample)
    else:
        check_truth(found_in(ociship, tmp_path / 'archive'), sample)


@pytest.mark.parametrize('file', [file for file, sample in GOOD.items() if sample.is_folder])
def test_what_is_in_a_folder(ociship, file, tmp_path):
    check_truth(found_in(ociship, GOOD[file].unpack(tmp_path / 'folder')), GOOD[file])


def test_what_an_archive_of_docker_is_said_to_have(ociship):
    found, = found_in(ociship, ARCHIVE)
    image, = found['images']
    expected, = truth.load()['good'][ARCHIVE.name]['docker']
    assert found['names'] == expected['repo_tags']
    assert 'digest' not in found, 'nobody wrote a manifest yet'
    assert image['platform'] == {'os': 'linux', 'architecture': 'amd64'}
    assert image['config']['rootfs']['diff_ids'] == expected['diff_ids']
    assert [layer['compression'] for layer in image['layers']] == ['none'] * 6
    assert all(layer['size'] > 0 for layer in image['layers'])


def test_layers_are_hashed_from_a_stream_and_their_sizes_are_the_same(ociship):
    def layers(found):
        return [[{key: layer[key] for key in ('size', 'compression', 'diffID')}
                 for layer in image['layers']] for image in found[0]['images']]
    for path in (ARCHIVE, truth.FIXTURES / 'crane-tarball.tar'):
        streamed = found_in(ociship, '-', stdin=path.read_bytes())
        assert layers(streamed) == layers(found_in(ociship, path))
        assert all('digest' in layer for layer in streamed[0]['images'][0]['layers'])


def test_several_images_are_all_shown(ociship):
    said = ociship('inspect', MULTI).out
    for image in truth.load()['good'][MULTI.name]['docker']:
        assert image['repo_tags'][0] in said and image['config_digest'] in said


def test_one_of_several_is_shown_by_its_name(ociship):
    wanted = truth.load()['good'][MULTI.name]['docker'][1]
    found = found_in(ociship, f'docker-archive:{MULTI}:{wanted["repo_tags"][0]}')
    assert [set(configs_of(inspection)) for inspection in found] == [{wanted['config_digest']}]
    said = ociship('inspect', f'docker-archive:{MULTI}:nobody:1', code=program.NOT_FOUND)
    assert 'nobody:1' in said.err


def test_an_index_is_shown_with_its_platforms_and_attestations(ociship):
    found, = found_in(ociship, INDEX)
    node, = truth.load()['good'][INDEX.name]['oci']
    assert found['digest'] == node['digest'] and found['mediaType'] == node['mediaType']
    assert [image['digest'] for image in found['images']] == [child['digest'] for child
                                                            in node['manifests']]
    assert [image['platform']['os'] for image in found['images']] == ['linux', 'unknown']
    assert 'attestation' in ociship('inspect', INDEX).out


def test_what_is_absent_of_a_sparse_index_is_named(ociship):
    for options in ({}, {'stdin': SPARSE.read_bytes()}):
        found, = found_in(ociship, '-' if options else SPARSE, **options)
        node, = truth.load()['sparse'][SPARSE.name]['oci']
        assert found['absent'] == [child['digest'] for child in node['manifests']
                                   if child.get('ABSENT')]
    assert 'absent' in ociship('inspect', SPARSE).out


def test_a_place_is_inspected_by_tag_and_by_digest(ociship, place, name):
    destination = place.repository(name)
    pushed = ociship('push', INDEX, f'{destination}:1', '--tag', 'second')
    by_tag, = found_in(ociship, f'{destination}:1')
    by_digest, = found_in(ociship, f'{destination}@{pushed.digest}')
    assert by_tag == by_digest
    assert by_tag['digest'] == pushed.digest
    assert sorted(by_tag['names']) == ['1', 'second']
    assert {image['digest'] for image in by_tag['images']} == {
        child['digest'] for child in truth.load()['good'][INDEX.name]['oci'][0]['manifests']}
    text = ociship('inspect', f'{destination}:1').out
    assert pushed.digest in text and 'linux/amd64' in text


def test_a_layout_without_a_tag_shows_everything_in_it(ociship, layout):
    one = ociship('push', ARCHIVE, f'{layout.repository("a")}:one').digest
    two = ociship('push', INDEX, f'{layout.repository("a")}:two').digest
    found = found_in(ociship, layout.repository('a'))
    assert {inspection['names'][0]: inspection['digest'] for inspection in found} == {'one': one,
                                                                                    'two': two}
    assert found == found_in(ociship, layout.path('a'))


def test_the_text_names_layers_config_platform_tags_and_annotations(ociship, layout):
    pushed = ociship('push', ARCHIVE, f'{layout.repository("a")}:1', '--annotation',
                     'key=some text')
    said = ociship('inspect', f'{layout.repository("a")}:1').out
    manifest = json.loads(layout.manifest('a', '1')[0])
    for word in ('linux/amd64', pushed.digest, manifest['config']['digest'], 'key=some text',
                 '/b/sub/exec.sh', 'gzip', *(layer['digest'] for layer in manifest['layers'])):
        assert word in said, word
    assert f'{len(manifest["layers"])} layers' in said


def test_annotations_are_in_the_document(ociship, layout):
    ociship('push', ARCHIVE, f'{layout.repository("a")}:1', '--annotation', 'a=1', '--annotation',
            'b=2')
    found, = found_in(ociship, f'{layout.repository("a")}:1')
    assert found['images'][0]['annotations'] == {'a': '1', 'b': '2'}


def test_several_targets_are_answered_in_order(ociship):
    document = json.loads(ociship('inspect', '-o', 'json', ARCHIVE, INDEX).out)
    assert [inspected['target'] for inspected in document['targets']] == [str(ARCHIVE), str(INDEX)]


def test_control_characters_of_an_archive_are_not_printed(ociship, tmp_path):
    make_image.docker_archive(tmp_path / 'evil', [make_image.layer_of({'a': b'a'})],
                              tags=['app:\x1b]0;x\x07'],
                              extra={'User': '\x1b[31m', 'Labels': {'a\x1bb': 'c\nd'},
                                     'Cmd': ['\x07']})
    said = ociship('inspect', tmp_path / 'evil').out
    assert '\x1b' not in said and '\x07' not in said and 'c\nd' not in said
    assert '\x1b' not in ociship('inspect', '-o', 'json', tmp_path / 'evil').out


def test_inspecting_writes_nothing(ociship, registries, name, tmp_path):
    running = registries('distribution')
    ociship('push', ARCHIVE, f'{running.host}/{name}:1', '--no-cache')
    before = sorted(tmp_path.rglob('*'))
    requests = len([entry for entry in running.requests(name) if entry[0] not in ('GET', 'HEAD')])
    for target in (ARCHIVE, f'{running.host}/{name}:1'):
        ociship('inspect', target)
    assert sorted(tmp_path.rglob('*')) == before
    assert requests == len([entry for entry in running.requests(name)
                            if entry[0] not in ('GET', 'HEAD')])


# --- what fails ----------------------------------------------------------------------------------


@pytest.mark.parametrize('target', ['missing.tar', './missing', '/missing', 'dir:missing',
                                    'docker-archive:missing', 'oci-archive:missing'])
def test_a_file_that_is_not_there(ociship, target):
    said = ociship('inspect', target, code=program.BAD_INPUT)
    assert 'missing' in said.err and said.out == ''


def test_a_tag_or_place_that_is_not_there(ociship, place, name):
    ociship('push', ARCHIVE, f'{place.repository(name)}:1')
    absent = 'sha256:' + '0' * 64
    for target in (f'{place.repository(name)}:2', f'{place.repository(name)}@{absent}',
                   f'{place.repository(name)}-other:1'):
        ociship('inspect', target, code=program.NOT_FOUND)


def test_a_repository_without_a_tag_is_a_question(ociship, registry_place, name):
    ociship('push', ARCHIVE, f'{registry_place.repository(name)}:1')
    said = ociship('inspect', registry_place.repository(name), code=program.USAGE)
    assert 'tag' in said.err


@pytest.mark.parametrize('file', sorted(truth.load()['bad']))
def test_a_bad_archive_is_refused(ociship, file):
    path = truth.FIXTURES / 'bad' / file
    for target, stdin in ((path, None), ('-', path.read_bytes())):
        ociship('inspect', target, stdin=stdin, code=program.BAD_INPUT, timeout=30)


def test_a_target_that_fails_leaves_no_half_of_an_answer(ociship):
    said = ociship('inspect', ARCHIVE, 'missing.tar', code=program.BAD_INPUT)
    assert said.out == ''
