# SPDX-License-Identifier: Apache-2.0
"""verify and verify-blob of what real cosign signs with real Fulcio, Rekor v1 and v2, a certificate
log and a timestamp authority: tests/support/stack.py has them all on the loopback."""

import base64
import copy
import dataclasses
import functools
import hashlib
import http.server
import json
import threading
import time

import pytest

import make_image
import program
import stack as sigstore_stack

NO_CERTIFICATE, TRUST_MATERIAL = 13, 31
MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
INDEX = 'application/vnd.oci.image.index.v1+json'
WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
LEGACY = ['--new-bundle-format=false', '--use-signing-config=false']


@pytest.fixture(scope='module')
def stack(tmp_path_factory):
    try:
        running = sigstore_stack.Stack(tmp_path_factory.mktemp('stack'))
    except LookupError as error:
        pytest.skip(str(error))
    running.cosign('generate-key-pair')
    yield running
    running.stop()


@dataclasses.dataclass(frozen=True)
class Kind:
    """A way to sign, and what is to be seen of it: `config` is a signing config of the stack;
    without one it is the older format. `times` and `entries` are how many of them there are."""
    config: str = ''
    by: str = 'email'  # email, actions or key
    registry: str = 'REGISTRY'
    times: int = 1
    entries: int = 1
    timestamp: bool = False
    index: bool = False

    @property
    def shape(self):
        return 'bundle' if self.config else 'legacy'


KEYLESS = {
    'rekor2': Kind('SIGNING_CONFIG'),
    'rekor2-ecdsa': Kind('SIGNING_CONFIG_ECDSA'),
    'rekor2-referrers': Kind('SIGNING_CONFIG', registry='REFERRERS_REGISTRY'),
    'rekor2-index': Kind('SIGNING_CONFIG', index=True),
    'rekor1': Kind('SIGNING_CONFIG_REKOR1', times=2),
    'legacy': Kind(),
    'legacy-timestamp': Kind(times=2, timestamp=True),
    'legacy-index': Kind(index=True),
    'actions': Kind('SIGNING_CONFIG', by='actions'),
    'legacy-actions': Kind(by='actions'),
}
KEYED = {
    'key-rekor2': Kind('SIGNING_CONFIG', by='key', times=1),
    'key-rekor1': Kind('SIGNING_CONFIG_REKOR1', by='key', times=2),
    'key-legacy': Kind(by='key', times=1),
}
SAMPLE = ['rekor2', 'rekor1', 'legacy']  # one of each way in which a log vouches


class Signed:
    """Images in the registries of the stack, each signed once and then looked at by many tests."""

    def __init__(self, stack, folder):
        self.stack = stack
        self.run = program.Program(folder)
        self._numbers = iter(range(1000))
        self.of = functools.lru_cache(maxsize=None)(self._sign)

    def image(self, repository, index=False):
        """A new image, not signed: HOST/NAME@DIGEST."""
        number = next(self._numbers)
        archives = []
        for architecture in ('amd64', 'arm64') if index else ('amd64',):
            archives.append(self.run.folder / f'{architecture}.tar')
            layer = make_image.layer_of({'f': f'{time.time()} {number} {architecture}'.encode()})
            make_image.docker_archive(archives[-1], [layer], architecture)
        return self.run('push', *archives, repository).out.strip()

    def who(self, kind):
        if kind.by == 'key':
            return ['--key', self.stack.folder / 'cosign.key']
        return ['--identity-token', self.stack.token(kind.by)]

    def sign(self, kind, reference):
        flags = ['--signing-config', self.stack[kind.config]] if kind.config else [
            *LEGACY, '--fulcio-url', self.stack['FULCIO'], '--rekor-url', self.stack['REKOR1']]
        if kind.timestamp:
            flags += ['--timestamp-server-url', self.stack['TSA']]
        self.stack.cosign('sign', '-y', '--allow-http-registry', '--trusted-root',
                          self.stack['TRUSTED_ROOT'], *flags, *self.who(kind), reference)
        return reference

    def _sign(self, name):
        kind = {**KEYLESS, **KEYED}[name]
        return self.sign(kind, self.image(f'{self.stack[kind.registry]}/e2e/{name}:1', kind.index))


@pytest.fixture(scope='module')
def signed(stack, tmp_path_factory):
    return Signed(stack, tmp_path_factory.mktemp('signed'))


@pytest.fixture
def verify(ociship, stack):
    """verify(REFERENCE, ..., kind=KIND): runs ociship with the right signer and trusted root;
    `signer` replaces the one, `root` the other."""
    def run(reference, *more, kind=KEYLESS['rekor2'], signer=None, root=None, code=program.DONE,
            command='verify', **options):
        trust = ['--trusted-root', root or stack['TRUSTED_ROOT']]
        signed_by = who(stack, kind) if signer is None else signer
        return ociship(command, *signed_by, *trust, *more, reference, code=code, **options)
    return run


def who(stack, kind):
    if kind.by == 'key':
        return ['--key', stack.folder / 'cosign.pub', '--require-tlog']
    if kind.by == 'actions':
        return identity(WORKFLOW, stack['ISSUER_ACTIONS'])
    return identity(stack['EMAIL'], stack['ISSUER'])


def identity(subject, issuer):
    return ['--certificate-identity', subject, '--certificate-oidc-issuer', issuer]


@pytest.fixture
def root_with(stack, tmp_path):
    """root_with(change): a trusted root in which `change` changed something; its path."""
    def make(change):
        root = json.loads(open(stack['TRUSTED_ROOT'], encoding='utf-8').read())
        change(root)
        path = tmp_path / 'changed-root.json'
        path.write_text(json.dumps(root))
        return path
    return make


# --- what is right -------------------------------------------------------------------------------


@pytest.mark.parametrize('name', [*KEYLESS, *KEYED])
def test_what_cosign_signs_is_accepted(verify, signed, stack, name):
    kind = {**KEYLESS, **KEYED}[name]
    reference = signed.of(name)
    assert verify(reference, kind=kind).out == f'{reference}\n'
    tag = f'{reference.partition("@")[0]}:1'
    said = json.loads(verify(tag, '-o', 'json', kind=kind).out)
    assert said['schema'] == 'ociship/verify/v1'
    assert said['ignored'] == []
    assert [image['image'] for image in said['images']] == [reference]
    signature, = said['images'][0]['signatures']
    assert signature['format'] == kind.shape
    assert len(signature['times']) == kind.times
    assert all(abs(seconds(entry['time']) - time.time()) < 3600 for entry in signature['times'])
    assert len(signature['logEntries']) == kind.entries
    if kind.by == 'key':
        assert signature['certificate'] is None
        return
    assert signature['certificateLogs'] == 1
    expected = (WORKFLOW, stack['ISSUER_ACTIONS']) if kind.by == 'actions' else (
        stack['EMAIL'], stack['ISSUER'])
    certificate = signature['certificate']
    assert (certificate['subject'], certificate['issuer']) == expected


def seconds(text):
    assert text.endswith('Z')
    return time.mktime(time.strptime(text[:-1], '%Y-%m-%dT%H:%M:%S')) - time.timezone


def test_the_answer_says_who_and_when_and_by_whose_word(verify, signed, stack):
    said = verify(signed.of('rekor2')).err
    for expected in (stack['EMAIL'], stack['ISSUER'], stack['TSA'], 'entry ', 'trust: file'):
        assert expected in said
    assert 'WARNING' not in said


def test_one_right_signature_among_others_is_enough(verify, signed, stack):
    reference = signed.image(f'{stack["REGISTRY"]}/e2e/several:1')
    for name in ('actions', 'legacy-actions', 'rekor2'):
        signed.sign(KEYLESS[name], reference)
    verify(reference)
    verify(reference, kind=KEYLESS['actions'])
    verify(reference, signer=identity('other@example.com', stack['ISSUER']), code=program.NO_MATCH)


def test_the_whole_expression_must_match(verify, signed, stack):
    reference = signed.of('rekor2')
    issuer = stack['ISSUER']

    def expressions(subject, provider):
        return ['--certificate-identity-regexp', subject, '--certificate-oidc-issuer-regexp',
                provider]
    for subject, provider in (('.*@example\\.com', 'http://127\\.0\\.0\\.1:[0-9]+'), ('.*', '.*'),
                              ('^dev@example\\.com$', 'http://.*')):
        verify(reference, signer=expressions(subject, provider))
    for subject, provider in (('dev', '.*'), ('dev@example', '.*'), ('example\\.com', '.*'),
                              ('x|dev', '.*'), ('(?i)DEV@EXAMPLE', '.*'), ('.*', 'http://127'),
                              ('.*', '127\\.0\\.0\\.1:[0-9]+'), ('.*', issuer[:-1])):
        verify(reference, signer=expressions(subject, provider), code=program.NO_MATCH)
    verify(reference, signer=expressions('(', '.*'), code=program.USAGE)
    verify(reference, signer=['--certificate-identity', 'dev@example.com',
                              '--certificate-identity-regexp', 'other.*',
                              '--certificate-oidc-issuer', issuer], code=program.NO_MATCH)


# --- who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize('name', SAMPLE)
def test_somebody_else_is_refused(verify, signed, stack, name):
    reference, issuer = signed.of(name), stack['ISSUER']
    for subject, provider in (('other@example.com', issuer), ('Dev@example.com', issuer),
                              ('dev@example.com.org', issuer), ('ev@example.com', issuer),
                              ('dev@example.com', stack['ISSUER_ACTIONS']),
                              ('dev@example.com', issuer + '/'), (WORKFLOW, issuer),
                              ('dev@example.com', 'https://accounts.google.com'), (issuer, issuer)):
        said = verify(reference, signer=identity(subject, provider), code=program.NO_MATCH)
        assert not said.out
        assert '[identity-mismatch]' in said.err or '[issuer-mismatch]' in said.err


def test_the_claims_of_a_workflow_are_compared(verify, signed, stack):
    def claims(**given):
        return [word for name, value in given.items()
                for word in (f'--certificate-github-workflow-{name}', value)]
    right = {'repository': 'acme/app', 'ref': 'refs/heads/main', 'trigger': 'push'}
    for name in ('actions', 'legacy-actions'):
        said = json.loads(verify(signed.of(name), '-o', 'json', kind=KEYLESS['actions']).out)
        known = said['images'][0]['signatures'][0]['certificate']['extensions']
        right.update(sha=known['1.3.6.1.4.1.57264.1.3'], name=known['1.3.6.1.4.1.57264.1.4'])
        verify(signed.of(name), *claims(**right), kind=KEYLESS['actions'])
        for claim, value in right.items():
            for wrong in (value + 'x', value[:-1], value.upper()):
                verify(signed.of(name), *claims(**{**right, claim: wrong}),
                       kind=KEYLESS['actions'], code=program.NO_MATCH)
    # Who is no workflow makes no such claims.
    verify(signed.of('rekor2'), *claims(repository='acme/app'), code=program.NO_MATCH)


@pytest.mark.parametrize('repository', ['acme/app', 'acme/app/release.yml', 'acme/app@main'])
def test_github_is_github_alone(verify, signed, repository):
    """The workflow says that it is acme/app, but another issuer than GitHub's says so."""
    said = verify(signed.of('actions'), signer=['--github', repository], code=program.NO_MATCH)
    assert '[issuer-mismatch]' in said.err


@pytest.mark.parametrize('flags', [
    [], ['--certificate-identity', 'a@b.c'], ['--certificate-oidc-issuer', 'https://x'],
    ['--certificate-identity-regexp', '.*'], ['--certificate-github-workflow-ref', 'x'],
    ['--certificate-identity', '', '--certificate-oidc-issuer', ''],
    ['--insecure-any-identity', '--github', 'a/b'],
    ['--insecure-any-identity', '--certificate-oidc-issuer', 'https://x'],
    ['--github', 'a'], ['--github', 'a/b/c/d/e'], ['--github', ''],
    ['--github', 'a/b', '--key', 'cosign.pub']])
def test_a_policy_that_leaves_something_open_is_a_mistake(verify, signed, flags):
    verify(signed.of('rekor2'), signer=flags, code=program.USAGE)


def test_a_key_and_a_certificate_are_not_taken_for_each_other(verify, signed, stack):
    verify(signed.of('key-rekor2'), code=NO_CERTIFICATE)
    verify(signed.of('key-legacy'), code=NO_CERTIFICATE)
    key = ['--key', stack.folder / 'cosign.pub']
    for name in SAMPLE:
        verify(signed.of(name), signer=key, code=program.NO_MATCH)
        verify(signed.of(name), '--require-tlog', signer=key, code=program.NO_MATCH)


# --- what ---------------------------------------------------------------------------------------


def signature_place(stack, reference):
    """(HOST/v2/NAME, the manifest of the signature, its reference there)."""
    host, _, rest = reference.partition('/')
    name, _, digest = rest.partition('@')
    place = f'{host}/v2/{name}'
    tag = digest.replace(':', '-')
    try:
        data, _ = stack.get(f'{place}/manifests/{tag}.sig')
        return place, json.loads(data), f'{tag}.sig'
    except OSError:
        pass
    try:
        listed = json.loads(stack.get(f'{place}/referrers/{digest}', INDEX)[0])
    except OSError:
        listed = json.loads(stack.get(f'{place}/manifests/{tag}', INDEX)[0])
    found, = listed['manifests']
    return place, json.loads(stack.get(f'{place}/manifests/{found["digest"]}')[0]), found['digest']


def put_manifest(stack, place, manifest, reference=None):
    data = json.dumps(manifest).encode()
    digest = f'sha256:{hashlib.sha256(data).hexdigest()}'
    stack.put(f'{place}/manifests/{reference or digest}', data, MANIFEST)
    return data, digest


def attach(stack, place, manifest, image):
    """A bundle's manifest for an image, listed under its fallback tag."""
    data, digest = put_manifest(stack, place, manifest)
    index = {'schemaVersion': 2, 'mediaType': INDEX, 'manifests': [{
        'mediaType': MANIFEST, 'digest': digest, 'size': len(data),
        'artifactType': manifest['artifactType'], 'annotations': manifest.get('annotations', {})}]}
    stack.put(f'{place}/manifests/{image.replace(":", "-")}', json.dumps(index).encode(), INDEX)


def put_bundle(stack, place, manifest, bundle):
    """The same manifest with another bundle in it."""
    data = json.dumps(bundle).encode()
    digest = f'sha256:{hashlib.sha256(data).hexdigest()}'
    stack.put_blob(place, data, digest)
    manifest = copy.deepcopy(manifest)
    manifest['layers'][0].update(digest=digest, size=len(data))
    return manifest


def test_an_image_that_nobody_signed_has_no_signature(verify, signed, stack):
    verify(signed.image(f'{stack["REGISTRY"]}/e2e/unsigned:1'), code=program.NO_SIGNATURE)
    verify(signed.image(f'{stack["REFERRERS_REGISTRY"]}/e2e/unsigned:1'), code=program.NO_SIGNATURE)
    verify(f'{stack["REGISTRY"]}/e2e/unsigned:2', code=program.NO_REFERENCE)
    verify(f'{stack["REGISTRY"]}/e2e/nothing:1', code=program.NO_REFERENCE)


def test_an_image_of_a_signed_index_is_not_signed_by_that(verify, signed, stack):
    reference = signed.of('rekor2-index')
    host, _, rest = reference.partition('/')
    name, _, digest = rest.partition('@')
    index = json.loads(stack.get(f'{host}/v2/{name}/manifests/{digest}', INDEX)[0])
    assert len(index['manifests']) == 2
    verify(f'{host}/{name}@{index["manifests"][0]["digest"]}', code=program.NO_SIGNATURE)


@pytest.mark.parametrize('name', SAMPLE)
def test_a_signature_that_was_moved_to_another_image_is_refused(verify, signed, stack, name):
    other = signed.image(f'{signed.of(name).partition("@")[0]}:2')
    digest = other.partition('@')[2]
    place, manifest, reference = signature_place(stack, signed.of(name))
    if reference.endswith('.sig'):
        put_manifest(stack, place, manifest, digest.replace(':', '-') + '.sig')
    else:
        data, media_type = stack.get(f'{place}/manifests/{digest}')
        manifest['subject'] = {'mediaType': media_type, 'digest': digest, 'size': len(data)}
        attach(stack, place, manifest, digest)
    verify(other, code=program.NO_MATCH)


def other_bytes(text):
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(bytes(data)).decode()


LEGACY_CHANGES = {
    'time': lambda bundle: bundle['Payload'].update(
        integratedTime=bundle['Payload']['integratedTime'] + 1),
    'index': lambda bundle: bundle['Payload'].update(logIndex=bundle['Payload']['logIndex'] + 1),
    'log': lambda bundle: bundle['Payload'].update(logID='0' * 64),
    'body': lambda bundle: bundle['Payload'].update(body=base64.b64encode(
        base64.b64decode(bundle['Payload']['body']).replace(b'sha256', b'sha512')).decode()),
    'promise': lambda bundle: bundle.update(
        SignedEntryTimestamp=other_bytes(bundle['SignedEntryTimestamp'])),
    'nothing': lambda bundle: bundle.clear(),
}


@pytest.mark.parametrize('change', LEGACY_CHANGES)
def test_a_log_entry_of_the_older_format_that_was_changed_is_refused(verify, signed, stack, change):
    reference = signed.image(f'{stack["REGISTRY"]}/e2e/changed-legacy:1')
    signed.sign(KEYLESS['legacy'], reference)
    place, manifest, tag = signature_place(stack, reference)
    annotations = manifest['layers'][0]['annotations']
    entry = json.loads(annotations['dev.sigstore.cosign/bundle'])
    put_manifest(stack, place, manifest, tag)
    verify(reference)
    LEGACY_CHANGES[change](entry)
    annotations['dev.sigstore.cosign/bundle'] = json.dumps(entry)
    put_manifest(stack, place, manifest, tag)
    verify(reference, code=program.NO_MATCH)


def test_an_older_signature_without_what_it_needs_is_refused(verify, signed, stack):
    reference = signed.image(f'{stack["REGISTRY"]}/e2e/bare-legacy:1')
    signed.sign(KEYLESS['legacy'], reference)
    place, manifest, tag = signature_place(stack, reference)
    for member, expected in (('dev.sigstore.cosign/bundle', program.NO_MATCH),
                             ('dev.sigstore.cosign/certificate', NO_CERTIFICATE),
                             ('dev.cosignproject.cosign/signature', program.NO_SIGNATURE)):
        changed = copy.deepcopy(manifest)
        del changed['layers'][0]['annotations'][member]
        put_manifest(stack, place, changed, tag)
        verify(reference, code=expected)


def entry_of(bundle):
    return bundle['verificationMaterial']['tlogEntries'][0]


def change_certificate(bundle):
    certificate = bundle['verificationMaterial']['certificate']
    certificate['rawBytes'] = other_bytes(certificate['rawBytes'])


def change_timestamp(bundle):
    stamp, = bundle['verificationMaterial']['timestampVerificationData']['rfc3161Timestamps']
    stamp['signedTimestamp'] = other_bytes(stamp['signedTimestamp'])


def change_payload(bundle):
    envelope = bundle['dsseEnvelope']
    envelope['payload'] = other_bytes(envelope['payload'])


def change_signature(bundle):
    signature = bundle['dsseEnvelope']['signatures'][0]
    signature['sig'] = other_bytes(signature['sig'])


def change_checkpoint(bundle):
    checkpoint = entry_of(bundle)['inclusionProof']['checkpoint']
    lines = checkpoint['envelope'].split('\n')
    lines[1] = str(int(lines[1]) + 1)
    checkpoint['envelope'] = '\n'.join(lines)


def change_body(bundle):
    entry_of(bundle)['canonicalizedBody'] = other_bytes(entry_of(bundle)['canonicalizedBody'])


BUNDLE_CHANGES = {
    'certificate': change_certificate, 'timestamp': change_timestamp, 'payload': change_payload,
    'signature': change_signature, 'checkpoint': change_checkpoint, 'body': change_body,
    'no-proof': lambda bundle: entry_of(bundle).pop('inclusionProof'),
    'no-entry': lambda bundle: bundle['verificationMaterial'].pop('tlogEntries'),
    'no-time': lambda bundle: bundle['verificationMaterial'].pop('timestampVerificationData'),
    'root-hash': lambda bundle: entry_of(bundle)['inclusionProof'].update(
        rootHash=other_bytes(entry_of(bundle)['inclusionProof']['rootHash'])),
    'index': lambda bundle: entry_of(bundle)['inclusionProof'].update(
        logIndex=str(int(entry_of(bundle)['inclusionProof'].get('logIndex', '0')) + 1)),
}


@pytest.mark.parametrize('registry', ['REGISTRY', 'REFERRERS_REGISTRY'])
def test_a_bundle_that_was_changed_is_refused(verify, signed, stack, registry):
    name = 'rekor2' if registry == 'REGISTRY' else 'rekor2-referrers'
    place, manifest, _ = signature_place(stack, signed.of(name))
    layer = manifest['layers'][0]
    bundle = json.loads(stack.get(f'{place}/blobs/{layer["digest"]}')[0])
    image = signed.of(name).partition('@')[2]
    data, media_type = stack.get(f'{place}/manifests/{image}')
    for change in BUNDLE_CHANGES:
        # A copy of the image in a repository of its own, so that nothing else is listed there.
        own = place + '-' + change
        copied = json.loads(data)
        for blob in (copied['config'], *copied['layers'], manifest['config']):
            stack.put_blob(own, stack.get(f'{place}/blobs/{blob["digest"]}')[0], blob['digest'])
        stack.put(f'{own}/manifests/{image}', data, media_type)
        other = copy.deepcopy(bundle)
        BUNDLE_CHANGES[change](other)
        changed = put_bundle(stack, own, manifest, other)
        if registry == 'REGISTRY':
            attach(stack, own, changed, image)
        else:
            put_manifest(stack, own, changed)
        said = verify(f'{own.replace("/v2/", "/")}@{image}', code={program.NO_MATCH,
                                                                   program.BAD_INPUT})
        assert not said.out, change


# --- whose word ---------------------------------------------------------------------------------


# What is missing without each of them.
PARTS = {'ctlogs': '[sct-threshold]', 'tlogs': '[log-threshold]',
         'timestampAuthorities': '[time-missing]',
         'certificateAuthorities': '[certificate-authority]'}


@pytest.mark.parametrize('name', ['rekor2', 'legacy-timestamp'])
@pytest.mark.parametrize('part', PARTS)
def test_without_a_part_of_the_trusted_root_nothing_is_accepted(verify, signed, root_with, name,
                                                                part):
    # The older entry vouches for a time itself, and a timestamp of nobody known counts for nothing.
    without = root_with(lambda root: root.update({part: []}))
    accepted = name == 'legacy-timestamp' and part == 'timestampAuthorities'
    said = verify(signed.of(name), root=without,
                  code=program.DONE if accepted else program.NO_MATCH)
    assert accepted or PARTS[part] in said.err
    if accepted:
        verify(signed.of(name), '--use-signed-timestamps', root=without, code=program.NO_MATCH)


def test_a_part_of_the_trusted_root_whose_time_is_over_does_not_count(verify, signed, root_with):
    over = {'start': '2020-01-01T00:00:00Z', 'end': '2021-01-01T00:00:00Z'}

    def end(part):
        def change(root):
            for item in root[part]:
                (item.get('publicKey') or item)['validFor'] = over
        return change
    for part in PARTS:
        verify(signed.of('rekor2'), root=root_with(end(part)), code=program.NO_MATCH)


def test_another_key_of_a_log_is_refused(verify, signed, root_with):
    """Under the right name: the ID of the log stays."""
    def swap(part):
        def change(root):
            keys = [log['publicKey'] for log in root['tlogs'] + root['ctlogs']]
            for item in root[part]:
                item['publicKey'] = next(key for key in keys if key != item['publicKey'])
        return change
    for name, part in (('rekor2', 'ctlogs'), ('rekor2', 'tlogs'), ('legacy', 'ctlogs'),
                       ('legacy', 'tlogs')):
        verify(signed.of(name), root=root_with(swap(part)), code=program.NO_MATCH)


@pytest.mark.parametrize('content', [b'', b'{}', b'nonsense', b'{"mediaType":"x"}', b'[' * 100000])
def test_what_is_no_trusted_root_is_said_to_be_none(verify, signed, tmp_path, content):
    (tmp_path / 'root').write_bytes(content)
    said = verify(signed.of('rekor2'), root=tmp_path / 'root', code=TRUST_MATERIAL)
    assert 'root' in said.err


def test_a_trusted_root_that_is_not_there_is_bad_input(verify, signed, tmp_path):
    said = verify(signed.of('rekor2'), root=tmp_path / 'none', code={program.BAD_INPUT})
    assert 'none' in said.err


def test_the_logs_can_be_ignored_by_who_says_so(verify, signed, root_with):
    reference = signed.of('rekor2')
    without = root_with(lambda root: root.update(tlogs=[]))
    verify(reference, root=without, code=program.NO_MATCH)
    said = verify(reference, '--insecure-ignore-tlog', root=without)
    assert '--insecure-ignore-tlog' in said.err
    said = verify(reference, '--insecure-ignore-tlog', '-o', 'json', root=without)
    assert json.loads(said.out)['ignored'] == ['transparency log']
    verify(reference, '--insecure-ignore-tlog', '--require-tlog', code=program.USAGE)


def test_the_certificate_logs_can_be_ignored_by_who_says_so(verify, signed, root_with):
    without = root_with(lambda root: root.update(ctlogs=[]))
    for name in SAMPLE:
        verify(signed.of(name), root=without, code=program.NO_MATCH)
        said = verify(signed.of(name), '--insecure-ignore-sct', root=without)
        assert '--insecure-ignore-sct' in said.err
        said = verify(signed.of(name), '--insecure-ignore-sct', '-o', 'json', root=without)
        assert json.loads(said.out)['ignored'] == ['certificate log']


def test_anybody_is_accepted_only_by_who_says_so(verify, signed, root_with):
    for name in (*SAMPLE, 'actions'):
        said = verify(signed.of(name), signer=['--insecure-any-identity'])
        assert '--insecure-any-identity' in said.err
        said = verify(signed.of(name), '-o', 'json', signer=['--insecure-any-identity'])
        assert json.loads(said.out)['ignored'] == ['identity']
        # Anybody of a trusted authority, that is.
        verify(signed.of(name), signer=['--insecure-any-identity'], code=program.NO_MATCH,
               root=root_with(lambda root: root.update(certificateAuthorities=[])))
    verify(signed.of('key-rekor2'), signer=['--insecure-any-identity'], code=NO_CERTIFICATE)


def test_more_than_there_is_can_be_demanded_and_is_refused(verify, signed):
    for name in SAMPLE:
        verify(signed.of(name), '--tlog-threshold', '2', code=program.NO_MATCH)
        verify(signed.of(name), '--sct-threshold', '2', code=program.NO_MATCH)
        verify(signed.of(name), '--timestamp-threshold', '2', code=program.NO_MATCH)
    verify(signed.of('rekor2'), '--timestamp-threshold', '1', '--tlog-threshold', '1')
    verify(signed.of('legacy'), '--use-signed-timestamps', code=program.NO_MATCH)
    verify(signed.of('legacy-timestamp'), '--use-signed-timestamps')


def test_a_key_with_a_timestamp_and_no_log(verify, signed, stack):
    reference = signed.image(f'{stack["REGISTRY"]}/e2e/key-timestamp:1')
    signed.sign(Kind('SIGNING_CONFIG_NO_LOG', by='key'), reference)
    key = ['--key', stack.folder / 'cosign.pub']
    verify(reference, signer=key)
    verify(reference, '--use-signed-timestamps', signer=key)
    verify(reference, '--require-tlog', signer=key, code=program.NO_MATCH)


# --- trust through TUF --------------------------------------------------------------------------


class Mirror:
    """The TUF repository of the stack, on a port of its own; `asked` is what was fetched."""

    def __init__(self, folder):
        asked = self.asked = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(folder))

            def do_GET(self):
                asked.append(self.path)
                super().do_GET()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self._server.server_port}'
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def mirror(stack):
    running = Mirror(stack.tuf_folder)
    yield running
    running.stop()


def test_the_trusted_root_comes_through_tuf(ociship, signed, stack):
    trust = ['--mirror', stack['TUF_MIRROR'], '--root', stack['TUF_ROOT']]
    for name in ('rekor2', 'legacy'):
        said = ociship('verify', *who(stack, KEYLESS[name]), *trust, signed.of(name))
        assert 'trust: TUF' in said.err and stack['TUF_MIRROR'] in said.err
    ociship('verify', *identity('other@example.com', stack['ISSUER']), *trust, signed.of('rekor2'),
            code=program.NO_MATCH)


def test_what_was_fetched_is_used_when_nobody_can_be_asked(ociship, signed, stack, mirror):
    trust = ['--mirror', mirror.url, '--root', stack['TUF_ROOT']]
    call = ['verify', *who(stack, KEYLESS['legacy'])]
    reference = signed.of('legacy')
    # Nothing was ever fetched, and the copy in the program is of another instance.
    ociship(*call, *trust, '--offline', reference, code=TRUST_MATERIAL)
    assert mirror.asked == []
    ociship(*call, *trust, reference)
    count = len(mirror.asked)
    assert count >= 4
    ociship(*call, *trust, '--offline', reference)
    ociship(*call, *trust, reference)  # it was asked a moment ago
    assert len(mirror.asked) == count
    mirror.stop()
    ociship(*call, *trust, '--offline', reference)
    ociship(*call, *trust, reference)
    ociship('trust', 'update', *trust, code=program.UNAVAILABLE)


def test_the_tuf_settings_come_from_the_environment_too(ociship, signed, stack, mirror, tmp_path):
    variables = {'TUF_MIRROR': mirror.url, 'TUF_ROOT_JSON': stack['TUF_ROOT'],
                 'TUF_ROOT': str(tmp_path / 'kept')}
    ociship('verify', *who(stack, KEYLESS['legacy']), signed.of('legacy'), env=variables)
    assert mirror.asked and list((tmp_path / 'kept').rglob('*.json'))


@pytest.mark.parametrize('wrong', ['targets.json', 'timestamp.json', 'trusted_root.json'])
def test_a_repository_that_was_changed_is_refused(ociship, signed, stack, tmp_path, wrong):
    folder = tmp_path / 'mirror'
    hits = 0
    for path in stack.tuf_folder.rglob('*'):
        if path.is_file():
            target = folder / path.relative_to(stack.tuf_folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            data = path.read_bytes()
            if path.name.endswith(wrong):
                data = data.replace(b'a', b'b', 1) if b'a' in data else data + b' '
                hits += 1
            target.write_bytes(data)
    assert hits
    changed = Mirror(folder)
    try:
        said = ociship('verify', *who(stack, KEYLESS['legacy']), '--mirror', changed.url, '--root',
                       stack['TUF_ROOT'], signed.of('legacy'), code=TRUST_MATERIAL)
        assert not said.out
    finally:
        changed.stop()


def test_a_root_of_somebody_else_is_refused(ociship, signed, stack, mirror):
    root = program.ROOT / 'src' / 'services' / 'embedded' / 'production.root.json'
    ociship('verify', *who(stack, KEYLESS['legacy']), '--mirror', mirror.url, '--root', root,
            signed.of('legacy'), code=TRUST_MATERIAL)


def test_the_public_instance_does_not_vouch_for_ours(ociship, signed, stack):
    ociship('verify', *who(stack, KEYLESS['legacy']), '--trusted-root', 'embedded',
            signed.of('legacy'), code=program.NO_MATCH)
    said = ociship('verify', *who(stack, KEYLESS['legacy']), '--offline', signed.of('legacy'),
                   code=program.NO_MATCH)
    assert 'part of the program' in said.err


# --- trust in single files ----------------------------------------------------------------------


def variables_of(stack, **changes):
    given = {'SIGSTORE_ROOT_FILE': stack['FULCIO_CHAIN'],
             'SIGSTORE_REKOR_PUBLIC_KEY': stack['REKOR1_KEY'],
             'SIGSTORE_CT_LOG_PUBLIC_KEY_FILE': stack['CTLOG_KEY'],
             'SIGSTORE_TSA_CERTIFICATE_FILE': stack['TSA_CHAIN'], **changes}
    return {name: value for name, value in given.items() if value}


def test_single_files_are_trusted_as_cosign_trusts_them(ociship, signed, stack):
    call = ['verify', *who(stack, KEYLESS['legacy'])]
    for name in ('legacy', 'legacy-timestamp'):
        ociship(*call, signed.of(name), env=variables_of(stack))
    ociship(*call, '--use-signed-timestamps', signed.of('legacy-timestamp'),
            env=variables_of(stack))
    for changes in ({'SIGSTORE_REKOR_PUBLIC_KEY': stack['REKOR2_ECDSA_KEY']},
                    {'SIGSTORE_CT_LOG_PUBLIC_KEY_FILE': stack['REKOR1_KEY']},
                    {'SIGSTORE_ROOT_FILE': stack['TSA_CHAIN']},
                    {'SIGSTORE_REKOR_PUBLIC_KEY': None}, {'SIGSTORE_CT_LOG_PUBLIC_KEY_FILE': None},
                    {'SIGSTORE_ROOT_FILE': None}):
        said = ociship(*call, signed.of('legacy'), env=variables_of(stack, **changes),
                       code={program.NO_MATCH, TRUST_MATERIAL})
        assert not said.out


@pytest.mark.parametrize('content', [None, b'', b'nonsense'])
def test_a_single_file_that_is_none_is_bad_input(ociship, signed, stack, tmp_path, content):
    if content is not None:
        (tmp_path / 'file').write_bytes(content)
    for name in variables_of(stack):
        said = ociship('verify', *who(stack, KEYLESS['legacy']), signed.of('legacy'),
                       env=variables_of(stack, **{name: str(tmp_path / 'file')}),
                       code=program.BAD_INPUT)
        assert 'file' in said.err


# --- files --------------------------------------------------------------------------------------


BLOBS = {'rekor2': ('SIGNING_CONFIG', 'email'), 'ecdsa': ('SIGNING_CONFIG_ECDSA', 'email'),
         'rekor1': ('SIGNING_CONFIG_REKOR1', 'email'), 'actions': ('SIGNING_CONFIG', 'actions'),
         'key': ('SIGNING_CONFIG', 'key')}


@pytest.mark.parametrize('name', BLOBS)
def test_files_that_cosign_signs_are_accepted(verify, signed, stack, tmp_path, name):
    config, by = BLOBS[name]
    kind = Kind(config, by=by)
    file, bundle = tmp_path / 'file', tmp_path / 'file.sigstore.json'
    file.write_bytes(b'content of the file\n')
    stack.cosign('sign-blob', '-y', '--trusted-root', stack['TRUSTED_ROOT'], '--signing-config',
                 stack[config], *signed.who(kind), '--bundle', bundle, file)
    verify(file, kind=kind, command='verify-blob')
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    verify(f'sha256:{digest}', '--bundle', bundle, kind=kind, command='verify-blob')
    if by != 'key':
        verify(file, signer=identity('other@example.com', stack['ISSUER']), command='verify-blob',
               code=program.NO_MATCH)
    verify(file, '--attestation-type', 'any', kind=kind, command='verify-blob')
    file.write_bytes(b'content of the file')
    verify(file, kind=kind, command='verify-blob', code=program.NO_MATCH)


def test_attestations_that_cosign_makes_are_taken_by_type(verify, signed, stack, tmp_path):
    file, bundle, predicate = (tmp_path / name for name in ('file', 'file.sigstore.json', 'p'))
    file.write_bytes(b'content of the file\n')
    predicate.write_text('{"a": 1}')
    kind = KEYLESS['rekor2']
    stack.cosign('attest-blob', '-y', '--trusted-root', stack['TRUSTED_ROOT'], '--signing-config',
                 stack[kind.config], *signed.who(kind), '--bundle', bundle, '--predicate',
                 predicate, '--type', 'https://example.com/predicate/v1', file)
    for of_type in ('https://example.com/predicate/v1', 'any'):
        verify(file, '--attestation-type', of_type, command='verify-blob')
    for flags in ([], ['--attestation-type', 'https://example.com/predicate/v2']):
        verify(file, *flags, command='verify-blob', code=program.NO_MATCH)
    file.write_bytes(b'other content\n')
    verify(file, '--attestation-type', 'any', command='verify-blob', code=program.NO_MATCH)


def test_an_attestation_of_an_image_is_no_signature_of_it(verify, signed, stack, tmp_path):
    reference = signed.image(f'{stack["REGISTRY"]}/e2e/attested:1')
    predicate = tmp_path / 'p'
    predicate.write_text('{"a": 1}')
    kind = KEYLESS['rekor2']
    stack.cosign('attest', '-y', '--allow-http-registry', '--trusted-root', stack['TRUSTED_ROOT'],
                 '--signing-config', stack[kind.config], *signed.who(kind), '--predicate',
                 predicate, '--type', 'https://example.com/predicate/v1', reference)
    said = verify(reference, code={program.NO_SIGNATURE, program.NO_MATCH})
    assert not said.out
