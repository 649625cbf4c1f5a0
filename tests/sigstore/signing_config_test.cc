// SPDX-License-Identifier: Apache-2.0
#include "sigstore/signing_config.h"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>

#include "util/text.h"

namespace ociship::sigstore {
namespace {

using util::StrCat;
using Which = ServiceSelector::Which;

// As it is in production (sigstore/root-signing, signing_config_rekor_v2.v0.2.json).
constexpr std::string_view kProduction = R"({
  "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
  "caUrls": [
    {
      "url": "https://fulcio.sigstore.dev",
      "majorApiVersion": 1,
      "validFor": {
        "start": "2022-04-13T20:06:15.000Z"
      },
      "operator": "sigstore.dev"
    }
  ],
  "oidcUrls": [
    {
      "url": "https://oauth2.sigstore.dev/auth",
      "majorApiVersion": 1,
      "validFor": {
        "start": "2022-04-13T20:06:15.000Z"
      },
      "operator": "sigstore.dev"
    }
  ],
  "rekorTlogUrls": [
    {
      "url": "https://log2025-1.rekor.sigstore.dev",
      "majorApiVersion": 2,
      "validFor": {
        "start": "2026-01-01T00:00:00Z"
      },
      "operator": "sigstore.dev"
    },
    {
      "url": "https://rekor.sigstore.dev",
      "majorApiVersion": 1,
      "validFor": {
        "start": "2021-01-12T11:53:27.000Z"
      },
      "operator": "sigstore.dev"
    }
  ],
  "tsaUrls": [
    {
      "url": "https://timestamp.sigstore.dev/api/v1/timestamp",
      "majorApiVersion": 1,
      "validFor": {
        "start": "2025-07-04T00:00:00Z"
      },
      "operator": "sigstore.dev"
    }
  ],
  "rekorTlogConfig": {
    "selector": "ANY"
  },
  "tsaConfig": {
    "selector": "ANY"
  }
})";

constexpr std::string_view kHead =
    R"({"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json")";

Result<SigningConfig> ParseWith(std::string_view members) {
  return SigningConfig::Parse(StrCat(kHead, members.empty() ? "" : ",", members, "}"));
}

util::Micros At(std::string_view text) { return util::ParseRfc3339Micros(text).value(); }
const util::Micros kNow = At("2026-06-01T00:00:00Z");

Service Make(std::string_view url, std::int64_t version, std::string_view start = "",
             std::string_view end = "", std::string_view operated_by = "") {
  Service service{
      .url = std::string(url), .api_version = version, .operated_by = std::string(operated_by)};
  if (!start.empty()) service.validity.start = At(start);
  if (!end.empty()) service.validity.end = At(end);
  return service;
}

std::string Urls(const Result<ServiceChoice>& choice) {
  if (!choice.ok()) return choice.error().code() == Code::kTrustMaterial ? "refused" : "other";
  std::string urls = StrCat(choice.value().needed, ":");
  for (const Service& service : choice.value().candidates) urls += StrCat(" ", service.url);
  return urls;
}

std::string One(const std::vector<Service>& services,
                std::span<const std::int64_t> versions = kLogVersions, util::Micros now = kNow) {
  return Urls(ChooseOne("log", services, versions, now));
}

std::string Several(std::vector<Service> services, ServiceSelector selector,
                    std::uint64_t seed = 1) {
  return Urls(ChooseSeveral("log", {.services = std::move(services), .selector = selector},
                            kLogVersions, kNow, seed));
}

TEST_CASE("Parse: the config of production") {
  const auto parsed = SigningConfig::Parse(kProduction);
  REQUIRE(parsed.ok());
  const SigningConfig& config = parsed.value();
  REQUIRE(config.certificate_authorities().size() == 1);
  const Service& fulcio = config.certificate_authorities()[0];
  CHECK(fulcio.url == "https://fulcio.sigstore.dev");
  CHECK(fulcio.api_version == 1);
  CHECK(fulcio.validity.start == At("2022-04-13T20:06:15Z"));
  CHECK_FALSE(fulcio.validity.end.has_value());
  CHECK(fulcio.operated_by == "sigstore.dev");
  REQUIRE(config.identity_providers().size() == 1);
  CHECK(config.identity_providers()[0].url == "https://oauth2.sigstore.dev/auth");
  REQUIRE(config.logs().services.size() == 2);
  CHECK(config.logs().services[0].api_version == 2);
  REQUIRE(config.logs().selector.has_value());
  CHECK(config.logs().selector->which == Which::kAny);
  REQUIRE(config.timestamp_authorities().services.size() == 1);

  const auto log = ChooseSeveral("log", config.logs(), kLogVersions, kNow, 7);
  CHECK(Urls(log) == "1: https://log2025-1.rekor.sigstore.dev");
  // Before the new log begins, and for those who need a promise.
  CHECK(Urls(ChooseSeveral("log", config.logs(), kLogVersions, At("2025-12-31T23:59:59Z"), 7)) ==
        "1: https://rekor.sigstore.dev");
  CHECK(Urls(ChooseSeveral("log", config.logs(), kPromisingLogVersions, kNow, 7)) ==
        "1: https://rekor.sigstore.dev");
}

TEST_CASE("Parse: nothing but a media type is a config of nobody") {
  const auto config = ParseWith("");
  REQUIRE(config.ok());
  CHECK(config.value().certificate_authorities().empty());
  CHECK(config.value().logs().services.empty());
  CHECK_FALSE(config.value().logs().selector.has_value());
}

TEST_CASE("Parse: a selector of nothing is not looked at") {
  const auto config = ParseWith(R"("rekorTlogUrls":[],"rekorTlogConfig":{},"tsaConfig":{})");
  REQUIRE(config.ok());
  CHECK_FALSE(config.value().logs().selector.has_value());
}

TEST_CASE("Parse: unknown fields and nulls are passed over") {
  const auto config = ParseWith(
      R"("new":{"x":[1]},"caUrls":[{"url":"https://a.example","majorApiVersion":1,"region":"eu",)"
      R"("validFor":null,"operator":null}],"tsaUrls":null,"tsaConfig":null)");
  REQUIRE(config.ok());
  CHECK(config.value().certificate_authorities()[0].operated_by.empty());
}

TEST_CASE("Parse: numbers may be texts, and a version that is left out is none") {
  const auto config = ParseWith(
      R"("rekorTlogUrls":[{"url":"https://a.example","majorApiVersion":"2"},)"
      R"({"url":"https://b.example"}],"rekorTlogConfig":{"selector":"EXACT","count":"1"})");
  REQUIRE(config.ok());
  CHECK(config.value().logs().services[0].api_version == 2);
  CHECK(config.value().logs().services[1].api_version == 0);
  CHECK(config.value().logs().selector->which == Which::kExact);
  CHECK(config.value().logs().selector->count == 1);
}

TEST_CASE("Parse: what is not as it should be is refused") {
  const std::string_view kMembers[] = {
      R"("caUrls":{})",
      R"("caUrls":[1])",
      R"("caUrls":[{}])",
      R"("caUrls":[{"url":1}])",
      R"("caUrls":[{"url":""}])",
      R"("caUrls":[{"url":"a.example"}])",
      R"("caUrls":[{"url":"ftp://a.example"}])",
      R"("caUrls":[{"url":"https://user:secret@a.example"}])",
      R"("caUrls":[{"url":"https://a.example","majorApiVersion":-1}])",
      R"("caUrls":[{"url":"https://a.example","majorApiVersion":1.5}])",
      R"("caUrls":[{"url":"https://a.example","majorApiVersion":"x"}])",
      R"("caUrls":[{"url":"https://a.example","validFor":1}])",
      R"("caUrls":[{"url":"https://a.example","validFor":{"start":"yesterday"}}])",
      R"("caUrls":[{"url":"https://a.example","validFor":{"end":5}}])",
      R"("caUrls":[{"url":"https://a.example","valid_for":{"end":"2020-01-01T00:00:00Z"}}])",
      R"("caUrls":[{"url":"https://a.example","operator":1}])",
      R"("caUrls":[],"caUrls":[])",
      R"("ca_urls":[])",
      R"("rekorTlogUrls":[{"url":"https://a.example"}])",
      R"("rekorTlogUrls":[{"url":"https://a.example"}],"rekorTlogConfig":null)",
      R"("rekorTlogUrls":[{"url":"https://a.example"}],"tsaConfig":{"selector":"ANY"})",
      R"("tsaUrls":[{"url":"https://a.example"}])",
      R"("tsaUrls":[{"url":"https://a.example"}],"tsaConfig":{})",
      R"("tsaUrls":[{"url":"https://a.example"}],"tsaConfig":[])",
      R"("tsaUrls":[{"url":"https://a.example"}],"tsaConfig":{"selector":"any"})",
      R"("tsaUrls":[{"url":"https://a.example"}],"tsaConfig":{"selector":"SERVICE_SELECTOR_UNDEFINED"})",
      R"("tsaUrls":[{"url":"https://a.example"}],"tsaConfig":{"selector":"MOST"})",
      R"("tsaUrls":[{"url":"https://a.example"}],"tsaConfig":{"selector":"EXACT","count":-1})",
  };
  for (const std::string_view members : kMembers) {
    CAPTURE(members);
    const auto refused = ParseWith(members);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code() == Code::kTrustMaterial);
    CHECK(refused.error().message().starts_with("signing config: "));
  }
}

TEST_CASE("Parse: another media type, and what is no JSON object, is refused") {
  const std::string_view kTexts[] = {
      "",
      "[]",
      "{}",
      R"({"mediaType":1})",
      R"({"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.1+json"})",
      R"({"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.3+json"})",
      R"({"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"})",
  };
  for (const std::string_view text : kTexts) {
    const auto refused = SigningConfig::Parse(text);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code() == Code::kTrustMaterial);
  }
  for (std::size_t size = 0; size < kProduction.size(); size += 11) {
    CHECK_FALSE(SigningConfig::Parse(kProduction.substr(0, size)).ok());
  }
}

TEST_CASE("Parse: as many services as the cap are read, and no more") {
  const auto config = [](std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) {
      list += StrCat(i == 0 ? "" : ",", R"({"url":"https://a)", i, R"(.example"})");
    }
    return ParseWith(StrCat("\"oidcUrls\":[", list, "]"));
  };
  CHECK(config(kMaxServices).value().identity_providers().size() == kMaxServices);
  CHECK(config(kMaxServices + 1).error().code() == Code::kTrustMaterial);
  const std::string padding(kMaxSigningConfigBytes, ' ');
  CHECK_FALSE(SigningConfig::Parse(StrCat(kProduction, padding)).ok());
}

TEST_CASE("ChooseOne: the newest of the best version, the others behind it") {
  CHECK(One({Make("a", 1, "2020-01-01T00:00:00Z"), Make("b", 1, "2024-01-01T00:00:00Z"),
             Make("c", 1, "2022-01-01T00:00:00Z")}) == "1: b c a");
  // The version comes before the age.
  CHECK(One({Make("a", 1, "2025-01-01T00:00:00Z"), Make("b", 2, "2020-01-01T00:00:00Z")}) ==
        "1: b");
  // Without a start it is older than everything; of one age the first stays first.
  CHECK(One({Make("a", 1), Make("b", 1, "1990-01-01T00:00:00Z")}) == "1: b a");
  CHECK(One({Make("a", 1), Make("b", 1)}) == "1: a b");
  CHECK(One({Make("b", 1), Make("a", 1)}) == "1: b a");
}

TEST_CASE("ChooseOne: what is not valid now, or speaks another version, is left out") {
  const Service over = Make("over", 2, "2020-01-01T00:00:00Z", "2026-05-31T23:59:59Z");
  const Service ahead = Make("ahead", 2, "2026-06-01T00:00:01Z");
  const Service old = Make("old", 1);
  CHECK(One({over, ahead, old}) == "1: old");
  CHECK(One({over, ahead}) == "refused");
  CHECK(One({over}, kLogVersions, At("2026-05-31T23:59:59Z")) == "1: over");
  CHECK(One({ahead}, kLogVersions, At("2026-06-01T00:00:01Z")) == "1: ahead");
  CHECK(One({Make("three", 3), Make("zero", 0)}) == "refused");
  CHECK(One({Make("three", 3), Make("two", 2)}, kPromisingLogVersions) == "refused");
}

TEST_CASE("ChooseOne: of nobody nobody is needed, and a refusal names the kind") {
  CHECK(One({}) == "0:");
  const auto expired =
      ChooseOne("certificate authority", {Make("a", 1, "", "2020-01-01T00:00:00Z")},
                kCertificateAuthorityVersions, kNow);
  CHECK(expired.error().message() ==
        "signing config: no certificate authority can be used: none is valid at "
        "2026-06-01T00:00:00Z, a newer signing config may have one");
  const auto newer = ChooseOne("log", {Make("a", 9)}, kLogVersions, kNow);
  CHECK(newer.error().message().find("none speaks a version that is known") != std::string::npos);
}

TEST_CASE("ChooseSeveral: all means one of each operator, the newest") {
  const std::vector<Service> services = {Make("a1", 2, "2024-01-01T00:00:00Z", "", "a"),
                                         Make("b", 2, "2023-01-01T00:00:00Z", "", "b"),
                                         Make("a2", 2, "2025-01-01T00:00:00Z", "", "a"),
                                         Make("c", 1, "2025-01-01T00:00:00Z", "", "c")};
  CHECK(Several(services, {.which = Which::kAll}) == "2: a2 b");
  // The newest of an operator that can be used, not the newest of all.
  std::vector<Service> later = services;
  later[2].validity.start = At("2027-01-01T00:00:00Z");
  CHECK(Several(later, {.which = Which::kAll}) == "2: a1 b");
  // Who does not say who he is counts once, as everybody does.
  CHECK(Several({Make("x", 1), Make("y", 1)}, {.which = Which::kAll}) == "1: x");
}

TEST_CASE("ChooseSeveral: versions are never mixed") {
  const std::vector<Service> services = {Make("two", 2, "", "", "a"), Make("one", 1, "", "", "b")};
  CHECK(Several(services, {.which = Which::kAll}) == "1: two");
  CHECK(Several(services, {.which = Which::kExact, .count = 1}) == "1: two");
  CHECK(Several(services, {.which = Which::kExact, .count = 2}) == "refused");
}

TEST_CASE("ChooseSeveral: any and exact choose by chance, which the seed is") {
  const std::vector<Service> services = {Make("a", 1, "", "", "a"), Make("b", 1, "", "", "b"),
                                         Make("c", 1, "", "", "c")};
  for (const ServiceSelector selector : {ServiceSelector{.which = Which::kAny},
                                         ServiceSelector{.which = Which::kExact, .count = 2}}) {
    std::map<std::string, int> orders;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const std::string order = Several(services, selector, seed);
      CHECK(order == Several(services, selector, seed));
      CHECK(order.starts_with(selector.which == Which::kAny ? "1: " : "2: "));
      CHECK(order.size() == std::string("1: a b c").size());
      ++orders[order];
    }
    CHECK(orders.size() == 6);
  }
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CHECK(Several(services, {.which = Which::kAll}, seed) == "3: a b c");
  }
}

TEST_CASE("ChooseSeveral: exactly none, and more than there are, is refused") {
  const std::vector<Service> services = {Make("a", 1, "", "", "a"), Make("b", 1, "", "", "b"),
                                         Make("b2", 1, "", "", "b")};
  CHECK(Several(services, {.which = Which::kExact, .count = 0}) == "refused");
  CHECK(Several(services, {.which = Which::kExact, .count = 3}) == "refused");
  CHECK(Several(services, {.which = Which::kExact, .count = 2}).starts_with("2: "));
}

TEST_CASE("ChooseSeveral: of nobody nobody is needed, and without a selector nobody is chosen") {
  CHECK(Several({}, {.which = Which::kExact, .count = 3}) == "0:");
  CHECK(Urls(ChooseSeveral("log", {}, kLogVersions, kNow, 1)) == "0:");
  CHECK(Urls(ChooseSeveral("log", {.services = {Make("a", 1)}}, kLogVersions, kNow, 1)) ==
        "refused");
  CHECK(Several({Make("a", 1, "", "2020-01-01T00:00:00Z")}, {.which = Which::kAny}) == "refused");
}

}  // namespace
}  // namespace ociship::sigstore
