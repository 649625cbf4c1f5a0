// SPDX-License-Identifier: Apache-2.0
#include "cosign/gather.h"

#include <doctest/doctest.h>

#include "cosign/simple_signing.h"
#include "signed_store.h"
#include "sigstore/bundle.h"
#include "util/text.h"

namespace ociship::cosign {
namespace {

using namespace ociship::testing;

using Calls = std::vector<std::string>;

TEST_CASE("Gather: an unsigned image has no candidate, and two requests find that out") {
  MemoryStore store;
  Result<Gathered> gathered = Gather(store, CosignImage());
  REQUIRE(gathered.ok());
  CHECK(gathered.value().bundles.empty());
  CHECK(gathered.value().legacy.empty());
  CHECK(gathered.value().unread.empty());
  CHECK(store.calls() ==
        Calls{"referrers " + CosignImage().text(), "resolve " + SignatureTagText(CosignImage())});
}

TEST_CASE("Gather: both formats of cosign are found, with one request for each document") {
  MemoryStore store;
  const Digest referrer = PutCosignBundle(store, "p256");
  const Digest legacy = PutCosignLegacy(store, "p256");
  Result<Gathered> gathered = Gather(store, CosignImage());
  REQUIRE(gathered.ok());
  REQUIRE(gathered.value().bundles.size() == 1);
  CHECK(gathered.value().bundles.front().manifest.digest == referrer);
  CHECK(gathered.value().bundles.front().bundle == CosignFixture("p256.bundle.json"));
  REQUIRE(gathered.value().legacy.size() == 1);
  CHECK(gathered.value().legacy.front().manifest.digest == legacy);
  CHECK(gathered.value().legacy.front().payload == CosignFixture("p256.payload.json"));
  CHECK(!gathered.value().legacy.front().certificate.has_value());
  CHECK(!gathered.value().legacy.front().log_entry.has_value());
  CHECK(gathered.value().unread.empty());
  const auto blob = [](const std::string& name) {
    return crypto::Sha256(util::AsBytes(CosignFixture(name))).text();
  };
  CHECK(store.calls() ==
        Calls{"referrers " + CosignImage().text(), "read manifest " + referrer.text(),
              "read blob " + blob("p256.bundle.json"), "resolve " + SignatureTagText(CosignImage()),
              "read manifest " + legacy.text(), "read blob " + blob("p256.payload.json")});
}

TEST_CASE("GatherLegacy: layers that share a payload are two candidates and one request") {
  MemoryStore store;
  PutCosignLegacy(store, "two",
                  FormatSimpleSigning({.identity = "127.0.0.1:17990/two", .image = CosignImage()}));
  Result<Gathered> gathered = GatherLegacy(store, CosignImage());
  REQUIRE(gathered.ok());
  REQUIRE(gathered.value().legacy.size() == 2);
  CHECK(gathered.value().legacy[0].payload == gathered.value().legacy[1].payload);
  CHECK(gathered.value().legacy[0].signature != gathered.value().legacy[1].signature);
  CHECK(store.calls().size() == 3);
}

TEST_CASE("GatherLegacy: other layers, and layers without signature, are no candidates") {
  MemoryStore store;
  const std::string payload = "payload";
  store.AddBlob(payload);
  Descriptor other = SignatureLayer(payload, util::Bytes{1});
  other.media_type = "application/vnd.dsse.envelope.v1+json";
  Descriptor unsigned_layer = SignatureLayer(payload, util::Bytes{1});
  unsigned_layer.annotations.clear();
  Descriptor good = SignatureLayer(payload, util::Bytes{1});
  good.annotations.emplace(kCertificateAnnotation, "pem");
  good.annotations.emplace(kLogEntryAnnotation, "{}");
  PutSignatureImage(store, {other, unsigned_layer, good}, CosignImage());
  Result<Gathered> gathered = GatherLegacy(store, CosignImage());
  REQUIRE(gathered.ok());
  REQUIRE(gathered.value().legacy.size() == 1);
  CHECK(gathered.value().legacy.front().certificate.has_value());
  CHECK(gathered.value().legacy.front().log_entry.has_value());
}

TEST_CASE("GatherLegacy: 1000 layers are read, what lies behind them is recorded as unread") {
  MemoryStore store;
  store.AddBlob("payload");
  std::vector<Descriptor> layers(kMaxSignatureLayers, SignatureLayer("payload", util::Bytes{1}));
  PutSignatureImage(store, layers, CosignImage());
  Result<Gathered> full = GatherLegacy(store, CosignImage());
  REQUIRE(full.ok());
  CHECK(full.value().legacy.size() == kMaxSignatureLayers);
  CHECK(full.value().unread.empty());
  layers.push_back(layers.front());
  PutSignatureImage(store, layers, CosignImage());
  Result<Gathered> over = GatherLegacy(store, CosignImage());
  REQUIRE(over.ok());
  CHECK(over.value().legacy.size() == kMaxSignatureLayers);
  CHECK(over.value().unread.size() == 1);
}

TEST_CASE("GatherLegacy: a SHA-512 digest has no tag and costs no request") {
  MemoryStore store;
  Result<Digest> digest = Digest::Parse("sha512:" + std::string(128, 'a'));
  REQUIRE(digest.ok());
  Result<Gathered> gathered = GatherLegacy(store, digest.value());
  REQUIRE(gathered.ok());
  CHECK(gathered.value().legacy.empty());
  CHECK(store.calls().empty());
}

TEST_CASE("GatherBundles: a listed attestation of another type costs no request of its own") {
  MemoryStore store;
  PutCosignBundle(store, "attestation");
  Result<Gathered> gathered = GatherBundles(store, CosignImage());
  REQUIRE(gathered.ok());
  CHECK(gathered.value().bundles.empty());
  CHECK(gathered.value().unread.empty());
  CHECK(store.calls().size() == 1);
}

// A list of referrers as others keep it, in front of a MemoryStore.
class ListStore : public MemoryStore {
 public:
  std::vector<Descriptor> list;
  Result<std::vector<Descriptor>> Referrers(const Digest&) override { return list; }
};

TEST_CASE("GatherBundles: a list without annotations and with another artifact type does") {
  ListStore store;
  const Digest attestation = PutCosignBundle(store, "attestation");
  const Digest signature = PutCosignBundle(store, "p256");
  for (const Digest& digest : {attestation, signature, signature}) {
    store.list.push_back({.media_type = std::string(oci::kOciManifest),
                          .digest = digest,
                          .size = 1,
                          .artifact_type = std::string(oci::kOciEmpty)});
  }
  Result<Gathered> gathered = GatherBundles(store, CosignImage());
  REQUIRE(gathered.ok());
  REQUIRE(gathered.value().bundles.size() == 1);
  CHECK(gathered.value().bundles.front().manifest.digest == signature);
}

TEST_CASE("GatherBundles: a listed manifest of another subject is no candidate") {
  ListStore store;
  const Digest referrer = PutBundle(store, CosignFixture("p256.bundle.json"), OtherImage());
  store.list.push_back(
      {.media_type = std::string(oci::kOciManifest), .digest = referrer, .size = 1});
  Result<Gathered> gathered = GatherBundles(store, CosignImage());
  REQUIRE(gathered.ok());
  CHECK(gathered.value().bundles.empty());
  CHECK(gathered.value().unread.empty());
}

TEST_CASE("GatherBundles: what lies beyond the cap is recorded as unread") {
  ListStore store;
  for (std::size_t i = 0; i <= kMaxReferrersRead; ++i) {
    store.list.push_back({.media_type = std::string(oci::kOciManifest),
                          .digest = crypto::Sha256(util::AsBytes(util::StrCat(i))),
                          .size = 1});
  }
  // The one that says it is a bundle is read first, wherever it stands.
  store.list.back().digest = PutCosignBundle(store, "p256");
  store.list.back().artifact_type = std::string(sigstore::kBundleMediaType);
  Result<Gathered> gathered = GatherBundles(store, CosignImage());
  REQUIRE(gathered.ok());
  CHECK(gathered.value().bundles.size() == 1);
  // One record for all beyond the cap, and one for each that is not there.
  CHECK(gathered.value().unread.size() == kMaxReferrersRead);
  CHECK(gathered.value().unread.front().what == "1 more referrers");
}

TEST_CASE("Gather: a candidate that can not be read is recorded with its error") {
  MemoryStore store;
  const Digest referrer = PutCosignBundle(store, "p256");
  PutCosignLegacy(store, "p256");
  FailCalls(store, "read blob ", Code::kRateLimited);
  Result<Gathered> gathered = Gather(store, CosignImage());
  REQUIRE(gathered.ok());
  CHECK(gathered.value().bundles.empty());
  CHECK(gathered.value().legacy.empty());
  REQUIRE(gathered.value().unread.size() == 2);
  CHECK(gathered.value().unread[0].what == "referrer " + referrer.text());
  CHECK(gathered.value().unread[0].error.code() == Code::kRateLimited);
  CHECK(gathered.value().unread[1].what.starts_with("legacy signature sha256:"));
}

TEST_CASE("Gather: content that is not what its digest says is unread") {
  MemoryStore store;
  PutCosignBundle(store, "p256");
  store.ReplaceBlob(crypto::Sha256(util::AsBytes(CosignFixture("p256.bundle.json"))),
                    CosignFixture("p384.bundle.json"));
  Result<Gathered> gathered = Gather(store, CosignImage());
  REQUIRE(gathered.ok());
  CHECK(gathered.value().bundles.empty());
  CHECK(gathered.value().unread.size() == 1);
}

TEST_CASE("Gather: a bundle or payload over its cap is not asked for and unread") {
  MemoryStore store;
  PutBundle(store, std::string(sigstore::kMaxBundleBytes + 1, 'x'), CosignImage());
  const std::string payload(kMaxPayloadBytes + 1, 'x');
  store.AddBlob(payload);
  PutSignatureImage(store, {SignatureLayer(payload, util::Bytes{1})}, CosignImage());
  Result<Gathered> gathered = Gather(store, CosignImage());
  REQUIRE(gathered.ok());
  CHECK(gathered.value().unread.size() == 2);
  for (const std::string& call : store.calls()) CHECK(!call.starts_with("read blob "));
}

TEST_CASE("GatherBundles: bundles are read until all together are too large") {
  MemoryStore store;
  // Manifests count too, so that one less than the quotient fits.
  const std::size_t fitting = kMaxGatheredBytes / sigstore::kMaxBundleBytes - 1;
  for (std::size_t i = 0; i <= fitting; ++i) {
    std::string bundle(sigstore::kMaxBundleBytes, 'x');
    bundle[0] = static_cast<char>('a' + i);
    PutBundle(store, bundle, CosignImage());
  }
  Result<Gathered> gathered = GatherBundles(store, CosignImage());
  REQUIRE(gathered.ok());
  CHECK(gathered.value().bundles.size() == fitting);
  CHECK(gathered.value().unread.size() == 1);
}

TEST_CASE("GatherLegacy: layers that share a payload count it once each, for each keeps it") {
  MemoryStore store;
  const std::string payload(kMaxPayloadBytes, 'x');
  store.AddBlob(payload);
  std::vector<Descriptor> layers;
  for (std::size_t i = 0; i < 100; ++i) {
    layers.push_back(SignatureLayer(payload, util::Bytes{static_cast<std::uint8_t>(i)}));
  }
  PutSignatureImage(store, layers, CosignImage());
  Result<Gathered> gathered = GatherLegacy(store, CosignImage());
  REQUIRE(gathered.ok());
  CHECK(gathered.value().legacy.size() == kMaxGatheredBytes / kMaxPayloadBytes);
  CHECK(gathered.value().unread.size() == 100 - kMaxGatheredBytes / kMaxPayloadBytes);
}

TEST_CASE("Gather: one list that can not be had is one unread candidate") {
  MemoryStore store;
  PutCosignLegacy(store, "p256");
  FailCalls(store, "referrers ");
  Result<Gathered> gathered = Gather(store, CosignImage());
  REQUIRE(gathered.ok());
  CHECK(gathered.value().legacy.size() == 1);
  REQUIRE(gathered.value().unread.size() == 1);
  CHECK(gathered.value().unread.front().what == "the list of referrers");
}

TEST_CASE("Gather: when nothing at all can be had the cause keeps its code") {
  for (const Code code : {Code::kUnauthorized, Code::kRateLimited, Code::kUnavailable}) {
    MemoryStore store;
    FailCalls(store, "", code);
    Result<Gathered> gathered = Gather(store, CosignImage());
    REQUIRE(!gathered.ok());
    CHECK(gathered.error().code() == code);
  }
}

TEST_CASE("Gather: cancelling ends it at once, wherever it happens") {
  for (const char* call : {"referrers ", "read manifest ", "read blob ", "resolve "}) {
    INFO(call);
    MemoryStore store;
    PutCosignBundle(store, "p256");
    FailCalls(store, call, Code::kInterrupted);
    Result<Gathered> gathered = Gather(store, CosignImage());
    REQUIRE(!gathered.ok());
    CHECK(gathered.error().code() == Code::kInterrupted);
    CHECK(store.calls().back().starts_with(call));
  }
}

}  // namespace
}  // namespace ociship::cosign
