# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy that resets connections once so many bytes went from the clients to the server.

    cutting_proxy.py --to PORT

prints one line of JSON with its ports, `port` and `control`, where a test asks over HTTP:
POST /set {"cuts": [BYTES, ...]} begins to count anew, GET /count says what was counted since.
"""

import argparse
import json
import select
import socket
import struct
import sys
import threading

import fault_http

_PIECE = 64 * 1024


class Counter:
    """The bytes that went to the server, and where the next cuts are."""

    def __init__(self):
        self._lock = threading.Lock()
        self._sent = 0
        self._cuts = []

    def add(self, count):
        """Counts, and says whether this is a place to cut."""
        with self._lock:
            self._sent += count
            reached = [cut for cut in self._cuts if cut <= self._sent]
            self._cuts = self._cuts[len(reached):]
            return bool(reached)

    def control(self, request):
        with self._lock:
            if request.method == 'POST':
                self._cuts = sorted(json.loads(request.body.all())['cuts'])
                self._sent = 0
            return fault_http.Answer(200, body=json.dumps(
                {'sent': self._sent, 'cuts_left': len(self._cuts)}).encode())


def _reset(connection):
    """Closes with RST, as machines do that lose a connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    connection.close()


def _forward(client, server, counter):
    """Copies in both directions until both have ended; true when it is time to cut. One thread for
    both: a socket in which another one waits cannot be reset."""
    to = {client: server, server: client}
    while to:
        for source in select.select(list(to), [], [])[0]:
            target = server if source is client else client
            piece = source.recv(_PIECE)
            if not piece:
                del to[source]
                target.shutdown(socket.SHUT_WR)
                continue
            target.sendall(piece)
            if source is client and counter.add(len(piece)):
                return True
    return False


def _serve(client, to, counter):
    broken = True
    try:
        server = socket.create_connection(('127.0.0.1', to), timeout=10)
    except OSError:
        client.close()
        return
    server.settimeout(None)
    for connection in (client, server):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        broken = _forward(client, server, counter)
    except OSError:
        pass
    for connection in (client, server):
        if broken:
            _reset(connection)
        connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--to', type=int, required=True)
    options = parser.parse_args()
    counter = Counter()
    listener = socket.create_server(('127.0.0.1', 0), backlog=128)
    print(json.dumps({'port': listener.getsockname()[1],
                      'control': fault_http.listen(counter.control)}), flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_serve, args=(client, options.to, counter), daemon=True).start()


if __name__ == '__main__':
    sys.exit(main())
