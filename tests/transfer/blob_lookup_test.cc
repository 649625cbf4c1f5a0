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

TEST_CASE("BlobLookup: several that are there are asked for once, and an error is passed on") {
  testing::MemoryStore store;
  const Digest there = store.AddBlob("content");
  const Digest absent = Digest::Parse("sha256:" + std::string(64, 'a')).value();
  BlobLookup lookup(store);
  const std::vector<StoredLayer> both = {{.digest = there, .size = 7},
                                         {.digest = absent, .size = 7}};
  REQUIRE(lookup.LookUpAll(both, 4).ok());
  CHECK(lookup.LookUp(there, 7).value() == oci::Presence::kThere);
  CHECK(store.calls().size() == 2);
  CHECK(lookup.LookUp(absent, 7).value() == oci::Presence::kAbsent);
  store.FailWhen([](const std::string&) { return Error(Code::kUnavailable, "broken"); });
  CHECK(lookup.LookUpAll(both, 4).error().code() == Code::kUnavailable);
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
