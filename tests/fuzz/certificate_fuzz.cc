// SPDX-License-Identifier: Apache-2.0
// Certificates: read or refused, kept byte by byte, and never taken for issued by a CA that did not
// issue them. Run by scripts/fuzz.
#include <chrono>
#include <string>

#include "crypto/certificate.h"
#include "crypto/chain.h"
#include "crypto/sct.h"
#include "fuzz.h"

namespace ociship::fuzz {
namespace {

using crypto::Certificate;

void CheckExtensions(const Certificate& certificate) {
  for (const char* oid : {"2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37",
                          "1.3.6.1.4.1.11129.2.4.2", "1.3.6.1.4.1.57264.1.8"}) {
    const auto value = certificate.Extension(oid);
    const auto tbs = certificate.TbsWithoutExtension(oid);
    Require(tbs.ok() == value.has_value());
    if (!value.has_value()) continue;
    Require(tbs.value().size() < certificate.der().size());
    RequireBadInput(crypto::DecodeUtf8String(*value));
    RequireBadInput(crypto::DecodeOctetString(*value));
  }
  RequireBadInput(crypto::EmbeddedScts(certificate));
}

// Its own issuer it may be: that is an anchor without a path.
void CheckChain(const Certificate& certificate) {
  for (const auto purpose : {crypto::Purpose::kCodeSigning, crypto::Purpose::kTimestamping}) {
    const auto chain = crypto::VerifyChain(certificate, std::vector{certificate}, certificate,
                                           purpose, certificate.not_before());
    Require(!chain.ok() && chain.error().code() == Code::kNoMatch);
    Require(!chain.error().reason().empty());
    RequirePrintable(chain.error().message());
  }
}

void CheckDer(ByteView der) {
  const auto certificate = Certificate::FromDer(der);
  RequireBadInput(certificate);
  if (!certificate.ok()) {
    RequirePrintable(certificate.error().message());
    return;
  }
  Require(std::ranges::equal(certificate.value().der(), der));
  const auto again = Certificate::ListFromPem(certificate.value().Pem());
  Require(again.ok() && again.value().size() == 1);
  Require(again.value().front().der() == certificate.value().der());
  CheckExtensions(certificate.value());
  CheckChain(certificate.value());
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ociship::fuzz::CheckDer({data, size});
  ociship::fuzz::RequireBadInput(
      ociship::crypto::Certificate::ListFromPem(ociship::fuzz::TextOf(data, size)));
  return 0;
}
