// SPDX-License-Identifier: Apache-2.0
// Platforms as texts, and which of them are the same (OCI image-spec image-index.md; containerd
// platforms). Tested by tests/oci/platform_test.cc.
#include "oci/platform.h"

#include <algorithm>
#include <array>
#include <vector>

#include "util/text.h"

namespace ociship::oci {
namespace {

struct Alias {
  std::string_view name;
  std::string_view architecture;
  std::string_view variant;
};

constexpr std::array<Alias, 7> kAliases = {{
    {"x86_64", "amd64", ""},
    {"x86-64", "amd64", ""},
    {"i386", "386", ""},
    {"i686", "386", ""},
    {"aarch64", "arm64", ""},
    {"armhf", "arm", "v7"},
    {"armel", "arm", "v6"},
}};

bool IsNamePart(std::string_view part) {
  return !part.empty() && std::ranges::all_of(part, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

Error BadPlatform(std::string_view text) {
  return Error(Code::kUsage, util::StrCat("platform ", util::Quoted(text),
                                          " is not OS/ARCHITECTURE[/VARIANT], as in linux/arm64"));
}

}  // namespace

Platform NormalisePlatform(Platform platform) {
  platform.os = util::LowerAscii(platform.os);
  platform.architecture = util::LowerAscii(platform.architecture);
  platform.variant = util::LowerAscii(platform.variant);
  for (const Alias& alias : kAliases) {
    if (platform.architecture != alias.name) continue;
    platform.architecture = alias.architecture;
    if (platform.variant.empty()) platform.variant = alias.variant;
  }
  const std::string& architecture = platform.architecture;
  std::string& variant = platform.variant;
  if (architecture == "arm64" && (variant == "v8" || variant == "8")) variant.clear();
  if (architecture == "amd64" && variant == "v1") variant.clear();
  if (architecture == "arm" && variant.empty()) variant = "v7";
  if (architecture == "arm" && variant.size() == 1 && variant[0] >= '5' && variant[0] <= '8') {
    variant.insert(0, "v");
  }
  return platform;
}

Result<Platform> ParsePlatformText(std::string_view text) {
  const std::size_t colon = text.find(':');
  Platform platform;
  if (colon != std::string_view::npos) {
    platform.os_version = text.substr(colon + 1);
    if (!IsNamePart(platform.os_version)) return BadPlatform(text);
  }
  const std::vector<std::string_view> parts = util::Split(text.substr(0, colon), '/');
  if (parts.size() < 2 || parts.size() > 3 || !std::ranges::all_of(parts, IsNamePart)) {
    return BadPlatform(text);
  }
  platform.os = parts[0];
  platform.architecture = parts[1];
  if (parts.size() == 3) platform.variant = parts[2];
  return NormalisePlatform(std::move(platform));
}

std::string FormatPlatform(const Platform& platform) {
  std::string text = util::StrCat(platform.os, "/", platform.architecture);
  if (!platform.variant.empty()) text += util::StrCat("/", platform.variant);
  if (!platform.os_version.empty()) text += util::StrCat(":", platform.os_version);
  return text;
}

PlatformMatch MatchPlatform(const Platform& wanted, const Platform& offered) {
  const Platform want = NormalisePlatform(wanted);
  const Platform offer = NormalisePlatform(offered);
  const bool same = want.os == offer.os && want.architecture == offer.architecture &&
                    (want.variant.empty() || want.variant == offer.variant) &&
                    (want.os_version.empty() || want.os_version == offer.os_version);
  return same ? PlatformMatch::kYes : PlatformMatch::kNo;
}

}  // namespace ociship::oci
