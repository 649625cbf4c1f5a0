// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_BYTES_H_
#define OCISHIP_UTIL_BYTES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"

namespace ociship::util {

using Bytes = std::vector<std::uint8_t>;

// Text seen as bytes and bytes seen as text; nothing is copied.
inline ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view AsText(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_BYTES_H_
