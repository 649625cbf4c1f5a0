// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_API_MIRRORED_STORE_H_
#define OCISHIP_API_MIRRORED_STORE_H_

#include <memory>
#include <vector>

#include "ociship/store.h"
#include "registry/registries_conf.h"

namespace ociship {

struct MirrorPlace {
  std::unique_ptr<Store> store;
  registry::Mirror::Pull pull = registry::Mirror::Pull::kAll;
};

// The places of one repository.
struct MirroredPlaces {
  std::unique_ptr<Store> named;      // by whose name it goes, and where everything is written
  std::vector<MirrorPlace> mirrors;  // are asked first, in this order
  std::unique_ptr<Store> location;   // is asked last, instead of `named`; may be nullptr
};

// One Store of them. A mirror that does not have what is wanted, wants another login, or cannot be
// reached, is passed over, in the last two cases for good; any other failure of it is the answer.
// Since a mirror may have the image and not what was attached to it later, an empty list of one is
// no answer. A mirror for tags is asked for the content too once it has resolved a tag.
std::unique_ptr<Store> NewMirroredStore(MirroredPlaces places);

}  // namespace ociship

#endif  // OCISHIP_API_MIRRORED_STORE_H_
