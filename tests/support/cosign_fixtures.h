// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_COSIGN_FIXTURES_H_
#define OCISHIP_TESTS_SUPPORT_COSIGN_FIXTURES_H_

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "crypto/hash.h"
#include "crypto/key.h"
#include "crypto/sign.h"
#include "ociship/digest.h"
#include "sigstore/bundle.h"
#include "sigstore/bundle_writer.h"
#include "sigstore/dsse.h"
#include "util/bytes.h"
#include "util/file.h"

namespace ociship::testing {

// A file of fixtures/cosign: what real cosign wrote.
inline std::string CosignFixture(const std::string& name) {
  const char* root = std::getenv("OCISHIP_SOURCE_ROOT");
  REQUIRE(root != nullptr);
  Result<std::string> text =
      util::ReadFile(std::string(root) + "/fixtures/cosign/" + name, 1 << 20);
  REQUIRE(text.ok());
  return std::move(text).value();
}

// A public key of fixtures/cosign.
inline crypto::PublicKey CosignKey(const std::string& name) {
  Result<crypto::PublicKey> key = crypto::PublicKey::FromPem(CosignFixture(name + ".pub"));
  REQUIRE(key.ok());
  return std::move(key).value();
}

// The image that the fixtures sign.
inline Digest CosignImage() { return crypto::Sha256(util::AsBytes(CosignFixture("image.json"))); }

// Another image.
inline Digest OtherImage() { return crypto::Sha256(util::AsBytes("another image")); }

// `text` with `from`, which must occur, changed to `to` where it stands first.
inline std::string Changed(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

inline crypto::PrivateKey NewKey() {
  Result<crypto::PrivateKey> key = crypto::PrivateKey::Generate();
  REQUIRE(key.ok());
  return std::move(key).value();
}

// The bundle of an envelope, without log entries and timestamps.
inline std::string KeyBundle(const crypto::PublicKey& key, const sigstore::Envelope& envelope) {
  return sigstore::FormatBundle(
      {.signer = sigstore::HintOf(key), .content = envelope, .log_entries = {}, .timestamps = {}});
}

// The bundle of any payload, signed well.
inline std::string SignedBundle(const crypto::PrivateKey& key, const std::string& payload,
                                std::string_view payload_type = sigstore::kInTotoPayloadType) {
  sigstore::Envelope envelope{.payload_type = std::string(payload_type), .payload = payload};
  const std::string message = sigstore::PreAuthEncoding(payload_type, payload);
  Result<util::Bytes> signature = crypto::Sign(key, util::AsBytes(message));
  REQUIRE(signature.ok());
  envelope.signature = std::move(signature).value();
  return KeyBundle(key.public_key(), envelope);
}

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_COSIGN_FIXTURES_H_
