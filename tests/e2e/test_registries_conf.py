# SPDX-License-Identifier: Apache-2.0
"""registries.conf: blocked registries, mirrors and locations, which files count, broken ones."""

import http.server
import threading

import pytest

import program
import servers
import truth

ARCHIVE = str(truth.FIXTURES / 'docker20-one.tar')
LOGIN = {'OCISHIP_USERNAME': 'bob', 'OCISHIP_PASSWORD': 'secret'}


@pytest.fixture
def conf(ociship):
    """conf(TEXT) writes the user's registries.conf, conf(TEXT, NAME) a drop-in; gives the path."""
    folder = ociship.home / '.config' / 'containers'

    def write(text, name=None):
        path = folder / 'registries.conf.d' / name if name else folder / 'registries.conf'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


@pytest.fixture
def hosts(registries):
    """The registry that is named, which writes down requests, and the one that mirrors it."""
    return registries('distribution'), registries('olareg')


def blocked(prefix):
    return f'[[registry]]\nprefix = "{prefix}"\nblocked = true\n'


def mirrored(prefix, *locations):
    return f'[[registry]]\nprefix = "{prefix}"\nlocation = "{prefix}"\n' + ''.join(
        f'[[registry.mirror]]\nlocation = "{location}"\n' for location in locations)


@pytest.mark.smoke
def test_a_blocked_registry_is_not_spoken_to(ociship, conf, hosts, name, keys):
    named, _ = hosts
    path = conf(blocked(named.host))
    before = len(named.requests())
    image = f'{named.host}/{name}:1'
    for arguments in (['push', ARCHIVE, image], ['push', '--dry-run', ARCHIVE, image],
                      ['sign', '--key', keys / 'mine.key', image],
                      ['verify', '--key', keys / 'mine.pub', image],
                      ['verify', '--mirrors', '--key', keys / 'mine.pub', image],
                      ['inspect', image], ['login', named.host]):
        answer = ociship(*arguments, code=program.FAILURE, password='correct horse', env=LOGIN)
        assert f'{named.host}' in answer.err and f'is blocked by "{path}"' in answer.err
        assert len(answer.err.splitlines()) == 1
    assert len(named.requests()) == before


def test_only_what_the_prefix_names_is_blocked(ociship, conf, hosts, name):
    named, _ = hosts
    conf(blocked(f'{named.host}/{name}/closed'))
    ociship('push', ARCHIVE, f'{named.host}/{name}/closed:1', code=program.FAILURE)
    ociship('push', ARCHIVE, f'{named.host}/{name}/open:1')


@pytest.mark.smoke
def test_a_mirror_is_read_when_that_is_asked_for(ociship, conf, hosts, name, keys):
    named, mirror = hosts
    digest = ociship('push', '--key', keys / 'mine.key', ARCHIVE, f'{mirror.host}/copies/{name}:1',
                     password='correct horse').digest
    conf(mirrored(named.host, f'{mirror.host}/copies'))
    image = f'{named.host}/{name}:1'
    ociship('inspect', image, code=program.NOT_FOUND)
    ociship('verify', '--key', keys / 'mine.pub', image, code=program.NO_REFERENCE)
    assert digest in ociship('inspect', '--mirrors', image).out
    verified = ociship('verify', '--mirrors', '--key', keys / 'mine.pub', image)
    assert verified.out == f'{named.host}/{name}@{digest}\n'
    ociship('verify', '--mirrors', '--key', keys / 'other.pub', image, code=program.NO_MATCH)


def test_a_push_goes_to_the_registry_that_is_named(ociship, conf, hosts, name):
    named, mirror = hosts
    conf(f'[[registry]]\nprefix = "{named.host}"\nlocation = "{mirror.host}/moved"\n'
         f'[[registry.mirror]]\nlocation = "{mirror.host}/copies"\n')
    ociship('push', ARCHIVE, f'{named.host}/{name}:1')
    ociship('inspect', f'{named.host}/{name}:1')
    for folder in ('moved', 'copies'):
        ociship('inspect', f'{mirror.host}/{folder}/{name}:1', code=program.NOT_FOUND)
    # It was moved, so what is named is not where it is read.
    ociship('inspect', '--mirrors', f'{named.host}/{name}:1', code=program.NOT_FOUND)


def test_a_mirror_that_is_down_is_passed_over(ociship, conf, hosts, name):
    named, mirror = hosts
    ociship('push', ARCHIVE, f'{named.host}/{name}:1')
    conf(mirrored(named.host, f'127.0.0.1:{servers.free_port()}', mirror.host))
    ociship('inspect', '--mirrors', '--retries', '0', f'{named.host}/{name}:1')


def test_push_and_sign_know_no_mirrors(ociship):
    for command in (['push', ARCHIVE, 'a.invalid/x'], ['sign', '--key', 'k', 'a.invalid/x:1']):
        answer = ociship(*command, '--mirrors', code=program.USAGE)
        assert '--mirrors' in answer.err


# --- logins --------------------------------------------------------------------------------------


@pytest.fixture
def asking():
    """A server that wants a login for everything: its HOST:PORT and the logins that came."""
    logins = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.headers['Authorization']:
                logins.append(self.headers['Authorization'])
            self.send_response(401)
            self.send_header('WWW-Authenticate', 'Basic realm="tests"')
            self.send_header('Content-Length', '0')
            self.end_headers()

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f'127.0.0.1:{server.server_port}', logins
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


def test_a_login_that_was_given_is_not_sent_to_mirrors(ociship, conf, hosts, name, asking):
    named, _ = hosts
    mirror, logins = asking
    ociship('push', ARCHIVE, f'{named.host}/{name}:1')
    conf(mirrored(named.host, mirror))
    ociship('inspect', '--mirrors', f'{named.host}/{name}:1', env=LOGIN)
    ociship('inspect', '--mirrors', '--username', 'bob', '--password-stdin',
            f'{named.host}/{name}:1', stdin=b'secret')
    assert logins == []


def test_a_login_of_the_mirror_is_sent_to_it(ociship, conf, hosts, name, asking):
    named, _ = hosts
    mirror, logins = asking
    ociship('push', ARCHIVE, f'{named.host}/{name}:1')
    conf(mirrored(named.host, mirror))
    (ociship.home / '.docker').mkdir()
    (ociship.home / '.docker' / 'config.json').write_text(
        '{"auths": {"%s": {"auth": "Ym9iOnNlY3JldA=="}}}' % mirror)
    ociship('inspect', '--mirrors', f'{named.host}/{name}:1')
    assert set(logins) == {'Basic Ym9iOnNlY3JldA=='}


# --- files ---------------------------------------------------------------------------------------


def test_drop_ins_are_read_in_the_order_of_their_names(ociship, conf, hosts, name):
    named, _ = hosts
    image = f'{named.host}/{name}:1'
    conf(blocked(named.host), '10-closed.conf')
    conf(blocked(named.host), 'passed-over.txt')
    ociship('push', ARCHIVE, image, code=program.FAILURE)
    conf(f'[[registry]]\nlocation = "{named.host}"\n', '20-open.conf')
    ociship('push', ARCHIVE, image)
    last = conf(blocked(named.host), '30-closed.conf')
    assert str(last) in ociship('push', ARCHIVE, image, code=program.FAILURE).err


def test_a_file_that_is_named_takes_the_place_of_the_own_one(ociship, conf, hosts, name):
    named, _ = hosts
    image = f'{named.host}/{name}:1'
    conf(blocked(named.host))
    other = ociship.folder / 'other.conf'
    other.write_text('')
    ociship('push', ARCHIVE, image, env={'CONTAINERS_REGISTRIES_CONF': str(other)})
    other.write_text(blocked(named.host))
    answer = ociship('push', ARCHIVE, image, code=program.FAILURE,
                     env={'CONTAINERS_REGISTRIES_CONF': str(other)})
    assert str(other) in answer.err


@pytest.mark.parametrize('text, reason', [
    ('[[registry]\n', 'line 1'),
    ('[[registry]]\nblocked = true\n', 'neither'),
    ('[[registry]]\nlocation = "a.io"\nblocked = "yes"\n', 'blocked'),
    ('[' + 'a.' * 100_000 + 'a]\n', 'key'),
], ids=['toml', 'place', 'kind', 'deep'])
def test_a_broken_file_is_bad_input(ociship, conf, text, reason):
    path = conf(text)
    answer = ociship('push', ARCHIVE, 'a.invalid/x:1', code=program.BAD_INPUT)
    assert f'"{path}"' in answer.err and reason in answer.err
    assert len(answer.err.splitlines()) == 1
    ociship('push', ARCHIVE, 'oci:layout:1')  # where no registry is needed, no file is


def test_a_file_that_is_named_must_be_there(ociship):
    answer = ociship('push', ARCHIVE, 'a.invalid/x:1', code=program.BAD_INPUT,
                     env={'CONTAINERS_REGISTRIES_CONF': '/nonexistent/registries.conf'})
    assert '/nonexistent/registries.conf' in answer.err
