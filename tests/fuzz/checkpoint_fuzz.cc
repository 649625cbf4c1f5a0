// SPDX-License-Identifier: Apache-2.0
// Checkpoints and the bodies of log entries: read or refused, and no checkpoint is taken for one of
// a log that did not sign it. Run by scripts/fuzz.
#include "sigstore/checkpoint.h"

#include "crypto/key.h"
#include "fuzz.h"
#include "sigstore/entry_body.h"

namespace ociship::fuzz {
namespace {

// A key whose private half nobody kept.
sigstore::Log SomeLog(std::string_view name) {
  static const crypto::PublicKey key = crypto::PrivateKey::Generate().value().public_key();
  return {.base_url = "https://log",
          .name = std::string(name),
          .key = key,
          .id = sigstore::LogIdOf(key),
          .validity = {},
          .operated_by = {}};
}

void CheckNote(std::string_view text) {
  const auto checkpoint = sigstore::ParseCheckpoint(text);
  RequireBadInput(checkpoint);
  if (!checkpoint.ok()) {
    Require(checkpoint.error().reason() == "checkpoint-malformed");
    RequirePrintable(checkpoint.error().message());
    return;
  }
  Require(checkpoint.value().root.size() == 32);
  Require(!checkpoint.value().origin.empty());
  Require(text.starts_with(checkpoint.value().text));
  Require(!checkpoint.value().signatures.empty());
  for (const auto generation :
       {sigstore::LogGeneration::kRekor1, sigstore::LogGeneration::kRekor2}) {
    const auto verified = sigstore::VerifyCheckpoint(
        checkpoint.value(), SomeLog(checkpoint.value().origin), generation);
    Require(!verified.ok());
    RequirePrintable(verified.error().message());
  }
}

void CheckBody(std::string_view text) {
  sigstore::LogEntry entry{};
  entry.kind = TakePart(text, '\n');
  entry.version = TakePart(text, '\n');
  entry.body = text;
  const auto claims = sigstore::ParseEntryBody(entry);
  if (claims.ok()) {
    Require(!claims.value().digest.empty());
    Require(!claims.value().signer.empty());
    Require(claims.value().signature.has_value() != claims.value().envelope_digest.has_value());
    return;
  }
  Require(claims.error().reason() == "entry-malformed" || claims.error().reason() == "entry-kind");
  RequirePrintable(claims.error().message());
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = ociship::fuzz::TextOf(data, size);
  ociship::fuzz::CheckNote(text);
  ociship::fuzz::CheckBody(text);
  return 0;
}
