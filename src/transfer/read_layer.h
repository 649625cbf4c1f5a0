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
  kLayer,  // a tar in any form becomes a layer that a manifest can name: plain, xz and bzip2 ones
           // are stored as the pipeline says, gzip and zstd ones as they are; the rest is hashed
  kTarOrBlob,  // a plain tar is stored as the pipeline says, everything else as it is
  kPassOn,     // everything is stored as it is
  kHash,       // nothing is stored
};

struct LayerPlan {
  std::string name;  // for messages
  // Bytes of the content, for the person.
  std::optional<std::uint64_t> total = {};
  Handling handling = Handling::kLayer;
  // With kPassOn it may say what the bytes must be.
  SendPlan send = {};
  // By which algorithm the stored bytes and the content are named.
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::kSha256;
  crypto::HashAlgorithm diff_id_algorithm = crypto::HashAlgorithm::kSha256;
  codec::ExpansionLimit limit = {};
};

// What a blob looks like to a runtime.
enum class LayerForm {
  kTar,    // a tar, plain or compressed
  kOther,  // something else: never a layer of an image
};

// A layer that was read to its end.
struct ReadLayer {
  Digest stored;                  // of the bytes as the archive has them
  std::uint64_t stored_size = 0;  // bytes
  codec::Compression compression = codec::Compression::kNone;
  // The digest of the uncompressed bytes, or why they cannot be uncompressed: a matter for whoever
  // wants this to be a layer.
  Result<Digest> diff_id;
  LayerForm form = LayerForm::kOther;
  // On its way, unless only hashed, and what it is compressed with there.
  std::optional<PendingBlob> blob = {};
  codec::Compression blob_compression = codec::Compression::kNone;
};

// Reads `content` to its end.
Result<ReadLayer> ReadLayerContent(util::Reader& content, const LayerPlan& plan,
                                   Pipeline& pipeline);

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_READ_LAYER_H_
