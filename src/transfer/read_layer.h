// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_READ_LAYER_H_
#define OCISHIP_TRANSFER_READ_LAYER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "codec/compression.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "transfer/pipeline.h"
#include "util/io.h"

namespace ociship::transfer {

// What is done with the bytes of a layer while they pass.
enum class Handling {
  kCompress,          // a plain tar becomes gzip, what is compressed is passed on, the rest hashed
  kCompressOrPassOn,  // a plain tar becomes gzip, everything else is passed on
  kPassOn,            // everything is passed on as it is
  kHash,              // nothing is sent
};

struct LayerPlan {
  std::string name;  // for messages
  Handling handling = Handling::kCompress;
  Sending sending = Sending::kAfterLookup;
  std::optional<Descriptor> expected = {};  // with kPassOn: what the bytes must be
};

// What a blob looks like to a runtime.
enum class LayerForm {
  kTar,    // a tar, plain or compressed
  kOther,  // something else: never a layer of an image
};

// A layer that was read to its end.
struct ReadLayer {
  Digest stored;                  // SHA-256 of the bytes as the archive has them
  std::uint64_t stored_size = 0;  // bytes
  codec::Compression compression = codec::Compression::kNone;
  // SHA-256 of the uncompressed bytes, or why they cannot be uncompressed: a matter for whoever
  // wants this to be a layer.
  Result<Digest> diff_id;
  LayerForm form = LayerForm::kOther;
  std::optional<PendingBlob> blob = {};  // on its way, unless only hashed
};

// Reads `content` to its end.
Result<ReadLayer> ReadLayerContent(util::Reader& content, const LayerPlan& plan,
                                   Pipeline& pipeline);

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_READ_LAYER_H_
