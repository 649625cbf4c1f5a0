// SPDX-License-Identifier: Apache-2.0
// Signing through the public interface (ociship/sign.h). Tested by sign_verify_test.cc.
#include "cosign/sign.h"

#include "api/impl.h"
#include "cosign/signer.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship {
namespace {

cosign::Formats CosignFormats(SignatureFormats formats) {
  switch (formats) {
    case SignatureFormats::kBundle:
      return cosign::Formats::kBundle;
    case SignatureFormats::kLegacy:
      return cosign::Formats::kLegacy;
    case SignatureFormats::kBoth:
      return cosign::Formats::kBoth;
  }
  return cosign::Formats::kBoth;
}

// The docker-reference that cosign writes for a repository: Docker Hub under its older name.
std::string IdentityOf(const Repository& repository) {
  if (repository.host() == "docker.io") return util::StrCat("index.docker.io/", repository.path());
  return repository.text();
}

void Record(SignatureFormats format, const std::optional<cosign::FormatOutcome>& outcome,
            SignResult& result) {
  if (!outcome) return;
  const auto state = outcome->outcome == cosign::Outcome::kWritten
                         ? SignatureRecord::State::kWritten
                         : SignatureRecord::State::kWasThere;
  result.signatures.push_back({format, outcome->manifest, state});
}

}  // namespace

Result<SignatureFormats> ParseSignatureFormats(std::string_view text) {
  if (text == "bundle") return SignatureFormats::kBundle;
  if (text == "legacy") return SignatureFormats::kLegacy;
  if (text == "both") return SignatureFormats::kBoth;
  return Error(Code::kUsage, util::StrCat("signature format ", util::Quoted(text),
                                          " is none of bundle, legacy, both"));
}

Result<SignResult> SignImage(Store& store, const Descriptor& image, const SigningKey& key,
                             const SignOptions& options) {
  cosign::KeySigner signer(key.impl().key);
  const cosign::SignRequest request{
      .subject = image,
      .identity = options.identity.empty() ? IdentityOf(store.repository()) : options.identity,
      .annotations = options.annotations,
      .formats = CosignFormats(options.formats),
      .now = options.now};
  const cosign::SignOutcome outcome = TRY(cosign::Sign(store, request, signer));
  SignResult result;
  Record(SignatureFormats::kBundle, outcome.bundle, result);
  Record(SignatureFormats::kLegacy, outcome.legacy, result);
  return result;
}

}  // namespace ociship
