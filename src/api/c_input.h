// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_API_C_INPUT_H_
#define OCISHIP_API_C_INPUT_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "ociship/ociship.h"
#include "ociship/verify.h"

// What callers hand in at the C interface, as the types of the C++ interface. All fail with kUsage.
namespace ociship::c_abi {

// Caps of what one call takes.
inline constexpr std::size_t kMaxStructBytes = 4096;
inline constexpr std::size_t kMaxIdentities = 1024;
inline constexpr std::size_t kMaxAnnotations = 1024;
inline constexpr std::size_t kMaxExtensions = 64;

// `size` bytes at `data`. `what` names them.
Result<std::string_view> ReadText(const char* data, std::size_t size, std::string_view what);
// A text up to its NUL.
Result<std::string_view> ReadText(const char* text, std::string_view what);

// NULL gives the defaults.
Result<VerifyDemands> ReadDemands(const ociship_demands* given);
// An array whose members are as far apart as the first one says that it is large.
Result<std::vector<AcceptedIdentity>> ReadIdentities(const ociship_identity* any_of,
                                                     std::size_t count);

// The public circumstances but for the trust root, which is a handle, and what a bundle may hold.
struct GivenCircumstances {
  const ociship_trust_root* root = nullptr;
  VerifyCircumstances circumstances = {};
  BlobContent content = {};
};
Result<GivenCircumstances> ReadCircumstances(const ociship_circumstances* given);

}  // namespace ociship::c_abi

#endif  // OCISHIP_API_C_INPUT_H_
