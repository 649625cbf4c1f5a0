// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CODEC_ISAL_DEFLATER_H_
#define OCISHIP_CODEC_ISAL_DEFLATER_H_

#include <memory>
#include <string>

#include "codec/layer_compression.h"

namespace ociship::codec {

// "isal-", the version, and how the beginning of a block is given to it.
std::string IsalName();

// Deflates blocks (RFC 1951), each ending on a byte boundary; kLast ends the stream. `level` is 0
// to 2: what ISA-L writes at its level 3 differs between processors. Memory: 1.3 MiB at level 0,
// 1.6 MiB at level 1, 1.7 MiB at level 2.
std::unique_ptr<BlockCompressor> NewIsalDeflater(int level);

}  // namespace ociship::codec

#endif  // OCISHIP_CODEC_ISAL_DEFLATER_H_
