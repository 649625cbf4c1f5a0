# SPDX-License-Identifier: Apache-2.0
"""push through a connection that is cut: what the registry has is not sent again."""

import json

import pytest

import program
import servers
import truth

MIB = 1 << 20
# What a cut may cost: the chunk that was on its way, and what the kernels and the proxy held.
CHUNK = 16 * MIB
IN_FLIGHT = 8 * MIB
# Headers, config, manifests.
REST = MIB
LAYER_KIB = 200 * 1024


@pytest.fixture
def proxy(registries):
    running = servers.CuttingProxy(registries('distribution'))
    yield running
    running.stop()


@pytest.mark.parametrize('percents', [[10], [50], [90], [10, 50, 90]],
                         ids=lambda percents: '-'.join(map(str, percents)))
def test_a_cut_costs_at_most_what_was_on_its_way(ociship, proxy, name, noise, percents):
    archive, known = noise(LAYER_KIB)
    cuts = [LAYER_KIB * 1024 * percent // 100 for percent in percents]
    proxy.set(cuts=cuts)
    pushed = ociship('push', archive, f'{proxy.host}/{name}:1', timeout=120)
    counted = proxy.count()
    assert counted['cuts_left'] == 0
    digest, _ = truth.check_image(truth.RegistryPlace(proxy), name, '1', known)
    assert digest == pushed.digest
    manifest, _ = truth.RegistryPlace(proxy).manifest(name, '1')
    size = sum(layer['size'] for layer in json.loads(manifest)['layers'])
    assert counted['sent'] <= size + REST + len(cuts) * (CHUNK + IN_FLIGHT)


def test_a_connection_that_is_cut_again_and_again_is_given_up(ociship, proxy, name, noise):
    archive, _ = noise(12 * 1024)
    proxy.set(cuts=list(range(1000, 200 * MIB, 256 * 1024)))
    said = ociship('push', archive, f'{proxy.host}/{name}:1', code=program.UNAVAILABLE, timeout=120)
    assert proxy.host in said.err
    proxy.set(cuts=[])
    assert truth.RegistryPlace(proxy).tags(name) == []
