// SPDX-License-Identifier: Apache-2.0
#include "cosign/sign.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "cosign/simple_signing.h"
#include "cosign/verify.h"
#include "signed_store.h"
#include "util/text.h"

namespace ociship::cosign {
namespace {

using namespace ociship::testing;

constexpr std::string_view kImage =
    R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"})";

Policy PolicyOf(const Signer& signer, std::map<std::string, std::string> annotations = {}) {
  return sigstore::KeyAlone(signer.public_key(), std::move(annotations));
}

SignRequest RequestFor(Formats formats, std::map<std::string, std::string> annotations = {}) {
  return {.subject = oci::NewManifest(std::string(kImage), oci::kOciManifest).descriptor,
          .identity = "registry.test/app",
          .annotations = std::move(annotations),
          .formats = formats,
          .now = {}};
}

const Digest& ImageOf(const SignRequest& request) { return request.subject.digest; }

SignOutcome MustSign(Store& store, const SignRequest& request, Signer& signer) {
  Result<SignOutcome> outcome = Sign(store, request, signer);
  if (!outcome.ok()) FAIL(outcome.error().message());
  return outcome.value();
}

std::size_t CountVerified(Store& store, const SignRequest& request, const Policy& policy) {
  Result<Gathered> gathered = Gather(store, ImageOf(request));
  REQUIRE(gathered.ok());
  CHECK(gathered.value().unread.empty());
  Result<Verification> result = Verify(gathered.value(), ImageOf(request), policy, {});
  return result.ok() ? result.value().signatures.size() : 0;
}

TEST_CASE("Sign: what is signed in each format verifies, and with no other key") {
  for (const Formats formats : {Formats::kBundle, Formats::kLegacy, Formats::kBoth}) {
    MemoryStore store;
    KeySigner signer(NewKey());
    const SignRequest request = RequestFor(formats, {{"env", "<prod>"}});
    const SignOutcome outcome = MustSign(store, request, signer);
    CHECK(outcome.bundle.has_value() == (formats != Formats::kLegacy));
    CHECK(outcome.legacy.has_value() == (formats != Formats::kBundle));
    CHECK(CountVerified(store, request, PolicyOf(signer, {{"env", "<prod>"}})) ==
          (formats == Formats::kBoth ? 2 : 1));
    CHECK(CountVerified(store, request, PolicyOf(signer, {{"env", "prod"}})) == 0);
    CHECK(CountVerified(store, request, PolicyOf(KeySigner(NewKey()))) == 0);
  }
}

TEST_CASE("Sign: the outcome names the manifests that carry the signatures") {
  MemoryStore store;
  KeySigner signer(NewKey());
  const SignRequest request = RequestFor(Formats::kBoth);
  const SignOutcome outcome = MustSign(store, request, signer);
  REQUIRE(outcome.bundle.has_value());
  REQUIRE(outcome.legacy.has_value());
  CHECK(outcome.bundle->outcome == Outcome::kWritten);
  CHECK(outcome.legacy->outcome == Outcome::kWritten);
  const auto manifests = store.manifests();
  CHECK(manifests.contains(outcome.bundle->manifest.digest));
  const auto tags = store.tags();
  const auto tag = tags.find(SignatureTagText(ImageOf(request)));
  REQUIRE(tag != tags.end());
  CHECK(tag->second == outcome.legacy->manifest.digest);
}

TEST_CASE("Sign: blobs come before manifests, and the tag last") {
  MemoryStore store;
  KeySigner signer(NewKey());
  MustSign(store, RequestFor(Formats::kBoth), signer);
  std::vector<std::string> order;
  for (const std::string& change : store.changes()) order.push_back(change.substr(0, 3));
  // {}, bundle, referrer; payload, config, signature image, tag
  CHECK(order == std::vector<std::string>{"com", "com", "wri", "com", "com", "wri", "tag"});
}

TEST_CASE("Sign: signing again changes nothing and says so") {
  MemoryStore store;
  KeySigner signer(NewKey());
  const SignRequest request = RequestFor(Formats::kBoth, {{"env", "prod"}});
  const SignOutcome first = MustSign(store, request, signer);
  store.ClearCalls();
  const SignOutcome second = MustSign(store, request, signer);
  CHECK(store.changes().empty());
  REQUIRE(second.bundle.has_value());
  REQUIRE(second.legacy.has_value());
  CHECK(second.bundle->outcome == Outcome::kWasThere);
  CHECK(second.legacy->outcome == Outcome::kWasThere);
  CHECK(second.bundle->manifest.digest == first.bundle->manifest.digest);
  CHECK(second.legacy->manifest.digest == first.legacy->manifest.digest);
}

TEST_CASE("Sign: only the format that is missing is written") {
  MemoryStore store;
  KeySigner signer(NewKey());
  MustSign(store, RequestFor(Formats::kLegacy), signer);
  const SignOutcome outcome = MustSign(store, RequestFor(Formats::kBoth), signer);
  CHECK(outcome.bundle->outcome == Outcome::kWritten);
  CHECK(outcome.legacy->outcome == Outcome::kWasThere);
}

TEST_CASE("Sign: other annotations, or another key, are another signature beside the first") {
  MemoryStore store;
  KeySigner signer(NewKey());
  KeySigner other(NewKey());
  MustSign(store, RequestFor(Formats::kBoth, {{"env", "prod"}}), signer);
  // Fewer annotations are not equal, although the first signature would satisfy them.
  const SignOutcome fewer = MustSign(store, RequestFor(Formats::kBoth), signer);
  CHECK(fewer.bundle->outcome == Outcome::kWritten);
  CHECK(fewer.legacy->outcome == Outcome::kWritten);
  const SignOutcome second_key = MustSign(store, RequestFor(Formats::kBoth), other);
  CHECK(second_key.bundle->outcome == Outcome::kWritten);
  CHECK(second_key.legacy->outcome == Outcome::kWritten);
  const SignRequest request = RequestFor(Formats::kBoth);
  CHECK(CountVerified(store, request, PolicyOf(signer)) == 4);
  CHECK(CountVerified(store, request, PolicyOf(signer, {{"env", "prod"}})) == 2);
  CHECK(CountVerified(store, request, PolicyOf(other)) == 2);
}

TEST_CASE("Sign: a layer of another media type with an equal signature does not count") {
  MemoryStore store;
  KeySigner signer(NewKey());
  const SignRequest request = RequestFor(Formats::kLegacy);
  const std::string payload =
      FormatSimpleSigning({.identity = request.identity, .image = ImageOf(request)});
  Result<util::Bytes> signature = signer.Sign(util::AsBytes(payload));
  REQUIRE(signature.ok());
  Descriptor layer = SignatureLayer(payload, signature.value());
  layer.media_type = "text/plain";
  store.AddBlob(payload);
  PutSignatureImage(store, {layer}, ImageOf(request));
  CHECK(MustSign(store, request, signer).legacy->outcome == Outcome::kWritten);
  CHECK(CountVerified(store, request, PolicyOf(signer)) == 1);
}

TEST_CASE("Sign: a signature of cosign is found and kept, in both formats") {
  MemoryStore store;
  PutCosignBundle(store, "p256");
  PutCosignLegacy(store, "p256");
  KeySigner other(NewKey());
  SignRequest request = RequestFor(Formats::kBoth);
  request.subject = {.media_type = std::string(oci::kDockerManifest),
                     .digest = CosignImage(),
                     .size = CosignFixture("image.json").size()};
  MustSign(store, request, other);
  const Policy cosigns = sigstore::KeyAlone(CosignKey("p256"));
  CHECK(CountVerified(store, request, cosigns) == 2);
  CHECK(CountVerified(store, request, PolicyOf(other)) == 2);
}

// Signs as told, whatever the key.
class BadSigner : public Signer {
 public:
  explicit BadSigner(Result<util::Bytes> answer) : key_(NewKey()), answer_(std::move(answer)) {}
  crypto::PublicKey public_key() const override { return key_.public_key(); }
  Result<util::Bytes> Sign(ByteView) override { return answer_; }
  Result<util::Bytes> SignHash(ByteView) override { return answer_; }

 private:
  crypto::PrivateKey key_;
  Result<util::Bytes> answer_;
};

TEST_CASE("Sign: a signer that fails, or signs badly, leaves the store as it was") {
  for (const Formats formats : {Formats::kBundle, Formats::kLegacy, Formats::kBoth}) {
    MemoryStore store;
    BadSigner failing(Error(Code::kSigningService, "no"));
    Result<SignOutcome> failed = Sign(store, RequestFor(formats), failing);
    REQUIRE(!failed.ok());
    CHECK(failed.error().code() == Code::kSigningService);
    BadSigner lying(util::Bytes{1, 2, 3});
    Result<SignOutcome> lied = Sign(store, RequestFor(formats), lying);
    REQUIRE(!lied.ok());
    CHECK(lied.error().code() == Code::kFailure);
    CHECK(store.changes().empty());
  }
}

// Signs well once and fails then.
class OneShotSigner : public Signer {
 public:
  OneShotSigner() : inner_(NewKey()) {}
  crypto::PublicKey public_key() const override { return inner_.public_key(); }
  Result<util::Bytes> Sign(ByteView message) override {
    if (used_) return Error(Code::kSigningService, "only once");
    used_ = true;
    return inner_.Sign(message);
  }
  Result<util::Bytes> SignHash(ByteView hash_value) override { return inner_.SignHash(hash_value); }

 private:
  KeySigner inner_;
  bool used_ = false;
};

TEST_CASE("Sign: nothing is written before everything is signed") {
  MemoryStore store;
  OneShotSigner signer;
  Result<SignOutcome> outcome = Sign(store, RequestFor(Formats::kBoth), signer);
  REQUIRE(!outcome.ok());
  CHECK(outcome.error().code() == Code::kSigningService);
  CHECK(store.changes().empty());
}

TEST_CASE("Sign: text that is no UTF-8, or too large, is refused before anything is signed") {
  MemoryStore store;
  KeySigner signer(NewKey());
  for (const Formats formats : {Formats::kBundle, Formats::kLegacy}) {
    for (const std::string& value :
         {std::string("\xFF"), std::string("\xC3"), std::string(7 << 19, 'x')}) {
      Result<SignOutcome> outcome = Sign(store, RequestFor(formats, {{"key", value}}), signer);
      REQUIRE(!outcome.ok());
      CHECK(outcome.error().code() == Code::kUsage);
    }
  }
  SignRequest request = RequestFor(Formats::kLegacy);
  request.identity = "\xFF";
  CHECK(!Sign(store, request, signer).ok());
  CHECK(store.changes().empty());
}

TEST_CASE("Sign: a SHA-512 image takes a bundle and no legacy signature") {
  MemoryStore store;
  KeySigner signer(NewKey());
  Result<Digest> digest = Digest::Parse("sha512:" + std::string(128, 'a'));
  REQUIRE(digest.ok());
  SignRequest request = RequestFor(Formats::kBundle);
  request.subject.digest = digest.value();
  MustSign(store, request, signer);
  CHECK(CountVerified(store, request, PolicyOf(signer)) == 1);
  request.formats = Formats::kLegacy;
  Result<SignOutcome> legacy = Sign(store, request, signer);
  REQUIRE(!legacy.ok());
  CHECK(legacy.error().code() == Code::kUsage);
}

TEST_CASE("Sign: failures of the store keep their code, and nothing is tagged") {
  for (const char* call : {"referrers ", "resolve ", "blob size ", "write blob", "commit ",
                           "write manifest ", "tag "}) {
    INFO(call);
    MemoryStore store;
    FailCalls(store, call, Code::kRateLimited);
    KeySigner signer(NewKey());
    Result<SignOutcome> outcome = Sign(store, RequestFor(Formats::kBoth), signer);
    REQUIRE(!outcome.ok());
    CHECK(outcome.error().code() == Code::kRateLimited);
    CHECK(store.tags().empty());
  }
}

TEST_CASE("Sign: bytes that are lost on the way are sent again") {
  MemoryStore store;
  store.AskAgainFrom(1);
  KeySigner signer(NewKey());
  const SignRequest request = RequestFor(Formats::kBoth);
  MustSign(store, request, signer);
  CHECK(CountVerified(store, request, PolicyOf(signer)) == 2);
}

TEST_CASE("Sign: an unreadable referrer does not keep from signing") {
  MemoryStore store;
  const SignRequest request = RequestFor(Formats::kBundle);
  PutBundle(store, CosignFixture("p256.bundle.json"), ImageOf(request));
  FailCalls(store, "read blob ");
  KeySigner signer(NewKey());
  CHECK(MustSign(store, request, signer).bundle->outcome == Outcome::kWritten);
}

// Another signer moves the tag when `call` is asked for the `nth` time.
class RacingStore : public MemoryStore {
 public:
  RacingStore(Digest image, Signer& other) : image_(std::move(image)), other_(other) {}

  int races = 0;  // how often the other signer comes in between
  enum class When { kBeforeTag, kAfterTag } when = When::kBeforeTag;

  Status WriteManifest(const Manifest& manifest) override {
    const Status written = MemoryStore::WriteManifest(manifest);
    if (when == When::kBeforeTag) Race(std::nullopt);
    return written;
  }
  Status SetTag(const Manifest& manifest, const Tag& tag) override {
    const std::optional<Digest> before = Tagged();
    const Status set = MemoryStore::SetTag(manifest, tag);
    if (when == When::kAfterTag) Race(before);
    return set;
  }

 private:
  std::optional<Digest> Tagged() const {
    const auto all = tags();
    const auto found = all.find(SignatureTagText(image_));
    if (found == all.end()) return std::nullopt;
    return found->second;
  }

  // A signer who read the tag when it named `base`, or reads it now, and writes now.
  void Race(std::optional<Digest> base) {
    if (races == 0) return;
    --races;
    const std::string payload =
        FormatSimpleSigning({.identity = util::StrCat("other", races), .image = image_});
    Result<util::Bytes> signature = other_.Sign(util::AsBytes(payload));
    REQUIRE(signature.ok());
    AddBlob(payload);
    std::vector<Descriptor> layers;
    if (when == When::kBeforeTag) base = Tagged();
    if (base.has_value()) {
      const auto all = manifests();
      Result<oci::ImageManifest> parsed = oci::ParseImageManifest(all.find(*base)->second.bytes);
      REQUIRE(parsed.ok());
      layers = parsed.value().layers;
    }
    layers.push_back(SignatureLayer(payload, signature.value()));
    PutSignatureImage(*this, layers, image_);
  }

  Digest image_;
  Signer& other_;
};

TEST_CASE("Sign: a signature that another writes in between is not lost, and neither is ours") {
  const SignRequest request = RequestFor(Formats::kLegacy);
  for (const RacingStore::When when :
       {RacingStore::When::kBeforeTag, RacingStore::When::kAfterTag}) {
    KeySigner ours(NewKey());
    KeySigner other(NewKey());
    RacingStore store(ImageOf(request), other);
    store.when = when;
    store.races = 2;
    const SignOutcome outcome = MustSign(store, request, ours);
    CHECK(outcome.legacy->outcome == Outcome::kWritten);
    CHECK(CountVerified(store, request, PolicyOf(ours)) == 1);
    CHECK(CountVerified(store, request, PolicyOf(other)) == 2);
  }
}

TEST_CASE("Sign: a tag that others write all the time is given up") {
  const SignRequest request = RequestFor(Formats::kLegacy);
  KeySigner ours(NewKey());
  KeySigner other(NewKey());
  RacingStore store(ImageOf(request), other);
  store.races = 1000;
  Result<SignOutcome> outcome = Sign(store, request, ours);
  REQUIRE(!outcome.ok());
  CHECK(outcome.error().code() == Code::kTagConflict);
  CHECK(store.races == 1000 - kMaxTagAttempts);
}

TEST_CASE("Sign: what is there is signed again where that is asked for") {
  MemoryStore store;
  KeySigner signer(NewKey());
  SignRequest request = RequestFor(Formats::kBoth);
  MustSign(store, request, signer);
  request.again = SignRequest::Again::kAlways;
  const SignOutcome again = MustSign(store, request, signer);
  CHECK(again.bundle->outcome == Outcome::kWritten);
  CHECK(again.legacy->outcome == Outcome::kWritten);
  CHECK(CountVerified(store, request, PolicyOf(signer)) == 4);
}

// Says one thing and signs another.
class OtherEndorser : public KeyEndorser {
 public:
  OtherEndorser(Signer& signer, Signer& expected) : KeyEndorser(signer), expected_(expected) {}
  Result<Expectation> Expect(Carrier) override {
    return Expectation{.policy = PolicyOf(expected_)};
  }

 private:
  Signer& expected_;
};

TEST_CASE("Sign: what does not verify as the endorser says is not stored") {
  for (const Formats formats : {Formats::kBundle, Formats::kLegacy, Formats::kBoth}) {
    MemoryStore store;
    KeySigner signer(NewKey());
    KeySigner expected(NewKey());
    OtherEndorser endorser(signer, expected);
    Result<SignOutcome> outcome = Sign(store, RequestFor(formats), endorser);
    REQUIRE(!outcome.ok());
    CHECK(outcome.error().code() == Code::kSigningService);
    CHECK(outcome.error().reason() == "signature");
    CHECK(store.changes().empty());
  }
}

TEST_CASE("ConfirmStored: what was written is found, and what is not there is missed") {
  KeySigner signer(NewKey());
  KeyEndorser endorser(signer);
  for (const Formats formats : {Formats::kBundle, Formats::kLegacy, Formats::kBoth}) {
    MemoryStore store;
    const SignRequest request = RequestFor(formats);
    const SignOutcome outcome = MustSign(store, request, signer);
    CHECK(ConfirmStored(store, request, outcome, endorser).ok());
    MemoryStore empty;
    const Status missed = ConfirmStored(empty, request, outcome, endorser);
    REQUIRE(!missed.ok());
    CHECK(missed.error().code() == Code::kUnknown);
  }
}

TEST_CASE("ConfirmStored: another signature of the same key is not the one that was written") {
  KeySigner signer(NewKey());
  KeyEndorser endorser(signer);
  const SignRequest request = RequestFor(Formats::kBundle);
  MemoryStore store;
  const SignOutcome outcome = MustSign(store, request, signer);
  MemoryStore other;
  MustSign(other, request, signer);
  CHECK(!ConfirmStored(other, request, outcome, endorser).ok());
}

}  // namespace
}  // namespace ociship::cosign
