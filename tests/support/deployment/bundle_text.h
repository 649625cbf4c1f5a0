// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_BUNDLE_TEXT_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_BUNDLE_TEXT_H_

#include <string>
#include <vector>

#include "deployment/rekor.h"

namespace ociship::deployment {

// What a bundle is made of.
struct BundleParts {
  SignedContent content;
  std::vector<Bytes> chain;  // behind the leaf
  std::vector<LogEntry> entries;
  std::vector<Bytes> stamps;
};

// The bundle in protobuf JSON, with the faults of the plan that concern its text.
std::string FormatBundle(const Plan& plan, const BundleParts& parts);

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_BUNDLE_TEXT_H_
