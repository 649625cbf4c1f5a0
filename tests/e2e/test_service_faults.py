# SPDX-License-Identifier: Apache-2.0
"""Signing while Fulcio, Rekor v1 and v2 and the timestamp authority fail or lie: what passes is
tried again and nothing that succeeded is done twice, everything else ends with one clear line and
without a signature. The services are real (tests/support/stack.py), tests/support/fault_proxy.py
stands before each of them."""

import concurrent.futures
import dataclasses
import json
import re
import signal
import subprocess
import threading

import pytest

import fault_http
import fault_proxy
import program
import signing_bench
import stack as sigstore_stack
from signing_bench import LOGS, NAMES, WAYS

SIGNING_SERVICE, INTERRUPTED = 30, 130
TRIES = 4


@pytest.fixture(scope='module')
def crew(request, tmp_path_factory):
    folders = [tmp_path_factory.mktemp(name) for name in ('stack', 'others')]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        starting = [pool.submit(sigstore_stack.Stack, folder) for folder in folders]
    running = [future.result() for future in starting if not future.exception()]
    try:
        for future in starting:
            future.result()
        running[0].cosign('generate-key-pair')
        items = [item for item in request.session.items if hasattr(item.function, 'body') and
                 item.module is request.module]
        working = signing_bench.Crew(*running, tmp_path_factory.mktemp('crew'), items)
        yield working
        working.stop()
    except LookupError as error:
        pytest.skip(str(error))
    finally:
        for stack in running:
            stack.stop()


def side_by_side(cases=((),)):
    """A test of a bench, for each of these cases."""
    def decorate(body):
        @pytest.mark.parametrize('case', cases, ids=lambda case: '-'.join(map(str, case)) or 'one')
        def test(crew, case):
            crew.result(test, case)
        test.__name__, test.__doc__, test.body = body.__name__, body.__doc__, body
        return test
    return decorate


def check_refusal(answer, proxy, token):
    """One line, which names the service and has nothing secret in it."""
    said = [line for line in answer.err.splitlines() if not line.startswith('ociship: note: ')]
    assert len(said) == 1, answer.err
    assert proxy.origin in said[0]
    assert re.search('Fulcio http|Rekor http|the log at http|timestamp authority http', said[0])
    assert len(said[0]) < 1000
    for secret in (token, token.split('.')[1], token.split('.')[2]):
        assert secret not in answer.err
    assert not answer.out


# --- what passes ---------------------------------------------------------------------------------


def each(names, faults):
    return [(way, service, fault) for way in names for service in NAMES
            if WAYS[way].count(service) for fault in faults]


ONCE = [*each(['rekor2'], fault_proxy.TRANSIENT),
        *[('rekor1', 'REKOR1', fault) for fault in fault_proxy.TRANSIENT],
        ('rekor1', 'FULCIO', 'reset'), ('rekor1', 'TSA', 'reset-after'),
        ('legacy', 'REKOR1', 'reset-after'), ('legacy', 'TSA', '500'),
        ('blob', 'REKOR2', 'reset-after'), ('blob', 'TSA', '503'),
        ('blob-rekor1', 'REKOR1', 'reset-after'), ('blob-rekor1', 'FULCIO', '502'),
        ('key', 'REKOR2', 'reset-after'), ('key', 'TSA', 'truncated'),
        ('key-rekor1', 'REKOR1', 'reset-after')]


@side_by_side(ONCE)
def test_a_fault_that_passes_is_not_noticed(bench, way, service, fault):
    way = WAYS[way]
    target = bench.target(way)
    bench.proxies[service].fail(fault, 1, 1)
    bench.sign(way, target)
    bench.check_counts(way, service, more=1)
    assert bench.proxies[service].posts[0].fault == fault
    bench.verify(way, target)


@side_by_side([('rekor1', 'REKOR1'), ('rekor1', 'TSA')])
def test_a_fault_within_the_second_format_is_not_noticed(bench, way, service):
    way = WAYS[way]
    target = bench.target(way)
    bench.proxies[service].fail('reset-after', 2, 2)
    bench.sign(way, target)
    bench.check_counts(way, service, more=1)
    bench.verify(way, target)


@side_by_side()
def test_all_services_may_fail_once_in_one_signature(bench):
    for way in (WAYS['rekor2'], WAYS['rekor1']):
        bench.reset()
        for proxy in bench.proxies.values():
            proxy.fail('reset-after', 1, 1)
        target = bench.target(way)
        bench.sign(way, target)
        for name, proxy in bench.proxies.items():
            count = way.count(name)
            assert len(proxy.posts) == (count + 1 if count else 0), name
            assert name not in LOGS or proxy.made == count
        bench.verify(way, target)


# --- what does not pass --------------------------------------------------------------------------

# A stall each time takes long, and is the same to the client as a reset.
LASTING = [fault for fault in fault_proxy.TRANSIENT if fault not in ('stall', 'truncated')]
ALWAYS = [*each(['rekor2'], LASTING),
          *[('rekor1', 'REKOR1', fault) for fault in LASTING],
          ('rekor2', 'FULCIO', 'stall'), ('rekor2', 'FULCIO', 'truncated'),
          ('rekor2', 'TSA', 'truncated'),
          ('blob', 'FULCIO', '503'), ('blob', 'REKOR2', '429'), ('blob-rekor1', 'REKOR1', 'reset'),
          ('key', 'REKOR2', '500'), ('key', 'TSA', 'reset')]


@side_by_side(ALWAYS)
def test_a_fault_that_lasts_ends_without_a_signature(bench, way, service, fault):
    way = WAYS[way]
    target = bench.shared.unsigned[way.command]
    token = bench.shared.token()
    proxy = bench.proxies[service]
    proxy.fail(fault)
    code = program.RATE_LIMITED if fault == '429' else SIGNING_SERVICE
    answer = bench.sign(way, target, token=token, code=code)
    check_refusal(answer, proxy, token)
    assert len(proxy.posts) == TRIES
    for name, other in bench.proxies.items():
        assert name == service or len(other.posts) <= min(way.count(name), 1)
    assert bench.stored(target) == []


@side_by_side([('rekor2',), ('rekor1',)])
def test_the_half_of_an_entry_is_made_good_by_the_log_that_has_it(bench, way):
    """Each answer comes half; that the entry is there is known by the status all the same."""
    way = WAYS[way]
    service = 'REKOR1' if way.count('REKOR1') else 'REKOR2'
    target = bench.target(way)
    bench.proxies[service].fail('truncated')
    bench.sign(way, target)
    assert len(bench.proxies[service].posts) == 2 * way.count(service)
    assert bench.proxies[service].made == way.count(service)
    bench.verify(way, target)


REFUSING = [('rekor2', 'FULCIO', 401), ('rekor2', 'FULCIO', 404), ('rekor2', 'REKOR2', 400),
            ('rekor2', 'REKOR2', 405), ('rekor1', 'REKOR1', 400), ('rekor2', 'TSA', 403)]


@side_by_side(REFUSING)
def test_a_refusal_is_not_asked_for_twice(bench, way, service, status):
    """What a service says about a token has the token in it."""
    def refusal(_proxy, exchange):
        return fault_proxy.refusal(status, exchange)
    code = program.UNAUTHORIZED if (service, status) == ('FULCIO', 401) else SIGNING_SERVICE
    answer = check_lie(bench, WAYS[way], service, refusal, code=code)
    assert str(status) in answer.err and 'out of order' in answer.err


@side_by_side([('rekor2', 'FULCIO'), ('rekor2', 'REKOR2'), ('rekor1', 'REKOR1'), ('rekor2', 'TSA')])
def test_a_service_sends_nobody_anywhere_else(bench, way, service):
    second = bench.second(service)

    def redirect(_proxy, exchange):
        return fault_http.Answer(307, {'Location': second.origin + exchange.path})
    check_lie(bench, WAYS[way], service, redirect)
    assert second.exchanges == []


@side_by_side([('rekor2', 'FULCIO'), ('rekor2', 'REKOR2'), ('rekor1', 'REKOR1'), ('rekor2', 'TSA')])
def test_nobody_waits_for_an_hour(bench, way, service):
    def later(_proxy, exchange):
        return fault_proxy.refusal(429, exchange, **{'Retry-After': '3600'})
    check_lie(bench, WAYS[way], service, later, code=program.RATE_LIMITED)


@side_by_side([('REKOR1', '503'), ('TSA', 'reset'), ('REKOR1', '429')])
def test_without_the_second_format_the_first_is_not_stored_either(bench, service, fault):
    way = WAYS['rekor1']
    target = bench.shared.unsigned[way.command]
    token = bench.shared.token()
    proxy = bench.proxies[service]
    proxy.fail(fault, 2)
    answer = bench.sign(way, target, token=token,
                        code=program.RATE_LIMITED if fault == '429' else SIGNING_SERVICE)
    check_refusal(answer, proxy, token)
    assert len(proxy.posts) == 1 + TRIES
    assert len(bench.proxies['FULCIO'].posts) == 1
    assert bench.stored(target) == []


@side_by_side()
def test_a_bundle_that_is_there_stays_when_signing_again_fails(bench):
    way = WAYS['blob']
    file = bench.target(way)
    bundle = file.with_name('file.sigstore.json')
    bundle.write_text('what was there')
    bench.proxies['TSA'].fail('503')
    bench.sign(way, file, code=SIGNING_SERVICE)
    assert bench.stored(file) == [bundle.name]
    assert bundle.read_text() == 'what was there'


@side_by_side([('FULCIO',), ('REKOR2',), ('TSA',)])
def test_a_push_moves_no_tag_without_the_signature(bench, service):
    repository = f'{bench.stack["REGISTRY"]}/faults/pushed-{service.lower()}'
    token = bench.shared.token()
    push = ['push', bench.archive(), f'{repository}:1', '--sign', '--trusted-root', bench.root,
            '--signing-config', bench.configs['SIGNING_CONFIG'], '--identity-token', token]
    bench.proxies[service].fail('503')
    refused = bench.run(*push, code=SIGNING_SERVICE, timeout=60)
    assert bench.proxies[service].origin in refused.err and token not in refused.err
    assert bench.tags(repository) == []
    bench.reset()
    bench.run(*push)
    assert '1' in bench.tags(repository)
    bench.verify(WAYS['rekor2'], f'{repository}:1')


@side_by_side([('FULCIO',), ('REKOR2',), ('TSA',)])
def test_who_is_interrupted_between_two_tries_leaves_nothing(bench, service):
    way = WAYS['rekor2']
    target = bench.shared.unsigned[way.command]
    asked = threading.Event()

    def later(_proxy, exchange):
        asked.set()
        return fault_proxy.refusal(503, exchange, **{'Retry-After': '60'})
    bench.proxies[service].fail(later)
    running = subprocess.Popen(
        [program.PROGRAM, *bench.arguments(way, target)], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=bench.run.environment())
    try:
        assert asked.wait(30)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)  # half of what it was told to wait
    finally:
        running.kill()
        running.wait()
    assert running.returncode == INTERRUPTED and not out
    assert 'interrupted' in err.splitlines()[-1]
    assert bench.stored(target) == []


# --- who lies ------------------------------------------------------------------------------------


@side_by_side([(*place, fault) for fault in fault_proxy.NONSENSE for place in (
    ('rekor2', 'FULCIO'), ('rekor2', 'REKOR2'), ('rekor2', 'TSA'), ('rekor1', 'REKOR1'))])
def test_an_answer_that_is_none_is_the_end(bench, way, service, fault):
    check_lie(bench, WAYS[way], service, fault)


def check_lie(bench, way, service, lie, number=1, target=None, code=SIGNING_SERVICE, **options):
    """It is told once, and nobody asks again in the hope of another answer."""
    target = target or bench.shared.unsigned[way.command]
    token = options.pop('token', None) or bench.shared.token()
    proxy = bench.proxies[service]
    bench.reset()
    proxy.fail(lie, number, number)
    answer = bench.sign(way, target, token=token, code=code, **options)
    check_refusal(answer, proxy, token)
    assert len(proxy.posts) == number
    assert proxy.posts[-1].fault
    assert len(bench.proxies['FULCIO'].posts) == way.count('FULCIO')
    assert bench.stored(target) == []
    return answer


@side_by_side([
    ('rekor2', 'FULCIO'), ('rekor2', 'REKOR2'), ('rekor2', 'TSA'), ('rekor1', 'REKOR1'),
    ('blob', 'FULCIO'), ('blob', 'REKOR2'), ('blob-rekor1', 'REKOR1')])
def test_what_was_right_for_another_signature_is_refused(bench, way, service):
    """Of Fulcio it is the certificate of an earlier key of the same person."""
    def earlier_answer(_proxy, _exchange):
        return bench.shared.earlier[service]
    check_lie(bench, WAYS[way], service, earlier_answer)


@side_by_side([('REKOR1',), ('TSA',)])
def test_a_lie_about_the_second_format_stores_neither(bench, service):
    def answer_before(proxy, _exchange):
        return proxy.posts[-2].served
    check_lie(bench, WAYS['rekor1'], service, answer_before, number=2)


@side_by_side([('blob', 'REKOR2'), ('blob', 'TSA'), ('blob-rekor1', 'REKOR1')])
def test_the_answer_for_the_file_before_is_refused(bench, way, service):
    """The same certificate and key, another artifact."""
    def answer_before(proxy, _exchange):
        return proxy.posts[-2].served
    way = WAYS[way]
    files = [bench.target(way), bench.target(way)]
    bench.proxies[service].fail(answer_before, 2, 2)
    answer = bench.sign(way, *files, flags=['-o', 'json'], code=SIGNING_SERVICE)
    assert bench.proxies[service].origin in answer.err and str(files[1]) in answer.err
    assert bench.stored(files[1]) == []
    assert bench.stored(files[0]) == ['file.sigstore.json']
    bench.verify(way, files[0])


@side_by_side([('blob', 'REKOR2'), ('blob-rekor1', 'REKOR1')])
def test_the_entry_of_another_signer_of_the_same_file_is_refused(bench, way, service):
    way = WAYS[way]
    file = bench.target(way)
    bench.sign(dataclasses.replace(way, by='key'), file)
    file.with_name('file.sigstore.json').unlink()
    of_key = bench.proxies[service].posts[0].served
    assert of_key.status == 201

    def entry_of_another(_proxy, _exchange):
        return of_key
    check_lie(bench, way, service, entry_of_another, target=file)


@side_by_side([
    ('rekor2', 'FULCIO', 1), ('rekor2', 'REKOR2', 1), ('rekor2', 'TSA', 1), ('rekor1', 'REKOR1', 1),
    ('rekor1', 'REKOR1', 2), ('rekor1', 'TSA', 2), ('legacy', 'REKOR1', 1), ('legacy', 'TSA', 1)])
def test_what_others_vouch_for_is_refused(bench, way, service, number):
    """The same request, answered truly by somebody whom the trusted root does not know."""
    stranger = bench.others.token() if service == 'FULCIO' else None

    def answer_of_others(_proxy, exchange):
        answer = fault_proxy.ask(bench.others[service], fault_proxy.with_token(exchange, stranger))
        assert answer.status in (200, 201)
        return answer
    check_lie(bench, WAYS[way], service, answer_of_others, number=number)


@side_by_side()
def test_a_log_that_the_trusted_root_knows_may_answer_for_another(bench):
    """Its entry is as good, and everybody verifies it."""
    way = WAYS['rekor2']

    def answer_of_the_other_log(_proxy, exchange):
        return fault_proxy.ask(bench.stack['REKOR2_ECDSA'], exchange)
    target = bench.target(way)
    bench.proxies['REKOR2'].fail(answer_of_the_other_log)
    bench.sign(way, target)
    bench.verify(way, target)


@side_by_side()
def test_a_certificate_of_somebody_else_is_refused(bench):
    """Of the right key, by the right Fulcio: what the key signed is the subject of another token
    too."""
    stack, way = bench.stack, WAYS['rekor2']
    job = bench.shared.token('actions', {'sub': stack['EMAIL']})
    person = bench.shared.token(email='other@example.com')
    # Of a workflow instead of a person, and of a person instead of the workflow of that name.
    for mine, given in ((bench.shared.token(), job),
                        (bench.shared.token('actions', {'sub': 'other@example.com'}), person)):
        def certificate_of_another(proxy, exchange, given=given):
            answer = fault_proxy.ask(proxy.service, fault_proxy.with_token(exchange, given))
            assert answer.status == 200
            return answer
        answer = check_lie(bench, way, 'FULCIO', certificate_of_another, token=mine)
        assert given not in answer.err


@side_by_side([('another signature',), ('another request',)])
def test_a_timestamp_of_something_else_is_refused(bench, lie):
    """Made by the real authority, for the right nonce or for the right signature."""
    def other_timestamp(proxy, exchange):
        query = bytearray(exchange.body)
        hash_at = re.search(rb'\x04(\x20|\x30|\x40)', exchange.body).end()
        nonce_end = re.compile(rb'\x02(\x08|\x09\x00).{8}', re.DOTALL).search(
            exchange.body, hash_at).end()
        query[hash_at if lie == 'another signature' else nonce_end - 1] ^= 1
        answer = fault_proxy.ask(proxy.service, exchange, body=bytes(query))
        assert answer.status in (200, 201)
        return answer
    check_lie(bench, WAYS['rekor2'], 'TSA', other_timestamp)


@side_by_side([('REKOR2', 'TSA'), ('TSA', 'REKOR2')])
def test_a_lie_is_told_before_an_outage(bench, liar, down):
    def earlier_answer(_proxy, _exchange):
        return bench.shared.earlier[liar]
    way = WAYS['rekor2']
    target = bench.shared.unsigned[way.command]
    bench.proxies[liar].fail(earlier_answer)
    bench.proxies[down].fail('503')
    answer = bench.sign(way, target, code=SIGNING_SERVICE)
    check_refusal(answer, bench.proxies[liar], bench.shared.token())
    assert bench.stored(target) == []


# --- a log that has the entry --------------------------------------------------------------------


def entry_place(service, answer):
    """(name, value) of the header by which a log says where an entry is that it has."""
    entry = json.loads(answer.body)
    if service == 'REKOR2':
        return 'X-Log-Index', str(entry['logIndex'])
    uuid, = entry
    return 'Location', f'/api/v1/log/entries/{uuid}'


@side_by_side([('blob', 'REKOR2'), ('blob-rekor1', 'REKOR1')])
def test_an_entry_whose_answer_was_lost_is_fetched(bench, way, service):
    way = WAYS[way]
    proxy = bench.proxies[service]
    file = bench.target(way)
    proxy.fail('reset-after', 1, 1)
    bench.sign(way, file)
    assert [exchange.status for exchange in proxy.posts] == [201, 409]
    assert len(proxy.exchanges) > len(proxy.posts)
    bundle = json.loads(file.with_name('file.sigstore.json').read_text())
    entry, = bundle['verificationMaterial']['tlogEntries']
    made = json.loads(proxy.posts[0].served.body)
    if service == 'REKOR1':
        made, = made.values()
    assert int(entry['logIndex']) == int(made['logIndex'])
    bench.verify(way, file)


@side_by_side()
def test_an_entry_may_be_read_elsewhere_than_it_is_written(bench):
    way = WAYS['blob']
    proxy = bench.proxies['REKOR2']
    file = bench.target(way)
    proxy.fail('reset-after', 1, 1)
    bench.sign(way, file, root=bench.stack['TRUSTED_ROOT'])
    assert proxy.exchanges == proxy.posts
    bench.verify(way, file)


@side_by_side([('rekor2', 'REKOR2'), ('rekor1', 'REKOR1')])
def test_a_log_that_has_only_another_entry_is_refused(bench, way, service):
    name, value = entry_place(service, bench.shared.earlier[service])

    def has_it_already(_proxy, _exchange):
        return fault_http.Answer(409, {name: value})
    check_lie(bench, WAYS[way], service, has_it_already)


@side_by_side([
    ('rekor2', 'REKOR2', 'X-None', ''), ('rekor2', 'REKOR2', 'X-Log-Index', '-1'),
    ('rekor2', 'REKOR2', 'X-Log-Index', '99999999'),
    ('rekor2', 'REKOR2', 'X-Log-Index', '18446744073709551616'),
    ('rekor1', 'REKOR1', 'X-None', ''),
    ('rekor1', 'REKOR1', 'Location', '/api/v1/log/entries/' + 80 * '0'),
    ('rekor1', 'REKOR1', 'Location', '/api/v1/log'),
    ('rekor1', 'REKOR1', 'Location', 'http://127.0.0.1:1/api/v1/log/entries/' + 80 * 'a')])
def test_a_log_that_has_the_entry_nowhere_is_refused(bench, way, service, header, value):
    def has_it_somewhere(_proxy, _exchange):
        return fault_http.Answer(409, {header: value})
    check_lie(bench, WAYS[way], service, has_it_somewhere)


# --- a second service of the kind ----------------------------------------------------------------


def sign_until_first_is_asked(bench, way, service, second, **options):
    """Which of several logs and authorities is asked first, chance decides."""
    first = bench.proxies[service]
    for _ in range(20):
        file = bench.target(way)
        config = bench.config_with(way, service, [first.url, second.url])
        second.reset()
        answer = bench.sign(way, file, config=config, **options)
        if first.posts:
            return file, answer
    raise AssertionError('one of two is never asked')


SECOND = [('blob', 'FULCIO'), ('blob', 'REKOR2'), ('blob', 'TSA'), ('blob-rekor1', 'REKOR1')]


@side_by_side([
    (*place, fault) for place, fault in zip(SECOND, ('503', 'reset', '429', 'reset'))])
def test_another_service_stands_in_for_one_that_is_down(bench, way, service, fault):
    way = WAYS[way]
    second = bench.second(service)
    bench.proxies[service].fail(fault)
    file, _ = sign_until_first_is_asked(bench, way, service, second)
    assert len(bench.proxies[service].posts) == TRIES
    assert len(second.posts) == 1 and second.made == 1
    bench.verify(way, file)


@side_by_side([(*place, lie) for place in SECOND for lie in ('earlier', 'garbage')])
def test_nobody_stands_in_for_one_who_lies(bench, way, service, lie):
    def earlier_answer(_proxy, _exchange):
        return bench.shared.earlier[service]
    way = WAYS[way]
    second = bench.second(service)
    bench.proxies[service].fail(earlier_answer if lie == 'earlier' else lie)
    file, answer = sign_until_first_is_asked(bench, way, service, second,
                                             code={program.DONE, SIGNING_SERVICE})
    assert answer.code == SIGNING_SERVICE
    assert bench.proxies[service].origin in answer.err
    assert second.posts == []
    assert bench.stored(file) == []


@side_by_side()
def test_two_that_are_down_end_it(bench):
    way = WAYS['blob']
    for service in ('FULCIO', 'TSA'):
        bench.reset()
        second = bench.second(service)
        second.reset()
        second.fail('reset')
        bench.proxies[service].fail('503')
        file = bench.target(way)
        config = bench.config_with(way, service, [bench.proxies[service].url, second.url])
        answer = bench.sign(way, file, config=config, code=SIGNING_SERVICE)
        second_origins = (second.origin, bench.proxies[service].origin)
        assert any(origin in answer.err.splitlines()[-1] for origin in second_origins)
        assert len(bench.proxies[service].posts) == len(second.posts) == TRIES
        assert bench.stored(file) == []


# --- again ---------------------------------------------------------------------------------------


def states(answer):
    image, = json.loads(answer.out)['images']
    return [entry['state'] for entry in image['signatures']]


@side_by_side([('rekor2', 'REKOR2'), ('rekor1', 'REKOR1')])
def test_signing_again_does_what_is_missing(bench, way, service):
    way = WAYS[way]
    target = bench.image('REFERRERS_REGISTRY')
    formats = way.count(service)
    json_flags = ['-o', 'json']
    log = bench.proxies[service]
    bench.proxies['TSA'].fail('503')
    bench.sign(way, target, code=SIGNING_SERVICE)
    assert bench.stored(target) == []
    bench.proxies['TSA'].reset()
    assert states(bench.sign(way, target, flags=json_flags)) == formats * ['written']
    bench.verify(way, target)
    stored = bench.stored(target)
    bench.reset()
    assert states(bench.sign(way, target, flags=json_flags)) == formats * ['was there']
    assert log.posts == [] and bench.proxies['TSA'].posts == []
    assert bench.stored(target) == stored
    assert states(bench.sign(way, target, flags=[*json_flags, '--force'])) == formats * ['written']
    assert log.made == formats
    assert len(bench.stored(target)) == len(stored) + 1  # the legacy tag is one
    bench.verify(way, target)


@side_by_side()
def test_services_that_are_down_are_not_needed_to_find_a_log_entry(bench):
    """Only who signs is asked for when it was signed before."""
    way = WAYS['rekor1']
    target = bench.image()
    bench.sign(way, target)
    bench.proxies['REKOR1'].fail('503')
    bench.proxies['TSA'].fail('503')
    assert states(bench.sign(way, target, flags=['-o', 'json'])) == 2 * ['was there']


# --- many ----------------------------------------------------------------------------------------


@side_by_side([('rekor2',), ('rekor1',)])
def test_seven_images_need_one_certificate(bench, way):
    way = WAYS[way]
    targets = [bench.image() for _ in range(7)]
    bench.sign(way, *targets)
    for name, proxy in bench.proxies.items():
        expected = way.count(name) * (1 if name == 'FULCIO' else 7)
        assert len(proxy.posts) == proxy.made == expected, name
    bench.verify(way, targets[0])
    bench.verify(way, targets[6])


@side_by_side()
def test_an_index_and_its_images_need_one_certificate_also_under_faults(bench):
    way = WAYS['rekor2']
    index = bench.image(architectures=('amd64', 'arm64', 'arm', 's390x', 'ppc64le', 'riscv64'))
    bench.proxies['REKOR2'].fail('reset-after', 3, 3)
    bench.proxies['TSA'].fail('429', 5, 5)
    answer = bench.sign(way, '--recursive', index)
    images = answer.out.splitlines()
    assert len(images) == 7 and images[-1] == index
    assert len(bench.proxies['FULCIO'].posts) == 1
    assert len(bench.proxies['REKOR2'].posts) == len(bench.proxies['TSA'].posts) == 8
    assert bench.proxies['REKOR2'].made == bench.proxies['TSA'].made == 7
    for image in (images[0], images[2], images[4], index):
        bench.verify(way, image)


@side_by_side()
def test_what_was_signed_before_a_service_failed_stays_signed(bench):
    way = WAYS['rekor2']
    targets = [bench.image('REFERRERS_REGISTRY') for _ in range(3)]
    bench.proxies['REKOR2'].fail('503', 3)
    answer = bench.sign(way, *targets, flags=['-o', 'json'], code=SIGNING_SERVICE)
    # They are signed side by side: any one of them may be the third.
    written = [target for target in targets
               if f'{target}: bundle signature written' in answer.err]
    failed, = set(targets) - set(written)
    assert f'ociship: {failed}: ' in answer.err
    for target in written:
        bench.verify(way, target)
    assert bench.stored(failed) == []
    bench.reset()
    said = json.loads(bench.sign(way, *targets, flags=['-o', 'json']).out)
    states = {image['image']: image['signatures'][0]['state'] for image in said['images']}
    assert states == {target: 'written' if target == failed else 'was there'
                      for target in targets}
    assert len(bench.proxies['REKOR2'].posts) == 1


@side_by_side()
def test_files_need_one_certificate(bench):
    way = WAYS['blob']
    files = [bench.target(way) for _ in range(4)]
    bench.sign(way, *files)
    assert len(bench.proxies['FULCIO'].posts) == 1
    assert len(bench.proxies['REKOR2'].posts) == bench.proxies['REKOR2'].made == 4
    bench.verify(way, files[3])
