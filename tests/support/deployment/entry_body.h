// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_ENTRY_BODY_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_ENTRY_BODY_H_

#include "deployment/rekor.h"

namespace ociship::deployment {

// The kind, version and body of the entry that `log` would have about `content`.
LogEntry BodyOf(const Plan& plan, const LogInstance& log, const SignedContent& content);

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_ENTRY_BODY_H_
