// SPDX-License-Identifier: Apache-2.0
// Timestamps: read or refused, and a proof of no other time than the authority's. Run by
// scripts/fuzz.
#include <chrono>

#include "crypto/timestamp.h"
#include "fuzz.h"
#include "util/encoding.h"

namespace ociship::fuzz {
namespace {

// fixtures/certificates/embedded-tsa.pem, which made embedded.tsr of the corpus, and embedded.sig.
constexpr std::string_view kAuthority =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICDzCCAZagAwIBAgIUCjWhBmHV4kFzxomWp/J98n4DfKcwCgYIKoZIzj0EAwMw\n"
    "OTEVMBMGA1UEChMMc2lnc3RvcmUuZGV2MSAwHgYDVQQDExdzaWdzdG9yZS10c2Et\n"
    "c2VsZnNpZ25lZDAeFw0yNTAzMjgwOTE0MDZaFw0zNTAzMjYwODE0MDZaMC4xFTAT\n"
    "BgNVBAoTDHNpZ3N0b3JlLmRldjEVMBMGA1UEAxMMc2lnc3RvcmUtdHNhMHYwEAYH\n"
    "KoZIzj0CAQYFK4EEACIDYgAEx1v5F3HpD9egHuknpBFlRz7QBRDJu4aeVzt9zJLR\n"
    "Y0lvmx1lF7WBM2c9AN8ZGPQsmDqHlJN2R/7+RxLkvlLzkc19IOx38t7mGGEcB7ag\n"
    "UDdCF/Ky3RTLSK0Xo/0AgHQdo2owaDAOBgNVHQ8BAf8EBAMCB4AwHQYDVR0OBBYE\n"
    "FKj8ZPYo3i7mO3NPVIxSxOGc3VOlMB8GA1UdIwQYMBaAFDsgRlletTJNRzDObmPu\n"
    "c3RH8gR9MBYGA1UdJQEB/wQMMAoGCCsGAQUFBwMIMAoGCCqGSM49BAMDA2cAMGQC\n"
    "MESvVS6GGtF33+J19TfwENWJXjRv4i0/HQFwLUSkX6TfV7g0nG8VnqNHJLvEpAtO\n"
    "jQIwUD3uywTXorQP1DgbV09rF9Yen+CEqs/iEpieJWPst280SSOZ5Na+dyPVk9/8\n"
    "SFk6\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB9zCCAXygAwIBAgIUCPExEFKiQh0dP4sp5ltmSYSSkFUwCgYIKoZIzj0EAwMw\n"
    "OTEVMBMGA1UEChMMc2lnc3RvcmUuZGV2MSAwHgYDVQQDExdzaWdzdG9yZS10c2Et\n"
    "c2VsZnNpZ25lZDAeFw0yNTAzMjgwOTE0MDZaFw0zNTAzMjYwODE0MDZaMDkxFTAT\n"
    "BgNVBAoTDHNpZ3N0b3JlLmRldjEgMB4GA1UEAxMXc2lnc3RvcmUtdHNhLXNlbGZz\n"
    "aWduZWQwdjAQBgcqhkjOPQIBBgUrgQQAIgNiAATt0tIDWyo4ARfL9BaSo0W5bJQE\n"
    "bKJTU/u7llvdjSI5aTkOAJa8tixn2+LEfPG4dMFdsMPtsIuU1qn2OqFiuMk6vHv/\n"
    "c+az25RQVY1oo50iMb0jIL3N4FgwhPFpZnCbQPOjRTBDMA4GA1UdDwEB/wQEAwIB\n"
    "BjASBgNVHRMBAf8ECDAGAQH/AgEAMB0GA1UdDgQWBBQ7IEZZXrUyTUcwzm5j7nN0\n"
    "R/IEfTAKBggqhkjOPQQDAwNpADBmAjEA2MI1VXgbf3dUOSc95hSRypBKOab18eh2\n"
    "xzQtxUsHvWeY+1iFgyMluUuNR6taoSmFAjEA31m2czguZhKYX+4JSKu5pRYhBTXA\n"
    "d8KKQ3xdPRX/qCaLvT2qJAEQ1YQM3EJRrtI7\n"
    "-----END CERTIFICATE-----\n";
constexpr std::string_view kSignedHex =
    "3046022100dff7b7731b788c43deb395e638ccc86782d7c8d615899ed19324d33425a586"
    "e40221008d54748de4d6bbb07c391d4079f382d532f1fdf19d037b0585c68888faffc50e";
constexpr std::chrono::sys_seconds kTime{std::chrono::seconds(1754506296)};

void RequireNoOtherTime(const Result<crypto::VerifiedTimestamp>& verified) {
  if (verified.ok()) {
    Require(verified.value().time() == kTime);
    return;
  }
  Require(verified.error().code() == Code::kNoMatch && !verified.error().reason().empty());
  RequirePrintable(verified.error().message());
}

void CheckResponse(ByteView response) {
  static const auto chain = crypto::Certificate::ListFromPem(kAuthority).value();
  static const auto bytes = util::HexDecode(kSignedHex).value();
  const auto token = crypto::TimestampToken::Parse(response);
  RequireBadInput(token);
  if (!token.ok()) {
    Require(token.error().reason() == crypto::kTimestampMalformed);
    RequirePrintable(token.error().message());
    return;
  }
  Require(token.value().HasNonce({}) == false);
  RequireNoOtherTime(crypto::VerifyTimestamp(token.value(), bytes, {chain[0], {}, chain[1]}));
  RequireNoOtherTime(crypto::VerifyTimestamp(token.value(), bytes, {{}, {}, chain[1]}));
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ociship::fuzz::CheckResponse({data, size});
  return 0;
}
