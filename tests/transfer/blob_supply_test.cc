// SPDX-License-Identifier: Apache-2.0
#include "transfer/blob_supply.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "compress.h"
#include "fake_archive.h"
#include "push_run.h"
#include "transfer/push.h"

namespace ociship::transfer {
namespace {

using archive::Archive;
using testing::DigestOf;
using testing::FakeArchive;
using testing::MemoryStore;
using testing::TarOf;

constexpr Archive::Shape kShapes[] = {Archive::Shape::kIndexed, Archive::Shape::kStreamed};
constexpr int kLayers = 40;

// Holds calls of one kind up until so many of them stand side by side, or a moment has passed.
class Gate {
 public:
  Gate(MemoryStore& store, std::string kind, int wanted) : store_(store) {
    store.FailWhen([this, kind = std::move(kind), wanted](const std::string& call) {
      if (call.starts_with(kind)) Pass(wanted);
      return std::optional<Error>();
    });
  }
  ~Gate() { store_.FailWhen(nullptr); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  int most() const { return most_; }

 private:
  void Pass(int wanted) {
    std::unique_lock lock(mutex_);
    ++inside_;
    most_ = std::max(most_, inside_);
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(2), [&] { return most_ >= wanted; });
    // Long enough for one too many to be seen.
    changed_.wait_for(lock, std::chrono::milliseconds(5), [&] { return most_ > wanted; });
    --inside_;
  }

  MemoryStore& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  int most_ = 0;
};

std::string LayerNumber(int i) { return TarOf("file", util::StrCat("number ", i)); }

// Many small layers, with names that say nothing of them.
std::unique_ptr<FakeArchive> ManyLayers(Archive::Shape shape) {
  std::vector<std::pair<std::string, std::string>> members;
  archive::DockerImage image;
  std::string diff_ids;
  for (int i = 0; i < kLayers; ++i) {
    members.emplace_back(util::StrCat("layer-", i, "/layer.tar"), LayerNumber(i));
    image.layers.push_back({members.back().first, DigestOf(members.back().second)});
    diff_ids += util::StrCat(i == 0 ? "" : ",", "\"", DigestOf(members.back().second).text(), "\"");
  }
  image.config = util::StrCat(R"({"architecture":"amd64","os":"linux","rootfs":{"diff_ids":[)",
                              diff_ids, R"(],"type":"layers"}})");
  std::vector<archive::Image> images = {{.names = {"app:1"}, .content = std::move(image)}};
  auto archive = std::make_unique<FakeArchive>(shape, std::move(members), std::move(images));
  archive->set_repeatable(Archive::Repeatable::kYes);
  return archive;
}

struct Run : PushRun {
  Digest Push(std::unique_ptr<FakeArchive> archive, const PushOptions& options = {}) {
    const auto images = PushAll(*archive, options);
    REQUIRE(images.ok());
    return images.value().at(0).manifest.descriptor.digest;
  }
};

TEST_CASE("PushArchive: what the destination has is asked for by 16 at once, or as was said") {
  for (const Archive::Shape shape : kShapes) {
    for (const unsigned look_ups : {16U, 24U}) {
      Run run;
      const Digest first = run.Push(ManyLayers(shape));
      REQUIRE(run.known.Learn(run.store, first).ok());
      run.store.ClearCalls();
      const Gate gate(run.store, "blob size", static_cast<int>(look_ups));
      CHECK(run.Push(ManyLayers(shape), {.look_ups = look_ups}) == first);
      CHECK(gate.most() == static_cast<int>(look_ups));
      CHECK(run.observer.Count(LayerState::kKnown) == kLayers);
      // Each layer and the config once.
      const std::vector<std::string> calls = run.store.calls();
      CHECK(std::ranges::count_if(calls, [](const std::string& call) {
              return call.starts_with("blob size");
            }) == kLayers + 1);
    }
  }
}

TEST_CASE("PushArchive: as many blobs are sent side by side as there are jobs") {
  for (const Archive::Shape shape : kShapes) {
    for (const int jobs : {1, 2, 5}) {
      Run run;
      PushOptions options;
      options.pipeline.senders = static_cast<unsigned>(jobs);
      const Gate gate(run.store, "commit", jobs);
      run.Push(ManyLayers(shape), options);
      CHECK(gate.most() == jobs);
    }
  }
}

}  // namespace
}  // namespace ociship::transfer
