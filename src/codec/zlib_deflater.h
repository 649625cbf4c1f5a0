// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_ZLIB_DEFLATER_H_
#define OCISHIP_CODEC_ZLIB_DEFLATER_H_

#include <memory>
#include <string>

#include "codec/layer_compression.h"

namespace ociship::codec {

// "zlib-" and the version that runs.
std::string ZlibName();

// Deflates blocks (RFC 1951), each ending on a byte boundary; kLast ends the stream. `level` is 1
// to 9. Memory: 0.8 MiB.
std::unique_ptr<BlockCompressor> NewZlibDeflater(int level);

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_ZLIB_DEFLATER_H_
