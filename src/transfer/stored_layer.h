// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_STORED_LAYER_H_
#define OCISHIP_TRANSFER_STORED_LAYER_H_

#include <cstdint>

#include "codec/compression.h"
#include "ociship/digest.h"

namespace ociship::transfer {

// Whether a layer with this compression is stored as it is: the others have no media type, or are
// plain.
constexpr bool KeepsItsBytes(codec::Compression compression) {
  return compression == codec::Compression::kGzip || compression == codec::Compression::kZstd;
}

// Whether a manifest can name a layer with this compression (image-spec layer.md).
constexpr bool HasMediaType(codec::Compression compression) {
  return compression == codec::Compression::kNone || KeepsItsBytes(compression);
}

// A layer as a destination has it, or would.
struct StoredLayer {
  Digest digest;
  std::uint64_t size = 0;  // bytes
  codec::Compression compression = codec::Compression::kGzip;

  friend bool operator==(const StoredLayer&, const StoredLayer&) = default;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_STORED_LAYER_H_
