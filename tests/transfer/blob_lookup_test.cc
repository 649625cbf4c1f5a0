// SPDX-License-Identifier: Apache-2.0
#include "transfer/blob_lookup.h"

#include <doctest/doctest.h>

#include "memory_store.h"

namespace ociship::transfer {
namespace {

TEST_CASE("BlobLookup: what is there is asked for once, what is not is asked for again") {
  testing::MemoryStore store;
  const Digest there = store.AddBlob("content");
  const Digest absent = Digest::Parse("sha256:" + std::string(64, 'a')).value();
  BlobLookup lookup(store);
  for (int i = 0; i < 3; ++i) {
    CHECK(lookup.LookUp(there, 7).value() == oci::Presence::kThere);
    CHECK(lookup.LookUp(absent, 7).value() == oci::Presence::kAbsent);
  }
  CHECK(store.calls().size() == 4);
}

TEST_CASE("BlobLookup: another size is another blob") {
  testing::MemoryStore store;
  const Digest there = store.AddBlob("content");
  BlobLookup lookup(store);
  CHECK(lookup.LookUp(there, 7).value() == oci::Presence::kThere);
  CHECK(lookup.LookUp(there, 8).value() == oci::Presence::kAbsent);
}

}  // namespace
}  // namespace ociship::transfer
