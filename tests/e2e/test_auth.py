# SPDX-License-Identifier: Apache-2.0
"""Logins: Basic, tokens by GET and by POST, tokens that end, and where credentials never go."""

import base64
import json

import pytest

import certificates
import make_image
import program
import servers
import truth

MIB = 1 << 20
SMALL = truth.FIXTURES / 'docker20-one.tar'
KNOWN = truth.configs(truth.load()['good']['docker20-one.tar'])
USER, PASSWORD = 'me', 'secret'
LOGIN = ['--username', USER, '--password-stdin']
# bcrypt of PASSWORD.
PASSWORD_FILE = f'{USER}:$2b$04$ARjxoAMuHqYt7pIg7o7Ct.NEF3/kP.By1eUn1tCSvQd4xKPRJHfYO\n'
IDENTITY_TOKEN = 'the-identity-token'
USERS = {'users': {USER: PASSWORD}, 'refresh_tokens': {IDENTITY_TOKEN: USER}}


def encoded(user=USER, password=PASSWORD):
    return base64.b64encode(f'{user}:{password}'.encode()).decode()


def docker_config(ociship, host, **entry):
    """Lets ~/.docker/config.json have this entry for a host."""
    path = ociship.home / '.docker' / 'config.json'
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({'auths': {host: entry}}))


@pytest.fixture(scope='module')
def secured(tmp_path_factory):
    """secured(way): distribution with this kind of login, `reader` without one before the same
    content, and the token server."""
    try:
        folder = tmp_path_factory.mktemp('secured')
        certificate, key = certificates.self_signed_rsa(folder)
        tokens = servers.TokenServer(certificate, key)
        running = [tokens]
        password_file = folder / 'htpasswd'
        password_file.write_text(PASSWORD_FILE)
        found = {
            'reader': servers.distribution(folder, 'reader'),
            'basic': servers.distribution(folder, 'basic', password_file=password_file),
            'bearer': servers.distribution(
                folder, 'bearer', tokens=(tokens.realm, 'ociship tests', certificate)),
            'tokens': tokens}
        running += [found[kind] for kind in ('reader', 'basic', 'bearer')]
    except (LookupError, RuntimeError) as error:
        pytest.skip(str(error))
    yield found
    for server in running:
        server.stop()


@pytest.fixture
def tokens(secured):
    """The token server, which knows USER."""
    secured['tokens'].set(**USERS)
    return secured['tokens']


@pytest.fixture
def check(secured):
    """check(name): the image is there."""
    def check(name, known=KNOWN):
        return truth.check_image(truth.RegistryPlace(secured['reader']), name, '1', known)
    return check


def assert_no_secret(answer):
    for secret in (PASSWORD, encoded(), IDENTITY_TOKEN, 'Bearer ey', 'Basic '):
        assert secret not in answer.out + answer.err


# --- ways to log in ------------------------------------------------------------------------------


@pytest.mark.parametrize('kind', ['basic', 'bearer'])
@pytest.mark.parametrize('way', ['flags', 'docker', 'docker-fields', 'authfile', 'podman'])
def test_a_login_is_found_where_it_is(ociship, secured, tokens, check, name, kind, way, tmp_path):
    registry = secured[kind]
    options, stdin, env = [], None, {}
    if way == 'flags':
        options, stdin = LOGIN, PASSWORD.encode()
    elif way == 'docker':
        docker_config(ociship, registry.host, auth=encoded())
    elif way == 'docker-fields':
        docker_config(ociship, registry.host, username=USER, password=PASSWORD)
    elif way == 'podman':
        folder = tmp_path / 'runtime' / 'containers'
        folder.mkdir(parents=True)
        (folder / 'auth.json').write_text(json.dumps(
            {'auths': {registry.host: {'auth': encoded()}}}))
        env = {'XDG_RUNTIME_DIR': str(tmp_path / 'runtime')}
    else:
        # The longest name counts: the other entry would be refused.
        (tmp_path / 'auth.json').write_text(json.dumps({'auths': {
            registry.host: {'auth': encoded('wrong', 'wrong')},
            f'{registry.host}/e2e': {'auth': encoded()}}}))
        options = ['--authfile', tmp_path / 'auth.json']
    said = ociship('push', SMALL, f'{registry.host}/{name}:1', *options, stdin=stdin, env=env)
    check(name)
    assert_no_secret(said)


@pytest.mark.parametrize('kind', ['basic', 'bearer'])
def test_a_wrong_password_is_told_without_it(ociship, secured, tokens, name, kind):
    registry = secured[kind]
    said = ociship('push', SMALL, f'{registry.host}/{name}:1', *LOGIN, stdin=b'not this one',
                   code=program.UNAUTHORIZED)
    assert registry.host in said.err or tokens.host in said.err
    assert 'not this one' not in said.err
    assert_no_secret(said)
    assert len(tokens.log()) <= 3


@pytest.mark.parametrize('kind', ['basic', 'bearer'])
def test_nobody_is_told_to_log_in(ociship, secured, tokens, name, kind):
    said = ociship('push', SMALL, f'{secured[kind].host}/{name}:1', code=program.UNAUTHORIZED)
    assert secured[kind].host in said.err and 'login' in said.err


def test_anybody_gets_a_token_where_nobody_needs_a_login(ociship, secured, tokens, check, name):
    tokens.set(users={})
    ociship('push', SMALL, f'{secured["bearer"].host}/{name}:1')
    check(name)
    assert all('authorization' not in entry['headers'] for entry in tokens.log())


@pytest.mark.smoke
def test_an_identity_token_goes_by_post(ociship, secured, tokens, check, name):
    docker_config(ociship, secured['bearer'].host, auth=encoded(
        '00000000-0000-0000-0000-000000000000', ''), identitytoken=IDENTITY_TOKEN)
    said = ociship('push', SMALL, f'{secured["bearer"].host}/{name}:1')
    check(name)
    assert_no_secret(said)
    log = tokens.log()
    assert log and {entry['method'] for entry in log} == {'POST'}
    assert all(entry['form']['grant_type'] == ['refresh_token'] for entry in log)
    assert all('authorization' not in entry['headers'] for entry in log)
    assert all(entry['form']['service'] == ['tests'] for entry in log)


def test_a_registry_token_is_sent_as_it_is(ociship, faults, name):
    faults.reset('registry-token=opaque-token')
    said = ociship('push', SMALL, f'{faults.host}/{name}:1', '--registry-token', 'opaque-token')
    assert 'opaque-token' not in said.out + said.err
    faults.switch()
    truth.check_image(truth.RegistryPlace(faults), name, '1', KNOWN)


def test_signing_and_verifying_log_in_too(ociship, secured, tokens, name, keys):
    image = f'{secured["bearer"].host}/{name}:1'
    docker_config(ociship, secured['bearer'].host, auth=encoded())
    ociship('push', SMALL, image)
    ociship('sign', '--key', keys / 'mine.key', image, password='correct horse')
    ociship('verify', '--key', keys / 'mine.pub', image)


# --- tokens --------------------------------------------------------------------------------------


def push_with_token(ociship, registry, name, *flags, archive=SMALL, **options):
    return ociship('push', archive, f'{registry.host}/{name}:1', *LOGIN, *flags,
                   stdin=PASSWORD.encode(), **options)


@pytest.mark.parametrize('delay', [0, 1])
def test_one_token_serves_all_requests(ociship, secured, tokens, check, name, noise, delay):
    archive, known = noise(3, 200, 2500)
    tokens.set(**USERS, delay=delay)
    push_with_token(ociship, secured['bearer'], name, archive=archive)
    check(name, known)
    asked = [tuple(sorted(entry['scopes'])) for entry in tokens.log()]
    assert len(asked) == len(set(asked)) <= 2
    assert (f'repository:{name}:pull,push',) in asked


@pytest.mark.parametrize('settings', [{'member': 'access_token'}, {'tell_seconds': False},
                                      {'refuse_combined': True}, {'refuse_post': True}],
                         ids=lambda settings: next(iter(settings)))
def test_tokens_come_in_every_form(ociship, secured, tokens, check, name, settings):
    tokens.set(**USERS, **settings)
    push_with_token(ociship, secured['bearer'], name)
    check(name)


@pytest.mark.smoke
def test_tokens_end_within_a_push(ociship, faults, tokens, name, noise):
    archive, known = noise(3, 30 * 1024)
    tokens.set(**USERS, seconds=1)
    # 30 MiB in four seconds, with tokens that live for one.
    faults.reset(f'token-expiry={tokens.realm}', f'throttle={8 * MIB}')
    pushed = push_with_token(ociship, faults, name, archive=archive)
    refused = [entry for entry in faults.log() if entry['status'] == 401]
    faults.switch()
    digest, _ = truth.check_image(truth.RegistryPlace(faults), name, '1', known)
    assert digest == pushed.digest
    assert 2 <= len(tokens.log()) <= 30
    assert len(refused) < 20


def test_a_token_that_allows_nothing_is_no_endless_loop(ociship, secured, tokens, name):
    tokens.set(**USERS, refuse_cross=[name])
    said = push_with_token(ociship, secured['bearer'], name, code=program.UNAUTHORIZED)
    assert name in said.err
    assert len(tokens.log()) <= 4


def test_a_token_server_that_is_gone_is_named(ociship, faults, name):
    gone = f'127.0.0.1:{servers.free_port()}'
    faults.reset(f'bearer=http://{gone}/token')
    said = push_with_token(ociship, faults, name, '--retries', '1', code=program.UNAVAILABLE)
    assert gone in said.err


# --- where credentials do not go -----------------------------------------------------------------


def strangers(faults):
    """What came to the server that is no part of the registry."""
    return [entry for entry in faults.log() if entry['listener'] == 'other']


def test_a_redirect_takes_no_login_along(ociship, faults, name):
    ociship('push', SMALL, f'{faults.host}/{name}:1')
    faults.switch('redirect-307-other-host', f'basic={USER}:{PASSWORD}')
    push_with_token(ociship, faults, name)
    ociship('inspect', f'{faults.host}/{name}:1', *LOGIN, stdin=PASSWORD.encode())
    own = [entry for entry in faults.log() if entry['listener'] == 'own']
    assert any('authorization' in entry['headers'] for entry in own)
    assert strangers(faults)
    assert all('authorization' not in entry['headers'] for entry in strangers(faults))


@pytest.mark.parametrize('switch', ['location=other-host', 'link-other-host'])
def test_another_server_gets_nothing_at_all(ociship, faults, name, switch, tmp_path):
    for tag in ('1.0.0', '1.1.0', '1.2.0', '1.3.0'):
        ociship('push', SMALL, f'{faults.host}/{name}:{tag}')
    make_image.docker_archive(tmp_path / 'new', [make_image.layer_of({'a': b'new'})])
    faults.switch(switch, f'basic={USER}:{PASSWORD}')
    said = ociship('push', tmp_path / 'new', f'{faults.host}/{name}', '--semver', '1.4.0', *LOGIN,
                   stdin=PASSWORD.encode(), code=program.FAILURE)
    assert faults.other in said.err
    assert_no_secret(said)
    assert strangers(faults) == []


def test_a_token_server_that_leads_elsewhere_takes_no_login_along(ociship, faults, tokens, name):
    faults.reset(f'bearer={tokens.realm}')
    tokens.set(**USERS, redirect=f'http://{faults.other}/v2/')
    said = push_with_token(ociship, faults, name, code={
        program.FAILURE, program.UNAUTHORIZED, program.UNAVAILABLE})
    assert_no_secret(said)
    assert all('authorization' not in entry['headers'] for entry in strangers(faults))


def test_the_login_of_one_host_is_not_for_another(ociship, faults, name):
    faults.reset(f'basic={USER}:{PASSWORD}')
    docker_config(ociship, 'registry.example', auth=encoded())
    ociship('push', SMALL, f'{faults.host}/{name}:1', code=program.UNAUTHORIZED)
    assert all('authorization' not in entry['headers'] for entry in faults.log())
