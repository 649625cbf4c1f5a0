// SPDX-License-Identifier: Apache-2.0
// Layers of an archive that can be opened in any order. Tested by push_test.cc.
#include "oci/write_blob.h"
#include "transfer/blob_supply.h"
#include "util/parallel.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {

// A layer that the destination has, as far as this is known.
Result<std::optional<StoredLayer>> IndexedSupply::StoreIfKnown(const archive::DockerLayer& layer) {
  const archive::MemberForm form = TRY(archive::LookAt(archive_, layer.member));
  const ArchivedLayer archived{layer.diff_id, form.compression, form.size};
  std::optional<StoredLayer> stored = TRY(FindStored(archived, context_));
  if (stored) {
    context_.observer.LayerStored(stored->digest, stored->size, LayerState::kKnown);
  }
  return stored;
}

Result<std::vector<StoredLayer>> IndexedSupply::StoreLayers(
    const std::vector<archive::DockerLayer>& layers) {
  // A layer may stand in an image several times; it is read once. A copy of it under another name
  // is only compared.
  std::map<Digest, const archive::DockerLayer*> distinct;
  std::vector<const archive::DockerLayer*> in_order;
  std::vector<const archive::DockerLayer*> copies;
  for (const archive::DockerLayer& layer : layers) {
    if (stored_.contains(layer.diff_id)) continue;
    const auto [first, is_new] = distinct.emplace(layer.diff_id, &layer);
    if (is_new) {
      in_order.push_back(&layer);
    } else if (first->second->member != layer.member) {
      copies.push_back(&layer);
    }
  }
  context_.observer.LayersFound(in_order.size());
  std::vector<std::optional<StoredLayer>> known(in_order.size());
  std::vector<std::optional<ReadLayer>> read(in_order.size());
  const auto look_up = [&](std::size_t i) -> Status {
    known[i] = TRY(StoreIfKnown(*in_order[i]));
    return Ok();
  };
  context_.observer.WaitsForDestination();
  TRY(util::ForEachParallel(in_order.size(), context_.look_ups, look_up));
  const auto read_one = [&](std::size_t i) -> Status {
    if (known[i]) return Ok();
    read[i] = TRY(ReadMember(*in_order[i], Handling::kLayer));
    return Ok();
  };
  TRY(util::ForEachParallel(in_order.size(), context_.readers(), read_one));
  for (const archive::DockerLayer* copy : copies) TRY(ReadMember(*copy, Handling::kHash));
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    if (!known[i]) known[i] = TRY(FinishedLayer(*read[i], context_));
    stored_.emplace(in_order[i]->diff_id, *known[i]);
  }
  std::vector<StoredLayer> stored;
  for (const archive::DockerLayer& layer : layers) stored.push_back(stored_.at(layer.diff_id));
  return stored;
}

// A layer, which must have its diff ID.
Result<ReadLayer> IndexedSupply::ReadMember(const archive::DockerLayer& layer, Handling handling) {
  const std::unique_ptr<util::Reader> content = TRY(archive_.OpenBlob(layer.member));
  LayerPlan plan{.name = layer.member, .handling = handling};
  plan.total = TRY(archive_.BlobSize(layer.member));
  plan.send.sending = context_.sending;
  plan.diff_id_algorithm = crypto::AlgorithmOf(layer.diff_id);
  plan.limit = context_.limit;
  ReadLayer read = TRY(ReadLayerContent(*content, plan, context_.pipeline));
  TRY(CheckLayer(read, layer.diff_id, layer.member));
  return read;
}

// What an image in the destination says of a layer, or what was found here before.
bool IndexedSupply::IsVouchedFor(const archive::OciBlob& blob) const {
  if (!blob.diff_id || *blob.diff_id == blob.descriptor.digest) return true;
  for (const auto& layer :
       {context_.cache.Find(*blob.diff_id), context_.known.Find(*blob.diff_id)}) {
    if (layer && layer->digest == blob.descriptor.digest) return true;
  }
  return false;
}

// A small document whose content is known.
Status IndexedSupply::StoreKept(const archive::OciBlob& blob, oci::Presence presence) {
  TRY(CheckKept(blob, context_));
  if (presence == oci::Presence::kThere) {
    TellKept(blob, LayerState::kKnown, context_);
    return Ok();
  }
  TRY(oci::WriteNewBlob(context_.destination, blob.descriptor.digest, blob.content));
  TellKept(blob, LayerState::kSent, context_);
  return Ok();
}

// A blob that is there is read all the same if nobody vouches for its diff ID: it may have come
// from a push that was refused for it. Gives what has to be waited for.
Result<std::optional<PendingBlob>> IndexedSupply::StoreMember(const archive::OciBlob& blob,
                                                              oci::Presence presence) {
  const Descriptor& expected = blob.descriptor;
  const bool there = presence == oci::Presence::kThere;
  if (there && IsVouchedFor(blob)) {
    TellKept(blob, LayerState::kKnown, context_);
    return std::optional<PendingBlob>();
  }
  const std::unique_ptr<util::Reader> content = TRY(archive_.OpenBlob(blob.member));
  LayerPlan plan{.name = blob.member, .handling = there ? Handling::kHash : Handling::kPassOn};
  plan.total = expected.size;
  plan.send.sending = Sending::kAtOnce;
  plan.send.expected = expected;
  plan.algorithm = crypto::AlgorithmOf(expected.digest);
  plan.limit = context_.limit;
  // A plain layer is its own diff ID.
  plan.diff_id_algorithm = blob.diff_id ? crypto::AlgorithmOf(*blob.diff_id) : plan.algorithm;
  const ReadLayer layer = TRY(ReadLayerContent(*content, plan, context_.pipeline));
  if (layer.stored != expected.digest) {
    return Error(Code::kBadInput,
                 util::StrCat("blob ", util::Quoted(blob.member), " does not have its digest"));
  }
  TRY(CheckOciLayer(layer, blob));
  if (there) TellKept(blob, LayerState::kWasThere, context_);
  return layer.blob;
}

Status IndexedSupply::StoreBlobs(const std::vector<archive::OciBlob>& blobs) {
  std::vector<oci::Presence> presence(blobs.size(), oci::Presence::kAbsent);
  const auto look_up = [&](std::size_t i) -> Status {
    const Descriptor& blob = blobs[i].descriptor;
    presence[i] = TRY(context_.lookup.LookUp(blob.digest, blob.size));
    return Ok();
  };
  context_.observer.LayersFound(CountLayers(blobs));
  context_.observer.WaitsForDestination();
  TRY(util::ForEachParallel(blobs.size(), context_.look_ups, look_up));
  TRY(util::ForEachParallel(blobs.size(), context_.jobs, [&](std::size_t i) {
    return blobs[i].member.empty() ? StoreKept(blobs[i], presence[i]) : Ok();
  }));
  // The next blob is read while the end of the last one is still being sent.
  std::vector<std::optional<PendingBlob>> pending(blobs.size());
  const auto store_member = [&](std::size_t i) -> Status {
    if (!blobs[i].member.empty()) pending[i] = TRY(StoreMember(blobs[i], presence[i]));
    return Ok();
  };
  TRY(util::ForEachParallel(blobs.size(), context_.readers(), store_member));
  for (const std::optional<PendingBlob>& blob : pending) {
    if (blob) TRY(context_.pipeline.Wait(*blob));
  }
  return Ok();
}

}  // namespace ociship::transfer
