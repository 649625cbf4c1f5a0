# SPDX-License-Identifier: Apache-2.0
"""The whole sample set, the fixtures and what lies beside the project: all good archives in, by
every way and with one digest, no bad one."""

import io
import json
import shutil
import subprocess
import zipfile

import pytest

import corpus
import program
import truth

GOOD = corpus.samples('good')
BAD = corpus.samples('bad')
KNOWN = corpus.known_configs()


def names(samples, *, sparse=False):
    return [name for name, sample in samples.items() if (sample.expect == 'sparse') == sparse]


def all_ways(sample, folder):
    """corpus.ways, which skips at the first way that needs a tool which is missing."""
    try:
        yield from corpus.ways(sample, folder)
    except LookupError as error:
        pytest.skip(str(error))


def check_pushed(place, name, digest, image):
    """The image `digest` is what the truth says. Its tags are what the archive says."""
    data_digest, met = truth.check_image(place, name, digest, KNOWN)
    assert data_digest == digest
    assert image.configs in (None, met)
    assert image.digest in (None, digest), 'an OCI image keeps its digest'
    tags = {tag for tag in place.tags(name) if truth.sha256(place.manifest(name, tag)[0]) == digest}
    assert tags == image.tags


def push_all(ociship, place, name, source, stdin, images, code=program.DONE):
    """Pushes every image of an archive with its own tags, and gives the digests in order; nothing
    when the archive was refused, which `code` allows."""
    tags = [tag for image in images for tag in image.tags]
    if len(tags) == len(set(tags)):
        pushed = ociship('push', source, place.repository(name), '--all', '--no-cache', code=code,
                         stdin=stdin)
        if pushed.code != program.DONE:
            assert place.tags(name) == []
            return []
        digests = [line.rpartition('@')[2] for line in pushed.out.splitlines()]
        assert len(digests) == len(images)
        for digest, image in zip(digests, images):
            check_pushed(place, name, digest, image)
        return digests
    digests = []
    for number, image in enumerate(images):
        repository = f'{name}-{number}'
        pushed = ociship('push', source, place.repository(repository), '--image', f'@{number}',
                         '--no-cache', stdin=stdin)
        check_pushed(place, repository, pushed.digest, image)
        digests.append(pushed.digest)
    ociship('push', source, place.repository(name), '--image', f'@{len(images)}', stdin=stdin,
            code=program.USAGE)
    return digests


@pytest.mark.parametrize('file', names(GOOD))
def test_a_good_archive_is_taken_whole_and_every_way_gives_one_digest(ociship, layout, file,
                                                                      tmp_path):
    sample = GOOD[file]
    codes = {program.DONE} if sample.expect == 'good' else {program.DONE, program.BAD_INPUT}
    first = None
    for way, source, stdin in all_ways(sample, tmp_path):
        digests = push_all(ociship, layout, way, source, stdin, sample.images(), codes)
        first = digests if first is None else first
        assert digests == first, way


@pytest.mark.parametrize('file', [file for file in GOOD if GOOD[file].is_hybrid])
def test_each_half_of_an_archive_of_both_kinds_can_be_chosen(ociship, layout, file):
    sample = GOOD[file]
    for half in ('docker', 'oci'):
        if half == 'oci' and sample.expect == 'sparse':
            continue
        push_all(ociship, layout, half, f'{half}-archive:{sample.path}', None, sample.images(half))


@pytest.mark.parametrize('file', names(GOOD, sparse=True))
def test_a_sparse_index_is_refused_unless_what_is_complete_is_asked_for(ociship, layout, file,
                                                                       tmp_path):
    sample = GOOD[file]
    present = {found['config_digest'] for found in truth.image_manifests(sample.entry['oci'])}
    digests = set()
    for way, source, stdin in all_ways(sample, tmp_path):
        refused = ociship('push', source, layout.repository(way), code=program.BAD_INPUT,
                          stdin=stdin)
        assert '--sparse' in refused.err
        assert not layout.path(way).exists() or layout.tags(way) == []
        pushed = ociship('push', source, layout.repository(way), '--sparse', stdin=stdin)
        assert 'sparse' in pushed.err and 'note' in pushed.err
        digest, met = truth.check_image(layout, way, pushed.digest, KNOWN)
        assert met == present
        digests.add(digest)
    assert len(digests) == 1


@pytest.mark.parametrize('file', names(BAD))
def test_a_bad_archive_is_refused_with_one_line_and_nothing_tagged(ociship, layout, file, tmp_path):
    sample = BAD[file]
    codes = {program.BAD_INPUT} if sample.expect == 'refuse' else {program.BAD_INPUT, program.DONE}
    for way, source, stdin in corpus.ways(sample, tmp_path, ('plain', 'gz')):
        before = set(tmp_path.iterdir())
        said = ociship('push', source, f'{layout.repository(way)}:1', code=codes, stdin=stdin,
                       timeout=30)
        assert set(tmp_path.iterdir()) - before <= {layout.folder}
        if said.code == program.DONE:
            truth.check_image(layout, way, '1')
            continue
        assert len([line for line in said.err.splitlines() if line.startswith('ociship: ')]) == 1
        assert layout.tags(way) == []


@pytest.mark.smoke
@pytest.mark.parametrize('file', sorted(truth.load()['bad']))
def test_a_bad_fixture_is_refused_and_nothing_tagged(ociship, place, name, file):
    path = truth.FIXTURES / 'bad' / file
    for arguments, stdin in (([path], None), (['-'], path.read_bytes())):
        ociship('push', *arguments, f'{place.repository(name)}:1', code=program.BAD_INPUT,
                stdin=stdin, timeout=30)
        assert place.tags(name) == []


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w') as archive:
        archive.writestr('manifest.json', '[]')
    return buffer.getvalue()


@pytest.mark.parametrize('data, word', [
    (zipped(), 'zip'),
    (b'FROM scratch\nCOPY . /\n', 'text'),
    (b'{"schemaVersion": 2, "manifests": []}', 'text'),
    (b'\x7fELF' + bytes(2000), 'neither a tar nor compressed'),
    (b'', 'empty'),
], ids=['zip', 'text', 'json', 'binary', 'empty'])
@pytest.mark.parametrize('way', ['file', 'pipe'])
def test_what_is_no_archive_is_called_what_it_is(ociship, layout, data, word, way, tmp_path):
    (tmp_path / 'thing').write_bytes(data)
    source, stdin = ('-', data) if way == 'pipe' else (tmp_path / 'thing', None)
    said = ociship('push', source, f'{layout.repository("a")}:1', code=program.BAD_INPUT,
                   stdin=stdin)
    assert word.lower() in said.err.lower()


# --- what we pushed, read by others --------------------------------------------------------------


def push_first(ociship, distribution, name, sample):
    """Pushes the first image; gives its reference, its truth, and whether it is an index."""
    image = sample.images()[0]
    choice = ['--image', '@0'] if len(sample.images()) > 1 else []
    reference = f'{distribution.repository(name)}:pushed'
    pushed = ociship('push', sample.path, reference, *choice, code={program.DONE,
                                                                  program.BAD_INPUT})
    if pushed.code == program.BAD_INPUT:
        assert sample.expect == 'either'
        pytest.skip('refused, as it may be')
    media_type = distribution.manifest(name, 'pushed')[1]
    return reference, image, media_type in truth.INDEX_TYPES


@pytest.mark.parametrize('file', names(GOOD))
def test_skopeo_copies_what_was_pushed(ociship, distribution, name, file, tmp_path):
    if not shutil.which('skopeo'):
        pytest.skip('skopeo is not installed')
    reference, image, is_index = push_first(ociship, distribution, name, GOOD[file])
    copied = subprocess.run(
        ['skopeo', '--insecure-policy', 'copy', *(['--all'] if is_index else []),
         '--src-tls-verify=false', f'docker://{reference}', f'dir:{tmp_path}/copied'],
        capture_output=True, env=ociship.environment(), timeout=60, check=False)
    assert copied.returncode == 0, copied.stderr.decode()
    _, met = truth.check_image(corpus.DirPlace(tmp_path / 'copied'), '', 'manifest', KNOWN)
    assert image.configs in (None, met)


@pytest.mark.parametrize('file', names(GOOD))
def test_crane_validates_and_pulls_what_was_pushed(ociship, distribution, name, file, peer,
                                                   tmp_path):
    reference, image, is_index = push_first(ociship, distribution, name, GOOD[file])
    layers = json.loads(distribution.manifest(name, 'pushed')[0]).get('layers') or []
    if all(layer['mediaType'].endswith('gzip') for layer in layers):
        peer('crane', 'validate', '--remote', reference)  # which can read no other layers
    peer('crane', 'pull', reference, tmp_path / 'pulled.tar')
    (config, diff_ids), = corpus.tarball_images(tmp_path / 'pulled.tar')
    assert KNOWN[config] == diff_ids
    if image.configs is not None:
        assert config in image.configs
        assert is_index or {config} == image.configs
