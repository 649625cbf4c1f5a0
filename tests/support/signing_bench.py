# SPDX-License-Identifier: Apache-2.0
"""Signing with the real services of tests/support/stack.py, each behind a proxy that breaks it
(fault_proxy.py), and the means to judge what came of it. A Crew does that many times side by side.
"""

import concurrent.futures
import dataclasses
import json
import queue
import threading
import time

import fault_proxy
import make_image
import program

NAMES = ('FULCIO', 'REKOR1', 'REKOR2', 'TSA')
LOGS = ('REKOR1', 'REKOR2')
MEMBERS = {'FULCIO': 'caUrls', 'REKOR1': 'rekorTlogUrls', 'REKOR2': 'rekorTlogUrls',
           'TSA': 'tsaUrls'}
LEGACY = ['--new-bundle-format=false']
INDEX = 'application/vnd.oci.image.index.v1+json'
WORKERS = 8
TEST_SECONDS = 120


@dataclasses.dataclass(frozen=True)
class Way:
    """A way to sign, and how often it asks each service."""
    config: str
    asks: tuple
    command: str = 'sign'
    by: str = 'token'
    flags: tuple = ()

    def count(self, service):
        return dict(self.asks).get(service, 0)


WAYS = {
    'rekor2': Way('SIGNING_CONFIG', (('FULCIO', 1), ('REKOR2', 1), ('TSA', 1))),
    # In both formats.
    'rekor1': Way('SIGNING_CONFIG_REKOR1', (('FULCIO', 1), ('REKOR1', 2), ('TSA', 2))),
    'legacy': Way('SIGNING_CONFIG_REKOR1', (('FULCIO', 1), ('REKOR1', 1), ('TSA', 1)),
                  flags=('--format', 'legacy')),
    'blob': Way('SIGNING_CONFIG', (('FULCIO', 1), ('REKOR2', 1), ('TSA', 1)), 'sign-blob'),
    'blob-rekor1': Way('SIGNING_CONFIG_REKOR1', (('FULCIO', 1), ('REKOR1', 1), ('TSA', 1)),
                       'sign-blob'),
    'key': Way('SIGNING_CONFIG', (('REKOR2', 1), ('TSA', 1)), by='key'),
    'key-rekor1': Way('SIGNING_CONFIG_REKOR1', (('REKOR1', 2), ('TSA', 2)), by='key'),
}


class Bench:
    """The stack with a proxy before each service, and what is needed to sign and to judge."""

    def __init__(self, stack, others, folder, shared):
        folder.mkdir()
        self.stack = stack
        self.others = others
        self.shared = shared
        self.folder = folder
        self.run = program.Program(folder)
        self.proxies = {name: fault_proxy.Proxy(stack[name]) for name in NAMES}
        self.root = self._redirected('TRUSTED_ROOT')
        self.configs = {name: self._redirected(name)
                        for name in ('SIGNING_CONFIG', 'SIGNING_CONFIG_REKOR1')}
        self.key = stack.folder / 'cosign.key'
        self.identity = ['--certificate-identity', stack['EMAIL'],
                         '--certificate-oidc-issuer', stack['ISSUER']]
        self._numbers = iter(range(10000))

    def _redirected(self, name):
        text = open(self.stack[name], encoding='utf-8').read()
        for proxy in self.proxies.values():
            text = text.replace(proxy.service_origin, proxy.origin)
        path = self.folder / f'{name}.json'
        path.write_text(text)
        return path

    def config_with(self, way, service, urls):
        """The signing config of a way, with these services of one kind, each of other people."""
        config = json.loads(self.configs[way.config].read_text(encoding='utf-8'))
        model, = config[MEMBERS[service]]
        config[MEMBERS[service]] = [{**model, 'url': url, 'operator': f'{number}.example'}
                                    for number, url in enumerate(urls)]
        path = self.folder / f'{next(self._numbers)}-config.json'
        path.write_text(json.dumps(config))
        return path

    def second(self, service):
        """Another good service of this kind: of Rekor v2 it is another log."""
        return fault_proxy.Proxy(self.stack['REKOR2_ECDSA' if service == 'REKOR2' else service])

    def archive(self, architecture='amd64'):
        path = self.folder / f'{next(self._numbers)}.tar'
        layer = make_image.layer_of({'f': f'{time.time()} {path}'.encode()})
        make_image.docker_archive(path, [layer], architecture)
        return path

    def image(self, registry='REGISTRY', architectures=('amd64',)):
        archives = [self.archive(architecture) for architecture in architectures]
        place = f'{self.stack[registry]}/faults/{self.folder.name}-{next(self._numbers)}:1'
        return self.run('push', *archives, place).out.strip()

    def target(self, way, registry='REGISTRY'):
        """Something new to sign."""
        if way.command == 'sign':
            return self.image(registry)
        folder = self.folder / f'blob{next(self._numbers)}'
        folder.mkdir()
        (folder / 'file').write_text(f'{time.time()} {folder}')
        return folder / 'file'

    def arguments(self, way, *targets, token=None, config=None, root=None, flags=()):
        who = ['--key', self.key, '--tlog'] if way.by == 'key' else [
            '--identity-token', token or self.shared.token()]
        return [way.command, *who, '--trusted-root', root or self.root, '--signing-config',
                config or self.configs[way.config], *way.flags, *flags, *targets]

    def sign(self, way, *targets, code=program.DONE, **options):
        return self.run(*self.arguments(way, *targets, **options), code=code, password='',
                        timeout=60)

    def verify(self, way, target):
        """ociship and real cosign accept what was signed; cosign in every format it has, ociship in
        the one that it looks at first."""
        who = self.identity if way.by == 'token' else ['--key', self.key.with_suffix('.pub')]
        trust = ['--trusted-root', self.stack['TRUSTED_ROOT']]
        demand = ['--require-tlog'] if way.by == 'key' else []
        if way.command == 'sign-blob':
            self.run('verify-blob', *who, *demand, *trust, target)
            self.stack.cosign('verify-blob', *trust, *who, '--bundle', f'{target}.sigstore.json',
                              target)
            return
        self.run('verify', *who, *demand, *trust, target)
        cosign = ['verify', '--allow-http-registry', *trust, *who, target]
        self.stack.cosign(*cosign)
        if way.count('REKOR1'):
            self.stack.cosign(*cosign, *LEGACY)

    def stored(self, target):
        """What there is beside an image (in the registry with a referrers API) or a file."""
        if not isinstance(target, str):
            return sorted(path.name for path in target.parent.iterdir() if path != target)
        host, _, rest = target.partition('/')
        name, _, digest = rest.partition('@')
        referrers = json.loads(self.stack.get(f'{host}/v2/{name}/referrers/{digest}', INDEX)[0])
        return [tag for tag in self.tags(f'{host}/{name}') if tag != '1'] + (
            referrers['manifests'] or [])

    def tags(self, repository):
        host, _, name = repository.partition('/')
        try:
            return json.loads(self.stack.get(f'{host}/v2/{name}/tags/list')[0])['tags'] or []
        except OSError:  # 404: there is no such repository
            return []

    def check_counts(self, way, broken=None, more=0):
        """Each service was asked as often as the way needs it, the broken one `more` often; each
        made that many things, unless it is a log, where the same again is no second entry."""
        for name, proxy in self.proxies.items():
            expected = way.count(name)
            here = more if name == broken else 0
            assert len(proxy.posts) == expected + here, name
            lost = sum(bool(exchange.fault and exchange.status in (200, 201))
                       for exchange in proxy.posts)
            assert proxy.made == expected + (0 if name in LOGS else lost), name


    def reset(self):
        for proxy in self.proxies.values():
            proxy.reset()


class Shared:
    """What all benches have in common; it is made once."""

    def __init__(self, stack, others, folder):
        self.stack = stack
        self._lock = threading.Lock()
        self._tokens = {}
        bench = Bench(stack, others, folder, self)
        # What everybody fails to sign, so that nothing is ever stored beside it.
        self.unsigned = {way.command: bench.target(way, 'REFERRERS_REGISTRY')
                         for way in (WAYS['rekor2'], WAYS['blob'])}
        for way in (WAYS['blob'], WAYS['blob-rekor1']):
            bench.sign(way, bench.target(way))
        # What each service answered when something else was signed, by the same identity.
        self.earlier = {name: proxy.posts[0].served for name, proxy in bench.proxies.items()}

    def token(self, kind='email', claims=None, email=''):
        """A token of the stack, the same each time."""
        with self._lock:
            name = repr((kind, claims, email))
            if name not in self._tokens:
                self._tokens[name] = self.stack.token(kind, claims, email)
            return self._tokens[name]


class Crew:
    """Runs the bodies of the chosen tests side by side, each on a bench of its own: nearly all of
    their time is waiting."""

    def __init__(self, stack, others, folder, items):
        shared = Shared(stack, others, folder / 'shared')
        self._benches = queue.SimpleQueue()
        for number in range(WORKERS):
            self._benches.put(Bench(stack, others, folder / f'bench{number}', shared))
        self._pool = concurrent.futures.ThreadPoolExecutor(WORKERS)
        self._futures = {}
        for item in items:
            case = item.callspec.params['case']
            self._futures[item.function, case] = self._pool.submit(
                self._work, item.function.body, case)

    def _work(self, body, case):
        bench = self._benches.get()
        bench.reset()
        try:
            body(bench, *case)
        finally:
            errors = [error for proxy in bench.proxies.values() for error in proxy.errors]
            self._benches.put(bench)
            if errors:
                raise errors[0]

    def result(self, function, case):
        self._futures[function, case].result(TEST_SECONDS)

    def stop(self):
        self._pool.shutdown(cancel_futures=True)
