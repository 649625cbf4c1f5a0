// SPDX-License-Identifier: Apache-2.0
// What both supplies ask of a layer (image-spec config.md, "diff_ids").
// Tested by push_test.cc.
#include "transfer/blob_supply.h"

#include <algorithm>

#include "crypto/hash.h"
#include "oci/media_types.h"
#include "util/bytes.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

// A layer that is compressed keeps its bytes: another blob with the same content may stand in for
// it only if it is as long. What is plain gets the form that was asked for.
bool IsWhatStoringMakes(const StoredLayer& stored, const ArchivedLayer& layer,
                        const SupplyContext& context) {
  if (KeepsItsBytes(layer.compression)) {
    return stored.compression == layer.compression && stored.size == layer.size;
  }
  return stored.compression == context.pipeline.compression().format();
}

}  // namespace

Status CheckDiffId(const ReadLayer& layer, const Digest& diff_id, const std::string& name) {
  const Digest actual = TRY(layer.diff_id);
  if (actual != diff_id) {
    return Error(Code::kBadInput,
                 util::StrCat("layer ", util::Quoted(name), " is ", actual.text(),
                              " and not the diff ID ", diff_id.text(), " that the config names"));
  }
  return Ok();
}

Status CheckLayer(const ReadLayer& layer, const Digest& diff_id, const std::string& name) {
  TRY(CheckDiffId(layer, diff_id, name));
  if (layer.form != LayerForm::kTar) {
    return Error(Code::kBadInput, util::StrCat("layer ", util::Quoted(name), " is not a tar"));
  }
  return Ok();
}

Status CheckOciLayer(const ReadLayer& layer, const archive::OciBlob& blob) {
  if (!blob.diff_id) return Ok();
  const std::string& name = blob.member.empty() ? blob.descriptor.digest.text() : blob.member;
  TRY(CheckDiffId(layer, *blob.diff_id, name));
  const bool usable = layer.form == LayerForm::kTar && HasMediaType(layer.compression);
  if (usable || layer.stored_size == 0 || !oci::IsFileSystemLayer(blob.descriptor.media_type)) {
    return Ok();
  }
  return Error(Code::kBadInput,
               util::StrCat("layer ", util::Quoted(name),
                            " is no tar, or compressed in a way that "
                            "no runtime knows, and its media type says that it is one"));
}

Status CheckKept(const archive::OciBlob& blob, const SupplyContext& context) {
  if (!blob.diff_id) return Ok();
  LayerPlan plan{.name = blob.descriptor.digest.text(), .handling = Handling::kHash};
  plan.total = blob.content.size();
  plan.diff_id_algorithm = crypto::AlgorithmOf(*blob.diff_id);
  plan.limit = context.limit;
  util::MemoryReader content(util::AsBytes(blob.content));
  const ReadLayer layer = TRY(ReadLayerContent(content, plan, context.pipeline));
  return CheckOciLayer(layer, blob);
}

void TellKept(const archive::OciBlob& blob, LayerState state, const SupplyContext& context) {
  const Descriptor& descriptor = blob.descriptor;
  if (oci::IsImageConfig(descriptor.media_type)) return;
  context.observer.LayerStored(descriptor.digest, descriptor.size, state);
}

std::size_t CountLayers(const std::vector<archive::OciBlob>& blobs) {
  return static_cast<std::size_t>(std::ranges::count_if(blobs, [](const archive::OciBlob& blob) {
    return !oci::IsImageConfig(blob.descriptor.media_type);
  }));
}

Result<std::optional<StoredLayer>> FindStored(const ArchivedLayer& layer,
                                              const SupplyContext& context) {
  std::vector<std::optional<StoredLayer>> candidates = {context.cache.Find(layer.diff_id),
                                                        context.known.Find(layer.diff_id)};
  if (layer.compression == codec::Compression::kNone) {
    candidates.push_back(StoredLayer{layer.diff_id, layer.size, codec::Compression::kNone});
  }
  for (const std::optional<StoredLayer>& candidate : candidates) {
    if (!candidate || !IsWhatStoringMakes(*candidate, layer, context)) continue;
    const oci::Presence presence = TRY(context.lookup.LookUp(candidate->digest, candidate->size));
    if (presence == oci::Presence::kThere) return candidate;
  }
  return std::optional<StoredLayer>();
}

Result<StoredLayer> FinishedLayer(const ReadLayer& layer, const SupplyContext& context) {
  const SentBlob sent = TRY(context.pipeline.Wait(*layer.blob));
  StoredLayer stored{sent.digest, sent.size, layer.blob_compression};
  const bool compressed_here = layer.blob_compression != layer.compression;
  if (compressed_here && layer.diff_id.ok()) context.cache.Add(layer.diff_id.value(), stored);
  return stored;
}

}  // namespace ociship::transfer
