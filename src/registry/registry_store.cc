// SPDX-License-Identifier: Apache-2.0
// The Store over a registry (OCI distribution-spec 1.1): the parts of this room behind one
// interface. Tested by registry_store_test.cc and live_test.cc.
#include "registry/registry_store.h"

#include <utility>

#include "registry/blob_writer.h"
#include "registry/blobs.h"
#include "registry/client.h"
#include "registry/manifests.h"
#include "registry/mounts.h"
#include "registry/referrers.h"
#include "registry/tags.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

class RegistryStore : public Store {
 public:
  RegistryStore(Repository repository, http::Transport& transport, util::Clock& clock,
                const util::Cancel& cancel, const RegistryOptions& options)
      : client_(std::move(repository), transport, clock, cancel, options),
        mounts_(client_),
        referrers_(client_) {}

  RegistryStore(Repository repository, std::unique_ptr<http::Transport> transport,
                util::Clock& clock, const util::Cancel& cancel, const RegistryOptions& options)
      : transport_(std::move(transport)),
        client_(std::move(repository), *transport_, clock, cancel, options),
        mounts_(client_),
        referrers_(client_) {}

  const Repository& repository() const override { return client_.repository(); }

  Result<Descriptor> Resolve(const Tag& tag) override {
    return ResolveManifest(client_, ManifestName(tag));
  }
  Result<Descriptor> Resolve(const Digest& digest) override {
    return ResolveManifest(client_, ManifestName(digest));
  }
  Result<Manifest> ReadManifest(const Digest& digest) override {
    return FetchManifest(client_, ManifestName(digest));
  }

  Result<std::optional<std::uint64_t>> BlobSize(const Digest& digest) override {
    return registry::BlobSize(client_, digest);
  }
  Status ReadBlob(const Descriptor& blob, ByteSink& sink) override {
    return registry::ReadBlob(client_, blob, sink);
  }
  Result<std::optional<std::uint64_t>> MountBlob(const Digest& digest) override {
    return mounts_.Mount(digest);
  }
  Result<std::unique_ptr<BlobWriter>> WriteBlob() override {
    return NewBlobWriter(client_, &mounts_);
  }

  Status WriteManifest(const Manifest& manifest) override {
    TRY(PutManifest(client_, manifest, ManifestName(manifest.descriptor.digest)));
    return referrers_.Register(manifest);
  }
  Status SetTag(const Manifest& manifest, const Tag& tag) override {
    return registry::SetTag(client_, manifest, tag);
  }
  Status SetTags(const Manifest& manifest, std::span<const Tag> tags) override {
    return registry::SetTags(client_, manifest, tags);
  }
  Result<std::vector<std::string>> Tags() override { return ListTags(client_); }
  Result<std::vector<Descriptor>> Referrers(const Digest& subject) override {
    return referrers_.List(subject);
  }
  Status Settle() override { return referrers_.Settle(); }

 private:
  std::unique_ptr<http::Transport> transport_;  // where the store has one of its own
  Client client_;
  Mounts mounts_;
  registry::Referrers referrers_;
};

}  // namespace

std::unique_ptr<Store> NewRegistryStore(Repository repository, http::Transport& transport,
                                        util::Clock& clock, const util::Cancel& cancel,
                                        RegistryOptions options) {
  return std::make_unique<RegistryStore>(std::move(repository), transport, clock, cancel, options);
}

std::unique_ptr<Store> NewRegistryStore(Repository repository,
                                        std::unique_ptr<http::Transport> transport,
                                        util::Clock& clock, const util::Cancel& cancel,
                                        RegistryOptions options) {
  return std::make_unique<RegistryStore>(std::move(repository), std::move(transport), clock, cancel,
                                         options);
}

}  // namespace ociship::registry
