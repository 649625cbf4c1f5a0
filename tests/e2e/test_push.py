# SPDX-License-Identifier: Apache-2.0
"""push: what arrives is what the archive holds, whatever the archive, the way in and the place."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

import make_image
import program
import servers
import truth

EXPECTED = truth.load()['good']
FIXTURES = sorted(EXPECTED)


def arguments(fixture):
    """An archive with several images needs a choice; the tests take the second."""
    several = len(truth.docker_images(EXPECTED[fixture])) > 1
    return [truth.FIXTURES / fixture, *(['--image', '@1'] if several else [])]


def chosen_config(fixture):
    """The digest of the config that `arguments` chooses, None for an OCI archive."""
    images = truth.docker_images(EXPECTED[fixture])
    return images[-1 if len(images) == 1 else 1]['config_digest'] if images else None


@pytest.fixture(scope='module')
def digests():
    """fixture -> the digest that the first push of it had."""
    return {}


@pytest.mark.parametrize('fixture', FIXTURES)
def test_every_archive_arrives_whole_and_with_one_digest(ociship, place, name, fixture, digests):
    entry = EXPECTED[fixture]
    destination = place.repository(name)
    pushed = ociship('push', *arguments(fixture), f'{destination}:1.0')
    assert pushed.out == f'{destination}@{pushed.digest}\n'
    digest, met = truth.check_image(place, name, '1.0', truth.configs(entry))
    assert digest == pushed.digest
    assert chosen_config(fixture) in (None, *met)
    if entry['format'] == 'oci':
        assert digest == entry['oci'][0]['digest'], 'an OCI archive keeps its digest'
    assert digests.setdefault(fixture, digest) == digest
    assert place.tags(name) == ['1.0']


@pytest.mark.smoke
@pytest.mark.parametrize('fixture', ['docker20-one.tar', 'docker28-one.tar', 'nix-stream.tar',
                                     'buildx-oci-attest.tar'])
@pytest.mark.parametrize('way', ['file', 'pipe', 'gzip', 'gzip-pipe', 'zstd', 'zstd-pipe'])
def test_every_way_in_gives_the_same_digest(ociship, layout, fixture, way, tmp_path):
    data = (truth.FIXTURES / fixture).read_bytes()
    plain = ociship('push', truth.FIXTURES / fixture, f'{layout.repository("plain")}:1')
    if way.startswith('gzip'):
        data = gzip.compress(data)
    elif way.startswith('zstd'):
        if not shutil.which('zstd'):
            pytest.skip('zstd is not installed')
        data = subprocess.run(['zstd', '-qc'], input=data, capture_output=True, check=True).stdout
    if way.endswith('pipe'):
        pushed = ociship('push', '-', f'{layout.repository("other")}:1', stdin=data)
    else:
        (tmp_path / 'archive').write_bytes(data)
        pushed = ociship('push', tmp_path / 'archive', f'{layout.repository("other")}:1')
    assert pushed.digest == plain.digest
    truth.check_image(layout, 'other', '1', truth.configs(EXPECTED[fixture]))


@pytest.mark.parametrize('before', [0, 1000])
@pytest.mark.parametrize('pack', [bytes, gzip.compress], ids=['plain', 'gzip'])
def test_a_file_as_standard_input_is_read_from_where_it_stands(ociship, layout, before, pack,
                                                               tmp_path):
    plain = ociship('push', truth.FIXTURES / 'nix-stream.tar', f'{layout.repository("plain")}:1')
    data = pack((truth.FIXTURES / 'nix-stream.tar').read_bytes())
    (tmp_path / 'file').write_bytes(b'x' * before + data)
    with open(tmp_path / 'file', 'rb') as stdin:
        os.lseek(stdin.fileno(), before, os.SEEK_SET)
        done = subprocess.run([program.PROGRAM, 'push', '-', f'{layout.repository("a")}:1'],
                              stdin=stdin, capture_output=True, timeout=60, check=False,
                              env=ociship.environment())
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().strip().endswith(plain.digest)


def test_an_archive_of_both_kinds_is_read_as_it_is_asked_for(ociship, layout):
    entry = EXPECTED['docker28-one.tar']
    path = truth.FIXTURES / 'docker28-one.tar'
    as_oci = ociship('push', f'oci-archive:{path}', f'{layout.repository("oci")}:1')
    assert as_oci.digest == entry['oci'][0]['digest']
    ociship('push', f'docker-archive:{path}', f'{layout.repository("docker")}:1')
    _, met = truth.check_image(layout, 'docker', '1', truth.configs(entry))
    assert met == {entry['docker'][0]['config_digest']}


def test_a_layout_folder_is_a_source(ociship, layout, distribution, name):
    first = ociship('push', truth.FIXTURES / 'docker20-one.tar', f'{layout.repository("a")}:1')
    source = layout.repository('a')
    again = ociship('push', source, f'{distribution.repository(name)}:1')
    assert again.digest == first.digest


@pytest.mark.parametrize('fixture', ['docker20-one.tar', 'docker28-one.tar.gz', 'nix-stream.tar',
                                     'crane-tarball.tar'])
def test_crane_and_skopeo_read_it_back(ociship, registry_place, name, fixture, peer, tmp_path):
    image = f'{registry_place.repository(name)}:1.0'
    ociship('push', truth.FIXTURES / fixture, image)
    expected = chosen_config(fixture)
    peer('crane', 'validate', '--remote', image)
    assert truth.sha256(peer('crane', 'config', image).stdout.encode()) == expected
    peer('crane', 'pull', image, tmp_path / 'crane.tar')
    if not shutil.which('skopeo'):
        pytest.skip('skopeo is not installed')
    subprocess.run(['skopeo', '--insecure-policy', 'copy', '--src-tls-verify=false',
                    f'docker://{image}', f'oci:{tmp_path}/skopeo:1.0'],
                   check=True, capture_output=True, env=ociship.environment())
    copied = truth.LayoutPlace(tmp_path)
    _, met = truth.check_image(copied, 'skopeo', '1.0', truth.configs(EXPECTED[fixture]))
    assert met == {expected}


def uploads(registry, name):
    """The requests that begin or carry a blob."""
    return [request for request in registry.requests(name)
            if request[0] in ('POST', 'PATCH', 'PUT') and '/blobs/' in request[1]]


@pytest.mark.parametrize('registry', ['docker-registry', 'distribution'])
@pytest.mark.parametrize('fixture', ['docker20-one.tar', 'docker28-one.tar.gz',
                                     'buildx-oci-attest.tar'])
def test_pushing_again_sends_no_blob(ociship, registries, registry, name, fixture, tmp_path):
    running = registries(registry)
    image = f'{running.host}/{name}:1.0'
    first = ociship('push', truth.FIXTURES / fixture, image)
    sent = uploads(running, name)
    assert sent
    fresh = tmp_path / 'fresh'
    fresh.mkdir()
    again = program.Program(fresh)('push', truth.FIXTURES / fixture, image)
    assert again.digest == first.digest
    assert uploads(running, name) == sent


def test_a_layer_that_comes_twice_is_sent_once(ociship, registries, name):
    running = registries('distribution')
    ociship('push', truth.FIXTURES / 'docker20-one.tar', f'{running.host}/{name}:1')
    image, = EXPECTED['docker20-one.tar']['docker']
    begun = [request for request in uploads(running, name) if request[0] == 'POST']
    assert len(begun) == len(set(image['diff_ids'])) + 1  # and the config


# --- which image, which name ---------------------------------------------------------------------


def test_several_images_and_no_choice_lists_them(ociship, layout):
    said = ociship('push', truth.FIXTURES / 'docker28-multi.tar', f'{layout.repository("a")}:1',
                   code=program.USAGE)
    for image in EXPECTED['docker28-multi.tar']['docker']:
        assert image['repo_tags'][0] in said.err
    assert '--image' in said.err
    assert layout.tags('a') == []


def test_an_image_is_chosen_by_name_and_by_number(ociship, layout):
    path = truth.FIXTURES / 'docker28-multi.tar'
    for number, image in enumerate(EXPECTED['docker28-multi.tar']['docker']):
        for choice in (f'@{number}', image['repo_tags'][0]):
            ociship('push', path, f'{layout.repository("a")}:t{number}', '--image', choice)
            _, met = truth.check_image(layout, 'a', f't{number}',
                                       truth.configs(EXPECTED['docker28-multi.tar']))
            assert met == {image['config_digest']}
    for wrong in ('@3', 'nobody:1', '@-1', '@'):
        ociship('push', path, f'{layout.repository("b")}:1', '--image', wrong, code=program.USAGE)
    assert layout.tags('b') == []


def test_without_any_tag_the_archives_own_is_taken(ociship, layout):
    ociship('push', truth.FIXTURES / 'docker20-one.tar', layout.repository('a'))
    assert layout.tags('a') == ['1']


def test_without_any_tag_at_all_it_goes_by_digest(ociship, layout):
    pushed = ociship('push', truth.FIXTURES / 'podman5-docker-byid.tar', layout.repository('a'))
    assert layout.tags('a') == []
    assert 'tag' in pushed.err
    truth.check_image(layout, 'a', pushed.digest,
                      truth.configs(EXPECTED['podman5-docker-byid.tar']))


def test_images_of_two_platforms_become_one_index(ociship, registry_place, name, tmp_path, peer):
    known = {}
    for architecture in ('amd64', 'arm64'):
        layer = make_image.layer_of({'arch': architecture.encode() * 1000})
        image = make_image.docker_archive(tmp_path / architecture, [layer], architecture)
        known[image['config_digest']] = image['diff_ids']
    destination = f'{registry_place.repository(name)}:1'
    pushed = ociship('push', tmp_path / 'amd64', tmp_path / 'arm64', destination)
    digest, met = truth.check_image(registry_place, name, '1', known)
    assert digest == pushed.digest and met == set(known)
    index = json.loads(registry_place.manifest(name, '1')[0])
    assert [entry['platform']['architecture'] for entry in index['manifests']] == ['amd64', 'arm64']
    chosen = peer('crane', 'config', '--platform', 'linux/arm64', destination).stdout
    assert json.loads(chosen)['architecture'] == 'arm64'


def test_two_images_of_one_platform_are_refused(ociship, layout, tmp_path):
    for number in (1, 2):
        make_image.docker_archive(tmp_path / str(number),
                                  [make_image.layer_of({'n': str(number).encode()})])
    ociship('push', tmp_path / '1', tmp_path / '2', f'{layout.repository("a")}:1',
            code={program.USAGE, program.BAD_INPUT})
    assert layout.tags('a') == []


# --- the answer ----------------------------------------------------------------------------------


def test_digestfile_and_json_say_the_same(ociship, layout, tmp_path):
    said = ociship('push', truth.FIXTURES / 'docker20-one.tar', f'{layout.repository("a")}:1',
                   '--tag', 'second', '--digestfile', tmp_path / 'digest', '-o', 'json')
    document = json.loads(said.out)
    digest = (tmp_path / 'digest').read_text().strip()
    assert digest == truth.sha256(layout.manifest('a', '1')[0])
    assert digest in json.dumps(document)
    assert 'second' in json.dumps(document)


# --- what fails ----------------------------------------------------------------------------------


@pytest.mark.smoke
def test_a_server_that_is_not_there(ociship):
    said = ociship('push', truth.FIXTURES / 'docker20-one.tar',
                   f'127.0.0.1:{servers.free_port()}/a:1', code=program.UNAVAILABLE)
    assert '127.0.0.1' in said.err


def test_a_file_that_is_not_there(ociship, layout):
    said = ociship('push', 'missing.tar', f'{layout.repository("a")}:1', code=program.BAD_INPUT)
    assert 'missing.tar' in said.err
    assert not layout.path('a').exists()


def test_interrupted_while_it_waits_for_a_pipe(ociship, layout):
    data = (truth.FIXTURES / 'nix-stream.tar').read_bytes()
    running = subprocess.Popen([program.PROGRAM, 'push', '-', f'{layout.repository("a")}:1'],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=ociship.environment())
    running.stdin.write(data[:70_000])
    running.stdin.flush()
    time.sleep(0.5)  # it is in the middle of the archive now, or about to be
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=20) == 130
    assert layout.tags('a') == []
    running.stdin.close()
    assert running.stdout.read() == b''


def test_a_layout_that_cannot_be_written(ociship, tmp_path):
    if os.geteuid() == 0:
        (tmp_path / 'file').write_text('no folder')
        where = tmp_path / 'file' / 'layout'
    else:
        where = tmp_path / 'closed' / 'layout'
        (tmp_path / 'closed').mkdir(mode=0o500)
    said = ociship('push', truth.FIXTURES / 'docker20-one.tar', f'oci:{where}:1',
                   code={program.FAILURE, program.BAD_INPUT})
    assert str(where) in said.err
