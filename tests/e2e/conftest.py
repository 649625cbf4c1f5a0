# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the end-to-end tests: servers, destinations, keys, the program under test.

The program is build/ociship, or what the environment variable OCISHIP names. Tests that need a tool
which is missing are skipped by its name. Tests marked `smoke` are few and reach every part of the
program: they are run against the sanitized build too.
"""

import itertools
import pathlib
import random
import re
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'support'))

import make_image  # noqa: E402
import peers  # noqa: E402
import program  # noqa: E402
import servers  # noqa: E402
import truth  # noqa: E402

REGISTRIES = ('docker-registry', 'distribution', 'olareg')
PASSWORD = 'correct horse'


def pytest_configure(config):
    config.addinivalue_line('markers', 'smoke: also run against the sanitized build')


@pytest.fixture(scope='session', autouse=True)
def _program_is_built():
    assert program.PROGRAM.is_file(), f'{program.PROGRAM} is not built'


@pytest.fixture(scope='session')
def registries(tmp_path_factory):
    """kind -> running Registry, started when it is first asked for."""
    running = {}

    def get(kind):
        if kind not in running:
            try:
                running[kind] = servers.start(kind, tmp_path_factory.mktemp(kind))
            except LookupError as error:
                pytest.skip(str(error))
        return running[kind]

    yield get
    for registry in running.values():
        registry.stop()


@pytest.fixture(params=[*REGISTRIES, 'layout'])
def place(request, registries, tmp_path):
    """Each kind of destination."""
    if request.param == 'layout':
        return truth.LayoutPlace(tmp_path / 'layouts')
    return truth.RegistryPlace(registries(request.param))


@pytest.fixture(params=REGISTRIES)
def registry_place(request, registries):
    return truth.RegistryPlace(registries(request.param))


@pytest.fixture
def distribution(registries):
    """The registry that writes an access log and has no referrers API."""
    return truth.RegistryPlace(registries('distribution'))


@pytest.fixture
def olareg(registries):
    """The registry with the referrers API."""
    return truth.RegistryPlace(registries('olareg'))


@pytest.fixture
def layout(tmp_path):
    return truth.LayoutPlace(tmp_path / 'layouts')


@pytest.fixture
def ociship(tmp_path):
    return program.Program(tmp_path)


@pytest.fixture
def work_tree(tmp_path, ociship):
    """A folder under git with one commit of a known time, and a function that runs git in it."""
    folder = tmp_path / 'tree'
    folder.mkdir()

    def git(*arguments):
        return subprocess.run(
            ['git', '-c', 'user.name=e2e', '-c', 'user.email=e2e@example.com', *arguments],
            cwd=folder, env=ociship.environment(changes={
                'GIT_COMMITTER_DATE': '@1700000000 +0100', 'GIT_AUTHOR_DATE': '@1 +0000'}),
            check=True, capture_output=True, text=True).stdout.strip()

    git('init', '-q')
    (folder / 'file').write_text('one\n')
    git('add', 'file')
    git('commit', '-q', '-m', 'first')
    return folder, git


@pytest.fixture(scope='session')
def fault_registry():
    registry = servers.FaultRegistry()
    yield registry
    registry.stop()


@pytest.fixture
def faults(fault_registry):
    """The registry with the faults of real ones, empty and without any of them."""
    fault_registry.reset()
    yield fault_registry
    assert [entry['bug'] for entry in fault_registry.log() if 'bug' in entry] == []


@pytest.fixture(scope='session')
def noise(tmp_path_factory):
    """noise(KIB, ...): an archive of layers of these sizes that do not compress; its truth."""
    folder = tmp_path_factory.mktemp('noise')
    made = {}

    def get(*sizes):
        if sizes not in made:
            path = folder / '-'.join(map(str, sizes))
            rng = random.Random(repr(sizes))
            image = make_image.docker_archive(
                path, [make_image.layer_of({'noise': rng.randbytes(size * 1024)})
                       for size in sizes])
            made[sizes] = path, {image['config_digest']: image['diff_ids']}
        return made[sizes]

    return get


_numbers = itertools.count()


@pytest.fixture
def name(request):
    """A repository name that no other test uses."""
    words = re.sub(r'[^a-z0-9]+', '-', request.node.name.lower()).strip('-')[:60].strip('-')
    return f'e2e/{words}-{next(_numbers)}'


@pytest.fixture
def peer(tmp_path):
    """peer('crane', ...) runs crane or cosign, and skips the test where it is missing."""
    home = tmp_path / 'peer-home'
    home.mkdir()

    def run(tool, *arguments, **options):
        try:
            return peers.run(tool, *arguments, home=home, **options)
        except LookupError as error:
            pytest.skip(str(error))

    return run


@pytest.fixture(scope='session')
def keys(tmp_path_factory):
    """Two key pairs of ours, their password PASSWORD: the paths without .key and .pub."""
    folder = tmp_path_factory.mktemp('keys')
    run = program.Program(folder)
    for prefix in ('mine', 'other'):
        run('generate-key-pair', '--output-key-prefix', folder / prefix, password=PASSWORD)
    return folder
