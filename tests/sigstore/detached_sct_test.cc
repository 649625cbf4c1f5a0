// SPDX-License-Identifier: Apache-2.0
#include "sigstore/detached_sct.h"

#include <doctest/doctest.h>

#include "cosign_fixtures.h"

namespace ociship::sigstore {
namespace {

using ociship::testing::Changed;

// SHA-256 and ECDSA, three bytes of signature.
const std::string kGood =
    R"({"sct_version":0,"id":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=",)"
    R"("timestamp":1700000000123,"extensions":"AQI=","signature":"BAMAAwoLDA=="})";

TEST_CASE("ParseDetachedSct: the answer of a log is read") {
  const Result<crypto::Sct> sct = ParseDetachedSct(kGood);
  REQUIRE(sct.ok());
  CHECK(sct.value().log_id.back() == 1);
  CHECK(sct.value().timestamp_ms == 1700000000123);
  CHECK(sct.value().extensions == util::Bytes{1, 2});
  CHECK(sct.value().hash_algorithm == 4);
  CHECK(sct.value().signature_algorithm == 3);
  CHECK(sct.value().signature == util::Bytes{10, 11, 12});
  CHECK(ParseDetachedSct(Changed(kGood, R"("AQI=")", R"("")")).ok());
}

TEST_CASE("ParseDetachedSct: what is no answer is refused") {
  const auto refused = [](std::string_view from, std::string_view to) {
    CAPTURE(to);
    const Result<crypto::Sct> sct = ParseDetachedSct(Changed(kGood, from, to));
    REQUIRE(!sct.ok());
    CHECK(sct.error().code() == Code::kBadInput);
    CHECK(sct.error().reason() == crypto::kSctMalformed);
  };
  refused(R"("sct_version":0)", R"("sct_version":1)");
  refused("AAAE=", "AAE=");
  refused("1700000000123", "-1");
  refused("1700000000123", "253402300800000");
  refused("BAMAAwoLDA==", "BAMABAoLDA==");  // a length behind the end
  refused("BAMAAwoLDA==", "BAMAAgoLDA==");  // bytes behind the length
  refused("BAMAAwoLDA==", "BAMAAA==");
  refused("{", "[{");
}

}  // namespace
}  // namespace ociship::sigstore
