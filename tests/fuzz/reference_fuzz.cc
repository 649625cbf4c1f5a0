// SPDX-License-Identifier: Apache-2.0
// References, tags, digests and platforms: what was read is written as what is read again. Run by
// scripts/fuzz.
#include <string>

#include "fuzz.h"
#include "oci/platform.h"
#include "ociship/digest.h"
#include "ociship/reference.h"

namespace ociship::fuzz {
namespace {

// The text of a repository alone names it.
void CheckRepository(const Repository& repository) {
  const auto again = Reference::Parse(repository.text());
  Require(again.ok() && again.value().repository() == repository);
}

void CheckReference(std::string_view text) {
  const auto reference = Reference::Parse(text);
  RequireUsage(reference);
  if (!reference.ok()) {
    RequirePrintable(reference.error().message());
    return;
  }
  const auto again = Reference::Parse(reference.value().text());
  Require(again.ok() && again.value().text() == reference.value().text());
  Require(again.value().repository() == reference.value().repository());
  Require(again.value().tag() == reference.value().tag());
  Require(again.value().digest() == reference.value().digest());
  CheckRepository(reference.value().repository());
}

void CheckPlatform(std::string_view text) {
  const auto platform = oci::ParsePlatformText(text);
  RequireUsage(platform);
  if (!platform.ok()) {
    RequirePrintable(platform.error().message());
    return;
  }
  const auto again = oci::ParsePlatformText(oci::FormatPlatform(platform.value()));
  Require(again.ok() && again.value() == platform.value());
  Require(oci::MatchPlatform(platform.value(), again.value()) == oci::PlatformMatch::kYes);
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship;
  using namespace ociship::fuzz;
  const std::string_view text = TextOf(data, size);
  CheckReference(text);
  CheckPlatform(text);
  const auto tag = Tag::Parse(text);
  RequireUsage(tag);
  Require(!tag.ok() || tag.value().text() == text);
  const auto digest = Digest::Parse(text);
  RequireBadInput(digest);
  Require(!digest.ok() || digest.value().text() == text);
  return 0;
}
