// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_BLOB_SUPPLY_H_
#define OCISHIP_TRANSFER_BLOB_SUPPLY_H_

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "ociship/core.h"
#include "ociship/push.h"
#include "ociship/store.h"
#include "transfer/blob_lookup.h"
#include "transfer/known_layers.h"
#include "transfer/layer_cache.h"
#include "transfer/pipeline.h"
#include "transfer/read_layer.h"
#include "transfer/stored_layer.h"

namespace ociship::transfer {

// What a supply works with; all of it outlives the supply.
struct SupplyContext {
  Store& destination;
  BlobLookup& lookup;
  const KnownLayers& known;
  LayerCache& cache;
  Pipeline& pipeline;
  Sending sending;
  codec::ExpansionLimit limit;
  PushRequest::Mode mode;
  PushObserver& observer;
  unsigned jobs;      // blobs that are sent side by side
  unsigned look_ups;  // blobs that are asked for side by side

  // Enough to hide the latency of one reader behind another; the compressors do the work.
  unsigned readers() const { return std::min(2U, jobs); }
};

// Brings what images name into the destination. One for each shape of archive.
class BlobSupply {
 public:
  virtual ~BlobSupply() = default;
  // Is told which images will be stored, all of them, before anything else.
  virtual Status Prepare(const std::vector<archive::Image>& images) = 0;
  // The layers as they are stored, in the order of `layers`. kBadInput when one is not a tar with
  // its diff ID.
  virtual Result<std::vector<StoredLayer>> StoreLayers(
      const std::vector<archive::DockerLayer>& layers) = 0;
  // Stores the blobs of an image that is passed on byte for byte.
  virtual Status StoreBlobs(const std::vector<archive::OciBlob>& blobs) = 0;
};

// For archives whose members can be opened in any order: reads only what the destination lacks.
class IndexedSupply : public BlobSupply {
 public:
  IndexedSupply(archive::Archive& archive, const SupplyContext& context)
      : archive_(archive), context_(context) {}
  Status Prepare(const std::vector<archive::Image>&) override { return Ok(); }
  Result<std::vector<StoredLayer>> StoreLayers(
      const std::vector<archive::DockerLayer>& layers) override;
  Status StoreBlobs(const std::vector<archive::OciBlob>& blobs) override;

 private:
  Result<std::optional<StoredLayer>> StoreIfKnown(const archive::DockerLayer& layer);
  Result<ReadLayer> ReadMember(const archive::DockerLayer& layer, Handling handling);
  bool IsVouchedFor(const archive::OciBlob& blob) const;
  Status StoreKept(const archive::OciBlob& blob, oci::Presence presence);
  Result<std::optional<PendingBlob>> StoreMember(const archive::OciBlob& blob,
                                                 oci::Presence presence);

  archive::Archive& archive_;
  SupplyContext context_;
  std::map<Digest, StoredLayer> stored_;  // by diff ID: several images may share layers
};

// For archives that are read once: takes the members as they come, before anybody knows which of
// them an image names. An archive that can be read again is, for what turns out to be missing.
class StreamedSupply : public BlobSupply, public archive::BlobIntake {
 public:
  StreamedSupply(archive::Archive& archive, const SupplyContext& context)
      : archive_(archive), context_(context) {}

  Result<Digest> Take(const std::string& member, std::uint64_t size,
                      util::Reader& content) override;

  Status Prepare(const std::vector<archive::Image>& images) override;
  Result<std::vector<StoredLayer>> StoreLayers(
      const std::vector<archive::DockerLayer>& layers) override;
  Status StoreBlobs(const std::vector<archive::OciBlob>& blobs) override;

 private:
  struct Wanted {
    Handling handling;
    crypto::HashAlgorithm diff_id_algorithm;
  };
  Result<Handling> Plan(const std::string& member, std::uint64_t size);
  Handling PlanUnclaimed(Handling usual) const;
  void JudgeName(const std::string& member, const ReadLayer& layer);
  Status FindMissing(const archive::Image& image);
  Status FindMissingLayer(const archive::DockerLayer& layer);
  Status FindMissingBlob(const archive::OciBlob& blob);
  void Want(const std::string& member, const Wanted& wanted);
  Status StoreKept(const archive::OciBlob& blob);
  Result<std::optional<StoredLayer>> FindTaken(const ReadLayer& taken, const Digest& diff_id) const;
  Result<StoredLayer> FinishLayer(const archive::DockerLayer& layer);
  Status FinishBlob(const archive::OciBlob& blob);
  Status ReadBack(const archive::OciBlob& blob, const StoredLayer& stored);
  Result<StoredLayer> PackStored(const archive::DockerLayer& layer, const StoredLayer& stored);
  Result<ReadLayer> ReadStored(const StoredLayer& stored, const LayerPlan& plan);
  const ReadLayer* Find(const std::string& member) const;

  archive::Archive& archive_;
  SupplyContext context_;
  std::map<std::string, ReadLayer> taken_;
  // Of the second pass: members that were hashed when they passed, and are wanted.
  enum class Pass { kFirst, kSecond } pass_ = Pass::kFirst;
  std::mutex mutex_;  // of missing_, while it is filled
  std::map<std::string, Wanted> missing_;
  // Whether members are called by their digests.
  enum class Names { kUnknown, kTrue, kFalse } names_ = Names::kUnknown;
};

// How many of the blobs are told of when they are stored: not the configs.
std::size_t CountLayers(const std::vector<archive::OciBlob>& blobs);
// Shared by both: the layer must have this diff ID.
Status CheckDiffId(const ReadLayer& layer, const Digest& diff_id, const std::string& name);
// A layer whose manifest is made here must be a tar as well. One of an OCI image may be anything
// that its media type says: attestations stand in the place of layers.
Status CheckLayer(const ReadLayer& layer, const Digest& diff_id, const std::string& name);
// A layer of an OCI image that was read: of its diff ID, and if its media type is that of a file
// system, a tar in a compression that runtimes know. Other layers may be anything.
Status CheckOciLayer(const ReadLayer& layer, const archive::OciBlob& blob);
// The same for a small blob whose content is kept.
Status CheckKept(const archive::OciBlob& blob, const SupplyContext& context);
// Tells the observer of such a blob, unless it is a config.
void TellKept(const archive::OciBlob& blob, LayerState state, const SupplyContext& context);
// A layer as it lies in an archive.
struct ArchivedLayer {
  Digest diff_id;
  codec::Compression compression = codec::Compression::kNone;
  std::uint64_t size = 0;  // bytes, compressed
};
// The blob in which the destination has a layer already, if this is known and still true: such a
// blob as storing the layer would make.
Result<std::optional<StoredLayer>> FindStored(const ArchivedLayer& layer,
                                              const SupplyContext& context);
// Waits until the layer is stored. What was compressed here is remembered.
Result<StoredLayer> FinishedLayer(const ReadLayer& layer, const SupplyContext& context);

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_BLOB_SUPPLY_H_
