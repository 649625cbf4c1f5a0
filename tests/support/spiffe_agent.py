# SPDX-License-Identifier: Apache-2.0
"""A SPIFFE Workload API on a Unix socket: a real gRPC server (grpcio) with one method.

  spiffe_agent.py SOCKET TOKEN

Gives TOKEN to whoever asks for the audience `sigstore`, and PERMISSION_DENIED for every other; says
`ready` and serves until standard input ends. Run by a Python that has grpcio.
"""

import concurrent.futures
import sys

import grpc


def text(number, content):
    """A field of protobuf."""
    size = len(content)
    length = bytearray()
    while size >= 0x80:
        length.append(size & 0x7f | 0x80)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + content


def main():
    socket, token = sys.argv[1:]

    def fetch(request, context):
        if ('workload.spiffe.io', 'true') not in context.invocation_metadata():
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, 'security header missing from request')
        if request != text(1, b'sigstore'):
            context.abort(grpc.StatusCode.PERMISSION_DENIED, 'no identity issued (ä)')
        return text(1, text(1, b'spiffe://a.example/b') + text(2, token.encode()))

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=2))
    method = grpc.unary_unary_rpc_method_handler(fetch)
    server.add_generic_rpc_handlers([
        grpc.method_handlers_generic_handler('SpiffeWorkloadAPI', {'FetchJWTSVID': method})])
    server.add_insecure_port(f'unix:{socket}')
    server.start()
    print('ready', flush=True)
    sys.stdin.read()
    server.stop(None).wait()


main()
