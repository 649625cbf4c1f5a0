// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_PLAN_STORE_H_
#define OCISHIP_TRANSFER_PLAN_STORE_H_

#include <map>
#include <mutex>
#include <string>

#include "ociship/core.h"
#include "ociship/store.h"

namespace ociship::transfer {

// A Store in front of another one that is read and never written to: what would be written is
// remembered, so that a push can run to its end and tell what it would have done. A blob that was
// written here is known by its size alone; reading it is kNotFound. Thread-safe.
class PlanStore : public Store {
 public:
  explicit PlanStore(Store& real) : real_(real) {}

  const Repository& repository() const override { return real_.repository(); }
  Result<Descriptor> Resolve(const Tag& tag) override;
  Result<Descriptor> Resolve(const Digest& digest) override;
  Result<Manifest> ReadManifest(const Digest& digest) override;
  Result<std::optional<std::uint64_t>> BlobSize(const Digest& digest) override;
  Status ReadBlob(const Descriptor& blob, ByteSink& sink) override {
    return real_.ReadBlob(blob, sink);
  }
  Result<std::unique_ptr<BlobWriter>> WriteBlob() override;
  Status WriteManifest(const Manifest& manifest) override;
  Status SetTag(const Manifest& manifest, const Tag& tag) override;
  Result<std::vector<std::string>> Tags() override { return real_.Tags(); }
  Result<std::vector<Descriptor>> Referrers(const Digest& subject) override {
    return real_.Referrers(subject);
  }

 private:
  class Writer;

  Store& real_;
  std::mutex mutex_;
  std::map<Digest, std::uint64_t> blobs_;
  std::map<Digest, Manifest> manifests_;
  std::map<std::string, Descriptor> tags_;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_PLAN_STORE_H_
