// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_ENCODING_H_
#define OCISHIP_UTIL_ENCODING_H_

#include <string>
#include <string_view>

#include "ociship/core.h"
#include "util/bytes.h"

namespace ociship::util {

// Lower-case hexadecimal.
std::string HexEncode(ByteView bytes);
// kBadInput unless `text` is an even number of hexadecimal digits, of either case.
Result<Bytes> HexDecode(std::string_view text);

// RFC 4648 section 4, with padding.
std::string Base64Encode(ByteView bytes);
// RFC 4648 section 4 alone: padding demanded, no white space, unused bits zero. kBadInput
// otherwise.
Result<Bytes> Base64Decode(std::string_view text);

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_ENCODING_H_
