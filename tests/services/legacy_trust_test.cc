// SPDX-License-Identifier: Apache-2.0
#include "services/legacy_trust.h"

#include <doctest/doctest.h>

#include <string>

#include "services/embedded.h"
#include "temp_folder.h"
#include "util/file.h"

namespace ociship::services {
namespace {

using testing::TempFolder;

// The public instance, whose keys and certificates are put into single files.
struct Fixture {
  std::string Write(std::string_view name, std::string_view text) {
    const std::string path = temp / name;
    REQUIRE(util::WriteFileAtomically(path, text, 0600).ok());
    return path;
  }
  const sigstore::CertificateAuthority& authority() const {
    return known.certificate_authorities().back();
  }
  std::string Intermediates() const {
    std::string pem;
    for (const crypto::Certificate& certificate : authority().intermediates) {
      pem += certificate.Pem();
    }
    return pem;
  }

  TempFolder temp;
  sigstore::TrustRoot known = sigstore::TrustRoot::Parse(embedded::kProductionTrustedRoot).value();
};

TEST_CASE_FIXTURE(Fixture, "roots and intermediates may stand in one file") {
  REQUIRE_FALSE(authority().intermediates.empty());
  const std::string mixed = Write("ca.pem", authority().anchor.Pem() + Intermediates());
  const sigstore::TrustRoot root = ReadLegacyTrust({.root_file = mixed}).value();
  REQUIRE(root.certificate_authorities().size() == 1);
  const sigstore::CertificateAuthority& read = root.certificate_authorities().front();
  CHECK(read.anchor.der() == authority().anchor.der());
  CHECK(read.intermediates.size() == authority().intermediates.size());
  CHECK_FALSE(read.validity.start);
  CHECK(root.logs().empty());
  CHECK(root.timestamp_authorities().empty());
}

TEST_CASE_FIXTURE(Fixture, "roots and intermediates may stand in two, or in a chain") {
  const std::string roots = Write("roots.pem", authority().anchor.Pem());
  const std::string intermediates = Write("intermediates.pem", Intermediates());
  const std::string chain = Write("chain.pem", Intermediates() + authority().anchor.Pem());
  for (const LegacyTrustFiles& files :
       {LegacyTrustFiles{.ca_roots = roots, .ca_intermediates = intermediates},
        LegacyTrustFiles{.certificate_chain = chain}}) {
    const sigstore::TrustRoot root = ReadLegacyTrust(files).value();
    REQUIRE(root.certificate_authorities().size() == 1);
    CHECK(root.certificate_authorities()[0].anchor.der() == authority().anchor.der());
    CHECK(root.certificate_authorities()[0].intermediates.size() ==
          authority().intermediates.size());
  }
}

TEST_CASE_FIXTURE(Fixture, "a log is called by the hash of its key") {
  const sigstore::Log& log = known.logs().front();
  const std::string key = Write("rekor.pub", log.key.Pem());
  const std::string ct = Write("ct.pub", known.certificate_logs().front().key.Pem());
  const sigstore::TrustRoot root =
      ReadLegacyTrust({.rekor_public_key = key, .ct_log_public_key = ct}).value();
  REQUIRE(root.logs().size() == 1);
  CHECK(root.logs()[0].id == log.id);
  REQUIRE(root.certificate_logs().size() == 1);
  CHECK(root.certificate_logs()[0].id == known.certificate_logs().front().id);
}

TEST_CASE_FIXTURE(Fixture, "a timestamp authority is leaf, intermediates and root") {
  const crypto::TimestampAuthorityChain& chain = known.timestamp_authorities().front().chain;
  REQUIRE(chain.leaf);
  std::string pem = chain.leaf->Pem();
  for (const crypto::Certificate& certificate : chain.intermediates) pem += certificate.Pem();
  const std::string all = Write("tsa.pem", pem + chain.root.Pem());
  const sigstore::TrustRoot root = ReadLegacyTrust({.tsa_certificate_chain = all}).value();
  REQUIRE(root.timestamp_authorities().size() == 1);
  const crypto::TimestampAuthorityChain& read = root.timestamp_authorities()[0].chain;
  CHECK(read.leaf.value().der() == chain.leaf->der());
  CHECK(read.root.der() == chain.root.der());
  const std::string alone = Write("root.pem", chain.root.Pem());
  const sigstore::TrustRoot without = ReadLegacyTrust({.tsa_certificate_chain = alone}).value();
  CHECK_FALSE(without.timestamp_authorities()[0].chain.leaf);
}

TEST_CASE_FIXTURE(Fixture, "a file that is missing, or holds something else, is refused") {
  const std::string text = Write("text", "no PEM");
  const std::string key = Write("key.pub", known.logs().front().key.Pem());
  for (const LegacyTrustFiles& files :
       {LegacyTrustFiles{.root_file = temp / "none"}, LegacyTrustFiles{.ca_roots = text},
        LegacyTrustFiles{.certificate_chain = key}, LegacyTrustFiles{.rekor_public_key = text},
        LegacyTrustFiles{.tsa_certificate_chain = text},
        LegacyTrustFiles{.ct_log_public_key = temp / "none"}}) {
    const Result<sigstore::TrustRoot> root = ReadLegacyTrust(files);
    REQUIRE_FALSE(root.ok());
    CHECK(root.error().code() == Code::kBadInput);
  }
}

}  // namespace
}  // namespace ociship::services
