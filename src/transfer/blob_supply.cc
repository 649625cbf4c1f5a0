// SPDX-License-Identifier: Apache-2.0
// What both supplies ask of a layer (image-spec config.md, "diff_ids"; layer.md, media types).
// Tested by push_test.cc.
#include "transfer/blob_supply.h"

#include "oci/media_types.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {

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

Result<Descriptor> FinishedLayer(const ReadLayer& layer, const PendingBlob& blob,
                                 Pipeline& pipeline) {
  const SentBlob sent = TRY(pipeline.Wait(blob));
  const bool zstd = layer.compression == codec::Compression::kZstd;
  return Descriptor{.media_type = std::string(zstd ? oci::kOciLayerZstd : oci::kOciLayerGzip),
                    .digest = sent.digest,
                    .size = sent.size};
}

}  // namespace ociship::transfer
