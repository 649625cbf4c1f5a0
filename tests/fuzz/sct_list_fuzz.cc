// SPDX-License-Identifier: Apache-2.0
// Lists of SCTs: read or refused, and what was read is all that was there. Run by scripts/fuzz.
#include "crypto/sct.h"
#include "fuzz.h"

namespace ociship::fuzz {
namespace {

void CheckList(ByteView list) {
  const auto scts = crypto::ParseSctList(list);
  RequireBadInput(scts);
  if (!scts.ok()) {
    Require(scts.error().reason() == crypto::kSctMalformed);
    RequirePrintable(scts.error().message());
    return;
  }
  Require(!scts.value().empty() && scts.value().size() <= crypto::kMaxScts);
  // Of an SCT: its length, version, log, time, two lengths and two algorithms.
  constexpr std::size_t kFixedBytes = 2 + 1 + 32 + 8 + 2 + 2 + 2;
  std::size_t size = 2;
  for (const crypto::Sct& sct : scts.value()) {
    size += kFixedBytes + sct.extensions.size() + sct.signature.size();
  }
  Require(size == list.size());
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ociship::fuzz::CheckList({data, size});
  return 0;
}
