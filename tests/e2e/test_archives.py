# SPDX-License-Identifier: Apache-2.0
"""The whole sample set that lies beside the project: all good archives in, no bad one."""

import tarfile

import pytest

import program
import truth

SAMPLES = truth.load(truth.SAMPLES)

# Read later, and listed so that nobody takes them for forgotten: what they need is the reason.
NOT_YET = {
    'odd-bzxzlayers.tar': 'xz and bzip2 layers',
    'podman4-dockerdir.dir.tar': 'dir: sources',
    'podman5-dockerdir-gz.dir.tar': 'dir: sources',
    'skopeo2-dir-all.dir.tar': 'dir: sources',
}
GOOD = {file: entry for file, entry in SAMPLES['good'].items() if file not in NOT_YET}
BAD = SAMPLES['bad']
needs_samples = pytest.mark.skipif(not GOOD, reason='the sample archives are not there (OCISHIP_SAMPLES)')


def source_of(file, tmp_path):
    path = truth.SAMPLES / 'good' / file
    if not file.endswith('.dir.tar'):
        return path
    with tarfile.open(path) as tar:
        tar.extractall(tmp_path / 'unpacked')
    folders = {path.parent for path in (tmp_path / 'unpacked').rglob('oci-layout')}
    assert len(folders) == 1
    return folders.pop()


def expected_sets(entry):
    """What pushing each image of the archive in turn has to bring, as sets of config digests, one
    list for each half that the archive may be read by."""
    halves = []
    if entry.get('docker'):
        halves.append([{image['config_digest']} for image in entry['docker']])
    if entry.get('oci'):
        halves.append([{found['config_digest'] for found in truth.image_manifests([node])}
                       for node in entry['oci']])
    return halves


def push_each(ociship, layout, source, known):
    """Pushes every image of an archive, and gives for each the configs that arrived."""
    single = ociship('push', source, f'{layout.repository("a")}:t0', code={program.DONE,
                                                                           program.USAGE})
    if single.code == program.DONE:
        digest, met = truth.check_image(layout, 'a', 't0', known)
        assert digest == single.digest
        return [met], [digest]
    sets, digests = [], []
    while True:
        tag = f't{len(sets)}'
        pushed = ociship('push', source, f'{layout.repository("a")}:{tag}', '--image',
                         f'@{len(sets)}', code={program.DONE, program.USAGE})
        if pushed.code == program.USAGE:
            return sets, digests
        digest, met = truth.check_image(layout, 'a', tag, known)
        sets.append(met)
        digests.append(digest)


@needs_samples
@pytest.mark.parametrize('file', sorted(file for file, entry in GOOD.items()
                                        if entry['expect'] == 'good'))
def test_a_good_archive_is_taken_whole(ociship, layout, file, tmp_path):
    entry = GOOD[file]
    source = source_of(file, tmp_path)
    known = truth.configs(entry)
    sets, digests = push_each(ociship, layout, source, known)
    assert sets
    for met in sets:
        assert any(met in half for half in expected_sets(entry)), met
    if entry.get('docker'):  # every image of the archive could be chosen
        reached = set().union(*sets)
        assert {image['config_digest'] for image in entry['docker']} <= reached
    else:
        named = {node['digest'] for node in entry['oci'] if 'annotations' in node
                 and 'org.opencontainers.image.ref.name' in node['annotations']}
        assert named <= set(digests)
        assert set(digests) <= {node['digest'] for node in entry['oci']}, 'digests are kept'


@needs_samples
@pytest.mark.parametrize('file', sorted(file for file, entry in GOOD.items()
                                        if entry['expect'] != 'good'))
def test_an_odd_archive_is_taken_whole_or_refused(ociship, layout, file, tmp_path):
    entry = GOOD[file]
    codes = {program.BAD_INPUT} if entry['expect'] == 'sparse' else {program.DONE,
                                                                     program.BAD_INPUT}
    pushed = ociship('push', source_of(file, tmp_path), f'{layout.repository("a")}:1', code=codes)
    if pushed.code == program.DONE:
        _, met = truth.check_image(layout, 'a', '1', truth.configs(entry))
        assert any(met in half for half in expected_sets(entry))
    else:
        assert layout.tags('a') == []


@needs_samples
@pytest.mark.parametrize('way', ['file', 'pipe'])
@pytest.mark.parametrize('file', sorted(BAD))
def test_a_bad_archive_is_refused_and_nothing_tagged(ociship, layout, file, way, tmp_path):
    codes = {program.BAD_INPUT}
    if BAD[file]['expect'].startswith('either'):
        codes |= {program.DONE}
    path = truth.SAMPLES / 'bad' / file
    arguments, stdin = ([path], None) if way == 'file' else (['-'], path.read_bytes())
    before = sorted(tmp_path.iterdir())
    said = ociship('push', *arguments, f'{layout.repository("a")}:1', code=codes, stdin=stdin,
                   timeout=30)
    if said.code != program.DONE:
        assert layout.tags('a') == []
    assert set(tmp_path.iterdir()) - set(before) <= {tmp_path / 'layouts'}


@pytest.mark.smoke
@pytest.mark.parametrize('file', sorted(truth.load()['bad']))
def test_a_bad_fixture_is_refused_and_nothing_tagged(ociship, place, name, file):
    path = truth.FIXTURES / 'bad' / file
    for arguments, stdin in (([path], None), (['-'], path.read_bytes())):
        ociship('push', *arguments, f'{place.repository(name)}:1', code=program.BAD_INPUT,
                stdin=stdin, timeout=30)
        assert place.tags(name) == []


@pytest.mark.parametrize('file', sorted(NOT_YET))
def test_what_is_read_later(file):
    pytest.skip(f'not yet: {NOT_YET[file]} ({file})')
