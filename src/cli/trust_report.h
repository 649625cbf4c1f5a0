// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_TRUST_REPORT_H_
#define OCISHIP_CLI_TRUST_REPORT_H_

#include <string>
#include <vector>

#include "services/trust.h"

namespace ociship::cli {

// Trust material for people, line by line, and as one document of the schema ociship/trust/v1.
std::vector<std::string> DescribeTrust(const services::LoadedTrust& trust);
std::string FormatTrustJson(const services::LoadedTrust& trust);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_TRUST_REPORT_H_
