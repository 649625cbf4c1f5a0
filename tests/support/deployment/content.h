// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_CONTENT_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_CONTENT_H_

#include <string>
#include <string_view>

#include "deployment/leaf.h"

namespace ociship::deployment {

inline constexpr std::string_view kArtifact = "the bytes of an artifact\n";
inline constexpr std::string_view kPredicateType = "https://sigstore.dev/cosign/sign/v1";
inline constexpr std::string_view kStatementType = "application/vnd.in-toto+json";

// What was signed and with what: all that log entries, timestamps and bundles are made of.
struct SignedContent {
  Content content = Content::kMessage;
  KeyType key_type = KeyType::kP256;
  std::string artifact;
  // Envelopes.
  std::string payload_type;
  std::string payload;
  // By the hash of the key: of the artifact, or of the envelope's pre-authentication encoding.
  Bytes digest;
  Bytes signature;
  Bytes spki;
  Bytes certificate;  // empty for a bare key

  // PEM of the certificate, or of the key.
  std::string VerifierPem() const;
};

// "SHA2_256", "sha256".
std::string_view ProtoName(HashType type);
std::string_view RekorName(HashType type);
// PublicKeyDetails.
std::string_view KeyDetails(KeyType type);

// DSSE v1.0.2, protocol.md.
std::string PreAuthEncoding(std::string_view type, std::string_view payload);

// An in-toto statement about the artifact, with the faults of the plan.
std::string StatementAbout(const Plan& plan, std::string_view artifact);

// Signs `artifact`, or a statement about it, as the plan says; once more with another `salt`.
SignedContent SignContent(const Plan& plan, const Key& key, const Bytes& certificate,
                          std::string_view artifact, std::string_view salt = "");

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_CONTENT_H_
