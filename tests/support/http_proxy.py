# SPDX-License-Identifier: Apache-2.0
"""An HTTP proxy that leads every name to the loopback, and knows what it was asked for.

Prints one line of JSON with its ports, `port` and `control`, where a test asks over HTTP:
GET /log gives [{"method", "target", "authorization"}], one entry a connection, POST /set forgets.
"""

import json
import select
import socket
import sys
import threading

import fault_http

_PIECE = 64 * 1024
_MOST_HEAD = 16 * 1024


class Log:
    def __init__(self):
        self.entries = []

    def control(self, request):
        if request.method == 'POST':
            request.body.all()
            self.entries.clear()
        return fault_http.Answer(200, body=json.dumps(self.entries).encode())


def _copy(client, server):
    to = {client: server, server: client}
    while to:
        for source in select.select(list(to), [], [])[0]:
            piece = source.recv(_PIECE)
            if piece:
                to[source].sendall(piece)
            else:
                to.pop(source).shutdown(socket.SHUT_WR)


def _serve(client, entries):
    try:
        head = b''
        while b'\r\n\r\n' not in head and len(head) < _MOST_HEAD:
            piece = client.recv(_PIECE)
            if not piece:
                return
            head += piece
        line, *headers = head.partition(b'\r\n\r\n')[0].decode('latin-1').split('\r\n')
        method, target, _ = line.split(' ')
        given = [header.partition(':')[2].strip() for header in headers
                 if header.lower().startswith('proxy-authorization:')]
        entries.append({'method': method, 'target': target, 'authorization': given})
        host = target.split('/')[2] if '://' in target else target
        with socket.create_connection(('127.0.0.1', int(host.rpartition(':')[2]))) as server:
            if method == 'CONNECT':
                client.sendall(b'HTTP/1.1 200 Connection established\r\n\r\n')
            else:
                server.sendall(head)
            _copy(client, server)
    except (OSError, ValueError, KeyError):
        pass
    finally:
        client.close()


def main():
    log = Log()
    listener = socket.create_server(('127.0.0.1', 0), backlog=128)
    print(json.dumps({'port': listener.getsockname()[1],
                      'control': fault_http.listen(log.control)}), flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_serve, args=(client, log.entries), daemon=True).start()


if __name__ == '__main__':
    sys.exit(main())
