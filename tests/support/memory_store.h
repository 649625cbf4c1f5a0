// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_MEMORY_STORE_H_
#define OCISHIP_TESTS_SUPPORT_MEMORY_STORE_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/hash.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "ociship/core.h"
#include "ociship/store.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::testing {

// One repository in memory: a whole Store, with referrers, that writes down what is asked of it and
// fails when it is told to. Thread-safe; it must outlive the writers that it gives.
//
//   MemoryStore store;                                     // registry.test/app
//   store.FailWhen([](const std::string& call) -> std::optional<Error> {
//     if (call.starts_with("tag ")) return Error(Code::kUnavailable, "broken");
//     return std::nullopt;
//   });
//   ...
//   CHECK(store.calls() == std::vector<std::string>{"write blob", "commit sha256:...", "tag 1.0
//   sha256:..."});
//
// The calls are written down as
//   resolve TAG | resolve DIGEST | read manifest DIGEST | blob size DIGEST | read blob DIGEST |
//   write blob | write OFFSET SIZE | commit DIGEST | write manifest DIGEST | tag TAG DIGEST | tags
//   | referrers DIGEST
class MemoryStore : public Store {
 public:
  // Asked in front of every call; an Error is what the call gives, and nothing else happens.
  using Fault = std::function<std::optional<Error>(const std::string& call)>;

  explicit MemoryStore(std::string_view repository = "registry.test/app")
      : repository_(Reference::Parse(repository).value().repository()) {}

  // For tests: what was asked, and what is stored.

  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  // The calls that change something: commit, write manifest, tag.
  std::vector<std::string> changes() const {
    std::vector<std::string> changes;
    for (const std::string& call : calls()) {
      if (call.starts_with("commit ") || call.starts_with("write manifest ") ||
          call.starts_with("tag ")) {
        changes.push_back(call);
      }
    }
    return changes;
  }
  void ClearCalls() {
    const std::lock_guard lock(mutex_);
    calls_.clear();
  }
  void FailWhen(Fault fault) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
  }
  // The next Write or Commit wants the bytes again from `offset`, as after a broken connection.
  void AskAgainFrom(std::uint64_t offset) {
    const std::lock_guard lock(mutex_);
    again_ = offset;
  }
  // BlobSize gives `size` for this blob from now on, whether it is there or not.
  void LieAboutSize(const Digest& digest, std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    sizes_.insert_or_assign(digest, size);
  }

  // Put there without a call; also content that is not what its digest says.
  Digest AddBlob(std::string_view content) {
    Digest digest = crypto::Sha256(util::AsBytes(content));
    ReplaceBlob(digest, content);
    return digest;
  }
  void ReplaceBlob(const Digest& digest, std::string_view content) {
    const std::lock_guard lock(mutex_);
    blobs_.insert_or_assign(digest, std::string(content));
  }
  // As the garbage collection of a registry does.
  void RemoveBlob(const Digest& digest) {
    const std::lock_guard lock(mutex_);
    blobs_.erase(digest);
  }
  void AddManifest(const Manifest& manifest) {
    const std::lock_guard lock(mutex_);
    manifests_.insert_or_assign(manifest.descriptor.digest, manifest);
  }
  void RemoveManifest(const Digest& digest) {
    const std::lock_guard lock(mutex_);
    manifests_.erase(digest);
  }
  void AddTag(std::string_view tag, const Digest& digest) {
    const std::lock_guard lock(mutex_);
    tags_.insert_or_assign(std::string(tag), digest);
  }
  void RemoveTag(std::string_view tag) {
    const std::lock_guard lock(mutex_);
    if (const auto found = tags_.find(tag); found != tags_.end()) tags_.erase(found);
  }

  std::map<Digest, std::string> blobs() const {
    const std::lock_guard lock(mutex_);
    return blobs_;
  }
  std::map<Digest, Manifest> manifests() const {
    const std::lock_guard lock(mutex_);
    return manifests_;
  }
  std::map<std::string, Digest, std::less<>> tags() const {
    const std::lock_guard lock(mutex_);
    return tags_;
  }

  // Store.

  const Repository& repository() const override { return repository_; }

  Result<Descriptor> Resolve(const Tag& tag) override {
    TRY(Enter(util::StrCat("resolve ", tag.text())));
    const std::lock_guard lock(mutex_);
    const auto found = tags_.find(tag.text());
    if (found == tags_.end()) return Missing("tag", tag.text());
    return FindManifest(found->second);
  }

  Result<Descriptor> Resolve(const Digest& digest) override {
    TRY(Enter(util::StrCat("resolve ", digest.text())));
    const std::lock_guard lock(mutex_);
    return FindManifest(digest);
  }

  Result<Manifest> ReadManifest(const Digest& digest) override {
    TRY(Enter(util::StrCat("read manifest ", digest.text())));
    const std::lock_guard lock(mutex_);
    const auto found = manifests_.find(digest);
    if (found == manifests_.end()) return Missing("manifest", digest.text());
    if (crypto::DigestLike(digest, util::AsBytes(found->second.bytes)) != digest) {
      return Error(Code::kBadInput, util::StrCat("manifest ", digest.text(), " has other content"));
    }
    return found->second;
  }

  Result<std::optional<std::uint64_t>> BlobSize(const Digest& digest) override {
    TRY(Enter(util::StrCat("blob size ", digest.text())));
    const std::lock_guard lock(mutex_);
    const auto lie = sizes_.find(digest);
    if (lie != sizes_.end()) return std::optional<std::uint64_t>(lie->second);
    const auto found = blobs_.find(digest);
    if (found == blobs_.end()) return std::optional<std::uint64_t>();
    return std::optional<std::uint64_t>(found->second.size());
  }

  Status ReadBlob(const Descriptor& blob, ByteSink& sink) override {
    TRY(Enter(util::StrCat("read blob ", blob.digest.text())));
    std::string content;
    {
      const std::lock_guard lock(mutex_);
      const auto found = blobs_.find(blob.digest);
      if (found == blobs_.end()) return Missing("blob", blob.digest.text());
      content = found->second;
    }
    const std::string_view sent =
        std::string_view(content).substr(0, static_cast<std::size_t>(blob.size));
    const std::string_view first =
        sent.substr(0, sent.size() / 2);  // two pieces, as from a network
    TRY(sink.Write(util::AsBytes(first)));
    TRY(sink.Write(util::AsBytes(sent.substr(first.size()))));
    if (content.size() != blob.size ||
        crypto::DigestLike(blob.digest, util::AsBytes(content)) != blob.digest) {
      return Error(Code::kBadInput,
                   util::StrCat("blob ", blob.digest.text(), " has other content"));
    }
    return Ok();
  }

  Result<std::unique_ptr<BlobWriter>> WriteBlob() override {
    TRY(Enter("write blob"));
    return std::unique_ptr<BlobWriter>(std::make_unique<Writer>(*this));
  }

  Status WriteManifest(const Manifest& manifest) override {
    TRY(Enter(util::StrCat("write manifest ", manifest.descriptor.digest.text())));
    const Descriptor& descriptor = manifest.descriptor;
    if (descriptor.size != manifest.bytes.size() ||
        crypto::DigestLike(descriptor.digest, util::AsBytes(manifest.bytes)) != descriptor.digest) {
      return Error(Code::kBadInput, "the manifest's descriptor does not agree with its bytes");
    }
    const std::lock_guard lock(mutex_);
    TRY(CheckContent(manifest));
    manifests_.insert_or_assign(descriptor.digest, manifest);
    return Ok();
  }

  Status SetTag(const Manifest& manifest, const Tag& tag) override {
    const Digest& digest = manifest.descriptor.digest;
    TRY(Enter(util::StrCat("tag ", tag.text(), " ", digest.text())));
    const std::lock_guard lock(mutex_);
    if (!manifests_.contains(digest)) return Missing("manifest", digest.text());
    tags_.insert_or_assign(tag.text(), digest);
    return Ok();
  }

  Result<std::vector<std::string>> Tags() override {
    TRY(Enter("tags"));
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, digest] : tags_) names.push_back(name);
    return names;
  }

  Result<std::vector<Descriptor>> Referrers(const Digest& subject) override {
    TRY(Enter(util::StrCat("referrers ", subject.text())));
    const std::lock_guard lock(mutex_);
    std::vector<Descriptor> referrers;
    for (const auto& [digest, manifest] : manifests_) {
      const auto claimed = oci::ParseSubject(manifest);
      if (!claimed.ok() || !claimed.value() || claimed.value()->digest != subject) continue;
      Descriptor entry = TRY(oci::ReferrerEntry(manifest));
      referrers.push_back(std::move(entry));
    }
    return referrers;
  }

 private:
  class Writer : public BlobWriter {
   public:
    explicit Writer(MemoryStore& store) : store_(store) {}

    Result<std::uint64_t> Write(std::uint64_t offset, ByteView bytes) override {
      TRY(store_.Enter(util::StrCat("write ", offset, " ", bytes.size())));
      if (offset != content_.size()) {
        return Error(Code::kFailure, "the offset is not the one that was wanted");
      }
      content_ += util::AsText(bytes);
      if (const auto again = store_.TakeAgain(content_.size()); again) content_.resize(*again);
      return content_.size();
    }

    Result<std::optional<std::uint64_t>> Commit(const Digest& digest, std::uint64_t size) override {
      TRY(store_.Enter(util::StrCat("commit ", digest.text())));
      if (const auto again = store_.TakeAgain(content_.size()); again) {
        content_.resize(*again);
        return std::optional<std::uint64_t>(*again);
      }
      if (content_.size() != size ||
          crypto::DigestLike(digest, util::AsBytes(content_)) != digest) {
        return Error(Code::kBadInput, util::StrCat("blob ", digest.text(), " has other content"));
      }
      store_.ReplaceBlob(digest, content_);
      return std::optional<std::uint64_t>();
    }

   private:
    MemoryStore& store_;
    std::string content_;
  };

  static Error Missing(std::string_view what, std::string_view name) {
    return Error(Code::kNotFound, util::StrCat(what, " ", name, " is not there"));
  }

  Status Enter(const std::string& call) {
    Fault fault;
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back(call);
      fault = fault_;
    }
    if (!fault) return Ok();
    std::optional<Error> error = fault(call);
    if (error) return *std::move(error);
    return Ok();
  }

  std::optional<std::uint64_t> TakeAgain(std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    if (!again_ || *again_ >= size) return std::nullopt;
    return std::exchange(again_, std::nullopt);
  }

  // What a manifest names must be there before it, as registries demand; its subject need not. With
  // the lock held.
  Status CheckContent(const Manifest& manifest) const {
    if (oci::KindOf(manifest.descriptor.media_type) == oci::ManifestKind::kIndex) {
      const oci::ImageIndex index = TRY(oci::ParseImageIndex(manifest.bytes));
      for (const Descriptor& child : index.manifests) {
        if (!manifests_.contains(child.digest)) return Unknown(child.digest);
      }
      return Ok();
    }
    const oci::ImageManifest image = TRY(oci::ParseImageManifest(manifest.bytes));
    if (!blobs_.contains(image.config.digest)) return Unknown(image.config.digest);
    for (const Descriptor& layer : image.layers) {
      if (oci::DistributionOf(layer.media_type) == oci::Distribution::kForeign) continue;
      if (!blobs_.contains(layer.digest)) return Unknown(layer.digest);
    }
    return Ok();
  }

  static Error Unknown(const Digest& digest) {
    return Error(Code::kBadInput,
                 util::StrCat("the manifest names ", digest.text(), ", which is not there"));
  }

  // With the lock held.
  Result<Descriptor> FindManifest(const Digest& digest) const {
    const auto found = manifests_.find(digest);
    if (found == manifests_.end()) return Missing("manifest", digest.text());
    return found->second.descriptor;
  }

  Repository repository_;
  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
  Fault fault_;
  std::optional<std::uint64_t> again_;
  std::map<Digest, std::string> blobs_;
  std::map<Digest, std::uint64_t> sizes_;
  std::map<Digest, Manifest> manifests_;
  std::map<std::string, Digest, std::less<>> tags_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_MEMORY_STORE_H_
