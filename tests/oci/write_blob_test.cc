// SPDX-License-Identifier: Apache-2.0
#include "oci/write_blob.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "crypto/hash.h"
#include "memory_store.h"
#include "util/bytes.h"

namespace ociship::oci {
namespace {

using testing::MemoryStore;

Digest DigestOf(std::string_view content) { return crypto::Sha256(util::AsBytes(content)); }

TEST_CASE("WriteSmallBlob: what is not there is sent once") {
  MemoryStore store;
  const Digest digest = DigestOf("abc");
  CHECK(WriteSmallBlob(store, digest, "abc").value() == Sent::kSent);
  CHECK(store.blobs().at(digest) == "abc");
  store.ClearCalls();
  CHECK(WriteSmallBlob(store, digest, "abc").value() == Sent::kWasThere);
  CHECK(store.changes().empty());
}

TEST_CASE("WriteSmallBlob: nothing at all is a blob too") {
  MemoryStore store;
  CHECK(WriteSmallBlob(store, DigestOf(""), "").value() == Sent::kSent);
  CHECK(store.blobs().at(DigestOf("")).empty());
}

TEST_CASE("WriteSmallBlob: a blob with another size is sent again") {
  MemoryStore store;
  const Digest digest = DigestOf("abc");
  store.ReplaceBlob(digest, "ab");
  CHECK(WriteSmallBlob(store, digest, "abc").value() == Sent::kSent);
  CHECK(store.blobs().at(digest) == "abc");
}

TEST_CASE("WriteSmallBlob: what the other side lost is sent again") {
  const std::string content(700'000, 'x');
  for (const std::uint64_t offset : {0U, 1U, 300'000U, 699'999U}) {
    CAPTURE(offset);
    MemoryStore store;
    store.AskAgainFrom(offset);
    REQUIRE(WriteSmallBlob(store, DigestOf(content), content).ok());
    CHECK(store.blobs().at(DigestOf(content)) == content);
  }
}

TEST_CASE("WriteSmallBlob: an error of the store is the error") {
  for (const std::string_view broken : {"blob size", "write blob", "write 0", "commit"}) {
    CAPTURE(broken);
    MemoryStore store;
    store.FailWhen([broken](const std::string& call) -> std::optional<Error> {
      if (call.starts_with(broken)) return Error(Code::kUnavailable, "broken");
      return std::nullopt;
    });
    const auto sent = WriteSmallBlob(store, DigestOf("abc"), "abc");
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error().code() == Code::kUnavailable);
    CHECK(store.blobs().empty());
  }
}

TEST_CASE("WriteSmallBlob: content with another digest is not stored") {
  MemoryStore store;
  CHECK_FALSE(WriteSmallBlob(store, DigestOf("abc"), "abd").ok());
  CHECK(store.blobs().empty());
}

}  // namespace
}  // namespace ociship::oci
