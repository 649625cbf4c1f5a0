# SPDX-License-Identifier: Apache-2.0
"""A small OCI registry in memory that has the faults of real ones, each behind a switch.

    fault_registry.py [--switch NAME[=VALUE]]... [--port N] [--address A]
                      [--tls-cert FILE --tls-key FILE [--client-ca FILE]]

Without a switch it does what the distribution-spec 1.1 says, strictly. It prints one line of JSON
with its ports: `port`; `other`, where the same content is served as by a storage service that
wants no login; and `control`, where a test asks over plain HTTP:

    POST /set    {"switches": {NAME: VALUE}, "faults": [...], "repositories": [...]}: what is named
    POST /reset  the same, after everything was forgotten
    GET  /log    the requests so far: kind, method, path, query, headers, received, status, ...
    GET  /store  {repository: {"blobs": {digest: size}, "manifests": {digest: type}, "tags": {}}}

A fault is {"kind": KIND or null, "number": K, "mode": MODE}: the K-th request (of that kind)
breaks once. MODE: reset, timeout, 429, 500, 502, garbage (nothing is done), truncated, lost (it is
done, and then the answer is cut). The switch break=BYTES resets the first connection whose body has
so many bytes, stall=BYTES stops to read it, stall=BYTES,ever every one.
"""

import argparse
import base64
import dataclasses
import email.utils
import hashlib
import json
import random
import re
import sys
import threading
import time
import traceback
import urllib.parse

import fault_http
from fault_http import Answer, Cut

MIB = 1 << 20
SWITCHES = {
    # how uploads are taken
    'no-chunk', 'ecr', 'ecr-public', 'ghcr', 'gar', 'aliyun', 'zot', 'distribution', 'artifactory',
    'cloudflare', 'early-413', 'nginx-buffer', 'min-chunk', 'location', 'throttle',
    # what breaks
    'break', 'stall', 'replica', 'gc', '429', 'lost-response',
    # what is refused
    'scope-strict', 'quay-mount-400', 'harbor-mount-401', 'immutable', 'no-head', 'head-403',
    'delete-405', 'deny', 'broken',
    # what is offered
    'no-referrers', 'referrers-no-filter', 'tags-paged-link-only', 'link-other-host',
    'multi-tag', 'multi-tag-partial', 'redirect-307-other-host', 'redirect-to', 'warning-299',
    'request-id',
    # who may
    'basic', 'bearer', 'token-expiry', 'registry-token'}
LOCATIONS = {'path', 'absolute', 'relative', 'other-host', 'no-port', 'with-query', 'no-scheme',
             'scheme-relative'}
_INDEX = 'application/vnd.oci.image.index.v1+json'
_INDEXES = {_INDEX, 'application/vnd.docker.distribution.manifest.list.v2+json'}
_MANIFESTS = _INDEXES | {'application/vnd.oci.image.manifest.v1+json',
                         'application/vnd.docker.distribution.manifest.v2+json'}
_MOST_MANIFEST_BYTES = 4 * MIB
_SMALLEST_ECR_PART = 5 * MIB
_LIMITED = {'tags-get', 'upload-post', 'upload-patch', 'manifest-put'}  # each is refused once
_NAME = r'(?P<name>[a-z0-9]+(?:(?:\.|_|__|-+|/)[a-z0-9]+)*)'
_PATHS = [(kind, re.compile(pattern)) for kind, pattern in (
    ('ping', r'/v2/'),
    ('blob', rf'/v2/{_NAME}/blobs/(?P<reference>[a-z0-9]+:[a-f0-9]+)'),
    ('uploads', rf'/v2/{_NAME}/blobs/uploads/'),
    ('upload', rf'/v2/{_NAME}/blobs/uploads/(?P<reference>[a-z0-9]+)'),
    ('manifest', rf'/v2/{_NAME}/manifests/(?P<reference>[\w.:-]+)'),
    ('tags', rf'/v2/{_NAME}/tags/list'),
    ('referrers', rf'/v2/{_NAME}/referrers/(?P<reference>[a-z0-9]+:[a-f0-9]+)'))]
_ECR_IMMUTABLE = ("The image tag '{tag}' already exists in the '{name}' repository and cannot be "
                  'overwritten because the tag is immutable.')
# Status and body of what real registries say about a tag that may not move.
_IMMUTABLE = {
    '400': (400, {'errors': [{'code': 'TAG_INVALID', 'message': _ECR_IMMUTABLE}]}),
    '409': (409, {'errors': [{'code': 'TAGALREADYEXISTS',
                              'message': 'tag {tag} already exists and is immutable'}]}),
    '412': (412, {'errors': [{'code': 'PRECONDITION', 'message': "Failed to process request due "
                              "to '{name}:{tag}' configured as immutable."}]}),
    'aws': (400, {'__type': 'ImageTagAlreadyExistsException', 'message': _ECR_IMMUTABLE}),
    'gar': (400, {'errors': [{'code': 'MANIFEST_INVALID', 'message': 'cannot update tag {tag}. '
                              'The repository has enabled tag immutability'}]}),
}


def digest_of(data, algorithm='sha256'):
    return f'{algorithm}:{hashlib.new(algorithm, data).hexdigest()}'


def error(status, code, message='', headers=None):
    """A refusal as the specification has it."""
    body = json.dumps({'errors': [{'code': code, 'message': message or code.lower()}]}).encode()
    return Answer(status, {'Content-Type': 'application/json', **(headers or {})}, body)


@dataclasses.dataclass
class Repository:
    blobs: dict = dataclasses.field(default_factory=dict)  # digest -> bytes
    manifests: dict = dataclasses.field(default_factory=dict)  # digest -> (media type, bytes)
    tags: dict = dataclasses.field(default_factory=dict)  # tag -> digest


@dataclasses.dataclass
class Upload:
    name: str
    data: bytearray = dataclasses.field(default_factory=bytearray)
    parts: list = dataclasses.field(default_factory=list)  # their sizes
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)


class Registry:
    """The content, the switches and the log."""

    def __init__(self, switches):
        self.port = self.other = 0
        self.scheme = 'http'
        self._lock = threading.RLock()
        self.switches = {}
        self.reset()
        self.set({'switches': switches})

    # --- control ---------------------------------------------------------------------------------

    def reset(self):
        self.repositories = {}
        self.uploads = {}
        self.log = []
        self.switches = {}
        self._faults = []
        self._existing = None
        self._counts = {}
        self._once = set()
        self._sessions = 0
        self._random = random.Random(1)

    def set(self, wanted):
        switches = wanted.get('switches')
        if switches is not None:
            unknown = set(switches) - SWITCHES
            if unknown or switches.get('location', 'path') not in LOCATIONS:
                raise ValueError(f'unknown: {unknown or switches}')
            self.switches = dict(switches)
            self._once = set()
        if 'faults' in wanted:
            self._faults = list(wanted['faults'])
            self._counts = {}
        if 'repositories' in wanted:
            self._existing = wanted['repositories']

    def control(self, request):
        if request.method == 'POST':
            wanted = json.loads(request.body.all() or b'{}')
            with self._lock:
                if request.path == '/reset':
                    self.reset()
                self.set(wanted)
            told = {}
        elif request.path == '/log':
            told = self.log
        else:
            told = {name: {'blobs': {digest: len(data) for digest, data in found.blobs.items()},
                           'manifests': {digest: kind for digest, (kind, _)
                                         in found.manifests.items()},
                           'tags': found.tags} for name, found in self.repositories.items()}
        with self._lock:
            return Answer(200, {'Content-Type': 'application/json'}, json.dumps(told).encode())

    def number(self, name, default):
        """The value of a switch as a number; `default` where it has none."""
        value = self.switches[name]
        return default if value is True else int(value)

    def _first(self, what):
        """Whether this is asked for the first time since the switches were set."""
        with self._lock:
            new = what not in self._once
            self._once.add(what)
            return new

    # --- a request -------------------------------------------------------------------------------

    def answer_own(self, request):
        return self._answer(request, 'own')

    def answer_other(self, request):
        return self._answer(request, 'other')

    def _answer(self, request, listener):
        place, match = 'unknown', None
        for place, pattern in _PATHS:
            match = pattern.fullmatch(request.path)
            if match:
                break
        kind = kind_of(request, place, match)
        entry = {'kind': kind, 'listener': listener, 'method': request.method,
                 'path': request.path, 'query': request.raw_query, 'headers': request.headers,
                 'received': 0, 'status': 0, 'fault': None, 'time': time.time()}
        with self._lock:
            self.log.append(entry)
            entry['number'] = len(self.log)
            entry['fault'] = self._take_fault(kind)
        if 'throttle' in self.switches:
            request.body.bytes_per_second = self.number('throttle', MIB)
        try:
            answer = self._act(request, entry, match)
            if 'warning-299' in self.switches:
                answer.headers['Warning'] = '299 - "the fault registry retires tomorrow"'
            if 'request-id' in self.switches:
                answer.headers['X-Request-Id'] = f'fault-{entry["number"]}'
            entry['status'] = answer.status
            return answer
        except (Cut, OSError, EOFError):
            raise
        except Exception:
            entry['bug'] = traceback.format_exc()
            return error(500, 'UNKNOWN', 'the fault registry itself is wrong')
        finally:
            entry['received'] = request.body.received

    def _take_fault(self, kind):
        """The mode in which this request is to break; each fault is used once."""
        for key in (None, kind):
            self._counts[key] = self._counts.get(key, 0) + 1
        for fault in self._faults:
            if fault.get('kind') in (None, kind) and \
                    self._counts[fault.get('kind')] == fault['number']:
                self._faults.remove(fault)
                return fault['mode']
        if self.switches.get('lost-response') == kind and self._first('lost'):
            return 'lost'
        return None

    def _act(self, request, entry, match):
        mode = entry['fault']
        if mode == 'reset':
            raise Cut(reset=True)
        if mode == 'timeout':
            for _ in request.body.pieces():
                pass
            request.stay_silent()
        if mode in ('429', '500', '502'):
            request.body.all()
            return error(int(mode), 'TOOMANYREQUESTS' if mode == '429' else 'UNKNOWN')
        if mode == 'garbage':
            request.body.all()
            return Answer(0, raw=b'\x16\x03\x01\x00\x02\x02\x28 this is not HTTP\r\n\r\n')
        answer = self._early(request, entry) or self._route(request, entry, match)
        if mode in ('truncated', 'lost'):
            if not request.body.finished:
                request.body.all()
            if mode == 'lost':
                raise Cut(reset=False)
            answer.part = 0.5
        return answer

    def _early(self, request, entry):
        """What is answered before anybody looks at what is asked for; None without that."""
        body, kind = request.body, entry['kind']
        if 'broken' in self.switches:
            body.all()
            return Answer(503, {'Content-Type': 'text/html'}, b'<h1>Service Unavailable</h1>')
        if '429' in self.switches:
            answer = self._rate_limit(kind)
            if answer:
                body.all()
                return answer
        if 'nginx-buffer' in self.switches and body.chunked:
            return Answer(411, {'Content-Type': 'text/html', 'Connection': 'close'},
                          b'<h1>411 Length Required</h1>')
        for switch in ('cloudflare', 'early-413'):
            if switch in self.switches:
                answer = self._over_limit(body, switch)
                if answer:
                    return answer
        if 'stall' in self.switches and kind in ('upload-patch', 'upload-put'):
            self._stall(request)
        if 'break' in self.switches and kind in ('upload-patch', 'upload-put'):
            self._break(body, self.number('break', MIB))
        if entry['listener'] == 'other':
            refused = 'authorization' in request.headers
            return error(400, 'DENIED', 'only one way to authorise is allowed') if refused else None
        return self._login(request, entry)

    def _rate_limit(self, kind):
        way = self.switches['429']
        always = way in ('ever', 'long')
        if not always and (kind not in _LIMITED or not self._first(('429', kind))):
            return None
        if way == 'lf':
            return Answer(429, raw=b'HTTP/1.1 429 Too Many Requests\nRetry-After: 1\n'
                          b'Content-Type: text/plain\nContent-Length: 17\nConnection: close\n\n'
                          b'too many requests')
        wait = {'date': email.utils.formatdate(time.time() + 1, usegmt=True), 'long': 3600,
                'ever': 0}.get(way, 1)
        return error(429, 'TOOMANYREQUESTS', 'slow down', {'Retry-After': wait})

    def _over_limit(self, body, switch):
        """413 for a body over the limit, at once when its length is told; cloudflare reads on."""
        limit = self.number(switch, 5 * MIB)
        answer = Answer(413, {'Content-Type': 'text/html', 'Connection': 'close'},
                        b'<h1>413 Payload Too Large</h1>')
        if body.length is not None:
            if body.length <= limit:
                return None
            if switch == 'cloudflare':
                body.all()
            return answer
        kept, pieces = [], body.pieces()
        for piece in pieces:
            kept.append(piece)
            if body.received > limit:
                if switch == 'cloudflare':
                    for _ in pieces:
                        pass
                return answer
        body.pieces = lambda: iter(kept)
        return None

    def _stall(self, request):
        """Takes some bytes of a body, and then nothing more: once, or `ever`."""
        count, _, ever = str(self.switches['stall']).partition(',')
        count = MIB if count == 'True' else int(count)
        if not ever and 'stall' in self._once:
            return
        kept = []
        for piece in request.body.pieces():
            kept.append(piece)
            if request.body.received >= count:
                self._once.add('stall')
                request.stay_silent()
        request.body.pieces = lambda: iter(kept)

    def _break(self, body, count):
        """Lets this body end with a reset where it has so many bytes, if none has yet."""
        pieces = body.pieces()

        def some():
            for piece in pieces:
                if body.received >= count and self._first('break'):
                    yield piece[:count - (body.received - len(piece))]
                    raise Cut(reset=True)
                yield piece
        body.pieces = some

    # --- who may ---------------------------------------------------------------------------------

    def _login(self, request, entry):
        """None for who may do this."""
        given = request.headers.get('authorization', '')
        name = scope_name(request)
        if 'basic' in self.switches:
            wanted = base64.b64encode(self.switches['basic'].encode()).decode()
            if given != f'Basic {wanted}':
                return error(401, 'UNAUTHORIZED', 'authentication required',
                             {'WWW-Authenticate': 'Basic realm="fault registry"'})
        if 'registry-token' in self.switches and \
                given != f'Bearer {self.switches["registry-token"]}':
            return error(401, 'UNAUTHORIZED', 'authentication required',
                         {'WWW-Authenticate': 'Bearer realm="http://127.0.0.1:1/token"'})
        for switch in ('bearer', 'token-expiry'):
            if switch in self.switches:
                refusal = check_token(given, name, request.method, self.switches[switch])
                if refusal:
                    return refusal
        if 'deny' in self.switches and entry['kind'] != 'ping' and \
                request.method not in ('GET', 'HEAD'):
            return error(403, 'DENIED', 'requested access to the resource is denied')
        return None

    # --- what is asked for -----------------------------------------------------------------------

    def _route(self, request, entry, match):
        kind = entry['kind']
        if kind == 'ping':
            return Answer(200, {'Docker-Distribution-Api-Version': 'registry/2.0'})
        if not match:
            return error(404, 'UNSUPPORTED', 'no such endpoint')
        name = match['name']
        if request.method == 'HEAD':
            for switch, status in (('no-head', 405), ('head-403', 403)):
                if switch in self.switches:
                    return Answer(status)
        if request.method == 'DELETE' and 'delete-405' in self.switches:
            return error(405, 'UNSUPPORTED')
        known = self._existing is None or name in self._existing
        if not known:
            if 'ecr' in self.switches and kind.startswith('upload'):
                raise Cut(reset=True)
            return error(404, 'NAME_UNKNOWN', f'repository {name} is not known to this registry')
        with self._lock:
            writes = request.method in ('POST', 'PUT', 'PATCH')
            repository = self.repositories.get(name) or Repository()
            if writes:
                self.repositories.setdefault(name, repository)
        action = getattr(self, f'_{kind.replace("-", "_")}', None)
        if not action:
            return error(405, 'UNSUPPORTED')
        groups = match.groupdict()
        return action(request, name, repository, *filter(None, [groups.get('reference')]))

    def _missing(self, code):
        status = 403 if 'artifactory' in self.switches and code == 'HEAD' else 404
        return Answer(status)

    # --- blobs -----------------------------------------------------------------------------------

    def _blob_head(self, _request, _name, repository, digest):
        data = repository.blobs.get(digest)
        if data is None:
            return self._missing('HEAD')
        return Answer(200, {'Content-Length': len(data), 'Docker-Content-Digest': digest,
                            'Content-Type': 'application/octet-stream'})

    def _blob_get(self, request, _name, repository, digest):
        data = repository.blobs.get(digest)
        if data is None:
            return error(404, 'BLOB_UNKNOWN')
        storage = f'{self.scheme}://{self._other_host()}' \
            if 'redirect-307-other-host' in self.switches else self.switches.get('redirect-to')
        if storage and self._host(request) != self._other_host():
            return Answer(307, {'Location': f'{storage}{request.target}?signed=1'})
        headers = {'Docker-Content-Digest': digest, 'Content-Type': 'application/octet-stream',
                   'Accept-Ranges': 'bytes'}
        wanted = re.fullmatch(r'bytes=(\d+)-(\d*)', request.headers.get('range', ''))
        if not wanted:
            return Answer(200, headers, data)
        first, last = int(wanted[1]), min(int(wanted[2] or len(data)), len(data) - 1)
        if first > last:
            return Answer(416, {'Content-Range': f'bytes */{len(data)}'})
        return Answer(206, {**headers, 'Content-Range': f'bytes {first}-{last}/{len(data)}'},
                      data[first:last + 1])

    def _blob_delete(self, _request, _name, repository, digest):
        found = repository.blobs.pop(digest, None)
        return Answer(202) if found is not None else error(404, 'BLOB_UNKNOWN')

    # --- uploads ---------------------------------------------------------------------------------

    def _upload_mount(self, request, name, repository):
        digest, source = request.value('mount'), request.value('from')
        if source is None and 'quay-mount-400' in self.switches:
            return error(400, 'INVALID_REQUEST', 'from is missing')
        if source is not None and 'harbor-mount-401' in self.switches:
            return error(401, 'UNAUTHORIZED', f'unauthorized to access repository: {source}')
        if source is not None and 'scope-strict' in self.switches:
            return error(401, 'UNAUTHORIZED', 'authentication required', {
                'WWW-Authenticate': 'Bearer realm="http://127.0.0.1:1/token",service="fault",'
                f'scope="repository:{source}:pull",error="insufficient_scope"'})
        found = self.repositories.get(source) if source else None
        if found and digest in found.blobs:
            repository.blobs[digest] = found.blobs[digest]
            return Answer(201, {'Location': f'/v2/{name}/blobs/{digest}',
                                'Docker-Content-Digest': digest})
        return self._upload_post(request, name, repository)

    def _upload_post(self, request, name, _repository):
        data = request.body.all()
        digest = request.value('digest')
        if digest and 'zot' in self.switches and data:
            return self._store_blob(name, digest, data)
        with self._lock:
            self._sessions += 1
            identifier = f'{self._sessions:032x}'
            upload = self.uploads[identifier] = Upload(name)
        headers = self._session_headers(request, identifier, upload)
        if 'min-chunk' in self.switches:
            headers['OCI-Chunk-Min-Length'] = self.number('min-chunk', 5 * MIB)
        return Answer(202, headers)

    def _find_upload(self, request, identifier):
        """The session and None, or None and the refusal."""
        lost = 'replica' in self.switches and \
            self._random.random() * 100 < self.number('replica', 10)
        upload = self.uploads.get(identifier)
        if lost or not upload:
            return None, error(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')
        if self.switches.get('location') == 'with-query' and request.value('token') != 'a/b+c=':
            return None, error(400, 'BLOB_UPLOAD_INVALID', 'the query of the Location was changed')
        if 'distribution' in self.switches and request.method != 'GET':
            state = json.loads(base64.urlsafe_b64decode(request.value('_state') or b'e30='))
            if state.get('offset') != len(upload.data):
                return None, error(416, 'RANGE_INVALID', 'upload resumed at wrong offset')
        return upload, None

    def _session_headers(self, request, identifier, upload, length=None):
        path = f'/v2/{upload.name}/blobs/uploads/{identifier}'
        where, query = self.switches.get('location', 'path'), {}
        if 'distribution' in self.switches:
            query['_state'] = base64.urlsafe_b64encode(
                json.dumps({'offset': len(upload.data)}).encode()).decode()
        if where == 'with-query':
            query['token'] = 'a/b+c='
        host, other = self._host(request), self._other_host()
        location = {
            'relative': identifier, 'absolute': f'{self.scheme}://{host}{path}',
            'other-host': f'{self.scheme}://{other}{path}', 'no-scheme': f'{host}{path}',
            'no-port': f'{self.scheme}://{host.partition(":")[0]}{path}',
            'scheme-relative': f'//{host}{path}'}.get(where, path)
        if query:
            location += '?' + urllib.parse.urlencode(query)
        last = max(0, (len(upload.data) if length is None else length) - 1)
        return {'Location': location, 'Range': f'0-{last}', 'Docker-Upload-UUID': identifier}

    def _upload_get(self, request, _name, _repository, identifier):
        upload, refusal = self._find_upload(request, identifier)
        if refusal:
            return refusal
        return Answer(204, self._session_headers(request, identifier, upload,
                                                 self._told_length(upload, len(upload.data))))

    def _told_length(self, upload, true_length):
        """How many bytes the Range header tells."""
        if 'ecr' in self.switches:
            return 0
        if 'aliyun' in self.switches and upload.parts:
            return upload.parts[-1]
        return true_length

    def _upload_delete(self, request, _name, _repository, identifier):
        _, refusal = self._find_upload(request, identifier)
        if refusal:
            return refusal
        self.uploads.pop(identifier, None)
        return Answer(204)

    def _upload_patch(self, request, _name, _repository, identifier):
        upload, refusal = self._find_upload(request, identifier)
        if refusal:
            return refusal
        with upload.lock:
            refusal = self._refuse_part(request, identifier, upload) or \
                self._append(request, identifier, upload)
        if refusal:
            return refusal
        length = len(upload.data)
        if 'zot' in self.switches and 'content-range' not in request.headers:
            length = upload.parts[-1]
        headers = self._session_headers(request, identifier, upload,
                                        self._told_length(upload, length))
        return Answer(201 if 'ecr' in self.switches else 202, headers)

    def _refuse_part(self, request, identifier, upload):
        """What is wrong with a part before its bytes are looked at; None without that."""
        span = request.headers.get('content-range')
        length = request.body.length
        if upload.parts and ('no-chunk' in self.switches or 'gar' in self.switches):
            return error(405 if 'no-chunk' in self.switches else 400, 'UNSUPPORTED',
                         'chunked uploads are not supported')
        if span and 'gar' in self.switches:
            return error(400, 'UNSUPPORTED', 'chunked uploads are not supported')
        if span and 'ghcr' in self.switches and (length or 0) > 4 * MIB:
            return error(416, 'BLOB_UPLOAD_INVALID', 'the length of the request body '
                         f'({length}) exceeds the maximum permissible limit of 4.00MiB')
        if 'min-chunk' in self.switches and span and upload.parts and \
                upload.parts[-1] < self.number('min-chunk', 5 * MIB):
            return error(400, 'SIZE_INVALID', 'a chunk is smaller than OCI-Chunk-Min-Length')
        if 'ecr' in self.switches:
            if any(part < _SMALLEST_ECR_PART for part in upload.parts):
                return error(400, 'BLOB_UPLOAD_INVALID', 'LayerPartTooSmall: Layer parts must be '
                             f'at least {_SMALLEST_ECR_PART} bytes')
            if upload.parts and not span:
                return error(400, 'BLOB_UPLOAD_INVALID', 'First byte of the layer part is 0 '
                             f'instead of {len(upload.data)}')
        if not span:
            return None
        given = re.fullmatch(r'(\d+)-(\d+)', span)
        if not given or int(given[1]) > int(given[2]):
            return error(400, 'SIZE_INVALID', f'Content-Range {span}')
        if 'distribution' in self.switches and length is None:
            return None
        if int(given[1]) != len(upload.data):
            headers = {} if 'zot' in self.switches else self._session_headers(
                request, identifier, upload, self._told_length(upload, len(upload.data)))
            return error(416, 'RANGE_INVALID', f'byte {len(upload.data)} is next', headers)
        if length is not None and int(given[2]) - int(given[1]) + 1 != length:
            return error(400, 'SIZE_INVALID', 'Content-Range and Content-Length disagree')
        return None

    def _append(self, request, identifier, upload):
        """Takes the body; what is done with the beginning of a broken one differs."""
        before = len(upload.data)
        try:
            for piece in request.body.pieces():
                upload.data += piece
        except (EOFError, OSError, Cut):
            if 'zot' in self.switches:
                self.uploads.pop(identifier, None)
            if 'ecr' in self.switches:
                del upload.data[before:]
            raise
        upload.parts.append(len(upload.data) - before)
        return None

    def _upload_put(self, request, name, repository, identifier):
        upload, refusal = self._find_upload(request, identifier)
        if refusal:
            return refusal
        digest = request.value('digest') or ''
        if not re.fullmatch(r'sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}', digest):
            return error(400, 'DIGEST_INVALID', 'the digest parameter is missing or wrong')
        with_body = request.body.length != 0
        if with_body and 'artifactory' in self.switches:
            return error(404, 'BLOB_UPLOAD_UNKNOWN', 'PUT with a body is not supported')
        with upload.lock:
            if with_body:
                if 'zot' in self.switches and upload.data and \
                        'content-range' not in request.headers:
                    return error(416, 'BLOB_UPLOAD_INVALID')
                refusal = self._refuse_part(request, identifier, upload) or \
                    self._append(request, identifier, upload)
                if refusal:
                    return refusal
            self.uploads.pop(identifier, None)
        if 'ecr-public' in self.switches and len(upload.parts) > 1:
            return error(400, 'BLOB_UPLOAD_INVALID', 'None of the provided layer digests match '
                         'the layer that was uploaded')
        return self._store_blob(name, digest, bytes(upload.data))

    def _store_blob(self, name, digest, data):
        if digest_of(data, digest.partition(':')[0]) != digest:
            return error(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
        self.repositories[name].blobs[digest] = data
        return Answer(201, {'Location': f'/v2/{name}/blobs/{digest}',
                            'Docker-Content-Digest': digest})

    # --- manifests -------------------------------------------------------------------------------

    def _manifest(self, repository, reference):
        digest = reference if ':' in reference else repository.tags.get(reference)
        kind, data = repository.manifests.get(digest, (None, None))
        return digest, kind, data

    def _manifest_head(self, request, name, repository, reference):
        answer = self._manifest_get(request, name, repository, reference)
        if answer.status == 404:
            return self._missing('HEAD')
        return Answer(200, {**answer.headers, 'Content-Length': len(answer.body)})

    def _manifest_get(self, _request, _name, repository, reference):
        digest, kind, data = self._manifest(repository, reference)
        if data is None:
            return error(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
        return Answer(200, {'Content-Type': kind, 'Docker-Content-Digest': digest}, data)

    def _manifest_delete(self, _request, _name, repository, reference):
        digest, _, data = self._manifest(repository, reference)
        if data is None:
            return error(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
        if ':' in reference:
            del repository.manifests[digest]
        for tag, to in list(repository.tags.items()):
            if tag == reference or (to == digest and ':' in reference):
                del repository.tags[tag]
        return Answer(202)

    def _tag_put(self, request, name, repository, tag):
        return self._put(request, name, repository, tag)

    def _manifest_put(self, request, name, repository, digest):
        return self._put(request, name, repository, digest)

    def _put(self, request, name, repository, reference):
        data = request.body.all()
        kind = request.headers.get('content-type', '').partition(';')[0].strip()
        digest = digest_of(data, reference.partition(':')[0] if ':' in reference else 'sha256')
        refusal = self._refuse_manifest(repository, reference, digest, kind, data)
        if refusal:
            return refusal
        tags = [] if ':' in reference else [reference]
        headers = {'Location': f'/v2/{name}/manifests/{digest}', 'Docker-Content-Digest': digest}
        for switch, count in (('multi-tag', None), ('multi-tag-partial', 1)):
            if switch in self.switches and request.query.get('tag'):
                tags += request.query['tag'][:count]
                headers['OCI-Tag'] = ', '.join(request.query['tag'][:count])
        if 'immutable' in self.switches:
            fixed = [tag for tag in tags if tag in repository.tags]
            if fixed:
                status, body = _IMMUTABLE[self.switches['immutable']]
                text = json.dumps(body).replace('{tag}', fixed[0]).replace('{name}', name)
                return Answer(status, {'Content-Type': 'application/json'}, text.encode())
        with self._lock:
            repository.manifests[digest] = kind, data
            repository.tags.update(dict.fromkeys(tags, digest))
        subject = (json.loads(data).get('subject') or {}).get('digest')
        if subject and 'no-referrers' not in self.switches:
            headers['OCI-Subject'] = subject
        return Answer(201, headers)

    def _refuse_manifest(self, repository, reference, digest, kind, data):
        if len(data) > _MOST_MANIFEST_BYTES:
            return error(413, 'MANIFEST_INVALID', 'the manifest is too large')
        if ':' in reference and reference != digest:
            return error(400, 'DIGEST_INVALID', 'provided digest did not match')
        try:
            document = json.loads(data)
        except ValueError:
            return error(400, 'MANIFEST_INVALID', 'not JSON')
        if kind not in _MANIFESTS or document.get('mediaType', kind) != kind:
            return error(400, 'MANIFEST_INVALID', f'media type {kind}')
        if kind in _INDEXES:
            missing = [child['digest'] for child in document['manifests']
                       if child['digest'] not in repository.manifests]
        else:
            wanted = [document['config'], *(layer for layer in document.get('layers') or []
                                            if not layer.get('urls'))]
            if 'gc' in self.switches and wanted[1:] and self._first('gc'):
                repository.blobs.pop(wanted[-1]['digest'], None)
            missing = [blob['digest'] for blob in wanted
                       if len(repository.blobs.get(blob['digest']) or b'x' * (blob['size'] + 1))
                       != blob['size'] and blob['size']]
        if missing:
            body = {'errors': [{'code': 'MANIFEST_BLOB_UNKNOWN', 'message': 'blob unknown to '
                                'registry', 'detail': {'digest': each}} for each in missing]}
            return Answer(404 if kind in _INDEXES else 400, {'Content-Type': 'application/json'},
                          json.dumps(body).encode())
        return None

    # --- lists -----------------------------------------------------------------------------------

    def _tags_get(self, request, name, repository):
        if name not in self.repositories:
            return error(404, 'NAME_UNKNOWN')
        tags = sorted(repository.tags)
        if {'tags-paged-link-only', 'link-other-host'} & set(self.switches):
            start, count = int(request.value('page') or 0), 2
            following = f'page={start + count}'
        else:
            last, count = request.value('last') or '', int(request.value('n') or len(tags))
            tags = [tag for tag in tags if tag > last]
            start, following = 0, f'n={count}&last={"".join(tags[:count][-1:])}'
        headers = {'Content-Type': 'application/json'}
        if len(tags) > start + count and count:
            other = f'{self.scheme}://{self._other_host()}' if 'link-other-host' in self.switches \
                else ''
            headers['Link'] = f'<{other}/v2/{name}/tags/list?{following}>; rel="next"'
        return Answer(200, headers, json.dumps(
            {'name': name, 'tags': tags[start:start + count]}).encode())

    def _referrers_get(self, request, _name, repository, digest):
        if 'no-referrers' in self.switches:
            return error(404, 'UNSUPPORTED')
        found = []
        for each, (kind, data) in list(repository.manifests.items()):
            document = json.loads(data)
            if (document.get('subject') or {}).get('digest') == digest:
                entry = {'mediaType': kind, 'digest': each, 'size': len(data),
                         'artifactType': document.get('artifactType') or
                         document.get('config', {}).get('mediaType'),
                         'annotations': document.get('annotations')}
                found.append({key: value for key, value in entry.items() if value})
        headers = {'Content-Type': _INDEX}
        wanted = request.value('artifactType')
        if wanted and 'referrers-no-filter' not in self.switches:
            found = [entry for entry in found if entry.get('artifactType') == wanted]
            headers['OCI-Filters-Applied'] = 'artifactType'
        return Answer(200, headers, json.dumps(
            {'schemaVersion': 2, 'mediaType': _INDEX, 'manifests': found}).encode())

    def _host(self, request):
        return request.headers.get('host', f'127.0.0.1:{self.port}')

    def _other_host(self):
        return f'127.0.0.1:{self.other}'


def kind_of(request, place, match):
    """What a request is called in the log and in faults."""
    method = request.method.lower()
    if not match or place == 'ping':
        return place if match else 'unknown'
    if place == 'uploads':
        return 'upload-mount' if 'mount' in request.query else 'upload-post'
    if place == 'manifest' and method == 'put' and ':' not in match['reference']:
        return 'tag-put'
    return f'{place}-{method}'


def scope_name(request):
    found = re.match(rf'/v2/{_NAME}/(?:blobs|manifests|tags|referrers)/', request.path)
    return found['name'] if found else None


def check_token(given, name, method, realm):
    """None when this JWT of token_server.py, whose signature nobody looks at here, allows it."""
    actions = {'pull'} if method in ('GET', 'HEAD') else {'pull', 'push'}
    challenge = f'Bearer realm="{realm}",service="fault"'
    if name:
        challenge += f',scope="repository:{name}:{",".join(sorted(actions))}"'
    why = ''
    if given.startswith('Bearer '):
        payload = given.split('.')[1] if given.count('.') == 2 else ''
        try:
            claims = json.loads(base64.urlsafe_b64decode(payload + '=' * (-len(payload) % 4)))
        except ValueError:
            claims = {}
        granted = {action for entry in claims.get('access', []) if entry['name'] == name
                   for action in entry['actions']}
        if claims.get('exp', 0) <= time.time():
            why = 'invalid_token'
        elif not name or actions <= granted:
            return None
        else:
            why = 'insufficient_scope'
    if why:
        challenge += f',error="{why}"'
    return error(401, 'UNAUTHORIZED', 'authentication required', {'WWW-Authenticate': challenge})


def switches_of(texts):
    """{name: value} of NAME[=VALUE]."""
    found = {}
    for text in texts:
        name, equals, value = text.partition('=')
        found[name] = value if equals else True
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--switch', action='append', default=[])
    parser.add_argument('--port', type=int, default=0)
    parser.add_argument('--address', default='127.0.0.1')
    parser.add_argument('--tls-cert')
    parser.add_argument('--tls-key')
    parser.add_argument('--client-ca')
    options = parser.parse_args()
    registry = Registry(switches_of(options.switch))
    context = None
    if options.tls_cert:
        context = fault_http.context_of(options.tls_cert, options.tls_key, options.client_ca)
        registry.scheme = 'https'
    registry.port = fault_http.listen(registry.answer_own, options.port, context, options.address)
    registry.other = fault_http.listen(registry.answer_other, 0, context)
    control = fault_http.listen(registry.control)
    print(json.dumps({'port': registry.port, 'other': registry.other, 'control': control}),
          flush=True)
    threading.Event().wait()
    return 0


if __name__ == '__main__':
    sys.exit(main())
