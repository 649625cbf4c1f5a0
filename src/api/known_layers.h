// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_API_KNOWN_LAYERS_H_
#define OCISHIP_API_KNOWN_LAYERS_H_

#include <string>
#include <vector>

#include "ociship/core.h"
#include "ociship/sign.h"
#include "ociship/store.h"
#include "transfer/known_layers.h"

namespace ociship::api {

// Learns which layers `destination` has from images that some of its tags name: those of `wanted`
// that exist, else the newest of the others. With a signer, only from images which its key signed,
// and from none where it has no key of its own: what this push signs must not rest on what somebody
// else put there. Whatever cannot be read teaches nothing.
transfer::KnownLayers LearnKnownLayers(Store& destination, const std::vector<std::string>& existing,
                                       const std::vector<Tag>& wanted, const Signer* signer);

}  // namespace ociship::api

#endif  // OCISHIP_API_KNOWN_LAYERS_H_
