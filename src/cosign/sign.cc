// SPDX-License-Identifier: Apache-2.0
// Writes image signatures in both formats of cosign (SIGNATURE_SPEC.md, BUNDLE_SPEC.md). Covered by
// tests/cosign/sign_test.cc.
#include "cosign/sign.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "cosign/gather.h"
#include "cosign/referrer.h"
#include "cosign/signature_image.h"
#include "cosign/simple_signing.h"
#include "crypto/hash.h"
#include "oci/write_blob.h"
#include "sigstore/bundle.h"
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

Status StoreBlob(Store& store, std::string_view content) {
  TRY(oci::WriteSmallBlob(store, crypto::Sha256(util::AsBytes(content)), content));
  return Ok();
}

// The bundle that says the same already. Candidates that can not be read are passed over: at worst
// there will be two.
Result<std::optional<Descriptor>> FindEqualBundle(Store& store, const SignRequest& request,
                                                  const crypto::PublicKey& key) {
  const sigstore::Policy policy = sigstore::KeyAlone(key, request.annotations);
  const Gathered gathered = TRY(GatherBundles(store, request.subject.digest));
  for (const BundleCandidate& candidate : gathered.bundles) {
    const Result<sigstore::VerifiedBundle> verified =
        sigstore::VerifyImageBundle(candidate.bundle, request.subject.digest, policy, {});
    if (verified.ok() && verified.value().subject()->annotations() == request.annotations) {
      return std::optional<Descriptor>(candidate.manifest);
    }
  }
  return std::optional<Descriptor>();
}

Result<NewBundle> MakeBundle(const SignRequest& request, Signer& signer) {
  sigstore::Envelope envelope{
      .payload_type = std::string(sigstore::kInTotoPayloadType),
      .payload = sigstore::FormatImageStatement(request.subject.digest, request.annotations)};
  // What readers will find must be what was asked for, or it is not signed.
  const Result<sigstore::Statement> read = sigstore::ParseStatement(envelope.payload);
  if (!read.ok() || read.value().subjects.front().annotations != request.annotations) {
    return NotAsGiven();
  }
  const std::string message = sigstore::PreAuthEncoding(envelope.payload_type, envelope.payload);
  envelope.signature = TRY(SignChecked(signer, util::AsBytes(message)));
  std::string bundle = sigstore::FormatKeyBundle(signer.public_key(), envelope);
  if (bundle.size() > sigstore::kMaxBundleBytes) return NotAsGiven();
  Manifest referrer = FormatReferrer(request.subject, bundle, request.now);
  return NewBundle{.bundle = std::move(bundle), .referrer = std::move(referrer)};
}

// Whether the image has a signature of `key` over this very payload.
bool HasEqualLayer(const SignatureImage& image, std::string_view payload,
                   const crypto::PublicKey& key) {
  const Digest digest = crypto::Sha256(util::AsBytes(payload));
  for (const Descriptor& layer : image.manifest.layers) {
    if (layer.media_type != kSimpleSigningMediaType || layer.digest != digest) continue;
    const Result<util::Bytes> signature =
        util::Base64Decode(LayerAnnotation(layer, kSignatureAnnotation).value_or(""));
    if (!signature.ok()) continue;
    if (sigstore::VerifyBytes(key, util::AsBytes(payload), signature.value()).ok()) return true;
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

// Signs the legacy payload, or finds the signature image that has an equal signature.
Result<std::variant<NewLegacy, Descriptor>> MakeLegacy(Store& store, const SignRequest& request,
                                                       Signer& signer) {
  Tag tag = TRY(SignatureTag(request.subject.digest));
  std::string payload = TRY(MakePayload(request));
  std::optional<SignatureImage> current = TRY(ReadSignatureImage(store, request.subject.digest));
  if (current.has_value() && HasEqualLayer(*current, payload, signer.public_key())) {
    return std::variant<NewLegacy, Descriptor>(current->descriptor);
  }
  util::Bytes signature = TRY(SignChecked(signer, util::AsBytes(payload)));
  Descriptor layer = SignatureLayer(payload, signature);
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

}  // namespace

Result<SignOutcome> Sign(Store& store, const SignRequest& request, Signer& signer) {
  SignOutcome outcome;
  std::optional<NewBundle> bundle;
  std::optional<NewLegacy> legacy;
  if (request.formats != Formats::kLegacy) {
    std::optional<Descriptor> there = TRY(FindEqualBundle(store, request, signer.public_key()));
    if (there.has_value()) {
      outcome.bundle = WasThere(*std::move(there));
    } else {
      bundle = TRY(MakeBundle(request, signer));
    }
  }
  if (request.formats != Formats::kBundle) {
    std::variant<NewLegacy, Descriptor> made = TRY(MakeLegacy(store, request, signer));
    if (Descriptor* there = std::get_if<Descriptor>(&made); there != nullptr) {
      outcome.legacy = WasThere(std::move(*there));
    } else {
      legacy = std::get<NewLegacy>(std::move(made));
    }
  }
  if (bundle.has_value()) {
    TRY(StoreBlob(store, kEmptyConfig));
    TRY(StoreBlob(store, bundle->bundle));
    TRY(store.WriteManifest(bundle->referrer));
    outcome.bundle = Written(bundle->referrer.descriptor);
  }
  if (legacy.has_value()) {
    TRY(StoreBlob(store, legacy->payload));
    Descriptor manifest = TRY(MoveTag(store, request.subject.digest, *std::move(legacy)));
    outcome.legacy = Written(std::move(manifest));
  }
  // Behind everything else, so that the wait is one.
  TRY(store.Settle());
  return outcome;
}

}  // namespace ociship::cosign
