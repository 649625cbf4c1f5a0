# SPDX-License-Identifier: Apache-2.0
"""Many who sign one image at once, in a registry without the referrers API: the list of referrers
is a tag there, which each of them reads and writes, and nobody may lose what another one added."""

import base64
import json
import os
import subprocess

import pytest

import program
import truth
from conftest import PASSWORD

WRITERS = 32
# One round shows that it can work; OCISHIP_WRITER_ROUNDS=20 that it always does.
ROUNDS = int(os.environ.get('OCISHIP_WRITER_ROUNDS', 1))
WAIT_SECONDS = 180


def sign_at_once(folder, image, key):
    """Runs all writers, each with a home and annotations of its own, and gives their answers."""
    running = []
    for number in range(WRITERS):
        home = folder / str(number)
        home.mkdir()
        writer = program.Program(home)
        running.append(subprocess.Popen(
            [program.PROGRAM, 'sign', '--key', key, '--format', 'bundle', '--annotations',
             f'writer={number}', image], cwd=home, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=writer.environment(PASSWORD)))
    try:
        return [(process.communicate(timeout=WAIT_SECONDS)[1], process.returncode)
                for process in running]
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait()


def writers_of(place, name, digest):
    """Who signed, by the bundles that the list of referrers leads to."""
    found = []
    for entry in place.referrers(name, digest):
        document = json.loads(place.manifest(name, entry['digest'])[0])
        assert document['subject']['digest'] == digest
        bundle = json.loads(place.blob(name, document['layers'][0]['digest']))
        statement = json.loads(base64.b64decode(bundle['dsseEnvelope']['payload']))
        found.append(statement['subject'][0]['annotations']['writer'])
    return found


@pytest.mark.parametrize('turn', range(ROUNDS))
def test_no_writer_loses_what_another_one_added(ociship, distribution, name, keys, turn, tmp_path):
    image = f'{distribution.repository(name)}:1'
    digest = ociship('push', truth.FIXTURES / 'docker20-one.tar', image).digest
    answers = sign_at_once(tmp_path, image, keys / 'mine.key')
    assert [said for said, code in answers if code != program.DONE] == []
    assert sorted(writers_of(distribution, name, digest), key=int) == list(
        map(str, range(WRITERS)))
    ociship('verify', '--key', keys / 'mine.pub', image)
