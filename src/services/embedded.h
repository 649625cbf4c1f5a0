// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_EMBEDDED_H_
#define OCISHIP_SERVICES_EMBEDDED_H_

#include <string_view>

// The files of embedded/, as they were on one day; embedded/README.md says from where.
namespace ociship::services::embedded {

inline constexpr std::string_view kDate = "2026-08-26";

// TUF roots, where an update begins.
extern const std::string_view kProductionRoot;
extern const std::string_view kStagingRoot;
// Sigstore trusted roots, for those who have no network.
extern const std::string_view kProductionTrustedRoot;
extern const std::string_view kStagingTrustedRoot;

}  // namespace ociship::services::embedded

#endif  // OCISHIP_SERVICES_EMBEDDED_H_
