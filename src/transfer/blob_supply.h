// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_BLOB_SUPPLY_H_
#define OCISHIP_TRANSFER_BLOB_SUPPLY_H_

#include <map>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "ociship/core.h"
#include "ociship/store.h"
#include "transfer/known_layers.h"
#include "transfer/pipeline.h"
#include "transfer/progress.h"
#include "transfer/read_layer.h"

namespace ociship::transfer {

// What a supply works with; all of it outlives the supply.
struct SupplyContext {
  Store& destination;
  const KnownLayers& known;
  Pipeline& pipeline;
  Sending sending;
  Progress& progress;
};

// Brings what images name into the destination. One for each shape of archive.
class BlobSupply {
 public:
  virtual ~BlobSupply() = default;
  // The descriptors of the layers as they are stored, in the order of `layers`. kBadInput when one
  // is not a tar with its diff ID.
  virtual Result<std::vector<Descriptor>> StoreLayers(
      const std::vector<archive::DockerLayer>& layers) = 0;
  // Stores the blobs of an image that is passed on byte for byte.
  virtual Status StoreBlobs(const std::vector<archive::OciBlob>& blobs) = 0;
};

// For archives whose members can be opened in any order: reads only what the destination lacks.
class IndexedSupply : public BlobSupply {
 public:
  IndexedSupply(archive::Archive& archive, const SupplyContext& context)
      : archive_(archive), context_(context) {}
  Result<std::vector<Descriptor>> StoreLayers(
      const std::vector<archive::DockerLayer>& layers) override;
  Status StoreBlobs(const std::vector<archive::OciBlob>& blobs) override;

 private:
  Result<std::optional<Descriptor>> StoreIfKnown(const Digest& diff_id);
  Status StoreBlob(const archive::OciBlob& blob);

  archive::Archive& archive_;
  SupplyContext context_;
};

// For archives that are read once: takes the members as they come, before anybody knows which of
// them an image names.
class StreamedSupply : public BlobSupply, public archive::BlobIntake {
 public:
  explicit StreamedSupply(const SupplyContext& context) : context_(context) {}

  Result<Digest> Take(const std::string& member, std::uint64_t size,
                      util::Reader& content) override;

  Result<std::vector<Descriptor>> StoreLayers(
      const std::vector<archive::DockerLayer>& layers) override;
  Status StoreBlobs(const std::vector<archive::OciBlob>& blobs) override;

 private:
  Result<Handling> Plan(const std::string& member, std::uint64_t size);
  Result<Descriptor> FinishLayer(const archive::DockerLayer& layer);
  Status FinishBlob(const archive::OciBlob& blob);
  Status ReadBack(const archive::OciBlob& blob, const Descriptor& compressed);
  const ReadLayer* Find(const std::string& member) const;

  SupplyContext context_;
  std::map<std::string, ReadLayer> taken_;
};

// Shared by both: the layer must have this diff ID.
Status CheckDiffId(const ReadLayer& layer, const Digest& diff_id, const std::string& name);
// A layer whose manifest is made here must be a tar as well. One of an OCI image may be anything
// that its media type says: attestations stand in the place of layers.
Status CheckLayer(const ReadLayer& layer, const Digest& diff_id, const std::string& name);
// Waits until the layer is stored and describes it as it is stored.
Result<Descriptor> FinishedLayer(const ReadLayer& layer, const PendingBlob& blob,
                                 Pipeline& pipeline);

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_BLOB_SUPPLY_H_
