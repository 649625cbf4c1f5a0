// SPDX-License-Identifier: Apache-2.0
// The extended headers of a tar, without the checksums that keep most inputs from them. Run by
// scripts/fuzz.
#include "archive/tar_extensions.h"
#include "archive/tar_header.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship;
  const ByteView bytes(data, size);
  const auto facts = archive::InspectTarHeader(bytes);
  fuzz::RequireBadInput(facts);
  if (!facts.ok()) fuzz::RequirePrintable(facts.error().message());
  archive::LooksLikeTar(bytes.first(std::min(size, archive::kTarBlockBytes)));
  return 0;
}
