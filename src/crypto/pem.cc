// SPDX-License-Identifier: Apache-2.0
// PEM text (RFC 7468 sections 2 and 3). Tested by pem_test.cc.
#include "crypto/pem.h"

#include <algorithm>
#include <span>
#include <utility>

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

// The block that `begin` starts, of which `lines` are what follows; they move behind its END line.
Result<PemBlock> ReadBlock(std::string_view begin, std::span<const std::string_view>& lines) {
  PemBlock block;
  block.label = TRY(LabelOf(begin, kBegin));
  std::string base64;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with(kBegin)) return BadPem("a block begins inside another");
    if (!lines[i].starts_with(kEnd)) {
      base64.append(util::Trim(lines[i]));
      continue;
    }
    const std::string label = TRY(LabelOf(lines[i], kEnd));
    if (label != block.label) return BadPem("the labels of BEGIN and END differ");
    block.content = TRY(util::Base64Decode(base64));
    if (block.content.empty()) return BadPem("the block is empty");
    lines = lines.subspan(i + 1);
    return block;
  }
  return BadPem("no END line");
}

}  // namespace

Result<std::vector<PemBlock>> ParsePemList(std::string_view text, std::size_t limit) {
  if (text.size() > kMaxPemBytes) return BadPem("longer than 1 MiB");
  const std::vector<std::string_view> all_lines = util::Split(text, '\n');
  std::span<const std::string_view> lines = all_lines;
  std::vector<PemBlock> blocks;
  while (!lines.empty()) {
    const std::string_view line = lines.front();
    lines = lines.subspan(1);
    if (!line.starts_with(kBegin)) continue;
    if (blocks.size() == limit) {
      return BadPem(limit == 1 ? "more than one block" : "too many blocks");
    }
    PemBlock block = TRY(ReadBlock(line, lines));
    blocks.push_back(std::move(block));
  }
  if (blocks.empty()) return BadPem("no BEGIN line");
  return blocks;
}

Result<PemBlock> ParsePem(std::string_view text) {
  std::vector<PemBlock> blocks = TRY(ParsePemList(text, 1));
  return std::move(blocks.front());
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
