// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_PUSH_REPORT_H_
#define OCISHIP_CLI_PUSH_REPORT_H_

#include <string>

#include "cli/commands.h"
#include "cli/progress.h"
#include "ociship/push.h"

// What a push says at its end.
namespace ociship::cli {

// The answer of a push: one NAME@DIGEST a line, or the document ociship/push/v1.
std::string FormatPush(const std::string& name, const PushResult& result, Format format);

// The answer of a dry run: digests, tags and layers, or the document ociship/push-plan/v1.
std::string FormatPlan(const std::string& name, const PushResult& result,
                       const PlannedLayers& layers, Format format);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_PUSH_REPORT_H_
