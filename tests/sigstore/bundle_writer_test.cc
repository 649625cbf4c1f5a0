// SPDX-License-Identifier: Apache-2.0
#include "sigstore/bundle_writer.h"

#include <doctest/doctest.h>

#include "cosign_fixtures.h"
#include "deployment/judge.h"
#include "deployment/mint.h"
#include "sigstore/bundle.h"

namespace ociship::sigstore {
namespace {

using ociship::testing::CosignFixture;
using ociship::testing::CosignKey;

Material MustParse(const std::string& text) {
  Result<Bundle> bundle = Bundle::Parse(text);
  if (!bundle.ok()) FAIL(bundle.error().message());
  return bundle.value().material();
}

TEST_CASE("FormatBundle: equals what cosign wrote, but for spaces behind commas") {
  std::string theirs = CosignFixture("p256.bundle.json");
  const Material material = MustParse(theirs);
  std::erase(theirs, ' ');
  CHECK(FormatBundle(material) == theirs);
  CHECK(std::get<KeyHint>(material.signer).hint == HintOf(CosignKey("p256")).hint);
}

// A minted bundle that is written anew verifies as the one that was minted, and is stable.
void CheckRewritten(const deployment::Plan& plan) {
  deployment::Minted minted = deployment::Mint(plan);
  using deployment::Known, deployment::Matching;
  REQUIRE(deployment::VerifyMinted(minted, Matching::kExact, Known::kBytes).ok());
  const std::string text = FormatBundle(MustParse(minted.bundle));
  CHECK(FormatBundle(MustParse(text)) == text);
  minted.bundle = text;
  const auto verdict = deployment::VerifyMinted(minted, Matching::kExact, Known::kBytes);
  if (!verdict.ok()) FAIL(verdict.error().message());
}

TEST_CASE("FormatBundle: certificates, promises, proofs and timestamps survive") {
  using namespace deployment;
  for (const Content content : {Content::kMessage, Content::kDsse}) {
    for (const LogKind log : {LogKind::kV1, LogKind::kV2}) {
      for (const Stamps stamps : {Stamps::kBare, Stamps::kEmbedded}) {
        CheckRewritten({.content = content, .log = log, .stamps = stamps});
      }
    }
  }
}

TEST_CASE("FormatBundle: of a chain the leaf alone is written") {
  using namespace deployment;
  const Minted minted = Mint({.media_type = MediaType::kV02, .log = LogKind::kV1});
  Material material = MustParse(minted.bundle);
  if (const auto* leaf = std::get_if<LeafCertificate>(&material.signer)) {
    material.signer = CertificateChain{{leaf->der, leaf->der}};
  }
  const auto ders = std::get<CertificateChain>(material.signer).ders;
  const Material again = MustParse(FormatBundle(material));
  CHECK(std::get<LeafCertificate>(again.signer).der == ders.front());
}

TEST_CASE("FormatBundle: what is empty is left out") {
  const std::string text = FormatBundle(
      {.signer = KeyHint{"h"},
       .content =
           MessageSignature{.digest_algorithm = "SHA2_256", .digest = {1, 2}, .signature = {3}},
       .log_entries = {},
       .timestamps = {}});
  CHECK(text ==
        R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":)"
        R"({"publicKey":{"hint":"h"}},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256",)"
        R"("digest":"AQI="},"signature":"Aw=="}})");
}

}  // namespace
}  // namespace ociship::sigstore
