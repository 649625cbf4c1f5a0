# SPDX-License-Identifier: Apache-2.0
"""sign, sign-blob and push --sign with real Fulcio, Rekor v1 and v2, a certificate log and a
timestamp authority: what ociship signs, ociship and real cosign accept, with the same trusted root.
tests/support/stack.py has all of them on the loopback."""

import hashlib
import http.server
import json
import threading
import time

import pytest

import make_image
import program
import stack as sigstore_stack

SIGNING_SERVICE, TRUST_MATERIAL = 30, 31
LEGACY = ['--new-bundle-format=false']
WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'


@pytest.fixture(scope='module')
def stack(tmp_path_factory):
    try:
        running = sigstore_stack.Stack(tmp_path_factory.mktemp('stack'))
    except LookupError as error:
        pytest.skip(str(error))
    running.cosign('generate-key-pair')
    yield running
    running.stop()


class Images:
    """New images in the registries of the stack, each with other bytes."""

    def __init__(self, stack, folder):
        self.stack = stack
        self.run = program.Program(folder)
        self._numbers = iter(range(1000))

    def archive(self, architecture='amd64'):
        path = self.run.folder / f'{next(self._numbers)}.tar'
        content = f'{time.time()} {path} {architecture}'.encode()
        make_image.docker_archive(path, [make_image.layer_of({'f': content})], architecture)
        return path

    def push(self, registry='REGISTRY', architectures=('amd64',)):
        """HOST/NAME@DIGEST of a new image, or index, which nobody signed."""
        number = next(self._numbers)
        archives = [self.archive(architecture) for architecture in architectures]
        place = f'{self.stack[registry]}/keyless/i{number}:1'
        return self.run('push', *archives, place).out.strip()


@pytest.fixture(scope='module')
def images(stack, tmp_path_factory):
    return Images(stack, tmp_path_factory.mktemp('images'))


@pytest.fixture
def trust(stack):
    return ['--trusted-root', stack['TRUSTED_ROOT']]


@pytest.fixture
def sign(ociship, stack, trust):
    """sign(REFERENCE, ..., config=NAME): with the identity of the stack."""
    def run(*arguments, config='SIGNING_CONFIG', token=None, command='sign', **options):
        flags = ['--signing-config', stack[config]] if config else []
        token = stack.token() if token is None else token
        return ociship(command, *arguments, *trust, *flags, '--identity-token', token, **options)
    return run


@pytest.fixture
def who(stack):
    return identity(stack['EMAIL'], stack['ISSUER'])


def identity(subject, issuer):
    return ['--certificate-identity', subject, '--certificate-oidc-issuer', issuer]


@pytest.fixture
def cosign(stack, trust):
    """Whether real cosign verifies it."""
    def accepts(*arguments, command='verify', check=True):
        registry = ['--allow-http-registry'] if command == 'verify' else []
        return stack.cosign(command, *registry, *trust, *arguments, check=check).returncode == 0
    return accepts


# --- images --------------------------------------------------------------------------------------


CONFIGS = {'SIGNING_CONFIG': ['bundle'], 'SIGNING_CONFIG_ECDSA': ['bundle'],
           'SIGNING_CONFIG_REKOR1': ['bundle', 'legacy']}


@pytest.mark.parametrize('registry', ['REGISTRY', 'REFERRERS_REGISTRY'])
@pytest.mark.parametrize('config', CONFIGS)
def test_an_image_is_signed_in_all_formats_that_can_be_verified_later(
        ociship, sign, images, who, trust, cosign, config, registry):
    reference = images.push(registry)
    done = sign(reference, '-o', 'json', config=config)
    image, = json.loads(done.out)['images']
    assert image['image'] == reference
    assert [entry['format'] for entry in image['signatures']] == CONFIGS[config]
    assert ('Rekor v1' in done.err) == ('legacy' not in CONFIGS[config])
    said = json.loads(ociship('verify', *who, *trust, '-o', 'json', reference).out)
    assert said['images'][0]['signatures'][0]['format'] == 'bundle'
    assert cosign(*who, reference)
    assert cosign(*LEGACY, *who, reference, check=False) == ('legacy' in CONFIGS[config])
    assert not cosign(*identity('other@example.com', who[3]), reference, check=False)


def test_one_format_alone_is_what_each_verifier_finds(ociship, sign, images, who, trust, cosign):
    legacy = images.push()
    sign(legacy, '--format', 'legacy', config='SIGNING_CONFIG_REKOR1')
    signature, = json.loads(ociship('verify', *who, *trust, '-o', 'json', legacy).out)['images'][0][
        'signatures']
    assert signature['format'] == 'legacy'
    assert len(signature['times']) == 2  # the log's and the timestamp authority's
    assert cosign(*LEGACY, *who, legacy)
    assert cosign(*LEGACY, '--use-signed-timestamps', *who, legacy)


def test_an_index_is_signed_with_all_that_it_names(ociship, sign, images, who, trust, cosign):
    reference = images.push(architectures=('amd64', 'arm64'))
    done = sign('--recursive', reference, '-a', 'env=prod', config='SIGNING_CONFIG_REKOR1')
    signed = done.out.splitlines()
    assert len(signed) == 3 and signed[-1] == reference
    for image in signed:
        ociship('verify', *who, *trust, '-a', 'env=prod', image)
        assert cosign('-a', 'env=prod', *who, image)
    alone = images.push(architectures=('amd64', 'arm64'))
    assert sign(alone).out.splitlines() == [alone]


def test_what_cosign_signs_is_found_and_left_alone(sign, stack, images, trust):
    reference = images.push()
    stack.cosign('sign', '-y', '--allow-http-registry', *trust, '--signing-config',
                 stack['SIGNING_CONFIG'], '--identity-token', stack.token(), reference)
    again = sign(reference, '-o', 'json')
    assert [entry['state'] for entry in json.loads(again.out)['images'][0]['signatures']] == [
        'was there']


def test_signing_again_writes_nothing_unless_it_is_forced(ociship, sign, images, stack, who, trust):
    reference = images.push()

    def states(*flags, **options):
        done = sign(reference, '-o', 'json', *flags, config='SIGNING_CONFIG_REKOR1', **options)
        return [entry['state'] for entry in json.loads(done.out)['images'][0]['signatures']]

    def count():
        said = json.loads(ociship('verify', *who, *trust, '-o', 'json', reference).out)
        return len(said['images'][0]['signatures'])
    assert states() == ['written', 'written']
    assert states() == ['was there', 'was there']
    assert count() == 1  # of the bundles, where verifying ends
    assert states('--force') == ['written', 'written']
    assert count() == 2
    # Another identity, or other annotations, are another signature.
    assert states(token=stack.token(email='other@example.com')) == ['written', 'written']
    assert states('-a', 'env=prod') == ['written', 'written']


def test_an_image_with_two_names_is_signed_once(sign, images):
    reference = images.push()
    tag = f'{reference.partition("@")[0]}:1'
    done = sign(reference, tag, '-o', 'json')
    image, = json.loads(done.out)['images']
    assert image['image'] == reference


def test_every_log_that_is_written_into_is_announced(sign, stack, images, tmp_path):
    config = json.loads(open(stack['SIGNING_CONFIG'], encoding='utf-8').read())
    first = json.loads(open(stack['SIGNING_CONFIG_REKOR1'], encoding='utf-8').read())
    config['rekorTlogUrls'] += first['rekorTlogUrls']
    path = tmp_path / 'both.json'
    path.write_text(json.dumps(config))
    for flags, logs in (([], {'REKOR2', 'REKOR1'}), (['--format', 'bundle'], {'REKOR2'})):
        done = sign(images.push(), '--signing-config', path, *flags, config=None)
        assert {name for name in ('REKOR2', 'REKOR1') if stack[name] in done.err} == logs


def test_a_digest_of_sha512_gets_a_bundle(ociship, sign, who, trust, images, tmp_path):
    layout = tmp_path / 'layout'
    ociship('push', images.archive(), f'oci:{layout}:1')
    index = json.loads((layout / 'index.json').read_text())
    data = (layout / 'blobs' / 'sha256' / index['manifests'][0]['digest'][7:]).read_bytes()
    digest = hashlib.sha512(data).hexdigest()
    (layout / 'blobs' / 'sha512').mkdir()
    (layout / 'blobs' / 'sha512' / digest).write_bytes(data)
    index['manifests'][0]['digest'] = f'sha512:{digest}'
    (layout / 'index.json').write_text(json.dumps(index))
    sign(f'oci:{layout}:1', '--format', 'both', config='SIGNING_CONFIG_REKOR1',
         code=program.USAGE)
    sign(f'oci:{layout}:1', config='SIGNING_CONFIG_REKOR1')
    ociship('verify', *who, *trust, f'oci:{layout}:1')


def test_a_ci_job_needs_no_flag_for_its_token(ociship, stack, images, trust):
    reference = images.push()
    job = {'GITHUB_ACTIONS': 'true',
           'ACTIONS_ID_TOKEN_REQUEST_URL': stack['ACTIONS_ID_TOKEN_REQUEST_URL'],
           'ACTIONS_ID_TOKEN_REQUEST_TOKEN': stack['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}
    flags = [*trust, '--signing-config', stack['SIGNING_CONFIG']]
    done = ociship('sign', *flags, reference, env=job)
    mask, = [line for line in done.err.splitlines() if line.startswith('::add-mask::')]
    token = mask.removeprefix('::add-mask::')
    assert token.count('.') == 2 and done.err.count(token) == 1 and token not in done.out
    ociship('verify', *identity(WORKFLOW, stack['ISSUER_ACTIONS']), *trust, reference)
    ociship('verify', '--certificate-oidc-issuer', stack['ISSUER_ACTIONS'],
            '--certificate-identity', WORKFLOW, '--certificate-github-workflow-repository',
            'acme/app', *trust, reference)
    # Without the permission the runner offers nothing.
    refused = ociship('sign', *flags, reference, env={'GITHUB_ACTIONS': 'true'},
                      code=program.UNAUTHORIZED)
    assert 'id-token: write' in refused.err
    gitlab = ociship('sign', *flags, '--force', reference,
                     env={'GITLAB_CI': 'true', 'SIGSTORE_ID_TOKEN': stack.token()})
    assert stack['EMAIL'] in gitlab.err


# --- who is asked --------------------------------------------------------------------------------


def test_services_can_be_named_by_their_urls(ociship, sign, stack, images, who, trust, cosign):
    reference = images.push()
    sign(reference, '--fulcio-url', stack['FULCIO'], '--rekor-url', stack['REKOR1'], config=None)
    assert cosign(*who, reference) and cosign(*LEGACY, *who, reference)
    second = images.push()
    sign(second, '--fulcio-url', stack['FULCIO'], '--rekor-url', stack['REKOR2'],
         '--rekor-version', '2', '--timestamp-server-url', stack['TSA'], config=None)
    ociship('verify', *who, *trust, second)


def test_without_a_log_a_timestamp_vouches(ociship, sign, stack, images, who, trust, cosign):
    for flags, config in ((['--no-tlog'], 'SIGNING_CONFIG'),
                          (['--tlog-upload=false', '--fulcio-url', stack['FULCIO'],
                            '--timestamp-server-url', stack['TSA']], None)):
        reference = images.push()
        done = sign(reference, *flags, '-o', 'json', config=config)
        assert len(json.loads(done.out)['images'][0]['signatures']) == 2
        assert 'written into' not in done.err
        ociship('verify', *who, *trust, '--insecure-ignore-tlog', '--use-signed-timestamps',
                reference)
        ociship('verify', *who, *trust, reference, code=program.NO_MATCH)
        ignore = ['--insecure-ignore-tlog', '--use-signed-timestamps']
        assert cosign(*ignore, *who, reference) and cosign(*LEGACY, *ignore, *who, reference)


def test_what_nobody_could_verify_later_is_an_error_before_anything_is_done(
        ociship, sign, stack, images, who, trust):
    reference = images.push()
    fulcio = ['--fulcio-url', stack['FULCIO']]
    cases = [([*fulcio, '--rekor-url', stack['REKOR2'], '--rekor-version', '2'], None,
              '--timestamp-server-url'),
             ([*fulcio, '--no-tlog'], None, '--timestamp-server-url'),
             (fulcio, None, '--rekor-url'),
             (['--rekor-url', stack['REKOR1']], None, '--fulcio-url'),
             (['--format', 'legacy'], 'SIGNING_CONFIG', 'Rekor v1'),
             (['--format', 'both'], 'SIGNING_CONFIG', 'Rekor v1'),
             ([], 'SIGNING_CONFIG_NO_LOG', '--no-tlog'),
             (['--no-tlog', '--tlog'], 'SIGNING_CONFIG', 'exclude each other'),
             (['--timestamp-server-url', 'http://tsa.example/'], 'SIGNING_CONFIG', 'https'),
             (['--timestamp-server-url', 'tsa'], 'SIGNING_CONFIG', 'URL'),
             (['--no-tlog', '--rekor-url', stack['REKOR1']], None, '--no-tlog'),
             (['--tlog-upload', 'maybe'], 'SIGNING_CONFIG', '--tlog-upload'),
             (['--rekor-version', '3', *fulcio, '--rekor-url', stack['REKOR1']], None,
              '--rekor-version')]
    for flags, config, expected in cases:
        refused = sign(reference, *flags, config=config, code=program.USAGE)
        assert expected in refused.err, refused
        assert 'certificate for' not in refused.err
    ociship('verify', *who, *trust, reference, code=program.NO_SIGNATURE)


def test_a_trusted_root_of_others_stops_before_anything_is_stored(ociship, stack, images, who,
                                                                  trust, tmp_path):
    reference = images.push()
    original = json.loads(open(stack['TRUSTED_ROOT'], encoding='utf-8').read())
    for member in ('certificateAuthorities', 'ctlogs', 'tlogs', 'timestampAuthorities'):
        root = tmp_path / f'{member}.json'
        root.write_text(json.dumps({**original, member: []}))
        refused = ociship('sign', '--trusted-root', root, '--signing-config',
                          stack['SIGNING_CONFIG'], '--identity-token', stack.token(), reference,
                          code=SIGNING_SERVICE)
        assert len([line for line in refused.err.splitlines() if 'note:' not in line]) == 1
    ociship('verify', *who, *trust, reference, code=program.NO_SIGNATURE)


def test_a_tuf_repository_says_whom_to_ask(ociship, stack, images, who):
    reference = images.push()
    tuf = ['--mirror', stack['TUF_MIRROR']]
    ociship('trust', 'update', *tuf, '--root', stack['TUF_ROOT'])
    ociship('sign', *tuf, '--identity-token', stack.token(), reference)
    ociship('verify', *tuf, *who, reference)
    # A trusted root of somebody's own is no reason to write into the public logs.
    refused = ociship('sign', '--trusted-root', stack['TRUSTED_ROOT'], '--identity-token',
                      stack.token(), reference, code=program.USAGE)
    assert '--signing-config' in refused.err


def test_a_tuf_repository_without_signing_config_is_no_answer(ociship, stack, images, tmp_path):
    class Nothing(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Nothing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        refused = ociship('sign', '--mirror', f'http://127.0.0.1:{server.server_port}', '--root',
                          stack['TUF_ROOT'], '--identity-token', stack.token(), images.push(),
                          code=TRUST_MATERIAL)
        assert len(refused.err.splitlines()) == 1
    finally:
        server.shutdown()
        server.server_close()


# --- with a key ----------------------------------------------------------------------------------


def test_a_key_asks_nobody_unless_it_is_told_to(ociship, stack, images, trust, cosign):
    key = ['--key', stack.folder / 'cosign.key']
    public = ['--key', stack.folder / 'cosign.pub']
    config = ['--signing-config', stack['SIGNING_CONFIG_REKOR1']]
    alone = images.push()
    assert 'written into' not in ociship('sign', *key, alone, password='').err
    ociship('verify', *public, '--require-tlog', *trust, alone, code=program.NO_MATCH)
    logged = images.push()
    done = ociship('sign', *key, '--tlog', *trust, *config, logged, password='')
    assert stack['REKOR1'] in done.err
    ociship('verify', *public, '--require-tlog', *trust, logged)
    assert cosign(*public, logged) and cosign(*LEGACY, *public, logged)
    # Signed before without an entry, it is signed again with one.
    ociship('sign', *key, '--tlog', *trust, *config, alone, password='')
    ociship('verify', *public, '--require-tlog', *trust, alone)
    stamped = images.push()
    ociship('sign', *key, *trust, '--timestamp-server-url', stack['TSA'], stamped, password='')
    ociship('verify', *public, '--use-signed-timestamps', *trust, stamped)
    ociship('verify', *public, '--require-tlog', *trust, stamped, code=program.NO_MATCH)
    assert cosign('--insecure-ignore-tlog', '--use-signed-timestamps', *public, stamped)


def test_flags_of_a_key_and_of_an_identity_exclude_each_other(ociship, stack, images):
    key = ['--key', stack.folder / 'cosign.key']
    reference = images.push()
    for flags in (['--identity-token', 'x'], ['--oidc-provider', 'github-actions'],
                  ['--fulcio-url', stack['FULCIO']], ['--insecure-ignore-sct'],
                  ['--trusted-root', stack['TRUSTED_ROOT']]):
        ociship('sign', *key, *flags, reference, password='', code=program.USAGE)


# --- tokens --------------------------------------------------------------------------------------


def test_tokens_come_from_a_file_standard_input_or_the_environment(ociship, stack, images, trust,
                                                                   tmp_path):
    flags = [*trust, '--signing-config', stack['SIGNING_CONFIG'], '--force']
    reference = images.push()
    path = tmp_path / 'token'
    path.write_text(stack.token() + '\n')
    ociship('sign', *flags, '--identity-token', path, reference)
    ociship('sign', *flags, '--identity-token', '-', reference, stdin=stack.token().encode())
    ociship('sign', *flags, reference, env={'SIGSTORE_ID_TOKEN': stack.token()})


def test_tokens_that_do_not_count_are_refused_and_never_shown(sign, stack, images):
    reference = images.push()
    expired = {'exp': int(time.time()) - 60}
    for token in (stack.token(claims={'aud': 'other'}), stack.token(claims=expired),
                  stack.token(claims={'email_verified': False}), stack.token()[:-8] + 'AAAAAAAA',
                  stack.token(claims={'iss': 'http://127.0.0.1:1/'})):
        refused = sign(reference, token=token, code=program.UNAUTHORIZED)
        assert token[:20] not in refused.err + refused.out
        assert token.split('.')[2][:16] not in refused.err
    missing = sign(reference, token='/nonexistent/token', code=program.BAD_INPUT)
    assert '/nonexistent/token' in missing.err


def test_without_any_token_the_error_says_what_to_do(ociship, stack, images, trust):
    refused = ociship('sign', *trust, '--signing-config', stack['SIGNING_CONFIG'], images.push(),
                      code=program.UNAUTHORIZED)
    for expected in ('--identity-token', 'SIGSTORE_ID_TOKEN'):
        assert expected in refused.err


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize('config', CONFIGS)
def test_a_file_is_signed_with_a_bundle_beside_it(ociship, sign, who, trust, cosign, tmp_path,
                                                  config):
    files = [tmp_path / 'one.txt', tmp_path / 'two.bin']
    for file in files:
        file.write_text(f'{file} {time.time()}')
    done = sign(*files, command='sign-blob', config=config)
    bundles = [f'{file}.sigstore.json' for file in files]
    assert done.out.splitlines() == bundles
    for file, bundle in zip(files, bundles):
        ociship('verify-blob', *who, *trust, file)
        assert cosign(*who, '--bundle', bundle, file, command='verify-blob')
    ociship('verify-blob', *who, *trust, '--bundle', bundles[1], files[0], code=program.NO_MATCH)


def test_a_bundle_goes_where_it_is_wanted(ociship, sign, who, trust, tmp_path):
    bundle = tmp_path / 'bundle.json'
    sign('-', '--bundle', bundle, command='sign-blob', stdin=b'from a pipe')
    ociship('verify-blob', *who, *trust, '--bundle', bundle, '-', stdin=b'from a pipe')
    file = tmp_path / 'file'
    file.write_bytes(b'x')
    printed = sign(file, '--bundle', '-', command='sign-blob').out
    bundle.write_text(printed)
    ociship('verify-blob', *who, *trust, '--bundle', bundle, file)
    assert not (tmp_path / 'file.sigstore.json').exists()
    sign('-', command='sign-blob', stdin=b'', code=program.USAGE)
    sign(file, file, '--bundle', bundle, command='sign-blob', code=program.USAGE)
    sign(tmp_path / 'absent', command='sign-blob', code=program.BAD_INPUT)
    sign(file, '--bundle', tmp_path / 'no' / 'folder', command='sign-blob', code=program.BAD_INPUT)


def test_files_are_signed_with_a_key(ociship, stack, trust, tmp_path, cosign):
    file = tmp_path / 'file'
    file.write_bytes(bytes(70 << 20))  # more than is kept in memory
    key, public = stack.folder / 'cosign.key', stack.folder / 'cosign.pub'
    ociship('sign-blob', '--key', key, file, password='')
    ociship('verify-blob', '--key', public, file)
    assert cosign('--key', public, '--insecure-ignore-tlog', '--bundle',
                  f'{file}.sigstore.json', file, command='verify-blob')
    ociship('sign-blob', '--key', key, '--tlog', *trust, '--signing-config',
            stack['SIGNING_CONFIG'], file, password='')
    ociship('verify-blob', '--key', public, '--require-tlog', *trust, file)
    assert cosign('--key', public, '--bundle', f'{file}.sigstore.json', file,
                  command='verify-blob')


def test_a_statement_is_signed_as_one(ociship, sign, who, trust, tmp_path, cosign):
    artifact = tmp_path / 'artifact'
    artifact.write_bytes(b'an artifact')
    digest = hashlib.sha256(b'an artifact').hexdigest()
    statement = tmp_path / 'statement.json'
    statement.write_text(json.dumps({
        '_type': 'https://in-toto.io/Statement/v1',
        'subject': [{'name': 'artifact', 'digest': {'sha256': digest}}],
        'predicateType': 'https://example.com/predicate/v1', 'predicate': {'a': 1}}))
    bundle = tmp_path / 'bundle.json'
    sign(statement, '--in-toto', '--bundle', bundle, command='sign-blob')
    ociship('verify-blob', *who, *trust, '--attestation-type', 'https://example.com/predicate/v1',
            '--bundle', bundle, artifact)
    ociship('verify-blob', *who, *trust, '--bundle', bundle, artifact, code=program.NO_MATCH)
    assert cosign(*who, '--type', 'https://example.com/predicate/v1', '--bundle', bundle, artifact,
                  command='verify-blob-attestation')
    statement.write_text('{}')
    sign(statement, '--in-toto', '--bundle', bundle, command='sign-blob', code=program.BAD_INPUT)


# --- push ----------------------------------------------------------------------------------------


def test_a_push_signs_before_the_tags_move(ociship, stack, images, who, trust, cosign):
    flags = ['--sign', *trust, '--signing-config', stack['SIGNING_CONFIG_REKOR1']]
    place = f'{stack["REGISTRY"]}/keyless/pushed'
    archive = images.archive()
    done = ociship('push', archive, place, '--semver', '1.4.2', *flags, '--identity-token',
                   stack.token(), '-o', 'json')
    pushed, = json.loads(done.out)['images']
    assert [entry['format'] for entry in pushed['signatures']] == ['bundle', 'legacy']
    for tag in ('1.4.2', 'latest'):
        ociship('verify', *who, *trust, f'{place}:{tag}')
    assert cosign(*who, f'{place}:1.4.2') and cosign(*LEGACY, *who, f'{place}:1.4.2')
    # Pushed again it is found signed.
    again = ociship('push', archive, place, '--tag', 'again', *flags, '--identity-token',
                    stack.token())
    ociship('verify', *who, *trust, f'{place}:again')
    assert again.digest == pushed['digest']


def test_a_push_that_can_not_sign_sends_nothing(ociship, stack, images, trust):
    place = f'{stack["REGISTRY"]}/keyless/refused'
    flags = ['--sign', *trust, '--signing-config', stack['SIGNING_CONFIG']]
    ociship('push', images.archive(), f'{place}:1', *flags, code=program.UNAUTHORIZED)
    ociship('push', images.archive(), f'{place}:1', *flags, '--identity-token',
            stack.token(claims={'iss': 'http://127.0.0.1:1/'}), code=program.UNAUTHORIZED)
    ociship('inspect', f'{place}:1', code=program.NOT_FOUND)
    # Flags that say how to sign say nothing about whether.
    for alone in (['--signing-config', stack['SIGNING_CONFIG']], ['--identity-token', 'x'],
                  ['--signature-format', 'bundle'], ['--no-tlog']):
        refused = ociship('push', images.archive(), f'{place}:1', *alone, code=program.USAGE)
        assert '--sign' in refused.err


def test_a_plan_asks_for_no_token(ociship, stack, images, trust):
    place = f'{stack["REGISTRY"]}/keyless/planned:1'
    ociship('push', images.archive(), place, '--sign', *trust, '--signing-config',
            stack['SIGNING_CONFIG'], '--dry-run')
