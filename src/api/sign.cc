// SPDX-License-Identifier: Apache-2.0
// Signing through the public interface (ociship/sign.h). Tested by sign_verify_test.cc.
#include "cosign/sign.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "api/impl.h"
#include "api/signer.h"
#include "oci/manifest.h"
#include "sigstore/bundle_writer.h"
#include "sigstore/dsse.h"
#include "sigstore/statement.h"
#include "sigstore/verify.h"
#include "util/parallel.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship {
namespace {

// Signed at the same time: most of it is waiting for logs.
constexpr unsigned kSigningThreads = 4;
constexpr unsigned kSettlingThreads = 16;
constexpr std::size_t kMaxIndexDepth = 8;
constexpr std::size_t kMaxListedImages = 10'000;

// A SHA-512 digest is too long for the tag of a legacy signature.
bool FitsLegacyTag(const Digest& digest) { return digest.algorithm() == "sha256"; }

// The formats for one image.
Result<cosign::Formats> CosignFormats(const Signer& signer, SignatureFormats wanted,
                                      const Digest& image) {
  SignatureFormats formats = TRY(signer.Formats(wanted));
  if (!FitsLegacyTag(image) && formats != SignatureFormats::kBundle) {
    if (wanted != SignatureFormats::kAuto) {
      return Error(Code::kUsage, util::StrCat("an image with a digest of SHA-512 can not have a "
                                              "legacy signature: ",
                                              image.text()));
    }
    formats = SignatureFormats::kBundle;
  }
  switch (formats) {
    case SignatureFormats::kBundle:
      return cosign::Formats::kBundle;
    case SignatureFormats::kLegacy:
      return cosign::Formats::kLegacy;
    case SignatureFormats::kAuto:
    case SignatureFormats::kBoth:
      break;
  }
  return cosign::Formats::kBoth;
}

// The docker-reference that cosign writes for a repository: Docker Hub under its older name.
std::string IdentityOf(const Repository& repository) {
  if (repository.host() == "docker.io") return util::StrCat("index.docker.io/", repository.path());
  return repository.text();
}

void Record(SignatureFormat format, const std::optional<cosign::FormatOutcome>& outcome,
            SignResult& result) {
  if (!outcome) return;
  const auto state = outcome->outcome == cosign::Outcome::kWritten
                         ? SignatureRecord::State::kWritten
                         : SignatureRecord::State::kWasThere;
  result.signatures.push_back({format, outcome->manifest, state});
}

SignResult ResultOf(const cosign::SignOutcome& outcome) {
  SignResult result;
  Record(SignatureFormat::kBundle, outcome.bundle, result);
  Record(SignatureFormat::kLegacy, outcome.legacy, result);
  return result;
}

Result<cosign::SignRequest> RequestOf(const ImageToSign& image, const Signer& signer,
                                      const SignOptions& options) {
  using Again = cosign::SignRequest::Again;
  const cosign::Formats formats = TRY(CosignFormats(signer, options.formats, image.image.digest));
  return cosign::SignRequest{
      .subject = image.image,
      .identity =
          options.identity.empty() ? IdentityOf(image.store->repository()) : options.identity,
      .annotations = options.annotations,
      .formats = formats,
      .now = options.now,
      .again = options.again == SignOptions::Again::kAlways ? Again::kAlways : Again::kUnlessThere};
}

std::string NameOf(const ImageToSign& image) {
  return util::StrCat(image.store->repository().text(), "@", image.image.digest.text());
}

// How far one of several images is.
struct Signing {
  cosign::SignRequest request;
  std::optional<cosign::SignOutcome> outcome = {};
  bool confirmed = false;
};

// What is written and was not looked at again is said: it is there, whatever went wrong.
Status WithUnconfirmed(const Status& status, const std::vector<ImageToSign>& images,
                       const std::vector<Signing>& work) {
  if (status.ok()) return status;
  constexpr std::size_t kMostNames = 5;
  std::string names;
  std::size_t count = 0;
  for (std::size_t i = 0; i < work.size(); ++i) {
    if (!work[i].outcome || work[i].confirmed || ++count > kMostNames) continue;
    names += util::StrCat(names.empty() ? "" : ", ", NameOf(images[i]));
  }
  if (count == 0) return status;
  return Error(status.error().code(),
               util::StrCat(status.error().message(), "; signed, but not looked at again: ", names,
                            count > kMostNames ? " and others" : ""))
      .Because(status.error().reason());
}

// The first of several that is one; the others are not kept from their work by it.
class FirstError {
 public:
  void Take(const Status& status) {
    const std::lock_guard lock(mutex_);
    if (!status.ok() && !error_) error_ = status.error();
  }
  Status status() const { return error_ ? Status(*error_) : Ok(); }

 private:
  std::mutex mutex_;
  std::optional<Error> error_;
};

// Waits for all stores at the same time.
Status SettleAll(const std::vector<ImageToSign>& images) {
  std::vector<Store*> stores;
  for (const ImageToSign& image : images) {
    if (std::ranges::find(stores, image.store) == stores.end()) stores.push_back(image.store);
  }
  FirstError error;
  TRY(util::ForEachParallel(stores.size(), kSettlingThreads, [&](std::size_t i) {
    error.Take(stores[i]->Settle());
    return Ok();
  }));
  return error.status();
}

Status ListBelow(Store& store, const Descriptor& image, std::size_t depth,
                 std::vector<Descriptor>& images) {
  if (images.size() >= kMaxListedImages || depth > kMaxIndexDepth) {
    return Error(Code::kBadInput,
                 util::StrCat("the index names more than ", kMaxListedImages,
                              " images, or has indexes in it more than ", kMaxIndexDepth, " deep"));
  }
  for (const Descriptor& known : images) {
    if (known.digest == image.digest) return Ok();
  }
  if (oci::KindOf(image.media_type) == oci::ManifestKind::kIndex) {
    const Manifest manifest = TRY(store.ReadManifest(image.digest));
    const oci::ImageIndex index = TRY(oci::ParseImageIndex(manifest.bytes));
    for (const Descriptor& child : index.manifests) {
      // Only what is there can be signed, and as it is there: an index may say anything.
      const Manifest there = TRY(store.ReadManifest(child.digest));
      TRY(ListBelow(store, there.descriptor, depth + 1, images));
    }
  }
  images.push_back(image);
  return Ok();
}

// What verifies as everything that this signer makes, or nothing.
Result<std::string> Checked(std::string bundle, const sigstore::Artifact& artifact,
                            const sigstore::BlobContent& content,
                            const cosign::Expectation& expected) {
  const Result<sigstore::VerifiedBundle> verified = sigstore::VerifyBlobBundle(
      bundle, artifact, expected.policy, content, expected.circumstances);
  if (verified.ok()) return bundle;
  return Error(Code::kSigningService,
               util::StrCat("what was signed does not verify: ", verified.error().message()))
      .Because(verified.error().reason());
}

// One of the artifacts that a statement speaks of, by a digest that is known here.
Result<sigstore::Artifact> SubjectOf(const sigstore::Statement& statement) {
  for (const sigstore::Subject& subject : statement.subjects) {
    for (const char* algorithm : {"sha256", "sha512"}) {
      const auto found = subject.digests.find(algorithm);
      if (found == subject.digests.end()) continue;
      Result<Digest> digest = Digest::Parse(util::StrCat(algorithm, ":", found->second));
      if (digest.ok()) return sigstore::Artifact::OfDigest(digest.value());
    }
  }
  return Error(Code::kBadInput, "the statement names no subject by its SHA-256 or SHA-512");
}

}  // namespace

Result<SignatureFormats> ParseSignatureFormats(std::string_view text) {
  if (text == "auto") return SignatureFormats::kAuto;
  if (text == "bundle") return SignatureFormats::kBundle;
  if (text == "legacy") return SignatureFormats::kLegacy;
  if (text == "both") return SignatureFormats::kBoth;
  return Error(Code::kUsage, util::StrCat("signature format ", util::Quoted(text),
                                          " is none of auto, bundle, legacy, both"));
}

Result<SignResult> SignImage(Store& store, const Descriptor& image, const Signer& signer,
                             const SignOptions& options) {
  SignResult result;
  TRY(SignImages({{.store = &store, .image = image}}, signer, options,
                 [&result](std::size_t, const SignResult& one) { result = one; }));
  return result;
}

Status SignImages(const std::vector<ImageToSign>& images, const Signer& signer,
                  const SignOptions& options,
                  const std::function<void(std::size_t, const SignResult&)>& signed_image) {
  std::vector<Signing> work;
  for (const ImageToSign& image : images) {
    cosign::SignRequest request = TRY(RequestOf(image, signer, options));
    work.push_back({.request = std::move(request)});
  }
  const auto each = [&](const std::function<Status(std::size_t)>& step) {
    return util::ForEachParallel(images.size(), kSigningThreads, step);
  };
  cosign::Endorser& endorser = *signer.impl().endorser;
  const Status written = each([&](std::size_t i) -> Status {
    Result<cosign::SignOutcome> outcome = cosign::Sign(*images[i].store, work[i].request, endorser);
    if (!outcome.ok()) return std::move(outcome).error().While(NameOf(images[i]));
    work[i].outcome = std::move(outcome).value();
    return Ok();
  });
  // What is written is waited for and looked at, also where others failed.
  FirstError error;
  error.Take(written);
  error.Take(SettleAll(images));
  error.Take(each([&](std::size_t i) -> Status {
    if (!work[i].outcome) return Ok();
    const Status seen =
        cosign::ConfirmStored(*images[i].store, work[i].request, *work[i].outcome, endorser);
    if (seen.ok()) work[i].confirmed = true;
    error.Take(seen);
    return Ok();
  }));
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (work[i].confirmed) signed_image(i, ResultOf(*work[i].outcome));
  }
  return WithUnconfirmed(error.status(), images, work);
}

Result<std::vector<Descriptor>> ListImages(Store& store, const Descriptor& image) {
  std::vector<Descriptor> images;
  TRY(ListBelow(store, image, 0, images));
  return images;
}

Result<std::string> SignBlob(const Blob& blob, const Signer& signer) {
  cosign::Endorser& endorser = *signer.impl().endorser;
  const sigstore::Artifact& artifact = *blob.impl().artifact;
  const sigstore::Material material =
      TRY(endorser.EndorseMessage(artifact, cosign::Carrier::kBundle));
  const cosign::Expectation expected = TRY(endorser.Expect(cosign::Carrier::kBundle));
  return Checked(sigstore::FormatBundle(material), artifact, {}, expected);
}

Result<std::string> SignStatement(std::string_view statement, const Signer& signer) {
  const sigstore::Statement read = TRY(sigstore::ParseStatement(statement));
  const sigstore::Artifact subject = TRY(SubjectOf(read));
  cosign::Endorser& endorser = *signer.impl().endorser;
  const sigstore::Material material =
      TRY(endorser.EndorseEnvelope({.payload_type = std::string(sigstore::kInTotoPayloadType),
                                    .payload = std::string(statement),
                                    .signature = {}}));
  const cosign::Expectation expected = TRY(endorser.Expect(cosign::Carrier::kBundle));
  return Checked(
      sigstore::FormatBundle(material), subject,
      {.attestation = sigstore::BlobContent::Attestation::kOfType, .type = read.predicate_type},
      expected);
}

}  // namespace ociship
