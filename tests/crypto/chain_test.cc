// SPDX-License-Identifier: Apache-2.0
#include "crypto/chain.h"

#include <doctest/doctest.h>

#include <functional>

#include "crypto/der.h"
#include "mint.h"

namespace ociship::crypto {
namespace {

using mint::At;
using mint::Spec;

const std::chrono::sys_seconds kInside = At("2026-01-01T00:05:00Z");

// root -> middle -> leaf, each of which a test may spoil.
struct Deployment {
  PrivateKey root_key = mint::NewKey();
  PrivateKey middle_key = mint::NewKey();
  PrivateKey leaf_key = mint::NewKey();
  Spec root = mint::RootSpec();
  Spec middle = mint::RootSpec();
  Spec leaf = mint::SigningSpec();
  Purpose purpose = Purpose::kCodeSigning;
  std::chrono::sys_seconds at = kInside;

  Deployment() {
    middle.subject = "middle";
    leaf.issuer = "middle";
  }

  Certificate Root() const { return mint::Mint(root, root_key.public_key(), root_key); }
  Certificate Middle() const { return mint::Mint(middle, middle_key.public_key(), root_key); }
  Certificate Leaf() const { return mint::Mint(leaf, leaf_key.public_key(), middle_key); }
  Result<VerifiedChain> Verify() const {
    return VerifyChain(Leaf(), std::vector{Middle()}, Root(), purpose, at);
  }
};

void CheckRefused(const Result<VerifiedChain>& chain, std::string_view reason) {
  REQUIRE_FALSE(chain.ok());
  CHECK(chain.error().code() == Code::kNoMatch);
  CHECK(chain.error().reason() == reason);
}

void CheckSpoilt(std::string_view reason, const std::function<void(Deployment&)>& spoil) {
  Deployment deployment;
  spoil(deployment);
  CheckRefused(deployment.Verify(), reason);
}

TEST_CASE("VerifyChain: a leaf of Fulcio has a path, and its issuer is the intermediate") {
  const auto leaf = Certificate::FromDer(mint::Fixture("production-leaf.der")).value();
  const auto ca = mint::FixtureList("production-ca.pem");
  const auto chain =
      VerifyChain(leaf, std::span(ca).first(1), ca[1], Purpose::kCodeSigning, leaf.not_before());
  REQUIRE(chain.ok());
  CHECK(chain.value().leaf().der() == leaf.der());
  CHECK(chain.value().issuer().der() == ca[0].der());
  CHECK(chain.value().at() == leaf.not_before());
}

TEST_CASE("VerifyChain: without its intermediate, or below another root, there is no path") {
  const auto leaf = Certificate::FromDer(mint::Fixture("production-leaf.der")).value();
  const auto ca = mint::FixtureList("production-ca.pem");
  const auto other = mint::FixtureList("extensions-ca.pem");
  const auto at = leaf.not_before();
  CheckRefused(VerifyChain(leaf, {}, ca[1], Purpose::kCodeSigning, at), kCertificateChain);
  CheckRefused(VerifyChain(leaf, std::span(ca).first(1), other[0], Purpose::kCodeSigning, at),
               kCertificateChain);
}

TEST_CASE("VerifyChain: what the tests below spoil is good") {
  CHECK(Deployment().Verify().ok());
  Deployment stamping;
  stamping.leaf = mint::StampingSpec();
  stamping.leaf.issuer = "middle";
  stamping.purpose = Purpose::kTimestamping;
  CHECK(stamping.Verify().ok());
}

TEST_CASE("VerifyChain: an intermediate is an anchor when it is given as one") {
  const Deployment deployment;
  CHECK(VerifyChain(deployment.Leaf(), {}, deployment.Middle(), deployment.purpose, kInside).ok());
}

TEST_CASE("VerifyChain: intermediates stand in any order, beside others") {
  const Deployment deployment;
  Deployment other;
  other.middle.subject = "another";
  const std::vector list = {other.Middle(), other.Root(), deployment.Middle()};
  CHECK(VerifyChain(deployment.Leaf(), list, deployment.Root(), deployment.purpose, kInside).ok());
}

TEST_CASE("VerifyChain: the first and the last second of the validity are within it") {
  for (const char* good : {"2026-01-01T00:00:00Z", "2026-01-01T00:10:00Z"}) {
    Deployment deployment;
    deployment.at = At(good);
    CHECK(deployment.Verify().ok());
  }
  for (const char* bad : {"2025-12-31T23:59:59Z", "2026-01-01T00:10:01Z"}) {
    CheckSpoilt(kCertificateExpired, [bad](Deployment& d) { d.at = At(bad); });
  }
}

TEST_CASE("VerifyChain: every certificate of the path must have been valid") {
  CheckSpoilt(kCertificateExpired, [](Deployment& d) { d.middle.not_after = "251231000000Z"; });
  CheckSpoilt(kCertificateExpired, [](Deployment& d) { d.root.not_after = "251231000000Z"; });
  CheckSpoilt(kCertificateExpired, [](Deployment& d) { d.root.not_before = "260102000000Z"; });
}

TEST_CASE("VerifyChain: an intermediate that was renewed is found beside its expired twin") {
  const Deployment deployment;
  Deployment twin;
  twin.middle.not_after = "251231000000Z";
  const Certificate expired =
      mint::Mint(twin.middle, deployment.middle_key.public_key(), deployment.root_key);
  const std::vector list = {expired, deployment.Middle()};
  CHECK(VerifyChain(deployment.Leaf(), list, deployment.Root(), deployment.purpose, kInside).ok());
}

TEST_CASE("VerifyChain: a signature by another key is refused") {
  const Deployment deployment;
  const Deployment other;
  CheckRefused(VerifyChain(deployment.Leaf(), std::vector{other.Middle()}, other.Root(),
                           deployment.purpose, kInside),
               kCertificateChain);
  CheckRefused(VerifyChain(deployment.Leaf(), std::vector{deployment.Middle()}, other.Root(),
                           deployment.purpose, kInside),
               kCertificateChain);
}

TEST_CASE("VerifyChain: issuers that are no CA are refused") {
  using mint::kCertSign;
  CheckSpoilt(kCertificateChain,
              [](Deployment& d) { d.middle.extensions = {mint::KeyUsage(kCertSign)}; });
  CheckSpoilt(kCertificateChain, [](Deployment& d) { d.middle.extensions = {}; });
  CheckSpoilt(kCertificateChain, [](Deployment& d) { d.root.extensions = {}; });
  CheckSpoilt(kCertificateChain, [](Deployment& d) {
    d.middle.extensions = {mint::Ca(), mint::KeyUsage(mint::kDigitalSignature)};
  });
}

TEST_CASE("VerifyChain: a path that is longer than an issuer allows is refused") {
  CheckSpoilt(kCertificateChain, [](Deployment& d) {
    const auto value = mint::Sequence({util::Bytes{0x01, 0x01, 0xff}, mint::Integer(0)});
    d.root.extensions = {mint::Extension("2.5.29.19", true, value)};
  });
}

TEST_CASE("VerifyChain: a leaf that is a CA is refused") {
  CheckSpoilt(kCertificateUsage, [](Deployment& d) { d.leaf.extensions.push_back(mint::Ca()); });
}

TEST_CASE("VerifyChain: a leaf that is the anchor itself proves nothing") {
  const Deployment deployment;
  const Certificate leaf = deployment.Leaf();
  CheckRefused(VerifyChain(leaf, {}, leaf, deployment.purpose, kInside), kCertificateChain);
}

TEST_CASE("VerifyChain: code signing by name and digital signatures are demanded") {
  const auto usages = [](std::initializer_list<std::string_view> oids) {
    return [oids = std::vector(oids)](Deployment& d) {
      d.leaf.extensions = {mint::KeyUsage(mint::kDigitalSignature)};
      if (!oids.empty()) d.leaf.extensions.push_back(mint::Usages(false, {oids[0]}));
    };
  };
  CheckSpoilt(kCertificateUsage, usages({}));
  CheckSpoilt(kCertificateUsage, usages({"2.5.29.37.0"}));
  CheckSpoilt(kCertificateUsage, usages({mint::kTimeStamping}));
  CheckSpoilt(kCertificateUsage, [](Deployment& d) {
    d.leaf.extensions = {mint::Usages(false, {mint::kCodeSigning})};
  });
  CheckSpoilt(kCertificateUsage, [](Deployment& d) {
    d.leaf.extensions = {mint::KeyUsage(0x08), mint::Usages(false, {mint::kCodeSigning})};
  });
}

TEST_CASE("VerifyChain: extended key usages of issuers hold for the leaf") {
  const auto with = [](std::string_view oid) {
    Deployment deployment;
    deployment.middle.extensions.push_back(mint::Usages(false, {oid}));
    return deployment.Verify();
  };
  CHECK(with(mint::kCodeSigning).ok());
  CHECK(with("2.5.29.37.0").ok());
  CheckRefused(with(mint::kTimeStamping), kCertificateUsage);
  CheckSpoilt(kCertificateUsage, [](Deployment& d) {
    d.root.extensions.push_back(mint::Usages(false, {mint::kTimeStamping}));
  });
}

TEST_CASE("VerifyChain: timestamping alone and critical is demanded of an authority") {
  const auto with = [](util::Bytes usages) {
    return [usages](Deployment& d) {
      d.purpose = Purpose::kTimestamping;
      d.leaf.extensions = {mint::KeyUsage(mint::kDigitalSignature), usages};
    };
  };
  using mint::kTimeStamping;
  CheckSpoilt(kCertificateUsage, with(mint::Usages(false, {kTimeStamping})));
  CheckSpoilt(kCertificateUsage, with(mint::Usages(true, {kTimeStamping, mint::kCodeSigning})));
  CheckSpoilt(kCertificateUsage, with(mint::Usages(true, {kTimeStamping, "1.2.3.4.5"})));
  CheckSpoilt(kCertificateUsage, with(mint::Usages(true, {kTimeStamping, kTimeStamping})));
  CheckSpoilt(kCertificateUsage, with(mint::Usages(true, {mint::kCodeSigning})));
  CheckSpoilt(kCertificateUsage, with(mint::Extension("1.2.3", false, util::Bytes{0x05, 0x00})));
}

TEST_CASE("VerifyChain: an authority whose key is for encryption is refused") {
  CheckSpoilt(kCertificateUsage, [](Deployment& d) {
    d.purpose = Purpose::kTimestamping;
    d.leaf.extensions = {mint::KeyUsage(0x20), mint::Usages(true, {mint::kTimeStamping})};
  });
}

TEST_CASE("VerifyChain: critical extensions that nobody knows are refused") {
  const util::Bytes value = {0x05, 0x00};
  Deployment harmless;
  harmless.leaf.extensions.push_back(mint::Extension("1.2.3.4", false, value));
  CHECK(harmless.Verify().ok());
  CheckSpoilt(kCertificateChain, [&value](Deployment& d) {
    d.leaf.extensions.push_back(mint::Extension("1.2.3.4", true, value));
  });
}

TEST_CASE("VerifyChain: nine intermediates are too many") {
  const Deployment deployment;
  const std::vector<Certificate> list(9, deployment.Middle());
  CheckRefused(VerifyChain(deployment.Leaf(), list, deployment.Root(), deployment.purpose, kInside),
               kCertificateChain);
  CHECK(VerifyChain(deployment.Leaf(), std::span(list).first(8), deployment.Root(),
                    deployment.purpose, kInside)
            .ok());
}

}  // namespace
}  // namespace ociship::crypto
