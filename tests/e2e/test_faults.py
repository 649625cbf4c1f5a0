# SPDX-License-Identifier: Apache-2.0
"""push against registries as they are: each quirk of a real one, without any flag for it."""

import json

import pytest

import program
import truth

MIB = 1 << 20
SMALL = truth.FIXTURES / 'docker20-one.tar'
KNOWN = truth.configs(truth.load()['good']['docker20-one.tar'])
# In KiB: two layers that go as one body, and two that are streamed.
SIZES = (3, 200, 2500, 12 * 1024)


def check(faults, name, known, tag='1'):
    """Everything below the tag is there, read without any fault."""
    faults.switch()
    return truth.check_image(truth.RegistryPlace(faults), name, tag, known)[0]


def push(ociship, faults, name, archive, *flags, tag='1', **options):
    return ociship('push', archive, f'{faults.host}/{name}:{tag}', *flags, **options)


def kinds(faults, *wanted):
    """The requests of these kinds so far."""
    return [entry for entry in faults.log() if entry['kind'] in wanted]


def reached_other(faults):
    """The requests that came to the host of the storage."""
    return [entry for entry in faults.log() if entry['listener'] == 'other']


# --- how uploads are taken -----------------------------------------------------------------------


UPLOADS = ['distribution', 'zot', 'ecr', 'ecr-public', 'ghcr', 'gar', 'no-chunk', 'aliyun',
           'artifactory', 'nginx-buffer', 'quay-mount-400', 'harbor-mount-401', 'scope-strict']


@pytest.mark.parametrize('kind', ['', *UPLOADS])
def test_each_registry_takes_an_image(ociship, faults, name, noise, kind):
    archive, known = noise(*SIZES)
    faults.reset(*filter(None, [kind]))
    pushed = push(ociship, faults, name, archive)
    assert check(faults, name, known) == pushed.digest


@pytest.mark.parametrize('kind', [
    pytest.param(kind, marks=[pytest.mark.smoke] if kind in ('distribution', 'zot') else [])
    for kind in ('', *UPLOADS)])
def test_each_registry_takes_an_image_although_the_connection_breaks(ociship, faults, name, noise,
                                                                     kind):
    archive, known = noise(*SIZES)
    faults.reset(*filter(None, [kind]), f'break={7 * MIB}')
    pushed = push(ociship, faults, name, archive)
    assert check(faults, name, known) == pushed.digest


@pytest.mark.parametrize('kind', ['', 'distribution', 'zot', 'ecr', 'ghcr', 'aliyun', 'min-chunk',
                                  'location=with-query', 'location=relative'])
@pytest.mark.parametrize('limit', ['cloudflare', 'early-413'])
def test_a_limit_for_bodies_is_learned(ociship, faults, name, noise, kind, limit):
    archive, known = noise(*SIZES)
    # No part of a layer in ECR, but the last, may have less than 5 MiB.
    faults.reset(*filter(None, [kind]), f'{limit}={(9 if kind == "ecr" else 6) * MIB}')
    pushed = push(ociship, faults, name, archive)
    assert check(faults, name, known) == pushed.digest
    refused = [entry for entry in faults.log() if entry['status'] == 413]
    # Who is told a smallest chunk sends chunks, which are small enough, from the beginning.
    assert (refused or kind == 'min-chunk') and len(refused) <= 4, 'it is learned once'


@pytest.mark.parametrize('kind', ['gar', 'no-chunk'])
def test_a_limit_without_chunks_is_named(ociship, faults, name, noise, kind):
    archive, _ = noise(*SIZES)
    faults.reset(kind, f'cloudflare={6 * MIB}')
    said = push(ociship, faults, name, archive, code={program.FAILURE, program.UNAVAILABLE})
    assert '413' in said.err and 'limit' in said.err
    assert faults.store(name)['tags'] == {}


@pytest.mark.parametrize('kind', ['', 'distribution', 'zot', 'ecr', 'aliyun', 'min-chunk', 'ghcr',
                                  'artifactory', 'nginx-buffer'])
@pytest.mark.parametrize('mode', ['clean', 'break'])
def test_chunks_go_where_they_can(ociship, faults, name, noise, kind, mode):
    archive, known = noise(*SIZES)
    faults.reset(*filter(None, [kind]), *([f'break={3 * MIB}'] if mode == 'break' else []))
    pushed = push(ociship, faults, name, archive, '--chunk-size', '5MiB')
    assert check(faults, name, known) == pushed.digest


@pytest.mark.parametrize('kind', ['gar', 'no-chunk', 'ecr-public'])
def test_chunks_that_a_registry_refuses_are_not_insisted_on(ociship, faults, name, noise, kind):
    archive, known = noise(*SIZES)
    faults.reset(kind)
    pushed = push(ociship, faults, name, archive, '--chunk-size', '5MiB')
    assert check(faults, name, known) == pushed.digest


def test_chunks_have_the_size_that_is_asked_for(ociship, faults, name, noise):
    archive, known = noise(*SIZES)
    push(ociship, faults, name, archive, '--chunk-size', '5MiB')
    check(faults, name, known)
    sizes = [entry['received'] for entry in kinds(faults, 'upload-patch')]
    assert max(sizes) == 5 * MIB and sizes.count(5 * MIB) >= 2


@pytest.mark.parametrize('percent', [10, 30])
def test_replicas_that_have_not_heard_of_a_session(ociship, faults, name, noise, percent):
    archive, known = noise(*SIZES)
    faults.reset(f'replica={percent}')
    pushed = push(ociship, faults, name, archive)
    assert check(faults, name, known) == pushed.digest


def test_a_repository_of_ecr_that_is_not_there_is_named(ociship, faults, name):
    faults.reset('ecr', repositories=['another'])
    said = push(ociship, faults, name, SMALL, code=program.NOT_FOUND)
    assert name in said.err and 'repository' in said.err


def test_a_repository_that_is_not_there_is_named(ociship, faults, name):
    faults.reset(repositories=['another'])
    said = push(ociship, faults, name, SMALL, code=program.NOT_FOUND)
    assert name in said.err


# --- where uploads go ----------------------------------------------------------------------------


@pytest.mark.parametrize('form', ['path', 'absolute', 'relative', 'scheme-relative', 'no-scheme',
                                  'with-query'])
@pytest.mark.parametrize('more', [[], ['distribution']], ids=['', 'distribution'])
def test_every_form_of_location_is_followed(ociship, faults, name, noise, form, more):
    archive, known = noise(*SIZES[:3])
    faults.reset(f'location={form}', *more)
    push(ociship, faults, name, archive)
    check(faults, name, known)


def test_an_upload_to_another_server_without_tls_is_refused(ociship, faults, name):
    faults.reset('location=other-host')
    said = push(ociship, faults, name, SMALL, code=program.FAILURE)
    assert faults.other in said.err and 'TLS' in said.err
    assert reached_other(faults) == []


# --- what breaks ---------------------------------------------------------------------------------


@pytest.mark.parametrize('form', ['secs', 'date', 'lf'])
def test_a_rate_limit_is_waited_for(ociship, faults, name, noise, form):
    archive, known = noise(*SIZES[:3])
    faults.reset(f'429={form}')
    pushed = push(ociship, faults, name, archive)
    refused = [entry['kind'] for entry in faults.log() if entry['status'] == 429]
    assert {'upload-post', 'upload-put', 'upload-patch', 'manifest-put'} & set(refused)
    assert check(faults, name, known) == pushed.digest


@pytest.mark.parametrize('form', ['ever', 'long'])
def test_a_rate_limit_that_does_not_end_is_named(ociship, faults, name, form):
    faults.reset(f'429={form}')
    said = push(ociship, faults, name, SMALL, '--retries', '2', code=program.RATE_LIMITED)
    assert '429' in said.err and 'slow down' in said.err
    assert len(faults.log()) < 20


def test_all_work_for_a_host_pauses_at_a_rate_limit(ociship, faults, name, noise):
    archive, known = noise(*SIZES[:3])
    faults.reset('429=secs')
    push(ociship, faults, name, archive)
    log = faults.log()
    for refused in (entry for entry in log if entry['status'] == 429):
        early = [entry for entry in log
                 if refused['time'] + 0.1 < entry['time'] < refused['time'] + 0.9]
        assert not early, f'{early[0]["kind"]} came while {refused["kind"]} was to wait'
    check(faults, name, known)


def test_a_server_that_is_down_is_named(ociship, faults, name):
    faults.reset('broken')
    said = push(ociship, faults, name, SMALL, '--retries', '1', code=program.UNAVAILABLE)
    assert '503' in said.err and faults.host in said.err


def test_a_body_that_is_no_longer_taken_is_sent_again(ociship, faults, name, noise):
    archive, known = noise(*SIZES)
    faults.reset(f'stall={MIB}')
    push(ociship, faults, name, archive, '--timeout', '2s')
    check(faults, name, known)


def test_bodies_that_are_never_taken_are_given_up(ociship, faults, name, noise):
    archive, _ = noise(*SIZES)
    faults.reset(f'stall={MIB},ever')
    said = push(ociship, faults, name, archive, '--timeout', '1s', '--retries', '1',
                code=program.UNAVAILABLE)
    assert faults.host in said.err
    assert faults.store(name)['tags'] == {}


@pytest.mark.parametrize('kind', ['upload-post', 'upload-patch', 'upload-put', 'manifest-put',
                                  'tag-put', 'blob-head', 'tags-get'])
@pytest.mark.parametrize('registry', ['', 'distribution', 'zot'])
def test_an_answer_that_is_lost_is_no_failure(ociship, faults, name, noise, kind, registry):
    archive, known = noise(*SIZES[:3])
    faults.reset(f'lost-response={kind}', *filter(None, [registry]))
    pushed = push(ociship, faults, name, archive)
    assert kinds(faults, kind)[0]['fault'] == 'lost'
    assert check(faults, name, known) == pushed.digest


def test_a_blob_that_vanishes_before_the_manifest_is_sent_again(ociship, faults, name, noise):
    archive, known = noise(*SIZES[:3])
    faults.reset('gc')
    pushed = push(ociship, faults, name, archive)
    assert check(faults, name, known) == pushed.digest
    assert any(entry['kind'] == 'manifest-put' and entry['status'] == 400
               for entry in faults.log())


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize('wording', ['400', '409', '412', 'aws', 'gar'])
def test_a_tag_that_may_not_move(ociship, faults, name, noise, wording):
    archive, known = noise(3)
    faults.reset(f'immutable={wording}')
    first = push(ociship, faults, name, SMALL)
    again = push(ociship, faults, name, SMALL, '--no-cache')
    assert again.digest == first.digest
    said = push(ociship, faults, name, archive, code=program.TAG_CONFLICT)
    assert 'tag "1"' in said.err
    assert check(faults, name, KNOWN) == first.digest


@pytest.mark.parametrize('kind', ['no-head', 'head-403', 'delete-405'])
def test_a_registry_without_a_method(ociship, faults, name, noise, kind):
    archive, known = noise(*SIZES[:3])
    faults.reset(kind)
    for _ in range(2):
        push(ociship, faults, name, archive, '--no-cache')
    check(faults, name, known)


def test_who_may_not_push_is_told_so(ociship, faults, name):
    faults.reset('deny')
    said = push(ociship, faults, name, SMALL, code=program.UNAUTHORIZED)
    assert '403' in said.err and 'DENIED' in said.err and name in said.err


def test_the_request_id_of_a_refusal_is_told(ociship, faults, name):
    faults.reset('deny', 'request-id')
    said = push(ociship, faults, name, SMALL, code=program.UNAUTHORIZED)
    assert 'fault-' in said.err


# --- what is offered -----------------------------------------------------------------------------


def test_tags_of_many_pages_are_all_seen(ociship, faults, name, noise):
    archive, _ = noise(3)
    for version in ('1.0.0', '1.2.0', '1.10.0', '2.0.0', '0.9.0'):
        push(ociship, faults, name, SMALL, tag=version)
    faults.switch('tags-paged-link-only')
    # `latest` only moves forward: that 2.0.0 is there stands on the last page.
    ociship('push', archive, f'{faults.host}/{name}', '--semver', '1.11.0')
    tags = faults.store(name)['tags']
    assert tags['1'] == tags['1.11'] == tags['1.11.0'] != tags['2.0.0']
    assert tags.get('latest') != tags['1.11.0']


@pytest.mark.parametrize('kind', ['', 'multi-tag', 'multi-tag-partial'])
def test_all_tags_are_set_however_many_at_once(ociship, faults, name, kind):
    faults.reset(*filter(None, [kind]))
    tags = [f'tag-{number}' for number in range(7)]
    pushed = ociship('push', SMALL, f'{faults.host}/{name}', *(f'--tag={tag}' for tag in tags))
    assert faults.store(name)['tags'] == dict.fromkeys(tags, pushed.digest)


@pytest.mark.parametrize('kind', ['', 'no-referrers', 'referrers-no-filter', 'multi-tag', 'no-head',
                                  'head-403', 'delete-405', 'distribution', 'zot'])
def test_an_image_is_signed_and_verified(ociship, faults, name, keys, kind):
    faults.reset(*filter(None, [kind]))
    image = f'{faults.host}/{name}:1'
    ociship('push', SMALL, image, '--key', keys / 'mine.key', password='correct horse')
    ociship('verify', '--key', keys / 'mine.pub', image)
    ociship('verify', '--key', keys / 'other.pub', image,
            code={program.NO_SIGNATURE, program.NO_MATCH})


def test_a_warning_is_printed_once(ociship, faults, name):
    faults.reset('warning-299')
    said = push(ociship, faults, name, SMALL)
    assert said.err.count('the fault registry retires tomorrow') == 1


def test_a_warning_is_no_part_of_json(ociship, faults, name):
    faults.reset('warning-299')
    said = push(ociship, faults, name, SMALL, '--output', 'json')
    assert json.loads(said.out)
