# SPDX-License-Identifier: Apache-2.0
"""What scripts/bench runs: each program's command line for each piece of work, in a world of its
own (registry, store, home), with what it costs."""

import dataclasses
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

import peers
import servers

_PASSWORD = 'bench'
_LIMIT_SECONDS = 3600  # of one run: whatever takes longer hangs
_MANIFEST = ('application/vnd.oci.image.manifest.v1+json, '
             'application/vnd.docker.distribution.manifest.v2+json')
_PEERS = {'engine': 'ci-copy', 'crane': 'crane', 'regctl': 'regctl', 'cosign': 'cosign'}


@dataclasses.dataclass
class Job:
    name: str
    group: str  # what selects it on the command line
    verb: str
    sides: list  # the first is the one that the others are compared with
    archive: object = None  # of bench_archives, or a path
    piped: bool = False
    before: list = dataclasses.field(default_factory=list)  # (side, None: the same; verb, archive)
    keeps_home: bool = False  # that of the last run before it: with the local cache
    rounds: int = 1  # times --rounds


@dataclasses.dataclass
class Measure:
    wall: float
    cpu: float
    server_cpu: float
    foreign_cpu: float  # of everything else on the machine meanwhile: what disturbed the run
    peak_mib: float


def _environment(home):
    """An empty home, and no cache elsewhere: skopeo as root would use /var/lib/containers."""
    return {**peers.environment(home), 'COSIGN_PASSWORD': _PASSWORD, 'XDG_DATA_HOME': str(home),
            'XDG_CACHE_HOME': str(home), 'TMPDIR': str(home), '_CONTAINERS_ROOTLESS_UID': '65534'}


def _server_seconds(registry):
    fields = pathlib.Path(f'/proc/{registry.pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def _machine_seconds():
    """CPU time of all processes so far, and what other guests of the same host took."""
    fields = list(map(int, pathlib.Path('/proc/stat').read_text().split('\n', 1)[0].split()[1:]))
    user, nice, system, steal = *fields[:3], fields[7]
    return (user + nice + system + steal) / os.sysconf('SC_CLK_TCK')


def _kill(child):
    """Popen.kill() would reap a child that has ended, and what it used would be lost."""
    os.kill(child.pid, signal.SIGKILL)


def _wait(child):
    """Waits for a child at most _LIMIT_SECONDS. Gives what it used."""
    timer = threading.Timer(_LIMIT_SECONDS, _kill, [child])
    timer.start()
    try:
        _, status, usage = os.wait4(child.pid, 0)
    finally:
        timer.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage


def _measure(argv, home, registry, feeder=None):
    """Runs a command, with what `feeder` writes as its standard input, and waits for it. Raises
    RuntimeError with its own words when it fails."""
    feeding = feeder and subprocess.Popen(feeder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    server_before, machine_before = _server_seconds(registry), _machine_seconds()
    fed = 0.0
    try:
        with open(home / 'output', 'w+b') as output:
            begun = time.monotonic()
            child = subprocess.Popen(argv, stdin=feeding.stdout if feeding else subprocess.DEVNULL,
                                     stdout=output, stderr=output, cwd=home, env=_environment(home))
            if feeding:
                feeding.stdout.close()  # the child alone has it now, so its end ends the feeder
            usage = _wait(child)
            wall = time.monotonic() - begun
            if child.returncode != 0:
                output.seek(0)
                raise RuntimeError(f'{shlex.join(argv)}: exit {child.returncode}: '
                                   f'{output.read()[-2000:].decode(errors="replace")}')
    finally:
        if feeding:
            _kill(feeding)
            feeder_usage = _wait(feeding)
            fed = feeder_usage.ru_utime + feeder_usage.ru_stime
    cpu, server_cpu = usage.ru_utime + usage.ru_stime, _server_seconds(registry) - server_before
    foreign_cpu = max(0.0, _machine_seconds() - machine_before - cpu - server_cpu - fed)
    return Measure(wall, cpu, server_cpu, foreign_cpu, usage.ru_maxrss / 1024)


def _config_digest(host, name):
    request = urllib.request.Request(f'http://{host}/v2/{name}/manifests/1',
                                     headers={'Accept': _MANIFEST})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())['config']['digest']


class Sides:
    """The programs that are there: `programs`, name to path; `missing`, name to reason."""

    def __init__(self, ociship, folder):
        self.programs, self.missing = {'ociship': str(ociship)}, {}
        if not os.access(ociship, os.X_OK):
            raise LookupError(f'{ociship} is not built')
        if skopeo := shutil.which('skopeo'):
            self.programs['skopeo'] = skopeo
        else:
            self.missing['skopeo'] = 'skopeo is not installed (scripts/setup --test)'
        for side, program in _PEERS.items():
            try:
                self.programs[side] = peers.path(program)
            except LookupError as error:
                self.missing[side] = str(error)
        self.registry_kind = 'distribution'
        try:
            peers.path('registry')
        except LookupError:
            self.registry_kind = 'docker-registry'
        self._keys = folder / 'keys'

    def make_keys(self):
        if not (self._keys / 'bench.key').is_file():
            self._keys.mkdir(parents=True, exist_ok=True)
            peers.run('cosign', 'generate-key-pair', '--output-key-prefix', self._keys / 'bench',
                      home=self._keys, password=_PASSWORD)

    def versions(self, sides):
        for side in sorted(sides):
            if side in ('skopeo', 'ociship'):
                verb = '--version' if side == 'skopeo' else 'version'
                said = subprocess.run([self.programs[side], verb], capture_output=True, text=True,
                                      timeout=20, check=True)
                yield said.stdout.strip().splitlines()[0]
            else:
                name = pathlib.Path(self.programs[side]).resolve().name
                yield f'engine: {name}' if side == 'engine' else name
        if self.registry_kind == 'distribution':
            yield pathlib.Path(peers.path('registry')).resolve().name
        else:
            yield 'docker-registry (Debian)'

    def command(self, side, verb, host, source=None):
        """What a side is called with. `source` is a path; None is standard input."""
        image, key = f'{host}/bench/app:1', str(self._keys / 'bench')
        path = source or '/dev/stdin'
        return [self.programs[side], *{
            ('ociship', 'push'): ['push', str(source or '-'), image],
            ('crane', 'push'): ['push', str(path), image],
            ('skopeo', 'push'): ['--insecure-policy', 'copy', '--dest-tls-verify=false',
                                 f'docker-archive:{path}', f'docker://{image}'],
            ('engine', 'push'): [f'docker-archive:{path}', f'docker://{image}'],
            ('regctl', 'push'): ['--host', f'reg={host},tls=disabled', 'image', 'import', image,
                                 str(path)],
            ('ociship', 'sign'): ['sign', '--key', f'{key}.key', '--format', 'bundle', image],
            ('cosign', 'sign'): ['sign', '-y', '--allow-http-registry', '--tlog-upload=false',
                                 '--use-signing-config=false', '--key', f'{key}.key', image],
            ('cosign', 'key'): ['public-key', '--key', f'{key}.key'],
            ('ociship', 'verify'): ['verify', '--key', f'{key}.pub', image],
            ('cosign', 'verify'): ['verify', '--allow-http-registry', '--insecure-ignore-tlog',
                                   '--key', f'{key}.pub', image],
            ('skopeo', 'version'): ['--version'],
        }.get((side, verb), [verb])]

    def run(self, job, side):
        """One run of one side in a world of its own."""
        with tempfile.TemporaryDirectory(prefix='ociship-bench-') as work:
            registry = servers.start(self.registry_kind, work)
            try:
                return self._run(job, side, pathlib.Path(work), registry)
            finally:
                registry.stop()

    def _run(self, job, side, work, registry):
        home = None
        for number, (preparing, verb, archive) in enumerate(job.before):
            home = work / f'before{number}'
            home.mkdir()
            path = getattr(archive, 'path', archive)
            _measure(self.command(preparing or side, verb, registry.host, path), home, registry)
        if not job.keeps_home:
            home = work / 'home'
            home.mkdir()
        if job.piped:
            source, feeder = None, job.archive.feeder(work)
        else:
            source, feeder = getattr(job.archive, 'path', None), None
        result = _measure(self.command(side, job.verb, registry.host, source), home, registry,
                          feeder)
        if job.verb == 'push':
            found, wanted = _config_digest(registry.host, 'bench/app'), job.archive.config_digest()
            if found != wanted:
                raise RuntimeError(f'{side} pushed the config {found}, not {wanted}')
        if job.verb == 'sign':
            home = work / 'after'
            home.mkdir()
            _measure(self.command('cosign', 'verify', registry.host), home, registry)
        return result
