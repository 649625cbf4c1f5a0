# SPDX-License-Identifier: Apache-2.0
"""A reverse proxy before one signing service (Fulcio, Rekor, a timestamp authority): it passes
everything on and keeps it, and answers the requests it is told to in every way that services fail
or lie. Only POST, with which services are asked to sign, is counted and broken; what is read
afterwards (GET) is passed on and kept too.
"""

import dataclasses
import http.client
import random
import threading
import time
import urllib.parse

import fault_http

STALL_SECONDS = 2  # of silence before the connection is reset
HUGE_BYTES = 5 << 20  # more than any client has to take

_ANSWER_SECONDS = 30
_OF_ONE_CONNECTION = {'connection', 'content-length', 'expect', 'host', 'keep-alive',
                      'transfer-encoding', 'date'}


@dataclasses.dataclass
class Exchange:
    """What was asked, what the service answered (None: it was not asked), what the client got."""
    method: str
    path: str
    headers: dict
    body: bytes
    fault: str = ''
    served: fault_http.Answer = None

    @property
    def status(self):
        return self.served.status if self.served else None


def _passed_on(headers):
    return {name: value for name, value in headers if name.lower() not in _OF_ONE_CONNECTION}


def ask(url, exchange, body=None):
    """What the service at the origin of `url` answers to the same request, or with another body."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc,
                                            timeout=_ANSWER_SECONDS)
    try:
        connection.request(exchange.method, exchange.path,
                           exchange.body if body is None else body,
                           _passed_on(exchange.headers.items()))
        answer = connection.getresponse()
        return fault_http.Answer(answer.status, _passed_on(answer.getheaders()), answer.read())
    finally:
        connection.close()


def with_token(exchange, token):
    """The same request of somebody who has another identity token; None is the same."""
    own = exchange.headers.get('authorization', '').removeprefix('Bearer ')
    if not token or not own:
        return exchange
    return dataclasses.replace(exchange, body=exchange.body.replace(own.encode(), token.encode()),
                               headers={**exchange.headers, 'authorization': f'Bearer {token}'})


def refusal(status, exchange, **headers):
    """As grpc-gateway words it, with more of the request in it than is good."""
    said = exchange.headers.get('authorization', 'nothing').replace('"', '')
    return fault_http.Answer(
        status, {'Content-Type': 'application/json', **headers},
        f'{{"code":13,"message":"out of order (request with {said})"}}'.encode())


def truncated(answer):
    """Half of the body, under the length of all of it."""
    text = answer.text(with_body=True)
    return fault_http.Answer(answer.status, raw=text[:len(text) - len(answer.body) // 2])


def _with_body(answer, body):
    return dataclasses.replace(answer, body=body)


def _stall(_proxy, _exchange):
    time.sleep(STALL_SECONDS)
    raise fault_http.Cut(reset=True)


def _reset(_proxy, _exchange):
    raise fault_http.Cut(reset=True)


def _reset_after(proxy, exchange):
    proxy.serve(exchange)
    raise fault_http.Cut(reset=True)


# What a network or an overloaded service does: the same request may succeed a moment later.
TRANSIENT = {
    'reset': _reset,
    'reset-after': _reset_after,
    'stall': _stall,
    '429': lambda _, exchange: refusal(429, exchange, **{'Retry-After': '1'}),
    '500': lambda _, exchange: refusal(500, exchange),
    '502': lambda _, exchange: refusal(502, exchange),
    '503': lambda _, exchange: refusal(503, exchange),
    'truncated': lambda proxy, exchange: truncated(proxy.serve(exchange)),
}
# Answers that came whole, and are none.
NONSENSE = {
    'garbage': lambda proxy, exchange: _with_body(
        proxy.serve(exchange), random.Random(7).randbytes(2000)),
    'empty': lambda proxy, exchange: _with_body(proxy.serve(exchange), b''),
    # The right answer and blanks behind it: JSON that is only too long.
    'huge': lambda proxy, exchange: _with_body(
        proxy.serve(exchange), exchange.served.body + b' ' * HUGE_BYTES),
}
_FAULTS = {**TRANSIENT, **NONSENSE}


class Proxy:
    """Listens before the service at `service`, a URL whose path, where it has one, is kept."""

    def __init__(self, service):
        self.service = service
        parts = urllib.parse.urlsplit(service)
        self.service_origin = f'{parts.scheme}://{parts.netloc}'
        port = fault_http.listen(self._handle)
        self.origin = f'http://127.0.0.1:{port}'
        self.url = f'{self.origin}{parts.path}'
        self._lock = threading.Lock()
        self.reset()

    def reset(self):
        """Forgets what was asked, and behaves."""
        with self._lock:
            self.exchanges = []
            self.errors = []  # of faults that are themselves at fault
            self._count = 0
            self._fault = None

    def fail(self, fault, first=1, last=None):
        """Does this to the requests from `first` to `last`, counted from 1 from now on; None is
        without end. `fault` is a name, or a function that makes an answer of (proxy, exchange)."""
        with self._lock:
            self._count = 0
            self._fault = (fault, first, last)

    @property
    def posts(self):
        return [exchange for exchange in self.exchanges if exchange.method == 'POST']

    @property
    def made(self):
        """How often the service did what it was asked for, whatever the client got."""
        return sum(exchange.status in (200, 201) for exchange in self.posts)

    def serve(self, exchange):
        """The service's own answer, which is kept."""
        exchange.served = ask(self.service, exchange)
        return exchange.served

    def _handle(self, request):
        exchange = Exchange(request.method, request.target, request.headers, request.body.all())
        with self._lock:
            self.exchanges.append(exchange)
            fault = self._fault_of(request)
        if fault is None:
            return self.serve(exchange)
        exchange.fault = fault if isinstance(fault, str) else fault.__name__
        try:
            return (_FAULTS[fault] if isinstance(fault, str) else fault)(self, exchange)
        except fault_http.Cut:
            raise
        except Exception as error:
            self.errors.append(error)
            raise

    def _fault_of(self, request):
        if request.method != 'POST' or self._fault is None:
            return None
        self._count += 1
        fault, first, last = self._fault
        return fault if first <= self._count <= (last or self._count) else None
