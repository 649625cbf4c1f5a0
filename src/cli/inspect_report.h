// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_INSPECT_REPORT_H_
#define OCISHIP_CLI_INSPECT_REPORT_H_

#include <string>
#include <vector>

#include "ociship/push.h"

namespace ociship::cli {

// What one argument of inspect led to.
struct Inspected {
  std::string target;
  std::vector<Inspection> images;
};

// The document ociship/inspect/v1, and the same for people.
std::string InspectionJson(const std::vector<Inspected>& all);
std::string InspectionText(const std::vector<Inspected>& all);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_INSPECT_REPORT_H_
