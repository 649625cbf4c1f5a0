// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_LOG_REQUEST_H_
#define OCISHIP_SERVICES_LOG_REQUEST_H_

#include <string>
#include <string_view>

#include "crypto/hash.h"
#include "ociship/core.h"
#include "services/rekor.h"
#include "services/service_call.h"
#include "sigstore/signing_config.h"
#include "util/bytes.h"
#include "util/json.h"
#include "util/url.h"

// What is the same for both generations of Rekor. For use by them alone.
namespace ociship::services {

// "Rekor https://rekor.example": how messages call a log.
std::string NameOfLog(const sigstore::Service& log);

// POST or GET of JSON.
ServiceCall JsonCall(const std::string& service, util::Url url, std::string body = {});

// The document that a service answered with; BadAnswer otherwise.
Result<util::Json> ReadAnswer(const std::string& service, std::string_view body);

// An answer that can not be used.
Error Unusable(std::string_view service, const Error& why);

// How an Ed25519 key signed (RFC 8032 section 5.1). What is said of it is said of Ed25519 alone.
enum class Ed25519Form {
  kPure,
  kPrehashed,
  kUnknown,  // only hashes of the message are there, or it is no signature of it
};
Ed25519Form FormOf(const Loggable& loggable);

// The hash that the log is to know the signed bytes by. kUsage when it is not known, for the
// artifact is known by another one.
Result<util::Bytes> LoggedHash(const Loggable& loggable, crypto::HashAlgorithm algorithm);

// The certificate where there is one, else the key, in PEM.
std::string VerifierPem(const Loggable& loggable);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_LOG_REQUEST_H_
