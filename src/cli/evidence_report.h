// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_EVIDENCE_REPORT_H_
#define OCISHIP_CLI_EVIDENCE_REPORT_H_

#include <string>
#include <vector>

#include "cli/verify_options.h"
#include "ociship/verify.h"
#include "util/json.h"

namespace ociship::cli {

// What was shown of a signature, one sentence a line, without indentation.
std::vector<std::string> DescribeEvidence(const Evidence& evidence, const VerifyTask& task);

// What holds for all signatures of a command: whose word counted, and what was not looked at.
std::vector<std::string> DescribeTask(const SignerFlags& flags, const VerifyTask& task);

// The same as members of the JSON object that is open: "certificate", "times", "logEntries",
// "certificateLogs", "uncheckedLogEntries".
void WriteEvidence(util::JsonWriter& json, const Evidence& evidence);

// "trust" and "ignored".
void WriteTask(util::JsonWriter& json, const VerifyTask& task);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_EVIDENCE_REPORT_H_
