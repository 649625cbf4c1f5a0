# SPDX-License-Identifier: Apache-2.0
"""push: which tags are set, in which order, and when none is."""

import pytest

import make_image
import program
import truth

ARCHIVE = truth.FIXTURES / 'docker20-one.tar'
CHANGED = truth.FIXTURES / 'nix-stream.tar'


def digest_of(place, name, tag):
    return truth.sha256(place.manifest(name, tag)[0])


def test_the_tag_of_the_destination_and_the_others_add_up(ociship, place, name):
    pushed = ociship('push', ARCHIVE, f'{place.repository(name)}:one', '--tag', 'two', '--tag',
                     'three')
    assert place.tags(name) == ['one', 'three', 'two']
    assert {digest_of(place, name, tag) for tag in place.tags(name)} == {pushed.digest}


@pytest.mark.parametrize('version, tags', [
    ('1.4.2', ['1', '1.4', '1.4.2', 'latest']),
    ('v1.4.2', ['1', '1.4', '1.4.2', 'latest']),
    ('0.3.1', ['0.3', '0.3.1', 'latest']),
    ('2.0.0-rc.1', ['2.0.0-rc.1']),
])
def test_a_version_sets_its_tags(ociship, layout, version, tags):
    ociship('push', ARCHIVE, layout.repository('a'), '--semver', version)
    assert layout.tags('a') == tags


@pytest.mark.parametrize('version', ['1.4', '1', '01.2.3', 'latest', '1.2.3.4', '', '1.2.-3'])
def test_what_is_no_version_is_refused(ociship, layout, version):
    ociship('push', ARCHIVE, layout.repository('a'), '--semver', version, code=program.USAGE)
    assert not layout.path('a').exists() or layout.tags('a') == []


@pytest.mark.smoke
def test_the_short_tags_move_only_forward(ociship, place, name):
    destination = place.repository(name)
    newer = ociship('push', CHANGED, destination, '--semver', '1.4.2').digest
    older = ociship('push', ARCHIVE, destination, '--semver', '1.4.1').digest
    assert {tag: digest_of(place, name, tag) for tag in place.tags(name)} == {
        '1.4.1': older, '1.4.2': newer, '1.4': newer, '1': newer, 'latest': newer}
    next_minor = ociship('push', ARCHIVE, destination, '--semver', '1.5.0').digest
    assert {tag: digest_of(place, name, tag) for tag in place.tags(name)} == {
        '1.4.1': older, '1.4.2': newer, '1.4': newer, '1.5.0': next_minor, '1.5': next_minor,
        '1': next_minor, 'latest': next_minor}


def test_a_version_never_gets_another_image(ociship, place, name):
    destination = place.repository(name)
    first = ociship('push', ARCHIVE, destination, '--semver', '1.4.2').digest
    said = ociship('push', CHANGED, destination, '--semver', '1.4.2', code=program.TAG_CONFLICT)
    assert '1.4.2' in said.err
    assert {digest_of(place, name, tag) for tag in place.tags(name)} == {first}
    assert ociship('push', ARCHIVE, destination, '--semver', '1.4.2').digest == first


def test_tags_are_set_last_the_exact_one_first(ociship, distribution, name):
    ociship('push', ARCHIVE, distribution.repository(name), '--semver', '1.4.2')
    puts = [path.rsplit('/', 1)[1] for method, path, status
            in distribution.registry.requests(name)
            if method == 'PUT' and '/manifests/' in path and status == 201]
    tags = [put for put in puts if ':' not in put]
    assert sorted(tags) == ['1', '1.4', '1.4.2', 'latest']
    assert tags[0] == '1.4.2' and tags[-1] == 'latest'
    assert puts[-len(tags):] == tags


# --- the tags of a commit ------------------------------------------------------------------------


def test_a_commit_sets_its_tags(ociship, place, name, work_tree):
    folder, git = work_tree
    ociship('push', ARCHIVE, place.repository(name), f'--git={folder}')
    commit = git('rev-parse', 'HEAD')
    assert place.tags(name) == sorted([commit, f'sha-{commit[:7]}'])


def test_without_a_value_it_is_the_work_tree_around(layout, work_tree, tmp_path):
    folder, git = work_tree
    (folder / 'below').mkdir()
    inside = program.Program(folder / 'below')
    # Its home lies in the work tree and must not make it dirty.
    (folder / '.git' / 'info' / 'exclude').write_text('below\n')
    inside('push', ARCHIVE, layout.repository('a'), '--git')
    assert git('rev-parse', 'HEAD') in layout.tags('a')


@pytest.mark.parametrize('change', ['changed', 'staged', 'new'])
def test_a_dirty_work_tree_is_refused_and_nothing_tagged(ociship, layout, work_tree, change):
    folder, git = work_tree
    (folder / ('other' if change == 'new' else 'file')).write_text('two\n')
    if change == 'staged':
        git('add', 'file')
    said = ociship('push', ARCHIVE, f'{layout.repository("a")}:1', f'--git={folder}', code=None)
    assert said.code in (program.FAILURE, program.USAGE, program.BAD_INPUT), said
    assert layout.tags('a') == []


def test_a_folder_without_git_is_refused_and_nothing_tagged(ociship, layout, tmp_path):
    (tmp_path / 'plain').mkdir()
    said = ociship('push', ARCHIVE, f'{layout.repository("a")}:1', f'--git={tmp_path}/plain',
                   code=None)
    assert said.code in (program.FAILURE, program.USAGE, program.BAD_INPUT), said
    assert layout.tags('a') == []


def test_version_and_commit_together(ociship, layout, work_tree):
    folder, git = work_tree
    ociship('push', ARCHIVE, f'{layout.repository("a")}:stable', '--semver', '1.4.2',
            f'--git={folder}')
    commit = git('rev-parse', 'HEAD')
    assert layout.tags('a') == sorted(['stable', '1.4.2', '1.4', '1', 'latest', commit,
                                       f'sha-{commit[:7]}'])


# --- nothing is tagged when something fails ------------------------------------------------------


def test_a_layer_that_lies_leaves_no_tag(ociship, place, name, tmp_path):
    make_image.docker_archive(tmp_path / 'good', [make_image.layer_of({'a': b'x' * 5000})])
    data = (tmp_path / 'good').read_bytes()
    (tmp_path / 'bad').write_bytes(data.replace(b'x' * 5000, b'x' * 4999 + b'y'))
    for arguments, stdin in (([tmp_path / 'bad'], None), (['-'], (tmp_path / 'bad').read_bytes())):
        said = ociship('push', *arguments, f'{place.repository(name)}:1', '--semver', '1.0.0',
                       code=program.BAD_INPUT, stdin=stdin)
        assert 'sha256:' in said.err
        assert place.tags(name) == []


@pytest.mark.parametrize('tag', ['-a', '.a', 'a b', 'a' * 129, 'ä', ''])
def test_what_is_no_tag_is_refused(ociship, layout, tag):
    ociship('push', ARCHIVE, layout.repository('a'), f'--tag={tag}', code=program.USAGE)
    assert not layout.path('a').exists()
