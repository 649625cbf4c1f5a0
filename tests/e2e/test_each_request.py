# SPDX-License-Identifier: Apache-2.0
"""push when one request of it fails: every request of a clean push, in every way.

Either the push does all that the clean one did, or it ends with an exit code from 20 to 24 and a
message; no tag ever names anything else than the right image.
"""

import concurrent.futures

import pytest

import program
import servers
from conftest import PASSWORD

MODES = ('reset', 'timeout', '429', '500', '502', 'truncated', 'garbage', 'lost')
FAILURES = range(20, 25)
NAME = 'each/request'
# What fails waits most of the time: for the next try, or for an answer that does not come.
AT_A_TIME = 6


@pytest.fixture(scope='module')
def registries_of_faults():
    running = [servers.FaultRegistry() for _ in range(AT_A_TIME)]
    yield running
    for registry in running:
        registry.stop()


@pytest.fixture(scope='module')
def jobs(noise, keys):
    """job -> (switches of the registry, archive, flags, public key when it signs)."""
    streamed, small = noise(2, 300, 2048)[0], noise(2)[0]
    tags = ['--tag', 'a', '--tag', 'b']
    signing = ['--tag', 'a', '--key', keys / 'mine.key']
    return {'push': ([], streamed, tags, None),
            'push-distribution': (['distribution', 'no-referrers'], streamed, tags, None),
            'sign': ([], small, signing, keys / 'mine.pub'),
            'sign-fallback': (['no-referrers'], small,
                              [*signing, '--signature-format', 'bundle'], keys / 'mine.pub')}


def run(job, registry, folder, timeout=False):
    """One push into a registry as it is, from an empty home; its answer and the store after it."""
    folder.mkdir()
    _, archive, flags, _ = job
    answer = program.Program(folder)('push', archive, f'{registry.host}/{NAME}', *flags,
                                     *(['--timeout', '1s'] if timeout else []),
                                     code=None, password=PASSWORD, timeout=60)
    return answer, registry.store(NAME)


@pytest.fixture(scope='module')
def clean(jobs, registries_of_faults, tmp_path_factory):
    """job -> the store after a push without faults, and its requests as (kind, number)."""
    found = {}
    for which, job in jobs.items():
        registry = registries_of_faults[0]
        registry.reset(*job[0])
        answer, store = run(job, registry, tmp_path_factory.mktemp('clean') / which)
        assert answer.code == program.DONE, answer.err
        counts, requests = {}, []
        for entry in registry.log():
            counts[entry['kind']] = counts.get(entry['kind'], 0) + 1
            # Without the referrers API only what comes after the blobs is another way.
            if which != 'sign-fallback' or not entry['kind'].startswith(('upload', 'blob')):
                requests.append((entry['kind'], counts[entry['kind']]))
        found[which] = store, requests
    return found


def shape(store):
    """What is the same after every clean push of the same archive. Signatures differ in their
    bytes, and with them their digests: they count by their size and by what names them."""
    return {'tags': sorted(store['tags']), 'manifests': sorted(store['manifests'].values()),
            'blobs': len(store['blobs'])}


def wrong_tags(store, clean_store):
    """The tags of images that name something else than after a clean push, and the tags of
    signatures that name nothing."""
    known = clean_store['tags']
    return [tag for tag, digest in store['tags'].items()
            if tag not in known or digest not in store['manifests']
            or (not tag.startswith('sha256-') and digest != known[tag])]


def judge(answer, store, clean_store):
    """What is wrong with how a push ended, or None."""
    wrong = wrong_tags(store, clean_store)
    if wrong:
        return f'tags {wrong}'
    if answer.code == program.DONE:
        same = shape(store) == shape(clean_store)
        return None if same else f'{shape(store)} is not {shape(clean_store)}'
    if answer.code not in FAILURES or 'ociship: ' not in answer.err:
        return f'exit {answer.code}: {answer.err}'
    return None


def verify(job, registry, answer, folder):
    """What a push signed has a signature that is found."""
    if job[3] and answer.code == program.DONE:
        program.Program(folder)('verify', '--key', job[3], f'{registry.host}/{NAME}:a')


@pytest.mark.parametrize('mode', MODES)
@pytest.mark.parametrize('which', ['push', 'push-distribution', 'sign', 'sign-fallback'])
def test_each_request_may_fail_once(jobs, clean, registries_of_faults, which, mode, tmp_path,
                                    capsys):
    clean_store, requests = clean[which]
    free = list(registries_of_faults)

    def one(kind, number):
        registry = free.pop()
        try:
            registry.reset(*jobs[which][0], faults=[{'kind': kind, 'number': number, 'mode': mode}])
            answer, store = run(jobs[which], registry, tmp_path / f'{kind}-{number}',
                                timeout=mode == 'timeout')
            met = any(entry['fault'] for entry in registry.log())
            verify(jobs[which], registry, answer, tmp_path)
        finally:
            free.append(registry)
        problem = judge(answer, store, clean_store)
        return answer.code, met, problem and f'{kind} {number}: {problem}'

    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        results = list(pool.map(one, *zip(*requests)))
    survived = sum(code == program.DONE for code, _, _ in results)
    with capsys.disabled():
        print(f'\n{which} {mode}: survived {survived} of {len(results)}')
    assert [problem for _, _, problem in results if problem] == []
    assert sum(met for _, met, _ in results) > len(results) * 0.8, 'the faults do not happen'
