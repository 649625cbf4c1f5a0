# SPDX-License-Identifier: Apache-2.0
"""Identity tokens of real servers: a gRPC server as a SPIFFE agent has it, and the issuer of the
Sigstore stack. What asks them is live_identity_test.cc in the test program of the room `services`.
"""

import base64
import json
import os
import subprocess

import pytest

import program
import stack as sigstore_stack

TESTS = program.PROGRAM.parent / 'tests' / 'services' / 'services_test'


def run_live(**variables):
    """Runs the live tests; what they do not find in the environment they skip."""
    if not TESTS.is_file():
        pytest.skip(f'{TESTS} is not built')
    done = subprocess.run([TESTS, '--source-file=*live_identity_test.cc', '--no-skip'],
                          env={**os.environ, **variables}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in variables:
        assert f'SKIPPED: {name}' not in done.stdout


def part(content):
    return base64.urlsafe_b64encode(content).rstrip(b'=').decode()


@pytest.fixture
def agent(tmp_path):
    """The socket of a SPIFFE agent, by a Python with grpcio."""
    said = subprocess.run([program.ROOT / 'scripts' / 'python-peers', '--path'],
                          capture_output=True, text=True, check=True)
    python = said.stdout.strip()
    if not os.access(python, os.X_OK):
        pytest.skip('grpcio is not installed (scripts/python-peers)')
    claims = {'iss': 'https://spire.example', 'sub': 'spiffe://a.example/b', 'exp': 4102444800,
              'aud': ['sigstore']}
    token = '.'.join([part(b'{"alg":"RS256"}'), part(json.dumps(claims).encode()), part(b'x')])
    socket = tmp_path / 'api.sock'
    script = program.ROOT / 'tests' / 'support' / 'spiffe_agent.py'
    with subprocess.Popen([python, '-B', script, socket, token], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout.readline() == 'ready\n'
            yield socket
        finally:
            server.stdin.close()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


def test_a_spiffe_agent_gives_a_token_over_grpc(agent):
    run_live(OCISHIP_TEST_SPIFFE_SOCKET=str(agent))


def test_a_real_issuer_logs_somebody_in(tmp_path):
    try:
        running = sigstore_stack.Stack(tmp_path)
    except LookupError as error:
        pytest.skip(str(error))
    try:
        run_live(OCISHIP_TEST_ISSUER=running['ISSUER'])
    finally:
        running.stop()
