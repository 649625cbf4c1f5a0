# SPDX-License-Identifier: Apache-2.0
"""trust update and trust show, with what Sigstore's TUF repository published on one day."""

import fcntl
import glob
import http.server
import json
import stat
import threading

import pytest

import program

TRUST_MATERIAL = 31
PUBLISHED = program.ROOT / 'fixtures' / 'tuf' / 'production'
TRUSTED_ROOT = program.ROOT / 'src' / 'services' / 'embedded' / 'production.trusted_root.json'
DAY = '2026-08-26 12:00:00'
NUMBERED = {'165.snapshot.json': 'snapshot.json', '14.targets.json': 'targets.json'}


class Mirror(http.server.ThreadingHTTPServer):
    """Serves the repository; `changed` has files that are others than those published."""

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.asked = []
        self.changed = {}
        self.url = f'http://127.0.0.1:{self.server_address[1]}/repository'

    def content(self, name):
        if name in self.changed:
            return self.changed[name]
        if name.startswith('targets/') and name.endswith('.trusted_root.json'):
            return TRUSTED_ROOT.read_bytes()
        path = PUBLISHED / NUMBERED.get(name, name)
        return path.read_bytes() if path.is_file() else None


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.removeprefix('/repository/')
        self.server.asked.append(name)
        content = self.server.content(name)
        self.send_response(404 if content is None else 200)
        self.send_header('Content-Length', str(len(content or b'')))
        self.end_headers()
        self.wfile.write(content or b'')

    def log_message(self, *_):
        pass


@pytest.fixture
def mirror():
    server = Mirror()
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.05})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def trust(ociship):
    """trust('show', ..., at=TIME): the program at that time of day."""
    found = glob.glob('/usr/lib/*/faketime/libfaketime.so.1')
    if not found:
        pytest.skip('faketime is not installed')

    def run(*arguments, at=DAY, env=None, **options):
        fake = {'LD_PRELOAD': found[0], 'FAKETIME': f'@{at}', 'TZ': 'UTC'}
        return ociship('trust', *arguments, env={**fake, **(env or {})}, **options)

    return run


def named(mirror, root='1.root.json'):
    return ['--mirror', mirror.url, '--root', PUBLISHED / root]


def cache(ociship):
    folders = list((ociship.home / 'cache' / 'ociship' / 'tuf').iterdir())
    assert len(folders) == 1
    return folders[0]


def files(folder):
    return {path.relative_to(folder): path.read_bytes()
            for path in folder.rglob('*') if path.is_file()}


def test_an_update_follows_all_roots_and_keeps_what_verified(trust, ociship, mirror):
    said = trust('update', *named(mirror))
    assert said.out.startswith(f'TUF {mirror.url} targets version 14, verified 2026-08-26T12:00:0')
    assert said.out.rstrip().endswith('until 2026-08-28T19:25:56Z')
    assert mirror.asked[:15] == [f'{n}.root.json' for n in range(2, 17)]
    folder = cache(ociship)
    assert (folder / 'root.json').read_bytes() == (PUBLISHED / '15.root.json').read_bytes()
    assert (folder / 'timestamp.json').read_bytes() == (PUBLISHED / 'timestamp.json').read_bytes()
    assert (folder / 'targets' / 'trusted_root.json').read_bytes() == TRUSTED_ROOT.read_bytes()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not (ociship.home / '.sigstore').exists()


def test_what_was_fetched_today_is_shown_without_a_connection(trust, mirror):
    trust('update', *named(mirror))
    mirror.asked.clear()
    said = trust('show', '--mirror', mirror.url, '-o', 'json', at='2026-08-27 11:00:00')
    assert mirror.asked == []
    shown = json.loads(said.out)
    assert shown['schema'] == 'ociship/trust/v1'
    assert shown['expires'] == '2026-08-28T19:25:56Z'
    assert {role: shown['tuf'][role]['version'] for role in
            ('root', 'timestamp', 'snapshot', 'targets')} == \
        {'root': 15, 'timestamp': 762, 'snapshot': 165, 'targets': 14}
    rekor = next(entry for entry in shown['entries']
                 if entry['url'] == 'https://rekor.sigstore.dev')
    assert rekor['kind'] == 'transparency-log'
    assert rekor['id'] == 'c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d'
    assert rekor['start'] == '2021-01-12T11:53:27Z' and 'end' not in rekor
    assert {entry['kind'] for entry in shown['entries']} == \
        {'transparency-log', 'certificate-authority', 'certificate-log', 'timestamp-authority'}


def test_a_day_later_the_repository_is_asked_again(trust, mirror):
    trust('update', *named(mirror))
    mirror.asked.clear()
    trust('show', '--mirror', mirror.url, at='2026-08-27 12:00:30')
    assert mirror.asked == ['16.root.json', 'timestamp.json']


def test_without_a_network_what_is_unexpired_is_used_with_a_note(trust, mirror):
    trust('update', *named(mirror))
    mirror.shutdown()
    mirror.server_close()
    said = trust('show', '--mirror', mirror.url, at='2026-08-28 12:00:00')
    assert 'note:' in said.err and 'could not be reached' in said.err
    said = trust('show', '--mirror', mirror.url, at='2026-08-28 20:00:00', code=TRUST_MATERIAL)
    assert 'expired at 2026-08-28T19:25:56Z' in said.err and 'ociship trust update' in said.err
    said = trust('update', '--mirror', mirror.url, code=program.UNAVAILABLE)


def test_offline_no_connection_is_opened(trust, mirror):
    trust('update', *named(mirror))
    mirror.asked.clear()
    trust('show', '--offline', '--mirror', mirror.url, at='2026-08-28 12:00:00')
    said = trust('show', '--offline', '--mirror', mirror.url, at='2026-08-28 20:00:00',
                 code=TRUST_MATERIAL)
    assert 'expired at' in said.err and '--trusted-root FILE' in said.err
    assert mirror.asked == []


@pytest.mark.smoke
def test_offline_and_without_a_cache_the_copy_in_the_program_is_named(ociship):
    said = ociship('trust', 'show', '--offline')
    assert said.out.startswith('from embedded copy of 2026-08-26')
    assert 'note:' in said.err and '2026-08-26' in said.err
    said = ociship('trust', 'show', '--offline', '--staging', '-o', 'json')
    assert any('sigstage.dev' in entry['url'] for entry in json.loads(said.out)['entries'])


def test_the_url_of_the_public_instance_stands_for_it(ociship):
    for mirror in ('https://tuf-repo-cdn.sigstore.dev', 'https://tuf-repo-cdn.sigstore.dev/'):
        said = ociship('trust', 'show', '--offline', env={'TUF_MIRROR': mirror})
        assert said.out.startswith('from embedded copy')


@pytest.mark.smoke
def test_a_trusted_root_of_a_file_or_of_the_program_needs_nothing_else(ociship):
    said = ociship('trust', 'show', '--trusted-root', TRUSTED_ROOT)
    assert said.out.startswith('from file "')
    assert 'https://fulcio.sigstore.dev' in said.out and said.err == ''
    embedded = ociship('trust', 'show', '--trusted-root', 'embedded')
    assert embedded.out.splitlines()[1:] == said.out.splitlines()[1:]
    ociship('trust', 'show', '--trusted-root', 'none', code=program.BAD_INPUT)
    assert not (ociship.home / 'cache').exists()


@pytest.mark.parametrize('name', ['timestamp.json', '165.snapshot.json', '14.targets.json',
                                  '16.root.json'])
def test_files_that_do_not_verify_are_refused_and_not_kept(trust, ociship, mirror, name):
    original = mirror.content(name) or (PUBLISHED / '15.root.json').read_bytes()
    mirror.changed[name] = original.replace(b'"expires": "2', b'"expires": "3', 1)
    assert mirror.changed[name] != original
    trust('update', *named(mirror), code=TRUST_MATERIAL)
    assert mirror.changed[name] not in files(cache(ociship)).values()
    del mirror.changed[name]
    trust('update', *named(mirror))


def test_a_target_that_is_another_is_refused(trust, ociship, mirror):
    trust('update', *named(mirror))
    mirror.changed.update({name: b'{}' for name in mirror.asked if name.startswith('targets/')})
    kept = cache(ociship) / 'targets' / 'trusted_root.json'
    kept.write_bytes(b'{}')
    trust('update', *named(mirror), code=TRUST_MATERIAL)
    assert kept.read_bytes() == b'{}'
    mirror.changed.clear()
    trust('update', *named(mirror))
    assert kept.read_bytes() == TRUSTED_ROOT.read_bytes()


def test_the_environment_says_the_same_as_flags(trust, ociship, mirror, tmp_path):
    named_by = {'TUF_MIRROR': mirror.url, 'TUF_ROOT_JSON': str(PUBLISHED / '15.root.json'),
                'TUF_ROOT': str(tmp_path / 'own')}
    trust('update', env=named_by)
    assert [path.name for path in (tmp_path / 'own').iterdir()] == \
        [mirror.url.replace(':', '%3A').replace('/', '%2F')]
    assert not (ociship.home / 'cache').exists()
    said = trust('show', '--offline', env=named_by)
    assert said.out.startswith(f'from TUF {mirror.url}')


def test_single_files_of_the_environment_come_before_tuf(ociship, tmp_path):
    rekor = program.ROOT / 'fixtures' / 'cosign' / 'p256.pub'
    said = ociship('trust', 'show', '-o', 'json', env={'SIGSTORE_REKOR_PUBLIC_KEY': str(rekor)})
    entries = json.loads(said.out)['entries']
    assert [entry['kind'] for entry in entries] == ['transparency-log']
    ociship('trust', 'show', code=program.BAD_INPUT,
            env={'SIGSTORE_ROOT_FILE': str(tmp_path / 'none')})


def test_a_folder_that_everybody_may_write_to_is_not_trusted(trust, ociship, mirror):
    trust('update', *named(mirror))
    cache(ociship).chmod(0o777)
    said = trust('show', '--mirror', mirror.url, code=TRUST_MATERIAL)
    assert 'others may write' in said.err and 'tuf-cache' in said.err


def test_every_root_is_kept_and_one_given_by_hand_never_leads_back(trust, ociship, mirror):
    trust('update', *named(mirror))
    kept = cache(ociship) / 'roots'
    assert {path.name for path in kept.iterdir()} == {f'{n}.root.json' for n in range(1, 16)}
    mirror.asked.clear()
    for root in ('1.root.json', '15.root.json'):
        trust('update', *named(mirror, root))
    assert mirror.asked == ['16.root.json', 'timestamp.json'] * 2


def test_a_cache_that_does_not_descend_from_the_root_is_not_used(trust, ociship, mirror):
    """Here: what verified from a root of the person, in the place of the public instance."""
    trust('update', *named(mirror))
    own = cache(ociship)
    public = own.parent / 'https%3A%2F%2Ftuf-repo-cdn.sigstore.dev'
    own.rename(public)
    said = trust('show', '--offline', at='2026-08-26 12:10:00')
    assert said.out.startswith('from TUF https://tuf-repo-cdn.sigstore.dev')
    for path in (public / 'roots').iterdir():
        path.unlink()
    before = files(public)
    said = trust('show', '--offline', at='2026-08-26 12:10:00', code=TRUST_MATERIAL)
    assert 'does not descend' in said.err and 'tuf-cache' in said.err
    assert files(public) == before


def test_a_link_in_the_place_of_the_cache_is_refused(ociship):
    folder = ociship.home / 'cache' / 'ociship' / 'tuf'
    folder.mkdir(parents=True)
    (folder / 'https%3A%2F%2Ftuf-repo-cdn.sigstore.dev').symlink_to('nowhere')
    said = ociship('trust', 'show', '--offline', code=TRUST_MATERIAL)
    assert 'tuf-cache' in said.err


def test_a_cache_that_can_not_be_written_is_no_reason_to_fail(trust, ociship, mirror):
    trust('update', *named(mirror))
    lock = cache(ociship) / '.lock'
    lock.unlink()
    lock.mkdir()
    before = files(cache(ociship))
    mirror.asked.clear()
    said = trust('show', '--mirror', mirror.url, at='2026-08-27 13:00:00')
    assert mirror.asked and 'could not be kept' in said.err
    assert said.out.startswith(f'from TUF {mirror.url} targets version 14, verified 2026-08-27T13:00')
    assert files(cache(ociship)) == before


def test_who_shows_does_not_wait_for_who_updates(trust, ociship, mirror):
    trust('update', *named(mirror))
    with open(cache(ociship) / '.lock', 'rb') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        trust('show', '--offline', '--mirror', mirror.url, timeout=20)
        trust('show', '--mirror', mirror.url, timeout=20)


def test_a_clock_that_was_set_back_is_seen(trust, mirror):
    trust('update', *named(mirror))
    said = trust('show', '--offline', '--mirror', mirror.url, at='2026-08-26 10:50:00',
                 code=TRUST_MATERIAL)
    assert 'the clock is before the last update' in said.err and 'tuf-clock' in said.err
    trust('show', '--offline', '--mirror', mirror.url, at='2026-08-26 11:10:00')


def test_two_updates_at_once_take_turns(trust, mirror):
    outcomes = []
    threads = [threading.Thread(target=lambda: outcomes.append(trust('update', *named(mirror)).out))
               for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 4


@pytest.mark.parametrize('arguments', [
    ['trust'], ['trust', 'update', '--staging', '--mirror', 'https://x.example'],
    ['trust', 'show', '--trusted-root', 'x', '--mirror', 'https://x.example'],
    ['trust', 'update', '--mirror', 'http://x.example', '--root', PUBLISHED / '15.root.json'],
    ['trust', 'update', 'argument'],
    ['trust', 'update', '--mirror', 'https://user:secret@x.example'],
    ['trust', 'show', '--offline', '--mirror', 'https://x.example/a/../b'],
    ['trust', 'show', '--offline', '--mirror', 'file:///etc'],
    ['tuf', '--metadata-dir', 'a', '--metadata-url', 'https://x.example', '--target-name', 'b',
     '--target-base-url', 'https://x.example', '--target-dir', './c/../a', 'download'],
])
def test_usage_errors(ociship, arguments):
    assert 'secret' not in ociship(*arguments, code=program.USAGE).err


def test_a_mirror_without_a_root_is_not_trusted(ociship):
    said = ociship('trust', 'update', '--mirror', 'https://x.example', code=TRUST_MATERIAL)
    assert '--root FILE' in said.err


def test_the_tuf_client_is_not_among_the_commands_of_the_help(ociship):
    lines = ociship('--help').out.splitlines()
    assert any(line.strip().startswith('trust ') for line in lines)
    assert not any(line.strip().startswith('tuf ') for line in lines)
    assert 'init' in ociship('tuf', '--help').out
