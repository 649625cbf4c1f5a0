// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_OCI_PLATFORM_H_
#define OCISHIP_OCI_PLATFORM_H_

#include <string>
#include <string_view>

#include "ociship/core.h"
#include "ociship/store.h"

// What an image is for (OCI image-spec image-index.md, "platform"), as people write it.
namespace ociship::oci {

// "OS/ARCHITECTURE[/VARIANT][:OS.VERSION]", as in linux/arm/v7 and windows/amd64:10.0.20348.2700,
// normalised. kUsage otherwise.
Result<Platform> ParsePlatformText(std::string_view text);
std::string FormatPlatform(const Platform& platform);

// The same platform by its usual name (containerd, platforms/database.go): x86_64 is amd64, aarch64
// is arm64; arm64/v8 and amd64/v1 have no variant, and arm without one is arm/v7.
Platform NormalisePlatform(Platform platform);

// Whether an image for `offered` is one for `wanted`: a variant or version that is not wanted is
// not compared. Both as they come.
enum class PlatformMatch { kNo, kYes };
PlatformMatch MatchPlatform(const Platform& wanted, const Platform& offered);

}  // namespace ociship::oci

#endif  // OCISHIP_OCI_PLATFORM_H_
