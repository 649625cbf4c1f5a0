# SPDX-License-Identifier: Apache-2.0
"""oras beside us: what one attaches the other lists, with the referrers API and without."""

import json

import pytest

import truth

PASSWORD = 'correct horse'
IMAGE = truth.FIXTURES / 'docker20-one.tar'


def listed(peer, reference):
    """artifact type -> how many referrers of it oras finds."""
    said = json.loads(peer('oras', 'discover', '--plain-http', '--format', 'json', reference).stdout)
    types = [entry['artifactType'] for entry in said['referrers'] or []]
    return {kind: types.count(kind) for kind in types}


@pytest.mark.parametrize('kind', ['distribution', 'olareg'])
@pytest.mark.parametrize('first', ['ours', 'theirs'])
def test_each_lists_what_the_other_attached(ociship, peer, keys, registries, name, tmp_path, kind,
                                            first):
    image = f'{registries(kind).host}/{name}:1'
    ociship('push', IMAGE, image)
    (tmp_path / 'report.txt').write_text('no findings')

    def attach():
        peer('oras', 'attach', '--plain-http', '--disable-path-validation', '--artifact-type',
             'application/x.report', image, f'{tmp_path / "report.txt"}:text/plain')

    def sign():
        ociship('sign', '--key', keys / 'mine.key', '--format', 'bundle', image, password=PASSWORD)

    for step in (sign, attach) if first == 'ours' else (attach, sign):
        step()
    assert listed(peer, image) == {'application/vnd.dev.sigstore.bundle.v0.3+json': 1,
                                   'application/x.report': 1}
    ociship('verify', '--key', keys / 'mine.pub', image)


def test_oras_copies_what_was_pushed(ociship, peer, registries, name):
    image = f'{registries("distribution").host}/{name}:1'
    pushed = ociship('push', IMAGE, image)
    copy = f'{registries("olareg").host}/{name}:copy'
    peer('oras', 'copy', '--from-plain-http', '--to-plain-http', image, copy)
    said = peer('oras', 'resolve', '--plain-http', copy)
    assert said.stdout.strip() == pushed.digest
