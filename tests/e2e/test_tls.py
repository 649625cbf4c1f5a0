# SPDX-License-Identifier: Apache-2.0
"""TLS, proxies and addresses. registry.localhost is a name of this machine, and no loopback
address that is spoken to without TLS."""

import pathlib

import pytest

import certificates
import program
import servers
import truth

SMALL = truth.FIXTURES / 'docker20-one.tar'
USER, PASSWORD = 'me', 'secret'
LOGIN = ['--username', USER, '--password-stdin']


@pytest.fixture(scope='module')
def authority(tmp_path_factory):
    try:
        return certificates.Authority(tmp_path_factory.mktemp('authority'))
    except LookupError as error:
        pytest.skip(str(error))


@pytest.fixture(scope='module')
def stranger(tmp_path_factory, authority):
    """The file of an authority that signed nothing here."""
    return certificates.Authority(tmp_path_factory.mktemp('stranger'), 'stranger').certificate


def named(registry, host='registry.localhost'):
    """HOST:PORT of a registry on this machine by another name."""
    return f'{host}:{registry.ports["port"]}'


def fault_registry_with(*options):
    registry = servers.FaultRegistry(*options)
    try:
        yield registry
    finally:
        registry.stop()


@pytest.fixture(scope='module')
def secure_process(authority):
    certificate, key = authority.issue('server')
    yield from fault_registry_with('--tls-cert', certificate, '--tls-key', key)


@pytest.fixture
def secure(secure_process):
    """The registry with faults behind TLS."""
    secure_process.reset()
    yield secure_process
    assert [entry['bug'] for entry in secure_process.log() if 'bug' in entry] == []


@pytest.fixture(scope='module')
def other_certificates(authority):
    """wrong('expired') and wrong('other-name') start registries with such a certificate."""
    running = {}

    def get(kind):
        if kind not in running:
            certificate, key = authority.issue('expired', days=-1) if kind == 'expired' else \
                authority.issue('other-name', names='DNS:elsewhere.example')
            running[kind] = servers.FaultRegistry('--tls-cert', certificate, '--tls-key', key)
        return running[kind]

    yield get
    for registry in running.values():
        registry.stop()


def push(ociship, host, name, *flags, **options):
    return ociship('push', SMALL, f'{host}/{name}:1', *flags, **options)


def arrived(registry, name):
    assert list(registry.store(name)['tags']) == ['1']


# --- authorities ---------------------------------------------------------------------------------


def test_an_unknown_authority_is_refused_and_the_way_out_is_named(ociship, secure, name):
    said = push(ociship, named(secure), name, code=program.UNAVAILABLE)
    assert named(secure) in said.err and '--cacert' in said.err
    assert 'certificate' in said.err
    assert secure.log() == []


@pytest.mark.smoke
def test_an_authority_that_is_named_is_trusted(ociship, secure, authority, name):
    push(ociship, named(secure), name, '--cacert', authority.certificate)
    arrived(secure, name)


def test_an_authority_that_signed_nothing_does_not_help(ociship, secure, stranger, name):
    said = push(ociship, named(secure), name, '--cacert', stranger, code=program.UNAVAILABLE)
    assert named(secure) in said.err


@pytest.mark.parametrize('file', ['missing', 'empty', 'nonsense'])
def test_a_file_that_is_no_certificate_is_named(ociship, secure, name, file, tmp_path):
    path = tmp_path / file
    if file != 'missing':
        path.write_text('' if file == 'empty' else 'no certificate\n')
    said = push(ociship, named(secure), name, '--cacert', path, code={
        program.FAILURE, program.USAGE, program.UNAVAILABLE, program.BAD_INPUT})
    assert str(path) in said.err


def certs_d(ociship, host, environment):
    """The folder for certificates of a host, with the variable that leads to it."""
    folder = ociship.home / '.config' / 'containers' / 'certs.d' / host
    folder.mkdir(parents=True)
    environment['XDG_CONFIG_HOME'] = None
    return folder


def test_an_authority_in_certs_d_is_trusted(ociship, secure, authority, name):
    environment = {}
    folder = certs_d(ociship, named(secure), environment)
    (folder / 'ca.crt').write_bytes(authority.certificate.read_bytes())
    push(ociship, named(secure), name, env=environment)
    arrived(secure, name)


def test_an_authority_in_certs_d_of_another_host_is_not(ociship, secure, authority, name):
    environment = {}
    folder = certs_d(ociship, 'registry.localhost:1', environment)
    (folder / 'ca.crt').write_bytes(authority.certificate.read_bytes())
    push(ociship, named(secure), name, env=environment, code=program.UNAVAILABLE)


def test_the_authorities_of_the_environment_are_trusted(ociship, secure, authority, name):
    push(ociship, named(secure), name, env={'SSL_CERT_FILE': str(authority.certificate)})
    arrived(secure, name)


def test_who_wants_no_verification_gets_none(ociship, secure, name):
    push(ociship, named(secure), name, '--insecure-skip-tls-verify')
    arrived(secure, name)


def test_plain_http_is_a_choice_of_its_own(ociship, secure, faults, name):
    push(ociship, named(secure), name, '--plain-http', code={
        program.FAILURE, program.UNAVAILABLE})
    push(ociship, named(faults), name, '--insecure-skip-tls-verify', code=program.UNAVAILABLE)
    assert faults.log() == []
    push(ociship, named(faults), name, '--plain-http')
    arrived(faults, name)


@pytest.mark.parametrize('kind, word', [('expired', 'expired'), ('other-name', 'name')])
def test_what_is_wrong_with_a_certificate_is_told(ociship, other_certificates, authority, name,
                                                  kind, word):
    registry = other_certificates(kind)
    said = push(ociship, named(registry), name, '--cacert', authority.certificate,
                code=program.UNAVAILABLE)
    assert word in said.err and named(registry) in said.err
    push(ociship, named(registry), name, '--insecure-skip-tls-verify')


def test_distribution_with_tls_takes_an_image(ociship, authority, name, tmp_path):
    try:
        registry = servers.distribution(tmp_path, tls=authority.issue('distribution'))
    except LookupError as error:
        pytest.skip(str(error))
    try:
        host = registry.host.replace('127.0.0.1', 'registry.localhost')
        push(ociship, host, name, '--cacert', authority.certificate)
        said = ociship('inspect', f'{host}/{name}:1', '--cacert', authority.certificate)
        assert said.out
    finally:
        registry.stop()


# --- certificates of clients ---------------------------------------------------------------------


@pytest.fixture(scope='module')
def strict(authority):
    """A registry that lets in who has a certificate of the authority."""
    certificate, key = authority.issue('strict')
    yield from fault_registry_with('--tls-cert', certificate, '--tls-key', key,
                                   '--client-ca', authority.certificate)


@pytest.fixture(scope='module')
def client(authority):
    return authority.issue('client', usage='clientAuth')


def test_a_certificate_is_shown_to_who_wants_one(ociship, strict, authority, client, name):
    trust = ['--cacert', authority.certificate]
    said = push(ociship, named(strict), name, *trust, code=program.UNAVAILABLE)
    assert 'certificate' in said.err and '--client-cert' in said.err
    push(ociship, named(strict), name, *trust, '--client-cert', client[0], '--client-key',
         client[1])
    arrived(strict, name)


@pytest.mark.smoke
def test_a_certificate_in_certs_d_is_shown(ociship, strict, authority, client, name):
    environment = {}
    folder = certs_d(ociship, named(strict), environment)
    for file, source in (('ca.crt', authority.certificate), ('client.cert', client[0]),
                         ('client.key', client[1])):
        (folder / file).write_bytes(pathlib.Path(source).read_bytes())
    push(ociship, named(strict), name, env=environment)
    arrived(strict, name)


def test_a_certificate_without_its_key_is_named(ociship, strict, authority, client, name):
    environment = {}
    folder = certs_d(ociship, named(strict), environment)
    (folder / 'ca.crt').write_bytes(authority.certificate.read_bytes())
    (folder / 'client.cert').write_bytes(client[0].read_bytes())
    said = push(ociship, named(strict), name, env=environment, code={
        program.FAILURE, program.USAGE, program.UNAVAILABLE, program.BAD_INPUT})
    assert '.key' in said.err


def test_a_flag_for_half_a_certificate_is_wrong_usage(ociship, strict, authority, client, name):
    push(ociship, named(strict), name, '--client-cert', client[0], code=program.USAGE)


# --- logins and other servers --------------------------------------------------------------------


def test_an_upload_to_a_storage_carries_no_login(ociship, secure, authority, name):
    secure.reset('location=other-host', f'basic={USER}:{PASSWORD}')
    push(ociship, named(secure), name, *LOGIN,
         '--cacert', authority.certificate, stdin=PASSWORD.encode())
    there = [entry for entry in secure.log() if entry['listener'] == 'other']
    assert there and all('authorization' not in entry['headers'] for entry in there)
    arrived(secure, name)


@pytest.fixture
def token_servers(authority, tmp_path):
    """Two token servers that know USER, without and with TLS."""
    signer = certificates.self_signed_rsa(tmp_path)
    running = [servers.TokenServer(*signer), servers.TokenServer(*signer, authority.issue('token'))]
    for server in running:
        server.set(users={USER: PASSWORD})
    yield running
    for server in running:
        server.stop()


def test_a_login_never_goes_to_a_token_server_without_tls(ociship, secure, authority,
                                                          token_servers, name):
    plain, _ = token_servers
    secure.reset(f'bearer={plain.realm}')
    said = push(ociship, named(secure), name, *LOGIN, '--cacert', authority.certificate,
                stdin=PASSWORD.encode(), code={program.FAILURE, program.UNAUTHORIZED})
    assert plain.host in said.err and PASSWORD not in said.err
    assert plain.log() == []


def test_a_token_server_has_the_trust_of_the_command_line(ociship, secure, authority,
                                                          token_servers, name):
    _, tls = token_servers
    realm = tls.realm.replace('127.0.0.1', 'registry.localhost')
    secure.reset(f'bearer={realm}')
    push(ociship, named(secure), name, *LOGIN, '--cacert', authority.certificate,
         stdin=PASSWORD.encode())
    arrived(secure, name)
    assert len(tls.log()) <= 2


def test_a_redirect_to_plain_http_is_not_followed(ociship, secure, faults, authority, name):
    push(ociship, named(secure), name, '--cacert', authority.certificate)
    secure.switch(f'redirect-to=http://{faults.host}')
    said = ociship('inspect', f'{named(secure)}/{name}:1', '--cacert', authority.certificate,
                   code=program.FAILURE)
    assert faults.host in said.err
    assert faults.log() == []


# --- proxies and addresses -----------------------------------------------------------------------


@pytest.fixture
def proxy():
    running = servers.Helper('http_proxy.py')
    yield running
    running.stop()


@pytest.mark.parametrize('variable', ['HTTPS_PROXY', 'https_proxy'])
def test_a_proxy_leads_to_names_that_only_it_knows(ociship, secure, authority, proxy, name,
                                                   variable):
    host = named(secure, 'registry.test')
    push(ociship, host, name, '--cacert', authority.certificate,
         env={variable: f'http://{proxy.host}'})
    arrived(secure, name)
    assert {(entry['method'], entry['target']) for entry in proxy.log()} == {('CONNECT', host)}


def test_a_proxy_is_told_its_own_login_only(ociship, secure, authority, proxy, name):
    secure.reset(f'basic={USER}:{PASSWORD}')
    said = push(ociship, named(secure, 'registry.test'), name, *LOGIN, '--cacert',
                authority.certificate, stdin=PASSWORD.encode(),
                env={'HTTPS_PROXY': f'http://proxy-user:proxy-word@{proxy.host}'})
    assert 'proxy-word' not in said.err
    assert {len(entry['authorization']) for entry in proxy.log()} == {1}
    assert all('proxy-authorization' not in entry['headers'] for entry in secure.log())


def test_a_proxy_for_plain_http(ociship, faults, proxy, name):
    host = named(faults, 'registry.test')
    # Only the name in lower case: the other one can be set by who sends a request to a CGI program.
    push(ociship, host, name, '--plain-http', env={'http_proxy': f'http://{proxy.host}'})
    arrived(faults, name)
    assert proxy.log()[0]['target'].startswith(f'http://{host}/v2/')


@pytest.mark.parametrize('excepted', ['registry.localhost', '.localhost', 'localhost', '*'])
def test_no_proxy_for_what_is_excepted(ociship, secure, authority, proxy, name, excepted):
    trust = ['--cacert', authority.certificate]
    variables = {'HTTPS_PROXY': f'http://{proxy.host}'}
    push(ociship, named(secure), name, *trust, env=variables)
    assert proxy.log()
    proxy.set()
    push(ociship, named(secure), f'{name}-direct', *trust, env={**variables, 'NO_PROXY': excepted})
    assert proxy.log() == []
    arrived(secure, f'{name}-direct')


def test_no_proxy_for_the_loopback(ociship, faults, proxy, name):
    push(ociship, faults.host, name, env={'http_proxy': f'http://{proxy.host}',
                                          'HTTPS_PROXY': f'http://{proxy.host}'})
    arrived(faults, name)
    assert proxy.log() == []


def test_a_proxy_that_is_gone_is_named(ociship, secure, authority, name):
    gone = f'127.0.0.1:{servers.free_port()}'
    said = push(ociship, named(secure, 'registry.test'), name, '--cacert', authority.certificate,
                '--retries', '0', code=program.UNAVAILABLE, env={'HTTPS_PROXY': f'http://{gone}'})
    assert 'proxy' in said.err.lower()


def test_an_address_of_ipv6(ociship, name):
    try:
        start = fault_registry_with('--address', '::1')
        registry = next(start)
    except RuntimeError:
        pytest.skip('this machine has no IPv6')
    push(ociship, f'[::1]:{registry.ports["port"]}', name)
    arrived(registry, name)
    start.close()


def test_a_port_that_is_the_default_one_may_be_left_out(ociship, name):
    try:
        start = fault_registry_with('--port', '80', '--switch', 'location=no-port')
        registry = next(start)
    except RuntimeError:
        pytest.skip('port 80 is taken, or only for others')
    push(ociship, '127.0.0.1:80', name)
    arrived(registry, name)
    start.close()


def test_nobody_at_an_address_is_told(ociship, name):
    gone = f'127.0.0.1:{servers.free_port()}'
    said = push(ociship, gone, name, '--retries', '0', code=program.UNAVAILABLE)
    assert gone in said.err
