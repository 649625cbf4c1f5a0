// SPDX-License-Identifier: Apache-2.0
// A Store that reads from mirrors first (containers-registries.conf(5), "Remapping and mirroring
// registries"). Tested by mirrored_store_test.cc.
#include "api/mirrored_store.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace ociship {
namespace {

using Pull = registry::Mirror::Pull;

// What a question names what it wants by.
enum class By { kTag, kDigest };

// Passes bytes on, and knows whether there were any: after them nobody else can begin again.
class WatchedSink : public ByteSink {
 public:
  explicit WatchedSink(ByteSink& sink) : sink_(sink) {}

  Status Write(ByteView bytes) override {
    is_untouched_ = false;
    return sink_.Write(bytes);
  }
  bool is_untouched() const { return is_untouched_; }

 private:
  ByteSink& sink_;
  bool is_untouched_ = true;
};

class Mirror {
 public:
  explicit Mirror(MirrorPlace place) : store_(std::move(place.store)), pull_(place.pull) {}

  Store& store() { return *store_; }

  bool IsAskedBy(By by) const {
    if (is_out_) return false;
    switch (pull_) {
      case Pull::kAll:
        return true;
      case Pull::kDigestOnly:
        return by == By::kDigest;
      case Pull::kTagOnly:
        return by == By::kTag || resolved_tag_;
    }
    return false;
  }
  void NoteResolvedTag() { resolved_tag_ = true; }
  // Whether the next place is asked after this failure.
  bool IsPassedOver(const Error& error) {
    if (error.code() == Code::kNotFound) return true;
    const bool is_gone = error.code() == Code::kUnavailable ||
                         error.code() == Code::kUnauthorized || error.code() == Code::kRateLimited;
    if (is_gone) is_out_ = true;
    return is_gone;
  }

 private:
  const std::unique_ptr<Store> store_;
  const Pull pull_;
  std::atomic<bool> is_out_ = false;
  std::atomic<bool> resolved_tag_ = false;
};

class MirroredStore : public Store {
 public:
  explicit MirroredStore(MirroredPlaces places)
      : named_(std::move(places.named)), location_(std::move(places.location)) {
    for (MirrorPlace& place : places.mirrors) mirrors_.emplace_back(std::move(place));
  }

  const Repository& repository() const override { return named_->repository(); }

  Result<Descriptor> Resolve(const Tag& tag) override {
    for (Mirror& mirror : mirrors_) {
      if (!mirror.IsAskedBy(By::kTag)) continue;
      Result<Descriptor> found = mirror.store().Resolve(tag);
      if (found.ok()) mirror.NoteResolvedTag();
      if (found.ok() || !mirror.IsPassedOver(found.error())) return found;
    }
    return Last().Resolve(tag);
  }
  Result<Descriptor> Resolve(const Digest& digest) override {
    return Ask(
        By::kDigest, [&](Store& store) { return store.Resolve(digest); },
        [](const Descriptor&) { return true; });
  }
  Result<Manifest> ReadManifest(const Digest& digest) override {
    return Ask(
        By::kDigest, [&](Store& store) { return store.ReadManifest(digest); },
        [](const Manifest&) { return true; });
  }
  Result<std::optional<std::uint64_t>> BlobSize(const Digest& digest) override {
    return Ask(
        By::kDigest, [&](Store& store) { return store.BlobSize(digest); },
        [](const std::optional<std::uint64_t>& size) { return size.has_value(); });
  }
  Status ReadBlob(const Descriptor& blob, ByteSink& sink) override {
    for (Mirror& mirror : mirrors_) {
      if (!mirror.IsAskedBy(By::kDigest)) continue;
      WatchedSink watched(sink);
      Status status = mirror.store().ReadBlob(blob, watched);
      if (status.ok() || !watched.is_untouched()) return status;
      if (!mirror.IsPassedOver(status.error())) return status;
    }
    return Last().ReadBlob(blob, sink);
  }
  Result<std::vector<std::string>> Tags() override {
    return Ask(
        By::kTag, [](Store& store) { return store.Tags(); },
        [](const std::vector<std::string>& tags) { return !tags.empty(); });
  }
  Result<std::vector<Descriptor>> Referrers(const Digest& subject) override {
    return Ask(
        By::kDigest, [&](Store& store) { return store.Referrers(subject); },
        [](const std::vector<Descriptor>& referrers) { return !referrers.empty(); });
  }

  Result<std::optional<std::uint64_t>> MountBlob(const Digest& digest) override {
    return named_->MountBlob(digest);
  }
  Result<std::unique_ptr<BlobWriter>> WriteBlob() override { return named_->WriteBlob(); }
  Status WriteManifest(const Manifest& manifest) override {
    return named_->WriteManifest(manifest);
  }
  Status SetTag(const Manifest& manifest, const Tag& tag) override {
    return named_->SetTag(manifest, tag);
  }
  Status SetTags(const Manifest& manifest, std::span<const Tag> tags) override {
    return named_->SetTags(manifest, tags);
  }
  Status Settle() override { return named_->Settle(); }

 private:
  Store& Last() { return location_ != nullptr ? *location_ : *named_; }

  // The first answer that says something.
  template <typename Call, typename SaysSomething>
  auto Ask(By by, Call call, SaysSomething says_something) -> decltype(call(Last())) {
    for (Mirror& mirror : mirrors_) {
      if (!mirror.IsAskedBy(by)) continue;
      auto answer = call(mirror.store());
      if (answer.ok() ? says_something(answer.value()) : !mirror.IsPassedOver(answer.error())) {
        return answer;
      }
    }
    return call(Last());
  }

  const std::unique_ptr<Store> named_;
  const std::unique_ptr<Store> location_;
  std::deque<Mirror> mirrors_;  // which cannot be moved
};

}  // namespace

std::unique_ptr<Store> NewMirroredStore(MirroredPlaces places) {
  return std::make_unique<MirroredStore>(std::move(places));
}

}  // namespace ociship
