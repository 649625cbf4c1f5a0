// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_REKOR1_H_
#define OCISHIP_SERVICES_REKOR1_H_

#include <string>
#include <string_view>

#include "ociship/core.h"
#include "services/rekor.h"
#include "services/service_call.h"
#include "sigstore/log_entry.h"
#include "sigstore/signing_config.h"

// Rekor v1. For use by rekor.cc, which verifies what it gives.
namespace ociship::services {

// What is posted (Rekor, openapi.yaml, ProposedEntry): hashedrekord 0.0.1 of a message, dsse 0.0.1
// of an envelope. kUsage for an Ed25519 signature of the form that this kind of entry does not
// take, and for envelopes that are not signed over SHA-256.
Result<std::string> FormatRekor1Request(const Loggable& loggable);

// What is answered (openapi.yaml, LogEntry): one entry, which has a promise and a proof. kBadInput.
Result<sigstore::LogEntry> ParseRekor1Answer(std::string_view json);

// Logs it, or fetches what is logged already. Nothing is verified.
Result<sigstore::LogEntry> SubmitToRekor1(ServiceCaller& caller, const sigstore::Service& log,
                                          const Loggable& loggable);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_REKOR1_H_
