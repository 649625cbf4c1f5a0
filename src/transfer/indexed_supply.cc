// SPDX-License-Identifier: Apache-2.0
// Layers of an archive that can be opened in any order. Tested by push_test.cc.
#include "oci/write_blob.h"
#include "transfer/blob_supply.h"
#include "util/parallel.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

// Enough to hide the latency of one reader behind another; the deflaters do the work.
constexpr unsigned kReaders = 2;

}  // namespace

// A layer that the destination said it has, if it still has it.
Result<std::optional<Descriptor>> IndexedSupply::StoreIfKnown(const Digest& diff_id) {
  const std::optional<Descriptor> known = context_.known.Find(diff_id);
  if (!known) return std::optional<Descriptor>();
  const oci::Presence presence =
      TRY(oci::LookUpBlob(context_.destination, known->digest, known->size));
  if (presence == oci::Presence::kAbsent) return std::optional<Descriptor>();
  context_.progress.LayerStored(known->digest, known->size, LayerState::kKnown);
  return known;
}

Result<std::vector<Descriptor>> IndexedSupply::StoreLayers(
    const std::vector<archive::DockerLayer>& layers) {
  // A layer may stand in an image several times; it is read once.
  std::map<Digest, const archive::DockerLayer*> distinct;
  std::vector<const archive::DockerLayer*> in_order;
  for (const archive::DockerLayer& layer : layers) {
    if (distinct.emplace(layer.diff_id, &layer).second) in_order.push_back(&layer);
  }
  std::vector<std::optional<Descriptor>> known(in_order.size());
  std::vector<std::optional<ReadLayer>> read(in_order.size());
  const auto read_one = [&](std::size_t i) -> Status {
    const archive::DockerLayer& layer = *in_order[i];
    known[i] = TRY(StoreIfKnown(layer.diff_id));
    if (known[i]) return Ok();
    const std::unique_ptr<util::Reader> content = TRY(archive_.OpenBlob(layer.member));
    read[i] = TRY(ReadLayerContent(*content, {.name = layer.member, .sending = context_.sending},
                                   context_.pipeline));
    return CheckLayer(*read[i], layer.diff_id, layer.member);
  };
  TRY(util::ForEachParallel(in_order.size(), kReaders, read_one));
  std::map<Digest, Descriptor> stored;
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    if (!known[i]) known[i] = TRY(FinishedLayer(*read[i], *read[i]->blob, context_.pipeline));
    stored.emplace(in_order[i]->diff_id, *known[i]);
  }
  std::vector<Descriptor> descriptors;
  for (const archive::DockerLayer& layer : layers) descriptors.push_back(stored.at(layer.diff_id));
  return descriptors;
}

Status IndexedSupply::StoreBlob(const archive::OciBlob& blob) {
  const Descriptor& expected = blob.descriptor;
  const oci::Presence presence =
      TRY(oci::LookUpBlob(context_.destination, expected.digest, expected.size));
  if (presence == oci::Presence::kThere) {
    context_.progress.LayerStored(expected.digest, expected.size, LayerState::kKnown);
    return Ok();
  }
  const std::unique_ptr<util::Reader> content = TRY(archive_.OpenBlob(blob.member));
  const ReadLayer layer = TRY(ReadLayerContent(*content,
                                               {.name = blob.member,
                                                .handling = Handling::kPassOn,
                                                .sending = Sending::kAtOnce,
                                                .expected = expected},
                                               context_.pipeline));
  if (blob.diff_id) TRY(CheckDiffId(layer, *blob.diff_id, blob.member));
  TRY(context_.pipeline.Wait(*layer.blob));
  return Ok();
}

Status IndexedSupply::StoreBlobs(const std::vector<archive::OciBlob>& blobs) {
  return util::ForEachParallel(blobs.size(), kReaders, [&](std::size_t i) -> Status {
    const archive::OciBlob& blob = blobs[i];
    if (!blob.member.empty()) return StoreBlob(blob);
    TRY(oci::WriteSmallBlob(context_.destination, blob.descriptor.digest, blob.content));
    return Ok();
  });
}

}  // namespace ociship::transfer
