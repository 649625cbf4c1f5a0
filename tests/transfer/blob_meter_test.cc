// SPDX-License-Identifier: Apache-2.0
#include "transfer/blob_meter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "counting_observer.h"
#include "fake_archive.h"
#include "memory_store.h"
#include "transfer/pipeline.h"
#include "transfer/read_layer.h"
#include "util/bytes.h"
#include "util/text.h"

namespace ociship::transfer {
namespace {

using testing::MemoryStore;
using testing::TarOf;

// Writes down what it is told of blobs.
class WritingObserver : public testing::CountingObserver {
 public:
  BlobId BlobStarted(std::string_view name, std::optional<std::uint64_t> total) override {
    Add(util::StrCat("start ", name, " ", total.value_or(0)));
    return 7;
  }
  void BlobProgressed(BlobId id, const BlobProgress& progress) override {
    CHECK(id == 7);
    const std::lock_guard lock(mutex_);
    progress_.push_back(progress);
  }
  void BlobStored(BlobId id, const Digest&, std::uint64_t size, LayerState) override {
    Add(util::StrCat("stored ", id, " ", size));
  }
  void BlobEnded(BlobId id) override { Add(util::StrCat("ended ", id)); }

  std::vector<std::string> told() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }
  std::vector<BlobProgress> progress() const {
    const std::lock_guard lock(mutex_);
    return progress_;
  }
  BlobProgress last() const { return progress().back(); }

 private:
  void Add(std::string text) {
    const std::lock_guard lock(mutex_);
    told_.push_back(std::move(text));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> told_;
  std::vector<BlobProgress> progress_;
};

TEST_CASE("BlobMeter: the end of the line decides what holds a blob up") {
  WritingObserver observer;
  BlobMeter meter(observer, "layer", 100);
  meter.WorkIs(BlobStep::kCompressing);
  meter.Reading();
  CHECK(observer.last().step == BlobStep::kReading);
  meter.Passed(60);
  CHECK(observer.last().step == BlobStep::kCompressing);
  meter.WaitingForBytes();
  CHECK(observer.last().step == BlobStep::kCompressing);
  meter.Sending();
  CHECK(observer.last().step == BlobStep::kSending);
  meter.Reading();
  CHECK(observer.last().step == BlobStep::kSending);
  meter.SentUpTo(20);
  CHECK(observer.last().step == BlobStep::kReading);
  meter.Passed(40);
  meter.WaitingForAnswer();
  CHECK(observer.last().step == BlobStep::kWaiting);
  CHECK(observer.last().read == 100);
  CHECK(observer.last().sent == 20);
}

TEST_CASE("BlobMeter: a blob that is ready and that nobody sends yet waits") {
  WritingObserver observer;
  BlobMeter meter(observer, "layer", 100);
  meter.WorkIs(BlobStep::kCompressing);
  meter.ReadToEnd();
  CHECK(observer.last().step == BlobStep::kWaiting);
  meter.WaitingForBytes();
  CHECK(observer.last().step == BlobStep::kCompressing);
  meter.SizeIs(50);
  meter.SentUpTo(10);
  CHECK(observer.last().step == BlobStep::kSending);
  CHECK(observer.last().size == 50);
}

TEST_CASE("BlobMeter: the end is told once, as stored or not") {
  WritingObserver stored;
  {
    BlobMeter meter(stored, "layer", 100);
    meter.Stored(Digest::Parse("sha256:" + std::string(64, 'a')).value(), 5, LayerState::kSent);
  }
  CHECK(stored.told() == std::vector<std::string>{"start layer 100", "stored 7 5"});
  WritingObserver given_up;
  { const BlobMeter meter(given_up, "layer", {}); }
  CHECK(given_up.told() == std::vector<std::string>{"start layer 0", "ended 7"});
}

TEST_CASE("PushObserver: who does not look at single blobs is told of layers all the same") {
  testing::CountingObserver observer;
  BlobMeter meter(observer, "layer", 100);
  meter.Stored(Digest::Parse("sha256:" + std::string(64, 'a')).value(), 5, LayerState::kSent);
  CHECK(observer.Count(LayerState::kSent) == 1);
}

TEST_CASE("a layer is told of from its first to its last byte, read and sent") {
  const std::string tar = TarOf("a", std::string(2'000'000, 'x'));
  for (const Sending sending : {Sending::kAtOnce, Sending::kAfterLookup}) {
    MemoryStore store;
    const Cancel cancel;
    WritingObserver observer;
    std::uint64_t size = 0;
    {
      Pipeline pipeline(store, {}, cancel, observer);
      util::MemoryReader reader(util::AsBytes(tar));
      LayerPlan plan{.name = "layer", .total = tar.size()};
      plan.send.sending = sending;
      const Result<ReadLayer> layer = ReadLayerContent(reader, plan, pipeline);
      REQUIRE(layer.ok());
      size = pipeline.Wait(*layer.value().blob).value().size;
    }
    CHECK(observer.told() == std::vector<std::string>{util::StrCat("start layer ", tar.size()),
                                                      util::StrCat("stored 7 ", size)});
    CHECK(observer.last().read == tar.size());
    CHECK(observer.last().sent == size);
    CHECK(observer.last().size == size);
    CHECK(observer.last().step == BlobStep::kWaiting);
  }
}

TEST_CASE("bytes that the destination wants again are told of") {
  MemoryStore store;
  int commits = 0;
  store.FailWhen([&](const std::string& call) {
    if (call.starts_with("commit ") && ++commits == 1) store.AskAgainFrom(3);
    return std::optional<Error>();
  });
  const Cancel cancel;
  WritingObserver observer;
  const std::string tar = TarOf("a", "b");
  {
    Pipeline pipeline(store, {}, cancel, observer);
    util::MemoryReader reader(util::AsBytes(tar));
    LayerPlan plan{.name = "layer"};
    plan.send.sending = Sending::kAtOnce;
    const Result<ReadLayer> layer = ReadLayerContent(reader, plan, pipeline);
    REQUIRE(layer.ok());
    REQUIRE(pipeline.Wait(*layer.value().blob).ok());
  }
  std::uint64_t before = 0;
  int falls = 0;
  for (const BlobProgress& progress : observer.progress()) {
    falls += progress.sent < before ? 1 : 0;
    before = progress.sent;
  }
  CHECK(falls == 1);
}

TEST_CASE("a layer that is only compared ends without being stored") {
  MemoryStore store;
  const Cancel cancel;
  WritingObserver observer;
  Pipeline pipeline(store, {}, cancel, observer);
  const std::string tar = TarOf("a", "b");
  util::MemoryReader reader(util::AsBytes(tar));
  REQUIRE(ReadLayerContent(reader, {.name = "layer", .handling = Handling::kHash}, pipeline).ok());
  CHECK(observer.told() == std::vector<std::string>{"start layer 0", "ended 7"});
}

}  // namespace
}  // namespace ociship::transfer
