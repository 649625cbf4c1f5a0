// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_HTTP_RETRY_H_
#define OCISHIP_HTTP_RETRY_H_

#include <chrono>
#include <optional>
#include <string_view>

#include "ociship/core.h"

namespace ociship::http {

// Whether the same request may succeed a moment later, so that one which is idempotent may be sent
// again: after an answer with this status, after an exchange that gave this error.
bool MayRetry(int status);
bool MayRetry(const Error& error);

// No wait is longer: a server that asks for more is not waited for.
inline constexpr std::chrono::seconds kLongestRetryDelay{120};

// How long to wait before the next try, after `attempt` tries (from 1) failed. It doubles from half
// a second to 16 s, of which `fraction` (0 to 1, random) of the second half is used, so that many
// clients do not come back at once. A Retry-After header (RFC 9110 section 10.2.3: seconds or a
// date, which is compared with `now`) makes it longer; one that cannot be read is ignored. nullopt
// when it asks for more than kLongestRetryDelay.
std::optional<std::chrono::milliseconds> RetryDelay(int attempt,
                                                    std::optional<std::string_view> retry_after,
                                                    std::chrono::sys_seconds now, double fraction);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7, IMF-fixdate), nullopt for anything else.
std::optional<std::chrono::sys_seconds> ParseHttpDate(std::string_view text);

}  // namespace ociship::http

#endif  // OCISHIP_HTTP_RETRY_H_
