// SPDX-License-Identifier: Apache-2.0
// Reads the Range header of upload answers (distribution-spec, end-13). Tested by range_test.cc.
#include "registry/range.h"

#include <charconv>

#include "util/text.h"

namespace ociship::registry {

std::optional<std::uint64_t> StoredBytes(std::string_view range, std::uint64_t confirmed,
                                         std::uint64_t sent) {
  constexpr std::string_view kUnit = "bytes=";
  constexpr std::string_view kBegin = "0-";
  range = util::Trim(range);
  if (range.starts_with(kUnit)) range.remove_prefix(kUnit.size());
  if (!range.starts_with(kBegin)) return std::nullopt;
  range.remove_prefix(kBegin.size());
  if (range == "-1") return 0;
  std::uint64_t last = 0;
  const auto [end, error] = std::from_chars(range.data(), range.data() + range.size(), last);
  if (error != std::errc() || end != range.data() + range.size()) return std::nullopt;
  if (last == 0) return confirmed == 1 && sent >= 1 ? 1 : 0;
  return last < sent ? last + 1 : sent;
}

}  // namespace ociship::registry
