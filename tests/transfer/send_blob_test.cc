// SPDX-License-Identifier: Apache-2.0
#include "transfer/send_blob.h"

#include <doctest/doctest.h>

#include "counting_observer.h"
#include "crypto/hash.h"
#include "memory_store.h"
#include "util/bytes.h"

namespace ociship::transfer {
namespace {

using testing::CountingObserver;
using testing::MemoryStore;

const std::string kContent = "eins zwei drei vier";

void Fill(BlobStream& stream) {
  stream.PushBytes(util::AsBytes("eins "));
  stream.PushBytes(util::AsBytes("zwei "));
  stream.PushBytes(util::AsBytes("drei vier"));
  stream.End();
}

Digest ContentDigest() { return crypto::Sha256(util::AsBytes(kContent)); }

TEST_CASE("SendStream: a blob that is absent is stored, at once or after the look-up") {
  for (const Sending sending : {Sending::kAtOnce, Sending::kAfterLookup}) {
    MemoryStore store;
    BlockPool pool(1);
    BlobStream stream(pool);
    util::SpoolBudget budget(8, "/tmp");
    CountingObserver observer;
    BlobMeter meter(observer, "blob", {});
    Fill(stream);
    const Result<SentBlob> sent = SendStream(stream, store, {.sending = sending}, budget, meter);
    REQUIRE(sent.ok());
    CHECK(sent.value().digest == ContentDigest());
    CHECK(sent.value().size == kContent.size());
    CHECK(sent.value().sent == oci::Sent::kSent);
    CHECK(store.blobs().at(ContentDigest()) == kContent);
  }
}

TEST_CASE("SendStream: a blob that is there is not sent after the look-up") {
  MemoryStore store;
  store.AddBlob(kContent);
  BlockPool pool(1);
  BlobStream stream(pool);
  util::SpoolBudget budget(1024, "/tmp");
  CountingObserver observer;
  BlobMeter meter(observer, "blob", {});
  Fill(stream);
  const Result<SentBlob> sent =
      SendStream(stream, store, {.sending = Sending::kAfterLookup}, budget, meter);
  REQUIRE(sent.ok());
  CHECK(sent.value().sent == oci::Sent::kWasThere);
  CHECK(store.changes().empty());
}

TEST_CASE("SendStream: bytes that are wanted again are sent again, from memory and from the file") {
  for (const std::size_t memory : {std::size_t{4}, std::size_t{1024}}) {
    for (const std::uint64_t again : {0U, 3U, 10U}) {
      MemoryStore store;
      BlockPool pool(1);
      BlobStream stream(pool);
      util::SpoolBudget budget(memory, "/tmp");
      CountingObserver observer;
      BlobMeter meter(observer, "blob", {});
      Fill(stream);
      store.AskAgainFrom(again);
      const Result<SentBlob> sent =
          SendStream(stream, store, {.sending = Sending::kAfterLookup}, budget, meter);
      REQUIRE(sent.ok());
      CHECK(store.blobs().at(ContentDigest()) == kContent);
    }
  }
}

TEST_CASE("SendStream: another digest than the expected one is refused and nothing is stored") {
  MemoryStore store;
  BlockPool pool(1);
  BlobStream stream(pool);
  util::SpoolBudget budget(1024, "/tmp");
  CountingObserver observer;
  BlobMeter meter(observer, "blob", {});
  Fill(stream);
  const Descriptor expected{
      .media_type = "x", .digest = crypto::Sha256(util::AsBytes("other")), .size = kContent.size()};
  const Result<SentBlob> sent =
      SendStream(stream, store, {.sending = Sending::kAtOnce, .expected = expected}, budget, meter);
  REQUIRE_FALSE(sent.ok());
  CHECK(sent.error().code() == Code::kBadInput);
  CHECK(store.blobs().empty());
}

TEST_CASE("SendStream: another size than the expected one is refused") {
  MemoryStore store;
  BlockPool pool(1);
  BlobStream stream(pool);
  util::SpoolBudget budget(1024, "/tmp");
  CountingObserver observer;
  BlobMeter meter(observer, "blob", {});
  Fill(stream);
  const Descriptor expected{
      .media_type = "x", .digest = ContentDigest(), .size = kContent.size() - 1};
  const Result<SentBlob> sent =
      SendStream(stream, store, {.sending = Sending::kAtOnce, .expected = expected}, budget, meter);
  REQUIRE_FALSE(sent.ok());
  CHECK(sent.error().code() == Code::kBadInput);
  CHECK(store.blobs().empty());
}

TEST_CASE("SendStream: the error of the reader ends it without a blob") {
  MemoryStore store;
  BlockPool pool(1);
  BlobStream stream(pool);
  util::SpoolBudget budget(1024, "/tmp");
  CountingObserver observer;
  BlobMeter meter(observer, "blob", {});
  stream.PushBytes(util::AsBytes("eins "));
  stream.Fail(Error(Code::kBadInput, "cut off"));
  const Result<SentBlob> sent =
      SendStream(stream, store, {.sending = Sending::kAtOnce}, budget, meter);
  REQUIRE_FALSE(sent.ok());
  CHECK(sent.error().message() == "cut off");
  CHECK(store.blobs().empty());
}

TEST_CASE("SendStream: an empty stream becomes the empty blob") {
  MemoryStore store;
  BlockPool pool(1);
  BlobStream stream(pool);
  util::SpoolBudget budget(1024, "/tmp");
  CountingObserver observer;
  BlobMeter meter(observer, "blob", {});
  stream.End();
  const Result<SentBlob> sent =
      SendStream(stream, store, {.sending = Sending::kAtOnce}, budget, meter);
  REQUIRE(sent.ok());
  CHECK(sent.value().digest == crypto::Sha256({}));
  CHECK(store.blobs().contains(crypto::Sha256({})));
}

}  // namespace
}  // namespace ociship::transfer
