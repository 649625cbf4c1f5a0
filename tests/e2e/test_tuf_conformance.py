# SPDX-License-Identifier: Apache-2.0
"""tuf-conformance of theupdateframework, unmodified, against scripts/tuf-conformance-client.

The suite is looked for in the folder OCISHIP_SUITES, its static repositories in OCISHIP_VECTORS; without
these variables beside the repository, in shared/.
"""

import os
import pathlib
import shutil
import subprocess

import pytest

import program
import suites

SHARED = program.ROOT.parent / 'shared'
SUITE = pathlib.Path(os.environ.get('OCISHIP_SUITES', SHARED / 'suites')) / 'tuf-conformance'
VECTORS = pathlib.Path(os.environ.get('OCISHIP_VECTORS', SHARED / 'vectors')) / 'tuf-conformance'
CLIENT = program.ROOT / 'scripts' / 'tuf-conformance-client'
ITEMS = 113


@pytest.fixture(scope='module')
def python():
    said = subprocess.run([program.ROOT / 'scripts' / 'python-peers', '--path'],
                          capture_output=True, text=True, check=True)
    path = pathlib.Path(said.stdout.strip())
    if not path.is_file():
        pytest.skip('the packages of tuf-conformance are not installed (scripts/python-peers)')
    return path


@pytest.fixture(scope='module')
def suite(tmp_path_factory):
    if not (SUITE / 'tuf_conformance').is_dir() or not (VECTORS / 'static_data').is_dir():
        pytest.skip('tuf-conformance is not there (OCISHIP_SUITES, OCISHIP_VECTORS)')
    if shutil.which('faketime') is None:
        pytest.skip('faketime is not installed')
    folder = tmp_path_factory.mktemp('suite') / 'tuf-conformance'
    shutil.copytree(SUITE, folder, symlinks=True)
    tests = folder / 'tuf_conformance'
    tests.chmod(0o755)
    # A link of the suite, which is a file where it was copied without links.
    static = tests / 'static_data'
    static.unlink()
    static.symlink_to(VECTORS / 'static_data')
    yield folder
    for path in [folder, *folder.rglob('*')]:
        if not path.is_symlink():
            path.chmod(0o755)


def run(python, suite, results, client):
    """The outcome of each item by its name."""
    environment = {**os.environ, 'OCISHIP': str(program.PROGRAM), 'PYTHONDONTWRITEBYTECODE': '1'}
    done = subprocess.run(
        [python, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--entrypoint', str(client),
         f'--junit-xml={results}', 'tuf_conformance'],
        cwd=suite, env=environment, capture_output=True, text=True, timeout=500, check=False)
    assert results.is_file(), done.stdout + done.stderr
    return {f'{group}::{name}': verdict for group, name, verdict in suites.outcomes(results)}


def test_every_item_passes(python, suite, tmp_path):
    outcomes = run(python, suite, tmp_path / 'results.xml', CLIENT)
    assert {name: verdict for name, verdict in outcomes.items() if verdict != 'passed'} == {}
    assert len(outcomes) == ITEMS


def test_a_client_that_does_nothing_fails_nearly_everywhere(python, suite, tmp_path):
    """The suite is able to see a difference at all."""
    outcomes = run(python, suite, tmp_path / 'results.xml', '/bin/true')
    failed = [name for name, verdict in outcomes.items() if verdict == 'failure']
    assert len(failed) > ITEMS * 3 // 4
