// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TUF_REFUSAL_H_
#define OCISHIP_TUF_REFUSAL_H_

#include <string>
#include <string_view>
#include <utility>

#include "ociship/core.h"

namespace ociship::tuf {

// Which check refused: the words that Error::reason() gives.
namespace reason {
inline constexpr std::string_view kFormat = "tuf-format";  // no metadata of this role
inline constexpr std::string_view kThreshold =
    "tuf-threshold";                                           // too few of the role's keys signed
inline constexpr std::string_view kVersion = "tuf-version";    // another version than asked for
inline constexpr std::string_view kRollback = "tuf-rollback";  // older than what was seen before
inline constexpr std::string_view kExpired = "tuf-expired";    // its time is over
inline constexpr std::string_view kHash = "tuf-hash";          // other bytes than were promised
inline constexpr std::string_view kLength = "tuf-length";      // more bytes than were promised
inline constexpr std::string_view kMissing = "tuf-missing";    // promised, but not there
inline constexpr std::string_view kTarget = "tuf-target";      // no role has a target of this name
inline constexpr std::string_view kDelegations = "tuf-delegations";  // too many roles to look at
// Of the copy on disk, by services.
inline constexpr std::string_view kCache = "tuf-cache";       // it is not to be trusted
inline constexpr std::string_view kNoCache = "tuf-no-cache";  // nothing was ever fetched
inline constexpr std::string_view kClock = "tuf-clock";       // the clock was set back
}  // namespace reason

// Everything that this room refuses is kTrustMaterial.
inline Error Refuse(std::string_view reason, std::string message) {
  return Error(Code::kTrustMaterial, std::move(message)).Because(reason);
}

}  // namespace ociship::tuf

#endif  // OCISHIP_TUF_REFUSAL_H_
