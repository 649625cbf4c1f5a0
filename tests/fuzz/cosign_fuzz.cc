// SPDX-License-Identifier: Apache-2.0
// Key files, public keys, simple signing payloads and referrers of cosign. Run by scripts/fuzz.
#include <string>

#include "cosign/key_file.h"
#include "cosign/referrer.h"
#include "cosign/simple_signing.h"
#include "crypto/key.h"
#include "crypto/pem.h"
#include "fuzz.h"
#include "oci/manifest.h"
#include "oci/media_types.h"

namespace ociship::fuzz {
namespace {

constexpr std::string_view kKeyLabel = "ENCRYPTED SIGSTORE PRIVATE KEY";

void CheckKeyFile(std::string_view text) {
  const auto box = cosign::ParseKeyFile(text);
  RequireBadInput(box);
  if (!box.ok()) {
    RequirePrintable(box.error().message());
    return;
  }
  const auto again = cosign::ParseKeyFile(cosign::FormatKeyFile(box.value()));
  Require(again.ok() && again.value().n == box.value().n &&
          again.value().salt == box.value().salt && again.value().nonce == box.value().nonce &&
          again.value().ciphertext == box.value().ciphertext);
}

void CheckPem(std::string_view text) {
  const auto block = crypto::ParsePem(text);
  RequireBadInput(block);
  if (block.ok()) {
    const auto again =
        crypto::ParsePem(crypto::FormatPem(block.value().label, block.value().content));
    Require(again.ok() && again.value().label == block.value().label &&
            again.value().content == block.value().content);
  }
  const auto key = crypto::PublicKey::FromPem(text);
  RequireBadInput(key);
  if (!key.ok()) RequirePrintable(key.error().message());
}

void CheckPayload(std::string_view text) {
  const auto payload = cosign::ParseSimpleSigning(text);
  RequireBadInput(payload);
  if (!payload.ok()) {
    RequirePrintable(payload.error().message());
    return;
  }
  const std::string written = cosign::FormatSimpleSigning(payload.value());
  const auto again = cosign::ParseSimpleSigning(written);
  Require(again.ok() && again.value().identity == payload.value().identity &&
          again.value().image == payload.value().image &&
          again.value().annotations == payload.value().annotations);
  Require(cosign::FormatSimpleSigning(again.value()) == written);
}

void CheckReferrer(std::string_view text) {
  const Manifest manifest = oci::NewManifest(std::string(text), oci::kOciManifest);
  const auto subject = oci::ParseSubject(manifest);
  if (!subject.ok() || !subject.value()) return;
  const Digest& image = subject.value()->digest;
  const auto bundle = cosign::FindSignatureBundle(manifest, image);
  RequireBadInput(bundle);
  // The same referrer is none of another image.
  const Digest other = oci::NewManifest("other", oci::kOciManifest).descriptor.digest;
  const auto elsewhere = cosign::FindSignatureBundle(manifest, other);
  Require(image == other || !elsewhere.ok() || !elsewhere.value());
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship::fuzz;
  const std::string_view text = TextOf(data, size);
  CheckKeyFile(text);
  // The same without the base64 around it.
  CheckKeyFile(ociship::crypto::FormatPem(kKeyLabel, ociship::ByteView(data, size)));
  CheckPem(text);
  RequireBadInput(ociship::crypto::PublicKey::FromDer(ociship::ByteView(data, size)));
  CheckPayload(text);
  CheckReferrer(text);
  return 0;
}
