# SPDX-License-Identifier: Apache-2.0
"""verify-blob as somebody uses it for the first time: what is missing, what is mixed up, and what
comes out. The bundles are those of sigstore-conformance, in the folder OCISHIP_VECTORS or beside
the repository in shared/vectors."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess

import pytest

import program

NO_CERTIFICATE, TRUST_MATERIAL = 13, 31
VECTORS = pathlib.Path(os.environ.get('OCISHIP_VECTORS', program.ROOT.parent / 'shared' /
                                      'vectors')) / 'sigstore-conformance' / 'bundle-verify'
REPOSITORY = 'sigstore-conformance/extremely-dangerous-public-oidc-beacon'
WORKFLOW = 'extremely-dangerous-oidc-beacon.yml'
ISSUER = 'https://token.actions.githubusercontent.com'
WHO = ['--certificate-identity',
       f'https://github.com/{REPOSITORY}/.github/workflows/{WORKFLOW}@refs/heads/main',
       '--certificate-oidc-issuer', ISSUER]
EMBEDDED = ['--trusted-root', 'embedded']


@pytest.fixture
def case(tmp_path):
    """A working directory with a signed file, its bundle, and that of an attestation of it."""
    if not VECTORS.is_dir():
        pytest.skip('the bundles of sigstore-conformance are not there (OCISHIP_VECTORS)')
    shutil.copy(VECTORS / 'a.txt', tmp_path / 'a.txt')
    for name, vector in (('b.json', 'happy-path-v0.3'), ('key.json', 'managed-key-happy-path'),
                         ('attestation.json', 'happy-path-intoto-in-dsse-v3')):
        shutil.copy(VECTORS / vector / 'bundle.sigstore.json', tmp_path / name)
    shutil.copy(VECTORS / 'managed-key-happy-path' / 'key.pub', tmp_path / 'key.pub')
    return tmp_path


@pytest.fixture
def blob(ociship, case):
    """blob(..., file='a.txt', bundle='b.json', who=WHO): runs verify-blob with the copy of the
    trusted root that is in the program."""
    def run(*more, file='a.txt', bundle='b.json', who=WHO, trust=EMBEDDED, **options):
        named = ['--bundle', bundle] if bundle else []
        return ociship('verify-blob', *named, *who, *trust, *more, file, **options)
    assert case
    return run


# --- how it is called ---------------------------------------------------------------------------


def test_called_without_anything_it_says_what_is_missing(ociship):
    said = ociship('verify-blob', code=program.USAGE)
    assert 'FILE' in said.err and '--help' in said.err
    said = ociship('verify-blob', '--help')
    for flag in ('--bundle', '--key', '--certificate-identity', '--github', '--trusted-root'):
        assert flag in said.out


def test_somebody_must_be_named_who_has_signed(blob):
    said = blob(who=[], code=program.USAGE)
    for flag in ('--key', '--github', '--certificate-identity'):
        assert flag in said.err


def test_a_key_and_an_identity_exclude_each_other(blob):
    for who in (['--key', 'key.pub', *WHO], ['--key', 'key.pub', '--github', REPOSITORY],
                ['--key', 'key.pub', '--insecure-any-identity'],
                ['--insecure-any-identity', *WHO]):
        said = blob(who=who, code=program.USAGE)
        assert 'exclude' in said.err


@pytest.mark.parametrize('who', [WHO[:2], WHO[2:], ['--certificate-identity-regexp', '.*'],
                                 ['--github', 'owner'], ['--github', 'a/b@'],
                                 ['--certificate-identity-regexp', '(', *WHO[2:]]])
def test_half_of_an_identity_is_a_mistake(blob, who):
    blob(who=who, code=program.USAGE)


def test_flags_that_contradict_each_other_are_a_mistake(blob):
    for flags in (['--insecure-ignore-tlog', '--require-tlog'], ['--tlog-threshold', '0'],
                  ['--insecure-ignore-sct', '--sct-threshold', '1'], ['--tlog-threshold', '-1'],
                  ['--mirror', 'http://127.0.0.1:1'], ['--ca-roots', 'a.txt']):
        blob(*flags, code=program.USAGE)


def test_what_is_accepted_says_who_and_when(blob):
    said = blob()
    assert said.out == ''
    assert 'Verified OK: a.txt' in said.err
    for part in (WORKFLOW, ISSUER, '2024-03-19T17:26:26Z', 'rekor.sigstore.dev', 'embedded'):
        assert part in said.err
    assert 'WARNING' not in said.err


def test_the_answer_as_json(blob):
    said = json.loads(blob('-o', 'json').out)
    assert set(said) == {'schema', 'trust', 'ignored', 'file', 'predicateType', 'certificate',
                         'times', 'logEntries', 'certificateLogs', 'uncheckedLogEntries'}
    assert said['schema'] == 'ociship/verify-blob/v1'
    assert (said['file'], said['predicateType'], said['ignored']) == ('a.txt', '', [])
    assert said['certificate']['subject'] == WHO[1]
    assert said['certificate']['issuer'] == ISSUER
    assert said['certificate']['extensions']['1.3.6.1.4.1.57264.1.5'] == REPOSITORY
    assert said['times'] == [{'time': '2024-03-19T17:26:26Z', 'saidBy': 'rekor.sigstore.dev'}]
    assert said['logEntries'] == [{'log': 'rekor.sigstore.dev', 'index': 79571823}]
    assert said['certificateLogs'] == 1 and said['uncheckedLogEntries'] is False
    blob('-o', 'xml', code=program.USAGE)


def test_nothing_is_answered_when_it_is_refused(blob):
    said = blob('-o', 'json', who=['--github', 'acme/app'], code=program.NO_MATCH)
    assert said.out == ''


@pytest.mark.parametrize('github,code', [
    (REPOSITORY, 0), (f'{REPOSITORY}/{WORKFLOW}', 0), (f'{REPOSITORY}@main', 0),
    (f'{REPOSITORY}@refs/heads/main', 0), (f'{REPOSITORY}/{WORKFLOW}@main', 0),
    (f'{REPOSITORY}@mai', 12), (f'{REPOSITORY}@refs/tags/main', 12), (f'{REPOSITORY}/ci.yml', 12),
    (REPOSITORY[:-1], 12), (f'{REPOSITORY}x', 12), ('sigstore/sigstore', 12),
    (f'{REPOSITORY}/extremely-dangerous-oidc-beacon.ym', 12)])
def test_the_short_form_for_workflows(blob, github, code):
    blob(who=['--github', github], code=code)


def test_one_of_several_identities_is_enough(blob):
    blob(who=['--github', 'acme/app', '--github', REPOSITORY])
    blob(who=['--certificate-identity', 'a@b.c', '--certificate-oidc-issuer', 'https://x',
              '--github', REPOSITORY])
    blob(who=['--github', 'acme/app', '--github', 'acme/other'], code=program.NO_MATCH)


# --- the file -----------------------------------------------------------------------------------


def test_the_file_can_be_standard_input_or_a_digest(blob, case):
    content = (case / 'a.txt').read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    blob(file='-', stdin=content)
    blob(file='-', stdin=content + b'x', code=program.NO_MATCH)
    blob(file='-', stdin=b'', code=program.NO_MATCH)
    blob(file=f'sha256:{digest}')
    blob(file=f'sha256:{"0" * 64}', code=program.NO_MATCH)
    blob(file=f'sha256:{digest[:-1]}', code=program.BAD_INPUT)
    blob(file=digest, code=program.BAD_INPUT)


def test_a_file_cannot_pass_for_a_digest(blob, case):
    name = 'sha256:' + hashlib.sha256((case / 'a.txt').read_bytes()).hexdigest()
    (case / name).write_bytes(b'something else')
    assert './sha256:' in blob(file=name, code=program.USAGE).err
    blob(file='./' + name, code=program.NO_MATCH)


def test_another_file_is_refused(blob, case):
    for content in (b'', b'x', (case / 'a.txt').read_bytes() + b'\n'):
        (case / 'other').write_bytes(content)
        said = blob(file='other', code=program.NO_MATCH)
        assert 'other' in said.err


def test_a_file_that_cannot_be_read_is_bad_input(blob, case):
    assert 'none' in blob(file='none', code=program.BAD_INPUT).err
    (case / 'folder').mkdir()
    assert 'folder' in blob(file='folder', code=program.BAD_INPUT).err
    assert '/proc/self/mem' in blob(file='/proc/self/mem', code=program.BAD_INPUT).err


def test_names_are_printed_without_what_a_terminal_obeys(blob, case):
    (case / 'a\x1b[31m\nb').write_bytes(b'')
    for file in ('a\x1b[31m\nb', 'none\x1b[31m'):
        said = blob(file=file, code={program.NO_MATCH, program.BAD_INPUT})
        assert '\x1b' not in said.err
    shutil.copy(case / 'a.txt', case / 'good\x1b[31m')
    assert '\x1b' not in blob(file='good\x1b[31m').err


def test_a_file_larger_than_memory_would_allow_is_read_in_pieces(blob, case):
    with open(case / 'large', 'wb') as large:
        large.truncate(300 << 20)
    blob(file='large', code=program.NO_MATCH)


# --- the bundle ---------------------------------------------------------------------------------


def test_the_bundle_is_found_beside_the_file(blob, case):
    said = blob(bundle=None, code=program.USAGE)
    assert '--bundle' in said.err and 'a.txt.sigstore.json' in said.err
    shutil.copy(case / 'b.json', case / 'a.txt.sigstore')
    blob(bundle=None)
    # The longer name comes first.
    (case / 'a.txt.sigstore.json').write_text('{}')
    blob(bundle=None, code=program.BAD_INPUT)
    shutil.copy(case / 'b.json', case / 'a.txt.sigstore.json')
    (case / 'a.txt.sigstore').write_text('{}')
    blob(bundle=None)


def test_a_bundle_that_is_not_there_is_bad_input(blob, case):
    assert 'nowhere.json' in blob(bundle='nowhere.json', code=program.BAD_INPUT).err
    (case / 'folder').mkdir()
    blob(bundle='folder', code=program.BAD_INPUT)


@pytest.mark.parametrize('content', [
    b'', b' ', b'{', b'{}', b'[]', b'null', b'"x"', b'\xff\xfe', b'{"mediaType": 1}', b'\0' * 1000,
    b'[' * 1000000, b'{"a":' * 100000,
    b'{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}',
    b'-----BEGIN CERTIFICATE-----\n', b'MEUCIQ=='], ids=range(15))
def test_what_is_no_bundle_is_bad_input(blob, case, content):
    (case / 'wrong').write_bytes(content)
    said = blob(bundle='wrong', code=program.BAD_INPUT)
    assert len(said.err) < 1000


def test_a_bundle_that_is_too_large_is_bad_input(blob, case):
    bundle = (case / 'b.json').read_text()
    (case / 'padded').write_text(bundle + ' ' * (1 << 20))
    blob(bundle='padded')
    (case / 'padded').write_text(bundle + ' ' * (20 << 20))
    blob(bundle='padded', code=program.BAD_INPUT)
    with open(case / 'padded', 'wb') as file:
        file.truncate(8 << 30)
    blob(bundle='padded', code=program.BAD_INPUT)
    blob(bundle='/dev/zero', code=program.BAD_INPUT)


def test_members_that_stand_twice_are_bad_input(blob, case):
    bundle = (case / 'b.json').read_text()
    place = bundle.index('{') + 1
    media_type = json.dumps(json.loads(bundle)['mediaType'])
    (case / 'twice').write_text(f'{bundle[:place]}"mediaType": {media_type},{bundle[place:]}')
    blob(bundle='twice', code=program.BAD_INPUT)


def test_the_bundle_of_another_kind_of_signer_is_refused(blob):
    blob(bundle='key.json', code=NO_CERTIFICATE)
    blob(who=['--key', 'key.pub'], code=program.NO_MATCH)


def test_a_key_is_the_policy_unless_more_is_demanded(blob, ociship):
    ociship('generate-key-pair', '--output-key-prefix', 'other', password='')
    said = blob(bundle='key.json', who=['--key', 'key.pub'])
    assert 'no transparency log was asked' in said.err
    said = blob('--require-tlog', bundle='key.json', who=['--key', 'key.pub'])
    assert 'rekor.sigstore.dev' in said.err
    for flags in ([], ['--require-tlog']):
        blob(*flags, bundle='key.json', who=['--key', 'other.pub'], code=program.NO_MATCH)
    blob('--insecure-ignore-sct', bundle='key.json', who=['--key', 'key.pub'], code=program.USAGE)


@pytest.mark.parametrize('key', ['none', 'a.txt', 'b.json', '.'])
def test_what_is_no_public_key_is_bad_input(blob, key):
    assert key in blob(bundle='key.json', who=['--key', key], code=program.BAD_INPUT).err


# --- attestations -------------------------------------------------------------------------------


def test_an_attestation_is_taken_only_by_who_asks_for_it(blob):
    said = blob(bundle='attestation.json', code=program.NO_MATCH)
    assert '--attestation-type' in said.err
    said = blob('--attestation-type', 'any', '-o', 'json', bundle='attestation.json')
    found = json.loads(said.out)['predicateType']
    assert found and found in said.err
    blob('--attestation-type', found, bundle='attestation.json')
    for wrong in (found + 'x', found[:-1], 'https://example.com/v1', 'ANY'):
        blob('--attestation-type', wrong, bundle='attestation.json', code=program.NO_MATCH)


def test_an_attestation_of_another_file_is_refused(blob, case):
    (case / 'other').write_bytes(b'x')
    blob('--attestation-type', 'any', file='other', bundle='attestation.json',
         code=program.NO_MATCH)


def test_a_signature_does_for_who_would_take_an_attestation_too(blob):
    blob('--attestation-type', 'any')
    blob('--attestation-type', 'https://example.com/v1', code={program.DONE, program.NO_MATCH})


# --- trust --------------------------------------------------------------------------------------


def test_offline_the_copy_in_the_program_is_used_and_named(blob, case):
    said = blob(trust=['--offline'])
    assert 'part of the program' in said.err
    assert not list((case / 'home').rglob('*.json'))
    said = blob('--offline')
    assert 'note' not in said.err


def test_a_mirror_that_nobody_fetched_from_is_of_no_use_offline(blob):
    said = blob(trust=['--offline', '--mirror', 'http://127.0.0.1:1'], code=TRUST_MATERIAL)
    assert 'trust update' in said.err


def test_the_staging_instance_does_not_vouch_for_the_public_one(blob):
    blob('--staging', code=program.NO_MATCH)


def test_a_trusted_root_file(blob, case):
    root = program.ROOT / 'src' / 'services' / 'embedded' / 'production.trusted_root.json'
    shutil.copy(root, case / 'root.json')
    assert 'root.json' in blob(trust=['--trusted-root', 'root.json']).err
    (case / 'root.json').write_text('{}')
    blob(trust=['--trusted-root', 'root.json'], code=TRUST_MATERIAL)
    blob(trust=['--trusted-root', 'none.json'], code=program.BAD_INPUT)
    blob(trust=['--trusted-root', 'b.json'], code=TRUST_MATERIAL)


# --- streams ------------------------------------------------------------------------------------


def run_with(ociship, case, **streams):
    return subprocess.run([program.PROGRAM, 'verify-blob', '--bundle', 'b.json', *WHO, *EMBEDDED,
                           '-o', 'json', 'a.txt'], cwd=case, env=ociship.environment(),
                          stdin=subprocess.DEVNULL, timeout=60, check=False, **streams)


def test_an_answer_that_nobody_can_read_is_a_failure(ociship, case):
    with open('/dev/full', 'wb') as full:
        done = run_with(ociship, case, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == program.FAILURE and done.stderr
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run_with(ociship, case, stdout=writing, stderr=subprocess.PIPE)
    finally:
        os.close(writing)
    assert done.returncode not in (program.DONE, program.NO_MATCH)


def test_messages_that_nobody_reads_change_no_verdict(ociship, case):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run_with(ociship, case, stdout=subprocess.PIPE, stderr=writing)
    finally:
        os.close(writing)
    assert done.returncode == program.DONE
    assert json.loads(done.stdout)['file'] == 'a.txt'


@pytest.mark.skipif(os.geteuid() == 0, reason='root may read every file')
def test_what_may_not_be_read_is_bad_input(blob, case):
    for name in ('a.txt', 'b.json'):
        (case / name).chmod(0)
        blob(code=program.BAD_INPUT)
        (case / name).chmod(0o600)
