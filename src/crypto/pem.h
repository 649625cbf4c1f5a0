// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_PEM_H_
#define OCISHIP_CRYPTO_PEM_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "util/bytes.h"

namespace ociship::crypto {

// One PEM block (RFC 7468): "-----BEGIN LABEL-----" and so on.
struct PemBlock {
  std::string label;
  util::Bytes content;
};

// The only block in `text`; text around it is allowed, a second block is not. kBadInput otherwise.
Result<PemBlock> ParsePem(std::string_view text);
// All blocks in `text`, at least one and at most `limit`; text around them is allowed.
Result<std::vector<PemBlock>> ParsePemList(std::string_view text, std::size_t limit);
// With lines of 64 characters.
std::string FormatPem(std::string_view label, ByteView content);

}  // namespace ociship::crypto

#endif  // OCISHIP_CRYPTO_PEM_H_
