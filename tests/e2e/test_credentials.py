# SPDX-License-Identifier: Apache-2.0
"""Credentials: where they come from, login, logout, auth explain, and the flags of registries.

The registry is distribution with one user of htpasswd; credential helpers are scripts in PATH.
"""

import base64
import json
import os
import pathlib
import pty
import shutil
import stat
import subprocess
import time
import urllib.error
import urllib.request

import pytest

import peers
import program
import servers
import truth

ARCHIVE = str(truth.FIXTURES / 'docker20-one.tar')
KEY = str(truth.FIXTURES / 'cosign' / 'p256.pub')
USER, PASSWORD = 'bob', 'secret'
# bcrypt of PASSWORD with the lowest cost.
HTPASSWD = f'{USER}:$2b$04$kdcp7/NxLLYB7fH38/k18e/fdTC7nTGM9GustDha4y0RO4jFq/mVW\n'
LOGIN = {'OCISHIP_USERNAME': USER, 'OCISHIP_PASSWORD': PASSWORD}


class ClosedRegistry(servers.Registry):
    """One that answers 401 to whoever is not logged in."""

    def _is_ready(self):
        end = time.monotonic() + 20
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(f'http://{self.host}/v2/', timeout=2).close()
            except urllib.error.HTTPError as error:
                return error.code == 401
            except OSError:
                time.sleep(0.02)
        return False


@pytest.fixture(scope='module')
def closed(tmp_path_factory):
    """HOST:PORT of a registry that wants USER and PASSWORD."""
    folder = tmp_path_factory.mktemp('closed')
    (folder / 'htpasswd').write_text(HTPASSWD)
    try:
        registry = peers.path('registry')
    except LookupError as error:
        pytest.skip(str(error))

    def argv(port):
        config = folder / 'config.yml'
        config.write_text(
            f'version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n'
            f'http: {{addr: "127.0.0.1:{port}"}}\n'
            f'auth: {{htpasswd: {{realm: tests, path: {folder}/htpasswd}}}}\n')
        return [registry, 'serve', str(config)]

    running = ClosedRegistry('distribution', folder, argv, {'OTEL_TRACES_EXPORTER': 'none'})
    yield running.host
    running.stop()


def auth(user=USER, password=PASSWORD):
    return {'auth': base64.b64encode(f'{user}:{password}'.encode()).decode()}


def write(path, document):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


@pytest.fixture
def helper(tmp_path):
    """helper(NAME, SCRIPT) makes docker-credential-NAME; `env` has the PATH with it."""
    folder = tmp_path / 'bin'
    folder.mkdir()

    class Helpers:
        env = {'PATH': f'{folder}:{os.environ["PATH"]}'}
        log = folder / 'log'

        def __call__(self, name, script):
            path = folder / f'docker-credential-{name}'
            path.write_text(f'#!/bin/sh\nin=$(cat)\necho "$1 $in" >>{self.log}\n{script}\n')
            path.chmod(0o700)

    return Helpers()


def answer(user=USER, password=PASSWORD):
    return f"""printf '{{"ServerURL":"x","Username":"{user}","Secret":"{password}"}}'"""


def explain(ociship, reference, *arguments, env=None, code=program.DONE):
    said = ociship('auth', 'explain', reference, '-o', 'json', *arguments, env=env, code=code)
    document = json.loads(said.out)
    assert document['schema'] == 'ociship/auth-explain/v1'
    return document


def docker_config(ociship):
    return ociship.home / '.docker' / 'config.json'


# --- where credentials come from -----------------------------------------------------------------


@pytest.mark.smoke
def test_a_push_without_a_credential_is_not_authorised(ociship, closed, name):
    ociship('push', ARCHIVE, f'{closed}/{name}:1', code=program.UNAUTHORIZED)


@pytest.mark.smoke
def test_flags_log_in(ociship, closed, name):
    flags = ['--username', USER, '--password-stdin']
    for password in (b'secret', b'secret\n', b'secret\r\n'):
        ociship('push', ARCHIVE, f'{closed}/{name}:1', *flags, stdin=password)
    ociship('inspect', f'{closed}/{name}:1', *flags, stdin=b'secret')
    ociship('inspect', f'{closed}/{name}:1', *flags, stdin=b'secret\n\n', code=program.UNAUTHORIZED)
    ociship('inspect', f'{closed}/{name}:1', *flags, stdin=b'wrong', code=program.UNAUTHORIZED)


def test_the_environment_logs_in(ociship, closed, name):
    ociship('push', ARCHIVE, f'{closed}/{name}:1', env=LOGIN)
    said = ociship('push', ARCHIVE, f'{closed}/{name}:1', code=program.UNAUTHORIZED,
                   env={**LOGIN, 'OCISHIP_PASSWORD': 'wrong-one'})
    assert 'wrong-one' not in said.err


def test_a_flag_comes_before_the_environment(ociship, closed, name):
    wrong = {'OCISHIP_USERNAME': 'x', 'OCISHIP_PASSWORD': 'y'}
    ociship('push', ARCHIVE, f'{closed}/{name}:1', '--username', USER, '--password-stdin',
            stdin=b'secret', env=wrong)
    file = write(ociship.folder / 'auth.json', {'auths': {closed: auth()}})
    ociship('push', ARCHIVE, f'{closed}/{name}:1', '--authfile', file, env=wrong)
    ociship('push', ARCHIVE, f'{closed}/{name}:1', code=program.UNAUTHORIZED, env=wrong)


@pytest.mark.parametrize('place', [
    'home/.docker/config.json', 'home/run/containers/auth.json',
    'home/config/containers/auth.json', 'home/.dockercfg'])
def test_files_of_docker_and_podman_log_in(ociship, closed, name, place):
    entries = {closed: auth()}
    write(ociship.folder / place, entries if place.endswith('cfg') else {'auths': entries})
    ociship('push', ARCHIVE, f'{closed}/{name}:1')
    used = [step for step in explain(ociship, f'{closed}/{name}')['steps']
            if step['outcome'] == 'used']
    assert [step['path'] for step in used] == [str(ociship.folder / place)]
    write(ociship.folder / place, '{')
    said = ociship('push', ARCHIVE, f'{closed}/{name}:1', code=program.BAD_INPUT)
    assert place in said.err


def test_variables_name_files_and_folders(ociship, closed, name):
    file = write(ociship.folder / 'elsewhere' / 'config.json', {'auths': {closed: auth()}})
    target = f'{closed}/{name}:1'
    ociship('push', ARCHIVE, target, env={'DOCKER_CONFIG': str(file.parent)})
    ociship('push', ARCHIVE, target, env={'REGISTRY_AUTH_FILE': str(file)})
    ociship('push', ARCHIVE, target, env={'DOCKER_AUTH_CONFIG': file.read_text()})
    ociship('push', ARCHIVE, target, '--authfile', file)
    ociship('push', ARCHIVE, target, code=program.UNAUTHORIZED)
    ociship('push', ARCHIVE, target, '--authfile', file,
            env={'REGISTRY_AUTH_FILE': '/nonexistent'})


def test_an_exclusive_file_is_the_only_one_and_must_be_there(ociship, closed, name):
    write(docker_config(ociship), {'auths': {closed: auth()}})
    empty = write(ociship.folder / 'empty.json', '{}')
    target = f'{closed}/{name}:1'
    ociship('push', ARCHIVE, target)
    ociship('push', ARCHIVE, target, '--authfile', empty, code=program.UNAUTHORIZED)
    ociship('push', ARCHIVE, target, env={'REGISTRY_AUTH_FILE': str(empty)},
            code=program.UNAUTHORIZED)
    said = ociship('push', ARCHIVE, target, '--authfile', 'gone.json', code=program.BAD_INPUT)
    assert 'gone.json' in said.err
    said = ociship('push', ARCHIVE, target, env={'REGISTRY_AUTH_FILE': 'gone.json'},
                   code=program.BAD_INPUT)
    assert 'gone.json' in said.err


def test_a_namespace_comes_before_its_host(ociship, closed, name):
    write(docker_config(ociship), {'auths': {closed: auth('nobody', 'x'), f'{closed}/e2e': auth()}})
    ociship('push', ARCHIVE, f'{closed}/{name}:1')
    ociship('push', ARCHIVE, f'{closed}/other/{name}:1', code=program.UNAUTHORIZED)


# --- helpers -------------------------------------------------------------------------------------


@pytest.mark.parametrize('config', [{'credsStore': 'fake'}, {'credHelpers': {'HOST': 'fake'}}])
def test_helpers_log_in(ociship, closed, name, helper, config):
    write(docker_config(ociship), json.dumps(config).replace('HOST', closed))
    helper('fake', answer())
    ociship('push', ARCHIVE, f'{closed}/{name}:1', env=helper.env)
    assert helper.log.read_text() == f'get {closed}\n'
    helper('fake', 'echo credentials not found in native keychain; exit 1')
    ociship('push', ARCHIVE, f'{closed}/{name}:1', env=helper.env, code=program.UNAUTHORIZED)


def test_a_helper_that_fails_is_named_and_its_secrets_are_not_shown(ociship, closed, name, helper):
    write(docker_config(ociship), {'credsStore': 'fake'})
    helper('fake', 'echo s3cret; echo "no keyring" >&2; exit 2')
    said = ociship('push', ARCHIVE, f'{closed}/{name}:1', env=helper.env, code=program.FAILURE)
    assert 'docker-credential-fake' in said.err and 'no keyring' in said.err
    assert 's3cret' not in said.err
    write(docker_config(ociship), {'credsStore': 'missing'})
    said = ociship('push', ARCHIVE, f'{closed}/{name}:1', env=helper.env, code=program.FAILURE)
    assert 'docker-credential-missing' in said.err


# --- login and logout ----------------------------------------------------------------------------


@pytest.mark.smoke
def test_login_push_logout(ociship, closed, name):
    said = ociship('login', closed, '--username', USER, '--password-stdin', stdin=b'secret\n')
    file = docker_config(ociship)
    assert said.err == f'logged in to {closed} as {USER} ({file})\n'
    assert said.out == ''
    assert json.loads(file.read_text()) == {'auths': {closed: auth()}}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    ociship('push', ARCHIVE, f'{closed}/{name}:1')
    ociship('inspect', f'{closed}/{name}:1')
    said = ociship('logout', closed)
    assert said.err == f'logged out of {closed} ({file})\n'
    ociship('inspect', f'{closed}/{name}:1', code=program.UNAUTHORIZED)
    assert 'was not logged in' in ociship('logout', closed).err


def test_a_login_that_the_registry_refuses_is_not_kept(ociship, closed):
    said = ociship('login', closed, '--username', USER, '--password-stdin', stdin=b'wrong-one',
                   code=program.UNAUTHORIZED)
    assert 'wrong-one' not in said.err
    assert not docker_config(ociship).exists()
    port = servers.free_port()
    ociship('login', f'127.0.0.1:{port}', '--retries', '0', env=LOGIN, code=program.UNAVAILABLE)
    assert not docker_config(ociship).exists()


def test_login_takes_the_environment_and_another_file(ociship, closed, name):
    file = ociship.folder / 'new' / 'auth.json'
    ociship('login', closed, '--authfile', file, env=LOGIN)
    ociship('push', ARCHIVE, f'{closed}/{name}:1', '--authfile', file)
    assert not docker_config(ociship).exists()
    ociship('logout', closed, env={'REGISTRY_AUTH_FILE': str(file)})
    ociship('inspect', f'{closed}/{name}:1', '--authfile', file, code=program.UNAUTHORIZED)


def test_login_leaves_the_rest_of_the_file_alone(ociship, closed):
    text = ('{"HttpHeaders": {"X": "a & b"}, "big": 12345678901234567890, '
            '"auths": {"other.io": {"auth": "eDp5", "more": [1.50]}}}')
    file = write(docker_config(ociship), text)
    ociship('login', closed, env=LOGIN)
    before, after = json.loads(text), json.loads(file.read_text())
    assert after.pop('auths') == {**before.pop('auths'), closed: auth()}
    assert after == before
    assert '1.50' in file.read_text()


def test_logins_at_once_lose_nothing(ociship, closed):
    hosts = [closed, closed.replace('127.0.0.1', 'localhost')]
    started = [subprocess.Popen([program.PROGRAM, 'login', host],
                                env=ociship.environment(changes=LOGIN), stdin=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL) for host in hosts]
    assert [process.wait(60) for process in started] == [0, 0]
    assert set(json.loads(docker_config(ociship).read_text())['auths']) == set(hosts)


def test_login_with_a_helper_keeps_the_password_out_of_the_file(ociship, closed, name, helper):
    vault = helper.log.parent / 'vault'
    helper('fake', f'case $1 in store) printf %s "$in" >{vault} ;; erase) rm {vault} ;;\n'
                   f'get) cat {vault} || {{ echo credentials not found in native keychain; '
                   'exit 1; } ;; esac')
    file = write(docker_config(ociship), {'credsStore': 'fake'})
    said = ociship('login', closed, env={**LOGIN, **helper.env})
    assert said.err.endswith('(helper fake)\n')
    assert json.loads(file.read_text()) == {'credsStore': 'fake', 'auths': {closed: {}}}
    assert json.loads(vault.read_text()) == {'ServerURL': closed, 'Username': USER,
                                             'Secret': PASSWORD}
    ociship('push', ARCHIVE, f'{closed}/{name}:1', env=helper.env)
    assert ociship('logout', closed, env=helper.env).err.endswith('(helper fake)\n')
    assert not vault.exists()
    ociship('inspect', f'{closed}/{name}:1', env=helper.env, code=program.UNAUTHORIZED)


def test_logout_tells_of_another_credential(ociship, closed):
    write(docker_config(ociship), {'auths': {closed: auth()}})
    write(ociship.home / 'config' / 'containers' / 'auth.json', {'auths': {closed: auth()}})
    assert 'another credential' in ociship('logout', closed).err


def test_crane_reads_what_login_wrote(ociship, closed, name, peer, tmp_path):
    ociship('login', closed, env=LOGIN)
    pushed = ociship('push', ARCHIVE, f'{closed}/{name}:1')
    (tmp_path / 'peer-home' / '.docker').symlink_to(docker_config(ociship).parent)
    assert peer('crane', 'digest', f'{closed}/{name}:1').stdout.strip() == pushed.digest


@pytest.mark.skipif(not shutil.which('skopeo'), reason='skopeo is not installed')
def test_skopeo_and_we_read_what_the_other_wrote(ociship, closed, name, tmp_path):
    def skopeo(*arguments, stdin=''):
        return subprocess.run(['skopeo', *arguments], input=stdin, capture_output=True, text=True,
                              timeout=60, check=True, env=ociship.environment()).stdout

    ours, theirs = tmp_path / 'ours.json', tmp_path / 'theirs.json'
    ociship('login', closed, '--authfile', ours, env=LOGIN)
    pushed = ociship('push', ARCHIVE, f'{closed}/{name}:1', '--authfile', ours)
    read = skopeo('inspect', '--tls-verify=false', '--authfile', str(ours), '--format',
                  '{{.Digest}}', f'docker://{closed}/{name}:1')
    assert read.strip() == pushed.digest
    skopeo('login', '--tls-verify=false', '--authfile', str(theirs), '--username', USER,
           '--password-stdin', closed, stdin=PASSWORD)
    ociship('inspect', f'{closed}/{name}:1', '--authfile', theirs)
    ociship('logout', closed, '--authfile', theirs)
    assert json.loads(theirs.read_text())['auths'] == {}


def talk(ociship, arguments, lines):
    """Runs the program on a terminal, types the lines, and gives exit code and what was shown."""
    leader, follower = pty.openpty()
    process = subprocess.Popen([program.PROGRAM, *arguments], stdin=follower, stdout=follower,
                               stderr=follower, env=ociship.environment(),
                               cwd=ociship.folder, start_new_session=True)
    os.close(follower)
    shown = b''
    for question, line in lines:
        while question not in shown:
            shown += os.read(leader, 4096)
        time.sleep(0.1)  # the echo is switched off behind the question
        os.write(leader, line + b'\n')
    try:
        while part := os.read(leader, 4096):
            shown += part
    except OSError:
        pass  # the other end is closed
    os.close(leader)
    return process.wait(60), shown.decode()


def test_login_asks_on_a_terminal_and_does_not_show_the_password(ociship, closed):
    code, shown = talk(ociship, ['login', closed],
                       [(b'Username', b'bob'), (b'Password', b'secret')])
    assert code == program.DONE, shown
    assert 'logged in' in shown and 'secret' not in shown
    code, shown = talk(ociship, ['login', closed, '--username', 'bob'], [(b'Password', b'')])
    assert code == program.USAGE, shown


# --- auth explain --------------------------------------------------------------------------------


def test_explain_shows_each_step_and_no_secret(ociship, helper):
    helper('fake', 'echo credentials not found in native keychain; exit 1')
    config = write(docker_config(ociship), {'credsStore': 'fake', 'auths': {'a.io': {}}})
    podman = write(ociship.home / 'config' / 'containers' / 'auth.json',
                   {'auths': {'a.io/acme': auth('bob', 's3cret')}})
    document = explain(ociship, 'a.io/acme/app:1', env=helper.env)
    assert document['repository'] == 'a.io/acme/app'
    assert [(step['place'], step['outcome']) for step in document['steps']] == [
        ('docker', 'none'), ('docker', 'none'), ('containers', 'missing'), ('containers', 'used'),
        ('dockercfg', 'not-looked-at')]
    assert document['steps'][0]['helper'] == 'fake'
    assert document['steps'][3]['path'] == str(podman)
    assert document['steps'][3]['key'] == 'a.io/acme'
    assert document['credential'] == {'kind': 'password', 'username': 'bob'}
    said = ociship('auth', 'explain', 'a.io/acme/app', env=helper.env)
    for part in (str(config), 'helper fake', 'does not exist', 'used: user "bob"', 'not looked at'):
        assert part in said.out
    assert 's3cret' not in said.out and auth('bob', 's3cret')['auth'] not in said.out


def test_explain_of_nothing_and_of_what_is_given(ociship):
    document = explain(ociship, 'a.io/acme/app')
    assert document['credential'] is None
    assert {step['outcome'] for step in document['steps']} == {'missing'}
    assert 'as nobody' in ociship('auth', 'explain', 'a.io/acme/app').out
    document = explain(ociship, 'a.io/acme/app', env={'OCISHIP_REGISTRY_TOKEN': 't0ken'})
    assert document['credential'] == {'kind': 'registry-token', 'username': ''}
    assert 't0ken' not in json.dumps(document)


def test_explain_of_a_broken_file_is_its_error(ociship):
    write(docker_config(ociship), '{"auths":')
    document = explain(ociship, 'a.io/acme/app', code=program.BAD_INPUT)
    assert document['steps'][0]['outcome'] == 'failed'
    said = ociship('auth', 'explain', 'a.io/acme/app', code=program.BAD_INPUT)
    assert said.out == '' and 'config.json' in said.err


# --- usage ---------------------------------------------------------------------------------------

PUSH = ['push', ARCHIVE, 'oci:x:1']


@pytest.mark.parametrize('arguments', [
    [*PUSH, '--username', 'bob'],
    [*PUSH, '--username', ''],
    [*PUSH, '--password-stdin'],
    [*PUSH, '--username', 'bob', '--password-stdin'],  # and standard input is empty
    [*PUSH, '--registry-token', 't', '--username', 'bob', '--password-stdin'],
    [*PUSH, '--registry-token', 'a b'],
    [*PUSH, '--registry-token', ''],
    [*PUSH, '--authfile', ''],
    [*PUSH, '--authfile', 'f', '--registry-token', 't'],
    [*PUSH, '--authfile', 'f', '--username', 'bob', '--password-stdin'],
    [*PUSH, '--client-cert', ARCHIVE],
    [*PUSH, '--client-key', ARCHIVE],
    [*PUSH, '--cacert', ARCHIVE, '--insecure-skip-tls-verify'],
    [*PUSH, '--cacert', ARCHIVE, '--plain-http'],
    [*PUSH, '--insecure-skip-tls-verify', '--plain-http'],
    [*PUSH, '--client-cert', ARCHIVE, '--client-key', ARCHIVE, '--plain-http'],
    [*PUSH, '--retries', '21'],
    [*PUSH, '--retries', '-1'],
    [*PUSH, '--retries', 'many'],
    [*PUSH, '--timeout', '0'],
    [*PUSH, '--timeout', '61m'],
    [*PUSH, '--timeout', '2h'],
    [*PUSH, '--timeout', '1.5s'],
    [*PUSH, '--timeout', '10 s'],
    [*PUSH, '--timeout', '-1s'],
    [*PUSH, '--timeout', '18446744073709551617'],
    [*PUSH, '--timeout', 's'],
    [*PUSH, '--chunk-size', '65535'],
    [*PUSH, '--chunk-size', 'large'],
    [*PUSH, '--jobs', '0'],
    [*PUSH, '--jobs', '65'],
    ['verify', '--key', KEY, 'oci:x:1', '--chunk-size', '1MiB'],
    ['inspect', ARCHIVE, '--jobs', '2'],
    ['inspect', '-', '--username', 'bob', '--password-stdin'],
    ['push', '-', 'oci:x:1', '--username', 'bob', '--password-stdin'],
    ['login'],
    ['login', ''],
    ['login', 'a.io'],  # and nobody to ask
    ['login', 'a.io', '--username', 'bob'],
    ['login', 'a.io', '--password-stdin'],
    ['login', 'a.io/ns', '--username', 'bob', '--password-stdin'],
    ['login', 'nohost', '--username', 'bob', '--password-stdin'],
    ['login', 'a.io', '--registry-token', 't'],
    ['login', 'a.io', 'b.io'],
    ['logout'],
    ['logout', 'a.io/ns'],
    ['logout', 'a b'],
    ['auth'],
    ['auth', 'nonsense'],
    ['auth', 'explain'],
    ['auth', 'explain', ''],
    ['auth', 'explain', 'a.io'],
    ['auth', 'explain', 'localhost:5000'],
    ['auth', 'explain', 'oci:x:1'],
    ['auth', 'explain', 'a.io/Upper'],
    ['auth', 'explain', 'a.io/x', '-o', 'yaml'],
])
def test_usage_errors(ociship, arguments, tmp_path):
    said = ociship(*arguments, code=program.USAGE)
    assert said.out == '' and len(said.err.splitlines()) == 1
    assert not (tmp_path / 'x').exists()


@pytest.mark.parametrize('variables', [
    {'OCISHIP_USERNAME': 'bob'}, {'OCISHIP_PASSWORD': 's3cret'},
    {'OCISHIP_USERNAME': 'bob', 'OCISHIP_PASSWORD': ''},
    {'OCISHIP_REGISTRY_TOKEN': 'a\nb'},
    {**LOGIN, 'OCISHIP_REGISTRY_TOKEN': 't'}])
def test_variables_that_make_no_sense_are_usage_errors(ociship, variables):
    said = ociship(*PUSH, env=variables, code=program.USAGE)
    assert 's3cret' not in said.err and len(said.err.splitlines()) == 1


@pytest.mark.parametrize('flag', ['--cacert', '--client-cert', '--client-key'])
def test_a_file_of_certificates_that_is_missing_is_named(ociship, flag):
    other = {'--client-cert': ['--client-key', ARCHIVE], '--client-key': ['--client-cert', ARCHIVE]}
    said = ociship(*PUSH, flag, 'gone.pem', *other.get(flag, []), code=program.BAD_INPUT)
    assert 'gone.pem' in said.err


@pytest.mark.parametrize('arguments', [
    ['--retries', '0'], ['--retries', '20'], ['--timeout', '1'], ['--timeout', '30s'],
    ['--timeout', '2m'], ['--timeout', '1h'], ['--timeout', '60m'], ['--chunk-size', '64KiB'],
    ['--jobs', '1'], ['--jobs', '32'], ['--registry-token', 'eyJ.x-y_z~+/='], ['--plain-http']])
def test_flags_of_registries_are_taken(ociship, arguments):
    ociship(*PUSH, *arguments)


def test_standard_input_has_one_password(ociship, closed, name, keys):
    arguments = ['push', ARCHIVE, f'{closed}/{name}:1', '--key', keys / 'mine.key', '--username',
                 USER, '--password-stdin']
    said = ociship(*arguments, stdin=b'secret', code=program.USAGE)
    assert 'COSIGN_PASSWORD' in said.err
    ociship(*arguments, stdin=b'secret', password='correct horse')
    ociship('sign', '--key', keys / 'mine.key', f'{closed}/{name}:1', '--username', USER,
            '--password-stdin', stdin=b'secret', code=program.USAGE)
    ociship('verify', '--key', keys / 'mine.pub', f'{closed}/{name}:1', '--username', USER,
            '--password-stdin', stdin=b'secret')


@pytest.mark.parametrize('command', [['login'], ['logout'], ['auth'], ['auth', 'explain']])
def test_help(ociship, command):
    said = ociship(*command, '--help')
    assert said.out.strip() and said.err == ''
    assert 'Registry:' in ociship('push', '--help').out
