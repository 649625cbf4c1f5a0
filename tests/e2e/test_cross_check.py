# SPDX-License-Identifier: Apache-2.0
"""Two verifiers of others, sigstore-python and @sigstore/verify, judge the same bundles as we do:
those of sigstore-conformance, and hundreds that were made of the good ones with something wrong in
each.

What both others refuse must not be accepted. The bundles are looked for in the folder
OCISHIP_VECTORS, else beside the repository in shared/vectors.
"""

import concurrent.futures
import dataclasses
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

import pytest

import peers
import program

sys.path.insert(0, str(program.ROOT / 'tests' / 'support' / 'oracles'))

import mutations  # noqa: E402

VECTORS = pathlib.Path(os.environ.get('OCISHIP_VECTORS', program.ROOT.parent / 'shared' /
                                      'vectors')) / 'sigstore-conformance' / 'bundle-verify'
ORACLES = program.ROOT / 'tests' / 'support' / 'oracles'
PUBLIC_ROOT = program.ROOT / 'src' / 'services' / 'embedded' / 'production.trusted_root.json'
IDENTITY = ('https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/'
            '.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main')
JUDGED = {program.DONE, program.NO_MATCH, 13, program.BAD_INPUT}
ISSUER = 'https://token.actions.githubusercontent.com'
SEED = 20260813
MUTATIONS_OF_EACH = 40

# Good bundles that one of the others does not know, and why: its refusal says nothing about them.
UNKNOWN_TO_PYTHON = {
    'intoto-with-custom-trust-root': 'it knows no entries of kind intoto with an integrated time',
}
UNKNOWN_TO_JS = {
    'rekor2-dsse-happy-path': '3.1.1 takes a hashedrekord 0.0.2 to be of a message alone',
}

# What both others refuse and we accept, and why that is right: (a part of the bundle's name that
# says what was changed, a part of what one of the others says, the reason).
ACCEPTED_BY_US_ALONE = [
    ('messageDigest.algorithm', 'messageDigest.algorithm',
     'an empty algorithm is read as one left unsaid, as proto3 has it; the signature decides'),
    ('rfc3161Timestamps', 'duplicate timestamp',
     'authorities are counted, not timestamps, so that the same one twice is as good as once'),
    ('managed-key', 'timestamp could not be verified',
     'with a key no timestamp is looked at unless one is demanded'),
]


@dataclasses.dataclass
class Input:
    """What is asked of all three, and of which good bundle it was made."""
    name: str
    origin: str
    asked: dict

    @property
    def is_good(self):
        return self.name == self.origin and not self.name.endswith('_fail')


def vectors():
    for folder in sorted(path for path in VECTORS.iterdir() if path.is_dir()):
        def beside(name, otherwise, folder=folder):
            return str(folder / name) if (folder / name).exists() else str(otherwise)

        def line(name, otherwise, folder=folder):
            path = folder / name
            return path.read_text().strip() if path.exists() else otherwise

        asked = {'bundle': (folder / 'bundle.sigstore.json').read_text(),
                 'trusted_root': beside('trusted_root.json', PUBLIC_ROOT),
                 'artifact': beside('artifact', VECTORS / 'a.txt')}
        if (folder / 'key.pub').exists():
            asked['key'] = str(folder / 'key.pub')
        else:
            asked.update(identity=line('identity', IDENTITY), issuer=line('issuer', ISSUER))
        yield Input(folder.name, folder.name, asked)


def all_inputs():
    given = list(vectors())
    good = [item for item in given if item.is_good]
    donors = [json.loads(item.asked['bundle']) for item in good]
    rng = random.Random(SEED)
    for item in good:
        for number in range(MUTATIONS_OF_EACH):
            said, text = mutations.mutated(rng, item.asked['bundle'], donors)
            given.append(Input(f'{item.name}/{number}: {said}', item.name,
                               {**item.asked, 'bundle': text}))
        # A good bundle, asked the wrong question.
        for change in ({'artifact': str(PUBLIC_ROOT)}, {'identity': IDENTITY[:-1]},
                       {'identity': IDENTITY + 'x'}, {'identity': '.*'}, {'issuer': ISSUER + '/'},
                       {'issuer': 'https://accounts.google.com'}):
            if 'key' not in item.asked or 'artifact' in change:
                given.append(Input(f'{item.name}: {change}', item.name, {**item.asked, **change}))
    return given


def ask(argv, inputs):
    """One process for all inputs."""
    lines = ''.join(json.dumps(item.asked) + '\n' for item in inputs)
    done = subprocess.run(argv, input=lines, capture_output=True, text=True, timeout=300,
                          check=False, env={'PATH': os.environ['PATH'], 'HOME': '/nonexistent'})
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(inputs), done.stderr[-2000:]
    return answers


def ask_us(folder, inputs):
    run = program.Program(folder)
    path = folder / 'bundle'

    def judge(number):
        asked = inputs[number].asked
        bundle = path.with_name(f'bundle-{number}')
        bundle.write_text(asked['bundle'])
        who = ['--key', asked['key'], '--require-tlog'] if 'key' in asked else [
            '--certificate-identity', asked['identity'], '--certificate-oidc-issuer',
            asked['issuer']]
        said = run('verify-blob', '--bundle', bundle, *who, '--trusted-root', asked['trusted_root'],
                   '--attestation-type', 'any', asked['artifact'], code=JUDGED)
        bundle.unlink()
        return {'verdict': 'refused' if said.code else 'accepted', 'why': said.err.strip()}

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(judge, range(len(inputs))))


@dataclasses.dataclass
class Judged:
    item: Input
    ours: dict
    python: dict
    js: dict

    def others(self):
        """The verdicts of those that know this kind of bundle."""
        known = []
        if self.python['verdict'] != 'unsupported' and self.item.origin not in UNKNOWN_TO_PYTHON:
            known.append(self.python['verdict'])
        if self.item.origin not in UNKNOWN_TO_JS:
            known.append(self.js['verdict'])
        return known

    def __str__(self):
        return (f'{self.item.name}\n  ours: {self.ours["verdict"]} {self.ours["why"]}\n'
                f'  sigstore-python: {self.python["verdict"]} {self.python["why"]}\n'
                f'  @sigstore/verify: {self.js["verdict"]} {self.js["why"]}')


@pytest.fixture(scope='module')
def judged(tmp_path_factory):
    if not VECTORS.is_dir():
        pytest.skip('the bundles of sigstore-conformance are not there (OCISHIP_VECTORS)')
    python = peers.folder() / 'sigstore-python' / 'bin' / 'python'
    js = peers.folder() / 'sigstore-js'
    if not python.is_file() or not js.is_dir():
        pytest.skip('sigstore-python or sigstore-js is not installed (scripts/peers)')
    inputs = all_inputs()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(ask, [str(part) for part in argv], inputs) for argv in (
            [python, '-B', ORACLES / 'sigstore_python.py'],
            [shutil.which('node'), ORACLES / 'sigstore_js.js', js])]
        said = [future.result() for future in asked]
    ours = ask_us(tmp_path_factory.mktemp('bundles'), inputs)
    return [Judged(*row) for row in zip(inputs, ours, *said)]


def test_the_others_know_what_they_judge(judged):
    """Otherwise the rest shows nothing: each accepts the good bundles, but those it does not know,
    and refuses the bad ones."""
    for who, unknown in (('python', UNKNOWN_TO_PYTHON), ('js', UNKNOWN_TO_JS)):
        refused = {row.item.name for row in judged
                   if row.item.is_good and getattr(row, who)['verdict'] == 'refused'}
        assert refused == set(unknown)
    bad = [row for row in judged if row.item.name.endswith('_fail')]
    assert [str(row) for row in bad if 'accepted' in row.others()] == []
    assert len(bad) > 40


def test_every_good_bundle_is_accepted(judged):
    good = [row for row in judged if row.item.is_good]
    assert len(good) > 15
    assert [str(row) for row in good if row.ours['verdict'] != 'accepted'] == []


def test_what_the_others_refuse_is_never_accepted(judged):
    alone = [row for row in judged
             if row.ours['verdict'] == 'accepted' and 'accepted' not in row.others()]
    wrong = [row for row in alone if not any(
        part in row.item.name and said in row.python['why'] + row.js['why']
        for part, said, _ in ACCEPTED_BY_US_ALONE)]
    assert not wrong, '\n'.join(map(str, wrong))


def test_what_is_changed_without_harm_is_told_from_what_is_not(judged):
    """Both verdicts occur among the changed ones, so that neither is given to everything."""
    changed = [row for row in judged if row.item.name != row.item.origin]
    verdicts = [row.ours['verdict'] for row in changed]
    assert verdicts.count('accepted') > 10
    assert verdicts.count('refused') > len(changed) // 2
