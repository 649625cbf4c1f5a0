// SPDX-License-Identifier: Apache-2.0
#include "transfer/pipeline.h"

#include <doctest/doctest.h>

#include <set>

#include "compress.h"
#include "counting_observer.h"
#include "fake_archive.h"
#include "memory_store.h"
#include "transfer/read_layer.h"

namespace ociship::transfer {
namespace {

using testing::CountingObserver;
using testing::MemoryStore;
using testing::TarOf;

std::string Noise(std::size_t size) {
  std::string noise;
  std::uint32_t state = 1;
  while (noise.size() < size) {
    state = state * 1664525 + 1013904223;
    noise += static_cast<char>(state >> 24);
  }
  return noise;
}

TEST_CASE("Pipeline: the stored bytes are the same whatever the number of threads and blocks") {
  const std::string tar = TarOf("noise", Noise(3'000'000));
  std::set<Digest> digests;
  for (const unsigned threads : {1U, 2U, 5U}) {
    for (const std::size_t blocks : {std::size_t{1}, std::size_t{3}, std::size_t{16}}) {
      MemoryStore store;
      const Cancel cancel;
      CountingObserver observer;
      Pipeline pipeline(store, {.compressors = threads, .senders = threads, .blocks = blocks},
                        cancel, observer);
      util::MemoryReader reader(util::AsBytes(tar));
      const Result<ReadLayer> layer = ReadLayerContent(reader, {.name = "layer"}, pipeline);
      REQUIRE(layer.ok());
      digests.insert(pipeline.Wait(*layer.value().blob).value().digest);
      CHECK(observer.Count(LayerState::kSent) == 1);
    }
  }
  CHECK(digests.size() == 1);
}

TEST_CASE("Pipeline: many layers go through few senders and blocks") {
  MemoryStore store;
  const Cancel cancel;
  CountingObserver observer;
  Pipeline pipeline(store, {.compressors = 2, .senders = 2, .blocks = 2}, cancel, observer);
  std::vector<PendingBlob> blobs;
  for (int i = 0; i < 20; ++i) {
    const std::string tar = TarOf("n", Noise(100'000 + static_cast<std::size_t>(i) * 40'000));
    util::MemoryReader reader(util::AsBytes(tar));
    const Result<ReadLayer> layer = ReadLayerContent(reader, {.name = "layer"}, pipeline);
    REQUIRE(layer.ok());
    blobs.push_back(*layer.value().blob);
  }
  for (const PendingBlob& blob : blobs) CHECK(pipeline.Wait(blob).ok());
  CHECK(store.blobs().size() == 20);
}

TEST_CASE("Pipeline: an error of the destination stops the reader and every other blob") {
  MemoryStore store;
  store.FailWhen([](const std::string& call) -> std::optional<Error> {
    if (call.starts_with("write blob")) return Error(Code::kUnavailable, "connection lost");
    return std::nullopt;
  });
  const Cancel cancel;
  CountingObserver observer;
  Pipeline pipeline(store, {.blocks = 2}, cancel, observer);
  const std::string tar = TarOf("noise", Noise(8'000'000));
  util::MemoryReader reader(util::AsBytes(tar));
  const Result<ReadLayer> layer =
      ReadLayerContent(reader, {.name = "layer", .send = {.sending = Sending::kAtOnce}}, pipeline);
  REQUIRE_FALSE(layer.ok());
  CHECK(layer.error().code() == Code::kUnavailable);
  const Pipeline::Opened later =
      pipeline.Open({.sending = Sending::kAtOnce}, pipeline.NewMeter("blob", {}));
  CHECK_FALSE(pipeline.Wait(later.blob).ok());
}

TEST_CASE("Pipeline: once cancelled, reading ends with kInterrupted") {
  MemoryStore store;
  Cancel cancel;
  cancel.Request();
  CountingObserver observer;
  Pipeline pipeline(store, {}, cancel, observer);
  const std::string tar = TarOf("a", "b");
  util::MemoryReader reader(util::AsBytes(tar));
  const Result<ReadLayer> layer = ReadLayerContent(reader, {.name = "layer"}, pipeline);
  REQUIRE_FALSE(layer.ok());
  CHECK(layer.error().code() == Code::kInterrupted);
}

TEST_CASE("Pipeline: one that is given up with an open stream ends") {
  MemoryStore store;
  const Cancel cancel;
  CountingObserver observer;
  PendingBlob blob;
  {
    Pipeline pipeline(store, {}, cancel, observer);
    blob = pipeline.Open({}, pipeline.NewMeter("blob", {})).blob;
  }
  CHECK(blob.get().error().code() == Code::kInterrupted);
  CHECK(store.changes().empty());
}

}  // namespace
}  // namespace ociship::transfer
