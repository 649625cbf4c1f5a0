// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_REKOR_H_
#define OCISHIP_SERVICES_REKOR_H_

#include "ociship/core.h"
#include "services/service_call.h"
#include "sigstore/bundle.h"
#include "sigstore/claimed_signer.h"
#include "sigstore/content.h"
#include "sigstore/log_entry.h"
#include "sigstore/signing_config.h"
#include "sigstore/trust_root.h"

namespace ociship::services {

// Something that is signed and shall be logged. What it refers to lives longer.
struct Loggable {
  const sigstore::Material& material;     // signer and content; no entries
  const sigstore::Artifact& artifact;     // of a message signature
  const sigstore::ClaimedSigner& signer;  // the key, and the certificate where there is one
};

// Puts a signature into a log and gives the entry as a bundle carries it: hashedrekord 0.0.1, for
// an envelope dsse 0.0.1, in Rekor v1 (openapi.yaml, createLogEntry); hashedrekord 0.0.2, over the
// encoding of an envelope, in Rekor v2 (rekor-tiles, CLIENTS.md). Where the log has it already
// (409) it is fetched: from the place that Rekor v1 names, out of the tiles of Rekor v2.
//
// Given only if the entry is of a log of `root` and verifies, proof and all, as an entry about this
// signature of this signer. kSigningService otherwise; kUsage, before anything is sent, for a
// signature that the log does not take: pure Ed25519 but for an envelope in v1, Ed25519ph for that,
// and there also everything that is not over SHA-256; else as ServiceCaller::Send. What failed can
// be told by FailureOf (services/failure.h).
Result<sigstore::LogEntry> SubmitEntry(ServiceCaller& caller, const sigstore::Service& log,
                                       const Loggable& loggable, const sigstore::TrustRoot& root);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_REKOR_H_
