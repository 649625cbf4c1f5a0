# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 on a bare socket, so that a server can break in every way that servers break."""

import dataclasses
import http
import os
import re
import select
import socket
import ssl
import struct
import threading
import time
import urllib.parse

_PIECE = 64 * 1024
_REQUEST_LINE = re.compile(r'([A-Z]+) (\S+) HTTP/1\.[01]')
_MOST_HEADERS = 200
_SILENCE_SECONDS = 60
_LINGER_SECONDS = 3


class Cut(Exception):
    """The connection ends here without an answer; `reset` says how."""

    def __init__(self, reset):
        super().__init__('cut')
        self.reset = reset


class Body:
    """The body of a request, which is read only when somebody wants it."""

    def __init__(self, connection, reader, headers):
        self._connection = connection
        self._reader = reader
        self.chunked = 'chunked' in headers.get('transfer-encoding', '').lower()
        self.length = None if self.chunked else int(headers.get('content-length', 0))
        self.received = 0
        self.finished = self.length == 0
        self.bytes_per_second = None
        self._asked = headers.get('expect', '').lower() != '100-continue'

    def pieces(self):
        """Its bytes, piece by piece; EOFError when the other side ends early."""
        if not self._asked and not self.finished:
            self._connection.sendall(b'HTTP/1.1 100 Continue\r\n\r\n')
            self._asked = True
        for piece in self._chunks() if self.chunked else self._plain(self.length - self.received):
            if self.bytes_per_second:
                time.sleep(len(piece) / self.bytes_per_second)
            self.received += len(piece)
            yield piece
        self.finished = True

    def all(self):
        return b''.join(self.pieces())

    def _plain(self, count):
        while count > 0:
            piece = self._reader.read1(min(count, _PIECE))
            if not piece:
                raise EOFError('the body ended early')
            count -= len(piece)
            yield piece

    def _chunks(self):
        while True:
            size = int(self._line().split(b';')[0], 16)
            if size == 0:
                while self._line():
                    pass
                return
            yield from self._plain(size)
            self._line()

    def _line(self):
        line = self._reader.readline(_PIECE)
        if not line.endswith(b'\n'):
            raise EOFError('the body ended early')
        return line.strip()


@dataclasses.dataclass
class Request:
    method: str
    target: str
    headers: dict
    body: Body
    connection: socket.socket

    def __post_init__(self):
        if '://' in self.target.partition('?')[0]:  # as proxies are asked
            self.target = '/' + self.target.split('/', 3)[3]
        path, _, query = self.target.partition('?')
        self.path = urllib.parse.unquote(path)
        self.raw_query = query
        self.query = urllib.parse.parse_qs(query, keep_blank_values=True)

    def value(self, name):
        """The first value of a query parameter, or None."""
        return self.query.get(name, [None])[0]

    def stay_silent(self):
        """Says nothing more until the other side goes away."""
        poll = select.poll()
        poll.register(self.connection, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        poll.poll(_SILENCE_SECONDS * 1000)
        raise Cut(reset=False)


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytes = b''
    raw: bytes = b''  # instead of all the rest
    part: float = 1  # how much of it is sent before the connection ends

    def text(self, with_body):
        if self.raw:
            return self.raw
        try:
            reason = http.HTTPStatus(self.status).phrase
        except ValueError:
            reason = 'Unnamed'
        headers = {'Content-Length': len(self.body), **self.headers}
        if self.status == 204:
            del headers['Content-Length']
        lines = [f'HTTP/1.1 {self.status} {reason}',
                 *(f'{name}: {value}' for name, value in headers.items()), '', '']
        return '\r\n'.join(lines).encode('latin-1') + (self.body if with_body else b'')


def _read_request(connection, reader):
    """The next request, or None when there is none any more."""
    line = reader.readline(_PIECE)
    while line in (b'\r\n', b'\n'):
        line = reader.readline(_PIECE)
    if not line.endswith(b'\n'):
        return None
    spoken = _REQUEST_LINE.fullmatch(line.decode('latin-1').rstrip())
    if not spoken:
        raise ValueError('this is not HTTP/1.1')
    method, target = spoken.groups()
    headers = {}
    for _ in range(_MOST_HEADERS):
        line = reader.readline(_PIECE).decode('latin-1')
        if not line.strip():
            break
        name, _, value = line.partition(':')
        name, value = name.strip().lower(), value.strip()
        headers[name] = f'{headers[name]}, {value}' if name in headers else value
    return Request(method, target, headers, Body(connection, reader, headers), connection)


def _reset(connection):
    """Closes with RST, as machines do that lose a connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def _linger(connection):
    """Reads on for a moment: what is unread at the end would reset the connection, and with that
    take the answer away before it was read."""
    with socket.socket(fileno=os.dup(connection.fileno())) as bare:  # below TLS
        bare.shutdown(socket.SHUT_WR)
        bare.settimeout(_LINGER_SECONDS)
        end = time.monotonic() + _LINGER_SECONDS
        while time.monotonic() < end and bare.recv(_PIECE):
            pass


def _shake_hands(connection):
    try:
        connection.do_handshake()
    except ssl.SSLError:
        _linger(connection)
        raise


def _converse(connection, handle):
    reader = connection.makefile('rb', _PIECE)
    while True:
        request = _read_request(connection, reader)
        if request is None:
            return
        answer = handle(request)
        text = answer.text(with_body=request.method != 'HEAD')
        connection.sendall(text[:int(len(text) * answer.part)])
        if not request.body.finished:
            _linger(connection)
        keeps = answer.part == 1 and not answer.raw and 'Connection' not in answer.headers
        if not keeps or not request.body.finished or \
                'close' in request.headers.get('connection', '').lower():
            return


def _serve(connection, handle, context):
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context:
            connection.settimeout(_SILENCE_SECONDS)
            connection = context.wrap_socket(connection, server_side=True,
                                             do_handshake_on_connect=False)
            _shake_hands(connection)
        _converse(connection, handle)
    except Cut as cut:
        if cut.reset:
            _reset(connection)
    except (OSError, EOFError, ValueError):
        pass  # the other side went away, or never spoke HTTP
    finally:
        # The reader holds the socket too, and close() would wait for it.
        socket.close(connection.detach())


def _accept(listener, handle, context):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_serve, args=(connection, handle, context), daemon=True).start()


def listen(handle, port=0, context=None, address='127.0.0.1'):
    """Answers in the background what comes to `port` by handle(request), and gives the port."""
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(128)
    threading.Thread(target=_accept, args=(listener, handle, context), daemon=True).start()
    return listener.getsockname()[1]


def context_of(certificate, key, client_authority=None):
    """TLS for a server, which demands a certificate of clients when an authority is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if client_authority:
        context.load_verify_locations(client_authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
