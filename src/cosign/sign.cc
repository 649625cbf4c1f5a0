// SPDX-License-Identifier: Apache-2.0
// Writes image signatures in both formats of cosign (SIGNATURE_SPEC.md, BUNDLE_SPEC.md). Covered by
// tests/cosign/sign_test.cc.
#include "cosign/sign.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "cosign/gather.h"
#include "cosign/legacy_material.h"
#include "cosign/referrer.h"
#include "cosign/signature_image.h"
#include "cosign/simple_signing.h"
#include "cosign/verify.h"
#include "crypto/hash.h"
#include "oci/write_blob.h"
#include "sigstore/bundle.h"
#include "sigstore/bundle_writer.h"
#include "sigstore/dsse.h"
#include "sigstore/statement.h"
#include "sigstore/verify.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cosign {
namespace {

// A bundle that is signed and not yet stored.
struct NewBundle {
  std::string bundle;
  Manifest referrer;
};

// A legacy signature that is signed and not yet stored.
struct NewLegacy {
  Tag tag;
  std::string payload;
  Descriptor layer;
  std::optional<SignatureImage> current;  // what the tag named when `next` was made
  FormattedImage next;
};

Error NotAsGiven() {
  return Error(Code::kUsage, "an annotation or the identity is no UTF-8 or too large");
}

// What is expected of every signature of this endorser, and these annotations.
Result<Expectation> ExpectationFor(const SignRequest& request, Carrier carrier,
                                   Endorser& endorser) {
  Expectation expected = TRY(endorser.Expect(carrier));
  expected.policy.annotations = request.annotations;
  return expected;
}

Status StoreBlob(Store& store, std::string_view content) {
  TRY(oci::WriteSmallBlob(store, crypto::Sha256(util::AsBytes(content)), content));
  return Ok();
}

// Ours, and found wanting: nothing of it is stored.
Error DoesNotVerify(const Error& why) {
  return Error(Code::kSigningService,
               util::StrCat("what was signed does not verify: ", why.message()))
      .Because(why.reason());
}

// The bundle that says the same already. Candidates that can not be read are passed over: at worst
// there will be two.
Result<std::optional<Descriptor>> FindEqualBundle(Store& store, const SignRequest& request,
                                                  const Expectation& expected) {
  const Gathered gathered = TRY(GatherBundles(store, request.subject.digest));
  for (const BundleCandidate& candidate : gathered.bundles) {
    const Result<sigstore::VerifiedBundle> verified = sigstore::VerifyImageBundle(
        candidate.bundle, request.subject.digest, expected.policy, expected.circumstances);
    if (verified.ok() && verified.value().subject()->annotations() == request.annotations) {
      return std::optional<Descriptor>(candidate.manifest);
    }
  }
  return std::optional<Descriptor>();
}

Result<NewBundle> MakeBundle(const SignRequest& request, const Expectation& expected,
                             Endorser& endorser) {
  sigstore::Envelope envelope{
      .payload_type = std::string(sigstore::kInTotoPayloadType),
      .payload = sigstore::FormatImageStatement(request.subject.digest, request.annotations),
      .signature = {}};
  // What readers will find must be what was asked for, or it is not signed.
  const Result<sigstore::Statement> read = sigstore::ParseStatement(envelope.payload);
  if (!read.ok() || read.value().subjects.front().annotations != request.annotations) {
    return NotAsGiven();
  }
  const sigstore::Material material = TRY(endorser.EndorseEnvelope(std::move(envelope)));
  std::string bundle = sigstore::FormatBundle(material);
  if (bundle.size() > sigstore::kMaxBundleBytes) return NotAsGiven();
  const Result<sigstore::VerifiedBundle> verified = sigstore::VerifyImageBundle(
      bundle, request.subject.digest, expected.policy, expected.circumstances);
  if (!verified.ok()) return DoesNotVerify(verified.error());
  Manifest referrer = FormatReferrer(request.subject, bundle, request.now);
  return NewBundle{.bundle = std::move(bundle), .referrer = std::move(referrer)};
}

// The bundle that is there, or a new one.
Result<std::variant<NewBundle, Descriptor>> ObtainBundle(Store& store, const SignRequest& request,
                                                         Endorser& endorser) {
  const Expectation expected = TRY(ExpectationFor(request, Carrier::kBundle, endorser));
  if (request.again == SignRequest::Again::kUnlessThere) {
    std::optional<Descriptor> there = TRY(FindEqualBundle(store, request, expected));
    if (there) return std::variant<NewBundle, Descriptor>(*std::move(there));
  }
  NewBundle made = TRY(MakeBundle(request, expected, endorser));
  return std::variant<NewBundle, Descriptor>(std::move(made));
}

// Whether the image has a signature as it is expected over this very payload.
bool HasEqualLayer(const SignatureImage& image, const std::string& payload,
                   const SignRequest& request, const Expectation& expected) {
  const Digest digest = crypto::Sha256(util::AsBytes(payload));
  for (const Descriptor& layer : image.manifest.layers) {
    if (layer.digest != digest) continue;
    const std::optional<LegacyCandidate> candidate = CandidateOf(image.descriptor, layer, payload);
    if (candidate &&
        VerifyLegacy(*candidate, request.subject.digest, expected.policy, expected.circumstances)
            .ok()) {
      return true;
    }
  }
  return false;
}

Result<std::string> MakePayload(const SignRequest& request) {
  SimpleSigning content{.identity = request.identity,
                        .image = request.subject.digest,
                        .annotations = request.annotations};
  std::string payload = FormatSimpleSigning(content);
  const Result<SimpleSigning> read = ParseSimpleSigning(payload);
  if (!read.ok() || read.value().identity != content.identity ||
      read.value().annotations != content.annotations) {
    return NotAsGiven();
  }
  return payload;
}

// Signs a payload; the layer that carries it.
Result<Descriptor> MakeLayer(const std::string& payload, const SignRequest& request,
                             const Expectation& expected, Endorser& endorser) {
  const auto artifact = sigstore::Artifact::OfBytes(util::AsBytes(payload));
  const sigstore::Material material = TRY(endorser.EndorseMessage(artifact, Carrier::kLegacy));
  Descriptor layer = SignatureLayer(payload, LegacyAnnotations(material));
  // There is no manifest yet, and the verdict does not depend on it.
  const std::optional<LegacyCandidate> candidate = CandidateOf(request.subject, layer, payload);
  const Result<VerifiedPayload> verified =
      VerifyLegacy(*candidate, request.subject.digest, expected.policy, expected.circumstances);
  if (!verified.ok()) return DoesNotVerify(verified.error());
  return layer;
}

// Signs the legacy payload, or finds the signature image that has an equal signature.
Result<std::variant<NewLegacy, Descriptor>> ObtainLegacy(Store& store, const SignRequest& request,
                                                         Endorser& endorser) {
  Tag tag = TRY(SignatureTag(request.subject.digest));
  std::string payload = TRY(MakePayload(request));
  const Expectation expected = TRY(ExpectationFor(request, Carrier::kLegacy, endorser));
  std::optional<SignatureImage> current = TRY(ReadSignatureImage(store, request.subject.digest));
  if (request.again == SignRequest::Again::kUnlessThere && current &&
      HasEqualLayer(*current, payload, request, expected)) {
    return std::variant<NewLegacy, Descriptor>(current->descriptor);
  }
  Descriptor layer = TRY(MakeLayer(payload, request, expected, endorser));
  FormattedImage next = TRY(AppendSignature(current, layer));
  return std::variant<NewLegacy, Descriptor>(NewLegacy{.tag = std::move(tag),
                                                       .payload = std::move(payload),
                                                       .layer = std::move(layer),
                                                       .current = std::move(current),
                                                       .next = std::move(next)});
}

// What the tag names now, nullopt when it is not there.
Result<std::optional<Digest>> ResolveTag(Store& store, const Tag& tag) {
  Result<Descriptor> named = store.Resolve(tag);
  if (named.ok()) return std::optional<Digest>(named.value().digest);
  if (named.error().code() == Code::kNotFound) return std::optional<Digest>();
  return std::move(named).error();
}

std::optional<Digest> DigestOf(const std::optional<SignatureImage>& image) {
  if (!image.has_value()) return std::nullopt;
  return image->descriptor.digest;
}

bool HasLayer(const SignatureImage& image, const Descriptor& layer) {
  const std::vector<Descriptor>& layers = image.manifest.layers;
  return std::find(layers.begin(), layers.end(), layer) != layers.end();
}

// Moves the tag to the image with the new signature, again and again while others are faster.
Result<Descriptor> MoveTag(Store& store, const Digest& image, NewLegacy legacy) {
  for (int attempt = 0; attempt < kMaxTagAttempts; ++attempt) {
    TRY(StoreBlob(store, legacy.next.config));
    TRY(store.WriteManifest(legacy.next.manifest));
    // Had somebody written since the image was read, moving the tag would drop that signature.
    std::optional<Digest> before = TRY(ResolveTag(store, legacy.tag));
    if (before == DigestOf(legacy.current)) {
      TRY(store.SetTag(legacy.next.manifest, legacy.tag));
      std::optional<Digest> after = TRY(ResolveTag(store, legacy.tag));
      if (after == legacy.next.manifest.descriptor.digest) return legacy.next.manifest.descriptor;
    }
    legacy.current = TRY(ReadSignatureImage(store, image));
    if (legacy.current.has_value() && HasLayer(*legacy.current, legacy.layer)) {
      return legacy.current->descriptor;
    }
    legacy.next = TRY(AppendSignature(legacy.current, legacy.layer));
  }
  return Error(Code::kTagConflict, util::StrCat("tag ", legacy.tag.text(),
                                                " is written by others all the time, sign again"));
}

FormatOutcome WasThere(Descriptor manifest) {
  return {.outcome = Outcome::kWasThere, .manifest = std::move(manifest)};
}

FormatOutcome Written(Descriptor manifest) {
  return {.outcome = Outcome::kWritten, .manifest = std::move(manifest)};
}

// Everything that is signed, before anything is written.
struct Obtained {
  std::optional<std::variant<NewBundle, Descriptor>> bundle;
  std::optional<std::variant<NewLegacy, Descriptor>> legacy;
};

Result<Obtained> ObtainAll(Store& store, const SignRequest& request, Endorser& endorser) {
  Obtained obtained;
  // One after the other: whoever lies about the first is not asked for a second entry.
  if (request.formats != Formats::kLegacy) {
    obtained.bundle = TRY(ObtainBundle(store, request, endorser));
  }
  if (request.formats != Formats::kBundle) {
    obtained.legacy = TRY(ObtainLegacy(store, request, endorser));
  }
  return obtained;
}

Result<FormatOutcome> StoreBundle(Store& store, std::variant<NewBundle, Descriptor> obtained) {
  if (auto* there = std::get_if<Descriptor>(&obtained)) return WasThere(std::move(*there));
  const NewBundle& made = std::get<NewBundle>(obtained);
  TRY(StoreBlob(store, kEmptyConfig));
  TRY(StoreBlob(store, made.bundle));
  TRY(store.WriteManifest(made.referrer));
  return Written(made.referrer.descriptor);
}

Result<FormatOutcome> StoreLegacy(Store& store, const Digest& image,
                                  std::variant<NewLegacy, Descriptor> obtained) {
  if (auto* there = std::get_if<Descriptor>(&obtained)) return WasThere(std::move(*there));
  auto& made = std::get<NewLegacy>(obtained);
  TRY(StoreBlob(store, made.payload));
  Descriptor manifest = TRY(MoveTag(store, image, std::move(made)));
  return Written(std::move(manifest));
}

// What was written before is said: it is there, whatever went wrong.
Error WithWritten(const Error& error, const std::optional<FormatOutcome>& bundle) {
  if (!bundle || bundle->outcome != Outcome::kWritten) return error;
  return Error(error.code(), util::StrCat(error.message(), "; the bundle signature ",
                                          bundle->manifest.digest.text(), " is written"))
      .Because(error.reason());
}

// The signatures of one format that a verifier finds and accepts.
Result<Verification> FindStored(const Gathered& gathered, const Digest& image,
                                const Expectation& expected) {
  Result<Verification> found = Verify(gathered, image, expected.policy, expected.circumstances);
  if (found.ok()) return found;
  return Error(Code::kUnknown, util::StrCat("a signature of ", image.text(),
                                            " was written, but: ", found.error().message()));
}

Status ConfirmBundle(Store& store, const Digest& image, const Digest& written,
                     const Expectation& expected) {
  const Gathered gathered = TRY(GatherBundles(store, image));
  const Verification found = TRY(FindStored(gathered, image, expected));
  for (const VerifiedSignature& signature : found.signatures) {
    if (signature.manifest() == written) return Ok();
  }
  return Error(Code::kUnknown, util::StrCat("the signature ", written.text(), " of ", image.text(),
                                            " was written, but the registry does not list it"));
}

// Others may have added theirs meanwhile, so that the image behind the tag is another.
Status ConfirmLegacy(Store& store, const Digest& image, const Expectation& expected) {
  const Gathered gathered = TRY(GatherLegacy(store, image));
  TRY(FindStored(gathered, image, expected));
  return Ok();
}

Status ConfirmOnce(Store& store, const SignRequest& request, const SignOutcome& outcome,
                   Endorser& endorser) {
  const Digest& image = request.subject.digest;
  if (outcome.bundle && outcome.bundle->outcome == Outcome::kWritten) {
    const Expectation expected = TRY(ExpectationFor(request, Carrier::kBundle, endorser));
    TRY(ConfirmBundle(store, image, outcome.bundle->manifest.digest, expected));
  }
  if (outcome.legacy && outcome.legacy->outcome == Outcome::kWritten) {
    const Expectation expected = TRY(ExpectationFor(request, Carrier::kLegacy, endorser));
    TRY(ConfirmLegacy(store, image, expected));
  }
  return Ok();
}

}  // namespace

Result<SignOutcome> Sign(Store& store, const SignRequest& request, Endorser& endorser) {
  Obtained obtained = TRY(ObtainAll(store, request, endorser));
  SignOutcome outcome;
  if (obtained.bundle) outcome.bundle = TRY(StoreBundle(store, *std::move(obtained.bundle)));
  if (obtained.legacy) {
    Result<FormatOutcome> legacy =
        StoreLegacy(store, request.subject.digest, *std::move(obtained.legacy));
    if (!legacy.ok()) return WithWritten(legacy.error(), outcome.bundle);
    outcome.legacy = std::move(legacy).value();
  }
  return outcome;
}

Result<SignOutcome> Sign(Store& store, const SignRequest& request, Signer& signer) {
  KeyEndorser endorser(signer);
  return Sign(store, request, endorser);
}

Status ConfirmStored(Store& store, const SignRequest& request, const SignOutcome& outcome,
                     Endorser& endorser) {
  for (int attempt = 1;; ++attempt) {
    const Status confirmed = ConfirmOnce(store, request, outcome, endorser);
    // What is written is not lost because one look at it failed.
    const bool unclear = !confirmed.ok() && confirmed.error().code() == Code::kUnknown;
    if (!unclear || attempt == kMaxLooks) return confirmed;
  }
}

}  // namespace ociship::cosign
