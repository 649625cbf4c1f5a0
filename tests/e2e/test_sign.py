# SPDX-License-Identifier: Apache-2.0
"""generate-key-pair, sign and verify, against real cosign in both directions."""

import json
import os
import stat

import pytest

import make_image
import program
import servers
import truth
from conftest import PASSWORD

ARCHIVE = truth.FIXTURES / 'docker20-one.tar'
FORMATS = ('bundle', 'legacy', 'both')
EXPECTED = {'bundle': {'bundle'}, 'legacy': {'legacy'}, 'both': {'bundle', 'legacy'}}
COSIGN_FLAGS = {'bundle': [], 'legacy': ['--new-bundle-format=false']}
TO_SIGN = ['-y', '--allow-http-registry', '--use-signing-config=false', '--tlog-upload=false']
TO_VERIFY = ['--allow-http-registry', '--insecure-ignore-tlog']
REFERRER_TYPE = 'application/vnd.oci.image.manifest.v1+json'


def signature_tag(digest):
    return digest.replace(':', '-') + '.sig'


def formats_of(place, name, digest):
    """Which formats of signature stand in the repository for this image."""
    found = set()
    if place.referrers(name, digest):
        found.add('bundle')
    try:
        place.manifest(name, signature_tag(digest))
        found.add('legacy')
    except KeyError:
        pass
    return found


@pytest.fixture
def two_images(ociship, tmp_path):
    """push(place, name): puts two unsigned images, `a` and `b`, and gives their digests."""
    def push(place, name):
        digests = []
        for tag in ('a', 'b'):
            make_image.docker_archive(tmp_path / tag,
                                      [make_image.layer_of({'which': tag.encode()})])
            pushed = ociship('push', tmp_path / tag, f'{place.repository(name)}:{tag}')
            digests.append(pushed.digest)
        return digests
    return push


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.smoke
def test_key_files_are_those_of_cosign(ociship, tmp_path):
    ociship('generate-key-pair', password=PASSWORD)
    private, public = tmp_path / 'cosign.key', tmp_path / 'cosign.pub'
    assert private.read_text().startswith('-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n')
    assert public.read_text().startswith('-----BEGIN PUBLIC KEY-----\n')
    assert stat.S_IMODE(os.stat(private).st_mode) == 0o600


def test_key_files_are_never_overwritten(ociship, tmp_path):
    ociship('generate-key-pair', '--output-key-prefix', 'k', password=PASSWORD)
    before = (tmp_path / 'k.key').read_bytes(), (tmp_path / 'k.pub').read_bytes()
    said = ociship('generate-key-pair', '--output-key-prefix', 'k', password=PASSWORD, code=None)
    assert said.code != program.DONE
    assert before == ((tmp_path / 'k.key').read_bytes(), (tmp_path / 'k.pub').read_bytes())


def test_cosign_signs_with_our_key(ociship, distribution, name, keys, peer):
    image = f'{distribution.repository(name)}:1'
    digest = ociship('push', ARCHIVE, image).digest
    reference = f'{distribution.repository(name)}@{digest}'
    peer('cosign', 'sign', *TO_SIGN, '--key', keys / 'mine.key', reference, password=PASSWORD)
    ociship('verify', '--key', keys / 'mine.pub', image)


def test_we_sign_with_a_key_of_cosign(ociship, distribution, name, peer, tmp_path):
    peer('cosign', 'generate-key-pair', '--output-key-prefix', tmp_path / 'theirs', password='pw')
    image = f'{distribution.repository(name)}:1'
    ociship('push', ARCHIVE, image, '--key', 'theirs.key', password='pw')
    peer('cosign', 'verify', *TO_VERIFY, '--key', tmp_path / 'theirs.pub', image)
    ociship('verify', '--key', 'theirs.pub', image)


@pytest.mark.parametrize('given', [b'correct horse', b'correct horse\n', b'\n', b''])
def test_the_password_is_all_of_standard_input(ociship, layout, given, peer, tmp_path):
    """As for cosign, a line end belongs to it."""
    image = f'{layout.repository("a")}:1'
    ociship('push', ARCHIVE, image)
    ociship('generate-key-pair', '--output-key-prefix', 'k', stdin=given)
    ociship('sign', '--key', 'k.key', image, stdin=given)
    ociship('verify', '--key', 'k.pub', image)
    for wrong in (given + b'\n', b'x' + given):
        ociship('sign', '--key', 'k.key', image, stdin=wrong, code=program.BAD_INPUT)
    peer('cosign', 'public-key', '--key', tmp_path / 'k.key', password=given.decode())


@pytest.mark.parametrize('password', ['wrong', '', 'correct hors', 'correct horse '])
def test_a_wrong_password_signs_and_tags_nothing(ociship, layout, keys, password):
    said = ociship('push', ARCHIVE, f'{layout.repository("a")}:1', '--key', keys / 'mine.key',
                   password=password, code=program.BAD_INPUT)
    assert 'password' in said.err
    assert layout.tags('a') == []


@pytest.mark.parametrize('content', [None, b'', b'nonsense', b'-----BEGIN PUBLIC KEY-----\n'])
def test_what_is_no_key_file_is_bad_input(ociship, layout, tmp_path, content):
    if content is not None:
        (tmp_path / 'k').write_bytes(content)
    image = f'{layout.repository("a")}:1'
    ociship('push', ARCHIVE, image)
    ociship('sign', '--key', 'k', image, password='x', code=program.BAD_INPUT)
    ociship('verify', '--key', 'k', image, code=program.BAD_INPUT)


# --- ours, verified by cosign and by us ----------------------------------------------------------


@pytest.mark.parametrize('signature', FORMATS)
def test_cosign_and_we_accept_what_push_signs(ociship, registry_place, name, keys, peer,
                                              signature):
    image = f'{registry_place.repository(name)}:1'
    pushed = ociship('push', ARCHIVE, image, '--key', keys / 'mine.key', '--signature-format',
                     signature, password=PASSWORD)
    assert formats_of(registry_place, name, pushed.digest) == EXPECTED[signature]
    for shape in EXPECTED[signature]:
        peer('cosign', 'verify', *TO_VERIFY, *COSIGN_FLAGS[shape], '--key', keys / 'mine.pub', image)
        refused = peer('cosign', 'verify', *TO_VERIFY, *COSIGN_FLAGS[shape], '--key',
                       keys / 'other.pub', image, check=False)
        assert refused.returncode != 0
    verified = ociship('verify', '--key', keys / 'mine.pub', image)
    assert pushed.digest in verified.out


@pytest.mark.smoke
@pytest.mark.parametrize('signature', FORMATS)
def test_signed_later_and_verified_everywhere(ociship, place, name, keys, signature):
    image = f'{place.repository(name)}:1'
    digest = ociship('push', ARCHIVE, image).digest
    ociship('verify', '--key', keys / 'mine.pub', image, code=program.NO_SIGNATURE)
    ociship('sign', '--key', keys / 'mine.key', '--format', signature, image, password=PASSWORD)
    assert formats_of(place, name, digest) == EXPECTED[signature]
    for reference in (image, f'{place.repository(name)}@{digest}', f'{image}@{digest}'):
        ociship('verify', '--key', keys / 'mine.pub', reference)
    ociship('verify', '--key', keys / 'other.pub', image, code=program.NO_MATCH)
    document = json.loads(ociship('verify', '--key', keys / 'mine.pub', '-o', 'json', image).out)
    assert digest in json.dumps(document)


def test_an_index_is_signed_as_a_whole(ociship, olareg, name, keys, peer):
    image = f'{olareg.repository(name)}:1'
    ociship('push', truth.FIXTURES / 'buildx-oci-attest.tar', image, '--key', keys / 'mine.key',
            password=PASSWORD)
    ociship('verify', '--key', keys / 'mine.pub', image)
    for flags in COSIGN_FLAGS.values():
        peer('cosign', 'verify', *TO_VERIFY, *flags, '--key', keys / 'mine.pub', image)


def test_signing_again_writes_nothing(ociship, place, name, keys):
    image = f'{place.repository(name)}:1'
    digest = ociship('push', ARCHIVE, image, '--key', keys / 'mine.key', password=PASSWORD).digest

    def state():
        return (place.manifest(name, signature_tag(digest)),
                sorted(entry['digest'] for entry in place.referrers(name, digest)))

    before = state()
    ociship('sign', '--key', keys / 'mine.key', image, password=PASSWORD)
    assert state() == before


def test_a_second_key_signs_beside_the_first(ociship, distribution, name, keys, peer):
    image = f'{distribution.repository(name)}:1'
    ociship('push', ARCHIVE, image)
    for key in ('mine', 'other'):
        ociship('sign', '--key', keys / f'{key}.key', image, password=PASSWORD)
    for key in ('mine', 'other'):
        ociship('verify', '--key', keys / f'{key}.pub', image)
        for flags in COSIGN_FLAGS.values():
            peer('cosign', 'verify', *TO_VERIFY, *flags, '--key', keys / f'{key}.pub', image)


def test_signatures_are_written_before_any_tag_moves(ociship, distribution, name, keys):
    digest = ociship('push', ARCHIVE, distribution.repository(name), '--semver', '1.4.2', '--key',
                     keys / 'mine.key', password=PASSWORD).digest
    puts = [path.rsplit('/', 1)[1] for method, path, status
            in distribution.registry.requests(name)
            if method == 'PUT' and '/manifests/' in path and status == 201]
    first_tag = min(puts.index(tag) for tag in ('1.4.2', '1.4', '1', 'latest'))
    assert puts.index(signature_tag(digest)) < first_tag
    assert puts.index(digest.replace(':', '-')) < first_tag  # the fallback tag of the bundle
    assert puts.index(digest) < puts.index(signature_tag(digest))


# --- annotations and identity --------------------------------------------------------------------


@pytest.mark.parametrize('signature', ['bundle', 'legacy'])
def test_annotations_are_signed_and_demanded(ociship, distribution, name, keys, peer, signature):
    image = f'{distribution.repository(name)}:1'
    ociship('push', ARCHIVE, image)
    ociship('sign', '--key', keys / 'mine.key', '--format', signature, '-a', 'env=prod', '-a',
            'note=<a> & é', image, password=PASSWORD)
    check = ['verify', '--key', keys / 'mine.pub', image]
    ociship(*check)
    ociship(*check, '-a', 'env=prod', '-a', 'note=<a> & é')
    for wrong in ('env=test', 'env=', 'env=prod ', 'other=prod', 'Env=prod'):
        ociship(*check, '-a', wrong, code=program.NO_MATCH)
        ociship(*check, '-a', 'env=prod', '-a', wrong, code={program.NO_MATCH, program.USAGE})
    theirs = ['cosign', 'verify', *TO_VERIFY, *COSIGN_FLAGS[signature], '--key', keys / 'mine.pub']
    peer(*theirs, '-a', 'env=prod', image)
    assert peer(*theirs, '-a', 'env=test', image, check=False).returncode != 0


def test_the_identity_in_the_payload(ociship, layout, keys):
    image = f'{layout.repository("a")}:1'
    digest = ociship('push', ARCHIVE, image).digest
    ociship('sign', '--key', keys / 'mine.key', '--format', 'legacy',
            '--sign-container-identity', 'example.com/acme/app', image, password=PASSWORD)
    manifest = json.loads(layout.manifest('a', signature_tag(digest))[0])
    payload = json.loads(layout.blob('a', manifest['layers'][0]['digest']))
    assert payload['critical']['identity']['docker-reference'] == 'example.com/acme/app'
    assert payload['critical']['image']['docker-manifest-digest'] == digest


# --- cosign's, verified by us --------------------------------------------------------------------


@pytest.mark.parametrize('signature', ['bundle', 'legacy'])
def test_we_accept_what_cosign_signs(ociship, registry_place, name, peer, tmp_path, signature):
    peer('cosign', 'generate-key-pair', '--output-key-prefix', tmp_path / 'theirs', password='pw')
    peer('cosign', 'generate-key-pair', '--output-key-prefix', tmp_path / 'else', password='pw')
    image = f'{registry_place.repository(name)}:1'
    digest = ociship('push', ARCHIVE, image).digest
    peer('cosign', 'sign', *TO_SIGN, *COSIGN_FLAGS[signature], '--key', tmp_path / 'theirs.key',
         '-a', 'env=prod', f'{registry_place.repository(name)}@{digest}', password='pw')
    assert formats_of(registry_place, name, digest) == {signature}
    ociship('verify', '--key', 'theirs.pub', '-a', 'env=prod', image)
    ociship('verify', '--key', 'theirs.pub', '-a', 'env=test', image, code=program.NO_MATCH)
    ociship('verify', '--key', 'else.pub', image, code=program.NO_MATCH)


def test_ours_and_cosigns_stand_beside_each_other(ociship, registry_place, name, keys, peer):
    image = f'{registry_place.repository(name)}:1'
    digest = ociship('push', ARCHIVE, image, '--key', keys / 'mine.key', password=PASSWORD).digest
    reference = f'{registry_place.repository(name)}@{digest}'
    for flags in COSIGN_FLAGS.values():
        peer('cosign', 'sign', *TO_SIGN, *flags, '--key', keys / 'other.key', reference,
             password=PASSWORD)
    for key in ('mine', 'other'):
        ociship('verify', '--key', keys / f'{key}.pub', image)
        for flags in COSIGN_FLAGS.values():
            peer('cosign', 'verify', *TO_VERIFY, *flags, '--key', keys / f'{key}.pub', image)


# --- what is refused -----------------------------------------------------------------------------


def move_legacy(place, name, signed, other):
    data, media_type = place.manifest(name, signature_tag(signed))
    place.put_manifest(name, signature_tag(other), data, media_type)


def move_bundle(place, name, signed, other):
    """Attaches the bundle of one image to another, as somebody who may write there could."""
    manifest = json.loads(place.manifest(name, place.referrers(name, signed)[0]['digest'])[0])
    data, media_type = place.manifest(name, other)
    manifest['subject'] = {'mediaType': media_type, 'digest': other, 'size': len(data)}
    moved = json.dumps(manifest).encode()
    place.put_manifest(name, truth.sha256(moved), moved, REFERRER_TYPE)
    if not place.referrers(name, other):  # no referrers API: the fallback tag
        index = {'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.index.v1+json',
                 'manifests': [{'mediaType': REFERRER_TYPE, 'digest': truth.sha256(moved),
                                'size': len(moved),
                                'artifactType': manifest.get('artifactType', '')}]}
        place.put_manifest(name, other.replace(':', '-'), json.dumps(index).encode(),
                           index['mediaType'])
    assert place.referrers(name, other)


MOVES = {'legacy': [move_legacy], 'bundle': [move_bundle], 'both': [move_legacy, move_bundle]}


@pytest.mark.smoke
@pytest.mark.parametrize('signature', FORMATS)
def test_a_signature_that_was_moved_does_not_match(ociship, place, name, keys, two_images,
                                                   signature):
    signed, other = two_images(place, name)
    destination = place.repository(name)
    ociship('sign', '--key', keys / 'mine.key', '--format', signature, f'{destination}:a',
            password=PASSWORD)
    for move in MOVES[signature]:
        move(place, name, signed, other)
    assert formats_of(place, name, other) == EXPECTED[signature]
    ociship('verify', '--key', keys / 'mine.pub', f'{destination}:b', code=program.NO_MATCH)
    ociship('verify', '--key', keys / 'mine.pub', f'{destination}:a')


@pytest.mark.parametrize('signature', ['bundle', 'legacy'])
def test_cosign_refuses_ours_for_another_image(ociship, distribution, name, keys, two_images, peer,
                                               signature):
    signed, other = two_images(distribution, name)
    destination = distribution.repository(name)
    ociship('sign', '--key', keys / 'mine.key', '--format', signature, f'{destination}:a',
            password=PASSWORD)
    for move in MOVES[signature]:
        move(distribution, name, signed, other)
    check = ['cosign', 'verify', *TO_VERIFY, *COSIGN_FLAGS[signature], '--key', keys / 'mine.pub']
    peer(*check, f'{destination}:a')
    assert peer(*check, f'{destination}:b', check=False).returncode != 0


def test_a_copied_fallback_tag_signs_nothing(ociship, distribution, name, keys, two_images, peer):
    signed, other = two_images(distribution, name)
    destination = distribution.repository(name)
    ociship('sign', '--key', keys / 'mine.key', '--format', 'bundle', f'{destination}:a',
            password=PASSWORD)
    peer('crane', 'copy', f'{destination}:{signed.replace(":", "-")}',
         f'{destination}:{other.replace(":", "-")}')
    ociship('verify', '--key', keys / 'mine.pub', f'{destination}:b',
            code={program.NO_SIGNATURE, program.NO_MATCH})


def test_a_tag_that_was_moved_to_another_image(ociship, distribution, name, keys, two_images, peer):
    two_images(distribution, name)
    destination = distribution.repository(name)
    ociship('sign', '--key', keys / 'mine.key', f'{destination}:a', password=PASSWORD)
    peer('crane', 'tag', f'{destination}:b', 'a')
    ociship('verify', '--key', keys / 'mine.pub', f'{destination}:a', code=program.NO_SIGNATURE)


@pytest.mark.parametrize('place_of', ['tag', 'repository', 'digest'])
def test_what_is_not_there(ociship, place, name, keys, place_of):
    destination = place.repository(name)
    if place_of != 'repository':
        ociship('push', ARCHIVE, f'{destination}:1')
    reference = f'{destination}@sha256:{"0" * 64}' if place_of == 'digest' else f'{destination}:no'
    ociship('verify', '--key', keys / 'mine.pub', reference, code=program.NO_REFERENCE)
    ociship('sign', '--key', keys / 'mine.key', reference, password=PASSWORD,
            code=program.NOT_FOUND)


def test_one_unsigned_image_among_several_refuses(ociship, layout, keys, two_images):
    two_images(layout, 'x')
    images = [f'{layout.repository("x")}:{tag}' for tag in ('a', 'b')]
    ociship('sign', '--key', keys / 'mine.key', images[0], password=PASSWORD)
    ociship('verify', '--key', keys / 'mine.pub', *images, code=program.NO_SIGNATURE)
    ociship('verify', '--key', keys / 'mine.pub', *reversed(images), code=program.NO_SIGNATURE)
    ociship('sign', '--key', keys / 'mine.key', *images, password=PASSWORD)
    verified = ociship('verify', '--key', keys / 'mine.pub', *images)
    assert len(verified.out.splitlines()) == 2


def test_a_server_that_is_gone_is_no_verdict(ociship, keys):
    ociship('verify', '--key', keys / 'mine.pub', f'127.0.0.1:{servers.free_port()}/a:1',
            code=program.UNAVAILABLE)
