# SPDX-License-Identifier: Apache-2.0
"""sigstore-conformance of sigstore, unmodified, against scripts/sigstore-conformance-client.

The suite and its stand-ins for the network are looked for in the folder OCISHIP_SUITES, its bundles
in OCISHIP_VECTORS; without these variables beside the repository, in shared/.
"""

import os
import pathlib
import shutil
import subprocess

import pytest

import program
import stack as sigstore_stack
import suites

SHARED = program.ROOT.parent / 'shared'
SUITES = pathlib.Path(os.environ.get('OCISHIP_SUITES', SHARED / 'suites'))
VECTORS = pathlib.Path(os.environ.get('OCISHIP_VECTORS', SHARED / 'vectors'))
CLIENT = program.ROOT / 'scripts' / 'sigstore-conformance-client'
PYTHON = '/usr/bin/python3'
ITEMS = 134  # 67 bundles, each with the file and with its digest


@pytest.fixture(scope='module')
def suite(tmp_path_factory):
    """A copy of the suite with its bundles."""
    for folder in (SUITES / 'sigstore-conformance', SUITES / 'offline',
                   VECTORS / 'sigstore-conformance'):
        if not folder.is_dir():
            pytest.skip('sigstore-conformance is not there (OCISHIP_SUITES, OCISHIP_VECTORS)')
    if subprocess.run([PYTHON, '-c', 'import pytest_subtests, cryptography'], capture_output=True,
                      check=False).returncode:
        pytest.skip('python3-pytest-subtests or python3-cryptography is not installed')
    folder = tmp_path_factory.mktemp('suite') / 'sigstore-conformance'
    shutil.copytree(SUITES / 'sigstore-conformance', folder, symlinks=True)
    for path in [folder, *folder.rglob('*')]:
        if not path.is_symlink():
            path.chmod(0o755)
    # A link of the suite, which is a file where it was copied without links.
    assets = folder / 'test' / 'assets'
    if assets.is_symlink() or assets.is_file():
        assets.unlink()
        shutil.copytree(VECTORS / 'sigstore-conformance', assets)
    return folder


def run(suite, results, client, *options, changes=None):
    """The outcome of each item by its name; `changes` has variables for the client."""
    environment = {**os.environ, 'OCISHIP': str(program.PROGRAM), 'PYTHONDONTWRITEBYTECODE': '1',
                   'PYTHONPATH': str(SUITES / 'offline' / 'stubs'), **(changes or {})}
    environment.pop('GITHUB_WORKSPACE', None)
    # Each item copies all bundles and removes them again, which takes a disk longer than the item.
    if os.access('/dev/shm', os.W_OK):
        environment['TMPDIR'] = '/dev/shm'
    done = subprocess.run(
        [PYTHON, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-c',
         str(SUITES / 'offline' / 'pytest-offline.ini'), f'--rootdir={suite}',
         f'--entrypoint={client}', f'--junit-xml={results}', *options,
         str(suite / 'test')],
        cwd=suite, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert results.is_file(), done.stdout + done.stderr
    return {name: verdict for _, name, verdict in suites.outcomes(results)}


def named(outcomes, verdict):
    return {name for name, found in outcomes.items() if found == verdict}


def test_every_item_passes(suite, tmp_path):
    outcomes = run(suite, tmp_path / 'results.xml', CLIENT, '--skip-signing')
    assert named(outcomes, 'failure') | named(outcomes, 'error') == set()
    assert len(named(outcomes, 'passed')) == ITEMS
    # Only what signs, and what wants files that are no part of the suite.
    assert not any(name.startswith('test_verify[') for name in named(outcomes, 'skipped'))


@pytest.mark.parametrize('client,wrong_about', [('/bin/true', True), ('/bin/false', False)])
def test_a_client_that_looks_at_nothing_fails(suite, tmp_path, client, wrong_about):
    """The suite is able to see a difference at all."""
    outcomes = run(suite, tmp_path / 'results.xml', client, '-k', 'test_verify[PATH-')
    failed = named(outcomes, 'failure')
    assert failed == {name for name in outcomes if name.startswith('test_verify[')
                      and ('_fail' in name) == wrong_about}
    assert len(outcomes) == ITEMS // 2 and len(failed) >= ITEMS // 8


# --- what signs -----------------------------------------------------------------------------------


SIGNING = program.ROOT / 'tests' / 'support' / 'signing_suite'
SIGNED_ITEMS = {'test_simple', 'test_sign_does_not_produce_root[PATH]',
                'test_sign_does_not_produce_root[DIGEST]', 'test_sign_verify_rekor2',
                'test_sign_verify_dsse'}


@pytest.fixture(scope='module')
def stack(tmp_path_factory):
    try:
        running = sigstore_stack.Stack(tmp_path_factory.mktemp('stack'))
    except LookupError as error:
        pytest.skip(str(error))
    yield running
    running.stop()


def plain_token(stack):
    """A token that the suite can read: it takes base64url for base64."""
    for number in range(200):
        token = stack.token(claims={'jti': str(number)})
        if not set('-_') & set(token.split('.')[1]):
            return token
    raise AssertionError('no token without - and _')


def test_what_the_client_signs_passes(suite, stack, tmp_path):
    """The signing items of the suite against real services, judged by real cosign in the place of
    the suite's own client."""
    shutil.copy(SIGNING / 'selftest_client.py', suite / 'selftest-client')
    stubs = os.pathsep.join(map(str, (SIGNING, SUITES / 'offline' / 'stubs')))
    outcomes = run(suite, tmp_path / 'results.xml', CLIENT, '-k', 'test_sign or test_simple', changes={
        'PYTHONPATH': stubs, 'HOME': str(tmp_path), 'XDG_CACHE_HOME': str(tmp_path / 'cache'),
        'TUF_MIRROR': stack['TUF_MIRROR'], 'TUF_ROOT_JSON': stack['TUF_ROOT'],
        'OCISHIP_TEST_TOKEN': plain_token(stack), 'OCISHIP_TEST_COSIGN': stack['COSIGN'],
        'OCISHIP_TEST_TRUSTED_ROOT': stack['TRUSTED_ROOT'],
        'OCISHIP_TEST_SIGNING_CONFIG': stack['SIGNING_CONFIG']})
    assert named(outcomes, 'failure') | named(outcomes, 'error') == set()
    assert SIGNED_ITEMS <= named(outcomes, 'passed')


# --- the client itself ---------------------------------------------------------------------------


@pytest.fixture
def case(tmp_path):
    """A folder with a signed file and its bundle, and one with scripts and build as they lie in the
    repository."""
    bundles = VECTORS / 'sigstore-conformance' / 'bundle-verify'
    if not bundles.is_dir():
        pytest.skip('the bundles of sigstore-conformance are not there (OCISHIP_VECTORS)')
    folder = tmp_path / 'a case'
    folder.mkdir()
    shutil.copy(bundles / 'a.txt', folder / 'a.txt')
    shutil.copy(bundles / 'a.txt', folder / '-a.txt')
    shutil.copy(bundles / 'happy-path-v0.3' / 'bundle.sigstore.json', folder / 'b.json')
    tree = tmp_path / 'a tree'
    (tree / 'scripts').mkdir(parents=True)
    (tree / 'build').mkdir()
    shutil.copy(CLIENT, tree / 'scripts' / 'client')
    (tree / 'build' / 'ociship').symlink_to(program.PROGRAM)
    return folder, tree / 'scripts' / 'client'


WHO = ['--certificate-identity', 'https://github.com/sigstore-conformance/'
       'extremely-dangerous-public-oidc-beacon/.github/workflows/'
       'extremely-dangerous-oidc-beacon.yml@refs/heads/main',
       '--certificate-oidc-issuer', 'https://token.actions.githubusercontent.com']


def call(client, cwd, *arguments):
    environment = {name: value for name, value in os.environ.items() if name != 'OCISHIP'}
    return subprocess.run([client, *arguments], cwd=cwd, env={**environment, 'HOME': str(cwd)},
                          capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize('spelling', ['absolute', 'relative'])
@pytest.mark.parametrize('file', ['a.txt', './a.txt', '-a.txt'])
def test_the_client_works_from_any_folder(case, spelling, file):
    folder, client = case
    path = client if spelling == 'absolute' else os.path.relpath(client, folder)
    done = call(path, folder, 'verify-bundle', '--bundle', 'b.json', *WHO, file)
    assert done.returncode == 0, done.stderr
    (folder / file).write_text('something else')
    assert call(path, folder, 'verify-bundle', '--bundle', 'b.json', *WHO, file).returncode != 0


def test_the_client_answers_what_it_does_not_know_with_a_failure(case):
    folder, client = case
    for arguments in ([], ['sign-bundle', '--bundle', 'b.json', 'a.txt'],
                      ['verify-bundle', '--bundle', 'b.json', *WHO],
                      ['verify-bundle', '--bundle', 'b.json', 'a.txt'],
                      ['verify-bundle', *WHO, 'a.txt'],
                      ['verify-bundle', '--new', 'x', '--bundle', 'b.json', *WHO, 'a.txt']):
        done = call(client, folder, *arguments)
        assert done.returncode != 0, arguments
        assert done.stderr.strip(), arguments


def test_the_client_of_tuf_works_from_any_folder(case):
    folder, client = case
    shutil.copy(program.ROOT / 'scripts' / 'tuf-conformance-client', client)
    root = program.ROOT / 'src' / 'services' / 'embedded' / 'production.root.json'
    for path in (client, os.path.relpath(client, folder)):
        done = call(path, folder, '--metadata-dir', 'kept', 'init', os.path.relpath(root, folder))
        assert done.returncode == 0, done.stderr
        assert list((folder / 'kept').rglob('*.json'))
        shutil.rmtree(folder / 'kept')
