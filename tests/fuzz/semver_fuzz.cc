// SPDX-License-Identifier: Apache-2.0
// Versions: two of them, with a line end between, are in one order. Run by scripts/fuzz.
#include "fuzz.h"
#include "release/semver.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship;
  using release::Version;
  std::string_view text = fuzz::TextOf(data, size);
  const auto a = Version::Parse(fuzz::TakePart(text, '\n'));
  const auto b = Version::Parse(fuzz::TakePart(text, '\n'));
  fuzz::RequireUsage(a);
  if (!a.ok()) {
    fuzz::RequirePrintable(a.error().message());
    return 0;
  }
  const auto again = Version::Parse(a.value().text());
  fuzz::Require(again.ok() && again.value() == a.value());
  fuzz::Require(again.value().text() == a.value().text());
  fuzz::Require(a.value().MajorMinor().starts_with(a.value().Major() + "."));
  if (!b.ok()) return 0;
  const auto order = a.value() <=> b.value();
  fuzz::Require((order < 0) == (b.value() <=> a.value() > 0));
  fuzz::Require((order == 0) == (a.value() == b.value()));
  return 0;
}
