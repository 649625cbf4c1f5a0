// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_ENTRY_BODY_H_
#define OCISHIP_SIGSTORE_ENTRY_BODY_H_

#include <optional>
#include <string>

#include "crypto/hash.h"
#include "ociship/core.h"
#include "sigstore/log_entry.h"
#include "util/bytes.h"

namespace ociship::sigstore {

// The two generations of Rekor: they differ in how a log signs and in what time it gives.
enum class LogGeneration { kRekor1, kRekor2 };

// What the body of a log entry says: that the signer's signature over this was logged. All kinds
// of entry are read into this one form.
struct EntryClaims {
  LogGeneration generation;
  // What `digest` is the hash of: the message of a message signature, what the signature covers in
  // either form of content (the message, or the encoding of the envelope), the envelope's payload.
  enum class About { kMessage, kSignedBytes, kPayload };
  About about;
  crypto::HashAlgorithm algorithm;
  util::Bytes digest;
  // intoto 0.0.1 has the hash (SHA-256) of the whole envelope in place of the signature.
  std::optional<util::Bytes> signature;
  std::optional<util::Bytes> envelope_digest;
  enum class SignerForm { kCertificate, kKey };
  SignerForm signer_form;
  util::Bytes signer;  // DER of the certificate or of the key
  // How Rekor v2 names the algorithm of the signature, "PKIX_ECDSA_P256_SHA_256"; empty in v1.
  std::string key_details;
};

// Reads the body of an entry of the kinds hashedrekord 0.0.1, dsse 0.0.1, intoto 0.0.1, intoto
// 0.0.2 (Rekor, pkg/types), hashedrekord 0.0.2 and dsse 0.0.2 (Rekor v2, rekor-v2-spec.md section
// 6). kNoMatch (entry-kind) for another kind, or one that the entry does not name beside its body;
// kBadInput (entry-malformed) for a body that can not be read.
Result<EntryClaims> ParseEntryBody(const LogEntry& entry);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_ENTRY_BODY_H_
