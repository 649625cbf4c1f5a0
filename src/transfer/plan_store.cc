// SPDX-License-Identifier: Apache-2.0
// A Store that remembers instead of writing. Tested by tests/transfer/plan_store_test.cc.
#include "transfer/plan_store.h"

#include <memory>
#include <optional>

namespace ociship::transfer {

class PlanStore::Writer : public BlobWriter {
 public:
  explicit Writer(PlanStore& store) : store_(store) {}
  Result<std::uint64_t> Write(std::uint64_t offset, ByteView bytes) override {
    end_ = offset + bytes.size();
    return end_;
  }
  Result<std::optional<std::uint64_t>> Commit(const Digest& digest, std::uint64_t size) override {
    const std::lock_guard lock(store_.mutex_);
    store_.blobs_.insert_or_assign(digest, size);
    return std::optional<std::uint64_t>();
  }
  std::uint64_t settled() const override { return end_; }

 private:
  PlanStore& store_;
  std::uint64_t end_ = 0;
};

Result<Descriptor> PlanStore::Resolve(const Tag& tag) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = tags_.find(tag.text());
    if (found != tags_.end()) return found->second;
  }
  return real_.Resolve(tag);
}

Result<Descriptor> PlanStore::Resolve(const Digest& digest) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = manifests_.find(digest);
    if (found != manifests_.end()) return found->second.descriptor;
  }
  return real_.Resolve(digest);
}

Result<Manifest> PlanStore::ReadManifest(const Digest& digest) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = manifests_.find(digest);
    if (found != manifests_.end()) return found->second;
  }
  return real_.ReadManifest(digest);
}

Result<std::optional<std::uint64_t>> PlanStore::BlobSize(const Digest& digest) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = blobs_.find(digest);
    if (found != blobs_.end()) return std::optional(found->second);
  }
  return real_.BlobSize(digest);
}

Result<std::unique_ptr<BlobWriter>> PlanStore::WriteBlob() {
  return std::unique_ptr<BlobWriter>(std::make_unique<Writer>(*this));
}

Status PlanStore::WriteManifest(const Manifest& manifest) {
  const std::lock_guard lock(mutex_);
  manifests_.insert_or_assign(manifest.descriptor.digest, manifest);
  return Ok();
}

Status PlanStore::SetTag(const Manifest& manifest, const Tag& tag) {
  const std::lock_guard lock(mutex_);
  tags_.insert_or_assign(tag.text(), manifest.descriptor);
  return Ok();
}

}  // namespace ociship::transfer
