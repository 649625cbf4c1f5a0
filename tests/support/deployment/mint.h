// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_MINT_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_MINT_H_

#include <optional>
#include <string>

#include "deployment/content.h"
#include "deployment/plan.h"

// A whole Sigstore deployment in memory: a certificate authority, a certificate log, transparency
// logs of both versions and a timestamp authority, which sign one artifact as a Plan says, with at
// most one Fault. No clock, no randomness: the same plan gives the same bytes.
namespace ociship::deployment {

// Everything about one signature, and what to verify it against.
struct Minted {
  std::string bundle;      // JSON
  std::string trust_root;  // JSON
  // What a verifier believes to be signed. Where the fault says so it is not.
  std::string artifact;
  std::string predicate_type;
  // Whom a verifier expects.
  std::string identity;
  std::string issuer;
  std::string source_repository;
  // Of a bundle without certificate, the key that a verifier has; otherwise the certificate's.
  std::string public_key_pem;
  // When the key may be used; open but for the faults that concern it.
  Window key_window;
  // How a verifier goes about it: with the key, or with the identity.
  Signer verify_with = Signer::kCertificate;
  // How many logs and timestamp authorities must vouch.
  unsigned log_threshold = 1;
  unsigned stamp_threshold = 0;

  // The statement of an envelope; empty for a message.
  std::string statement;
  std::string certificate_pem;
  Bytes detached_sct;
};

Minted Mint(const Plan& plan);

// The annotations and the layer of a signature as cosign kept it beside images before bundles.
struct MintedLegacy {
  std::string payload;       // simple signing: the layer
  std::string image_digest;  // "sha256:HEX"
  std::string signature;     // dev.cosignproject.cosign/signature
  std::string certificate;   // dev.sigstore.cosign/certificate, PEM
  std::string chain;         // dev.sigstore.cosign/chain, PEM
  std::string bundle;        // dev.sigstore.cosign/bundle, JSON; empty without log
  std::string timestamp;     // dev.sigstore.cosign/rfc3161timestamp, JSON; empty without one
  Minted verify;             // the trusted root, identity and so on; its bundle is of no use
};

// Logs are of version 1. Faults of bundles' texts and of envelopes have no effect.
MintedLegacy MintLegacy(const Plan& plan);

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_MINT_H_
