// SPDX-License-Identifier: Apache-2.0
// PEM text (RFC 7468 sections 2 and 3). Tested by pem_test.cc.
#include "crypto/pem.h"

#include <algorithm>

#include "util/encoding.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::crypto {
namespace {

constexpr std::size_t kMaxPemBytes = 1 << 20;
constexpr std::size_t kLineLength = 64;
constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

Error BadPem(std::string_view why) { return Error(Code::kBadInput, util::StrCat("PEM: ", why)); }

// "LABEL" of "-----BEGIN LABEL-----"; `line` begins with `start`.
Result<std::string> LabelOf(std::string_view line, std::string_view start) {
  line = util::Trim(line.substr(start.size()));
  if (!line.ends_with(kDashes)) return BadPem("a BEGIN or END line does not end in -----");
  line.remove_suffix(kDashes.size());
  // labelchar of section 3, with the space and '-' that stand between them.
  const bool clean = !line.empty() && std::all_of(line.begin(), line.end(),
                                                  [](char c) { return c >= 0x20 && c <= 0x7e; });
  if (!clean) return BadPem("a BEGIN or END line has no valid label");
  return std::string(line);
}

enum class Where { kBefore, kInside, kBehind };

}  // namespace

Result<PemBlock> ParsePem(std::string_view text) {
  if (text.size() > kMaxPemBytes) return BadPem("longer than 1 MiB");
  Where where = Where::kBefore;
  PemBlock block;
  std::string base64;
  for (const std::string_view line : util::Split(text, '\n')) {
    if (line.starts_with(kBegin)) {
      if (where == Where::kInside) return BadPem("a block begins inside another");
      if (where == Where::kBehind) return BadPem("more than one block");
      block.label = TRY(LabelOf(line, kBegin));
      where = Where::kInside;
    } else if (where == Where::kInside && line.starts_with(kEnd)) {
      const std::string label = TRY(LabelOf(line, kEnd));
      if (label != block.label) return BadPem("the labels of BEGIN and END differ");
      where = Where::kBehind;
    } else if (where == Where::kInside) {
      base64.append(util::Trim(line));
    }
  }
  if (where == Where::kBefore) return BadPem("no BEGIN line");
  if (where == Where::kInside) return BadPem("no END line");
  block.content = TRY(util::Base64Decode(base64));
  if (block.content.empty()) return BadPem("the block is empty");
  return block;
}

std::string FormatPem(std::string_view label, ByteView content) {
  const std::string base64 = util::Base64Encode(content);
  std::string text = util::StrCat(kBegin, label, kDashes, "\n");
  for (std::size_t at = 0; at < base64.size(); at += kLineLength) {
    text.append(base64, at, kLineLength).push_back('\n');
  }
  return text.append(util::StrCat(kEnd, label, kDashes, "\n"));
}

}  // namespace ociship::crypto
