// SPDX-License-Identifier: Apache-2.0
#include "tuf/keys.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "tuf_client.h"
#include "util/json.h"
#include "util/text.h"

namespace ociship::tuf {
namespace {

using testing::ReasonOf;
using util::StrCat;

struct Sample {
  const char* key_type;
  const char* scheme;
  std::string key;
  std::string signature;  // over "message"
};

// Made with the openssl program.
const std::vector<Sample>& Samples() {
  static const std::vector<Sample> samples = {
      {"ed25519", "ed25519", "05ce166ce388aef7167417aacaf6a0df19242489bc3f8ba824038ca9d7b2d296",
       "5b3fd1ec047d89953c4ebb0c25876fd6ed1c6e7caad79e2f7fa1376d1f37d1799558ac9e0d325ba9289c428607"
       "13197a94eafef2d2b65f263d314c91d271cc07"},
      {"ecdsa", "ecdsa-sha2-nistp256",
       "-----BEGIN PUBLIC KEY-----\n"
       "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqULiUcail+9TlqGCfMVatybUM6xr\n"
       "Rv32w1za9dM5fnEkvxWB8TplnmLbyk5dSqeEZHmAyH5loCLS/G4p3RI0Cw==\n"
       "-----END PUBLIC KEY-----\n",
       "304502205a3c23d6a9c8da838fc73389d23231d9f9ae9fddc25d895038c72892fbd19d57022100e6943d8ba0b81"
       "b"
       "d2c33134856ddec5526d1b4785b6e9a361112f2e4a4b70ba8b"},
      {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256",
       "04a942e251c6a297ef5396a1827cc55ab726d433ac6b46fdf6c35cdaf5d3397e7124bf1581f13a659e62dbca4e5"
       "d"
       "4aa784647980c87e65a022d2fc6e29dd12340b",
       "304502205a3c23d6a9c8da838fc73389d23231d9f9ae9fddc25d895038c72892fbd19d57022100e6943d8ba0b81"
       "b"
       "d2c33134856ddec5526d1b4785b6e9a361112f2e4a4b70ba8b"},
      {"ecdsa", "ecdsa-sha2-nistp384",
       "-----BEGIN PUBLIC KEY-----\n"
       "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE6d0FExwOQWQmTgkwUBdyUXbwuGTLeezO\n"
       "Nkb+nPjmsJJ0eTQJfz3Mpdu60joJrYMnIGIg3SXgPjJ/6fw3RUylvyWIw+pRXB9d\n"
       "NY7aPbT4Gl4byY6607IYLaNGGU1Ujs1m\n"
       "-----END PUBLIC KEY-----\n",
       "30640230629ee0b69e70d4d2afb3635f7be130f5943e561ff6d40dd64cd3b5ce0d064e9c0cee1a2325b4a99ca8e"
       "c"
       "db8f11804feb02306cd2f8c8360cf4709fbf01d77ca43ad2affc97237a8ec23d40782019444d368108002eb7e44"
       "a"
       "031113cd9c641df0d416"},
      {"rsa", "rsassa-pss-sha256",
       "-----BEGIN PUBLIC KEY-----\n"
       "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr52jcrCOUHxYe43F0nRy\n"
       "UqjmaFhhcicFPzIsDkPUIDepZ87z2sw5YE/s5kWsQx2U285cK2NGNeiKUNKlJFeI\n"
       "d4LnbhUJoX6d779TWFxJaJtQWT+97vvddOZ3zKZqDJ9eAIbXhk3minxP6FRo4mmb\n"
       "aTjDvnCdI8Efp8qCw3P6ci/UsE0BNF/bPcXoZGgjjUtsiCB5b0eczgLL0tOf4Cyb\n"
       "xYlRkN+ywrK379cyst6UqJwrF6/527mAY2vHu/NQ9HFAQV+7N/apH8ngc8WHeH4E\n"
       "4fR+MzAW10lgHqBSsZAhcdS/4hURxD8KA72sMo4quQZEK7+oBqkibt20+UlbrXuo\n"
       "awIDAQAB\n"
       "-----END PUBLIC KEY-----\n",
       "11209cf442e88453b7fdc6fa67fc674f6cb19adc6ec14a72c0a8dea56f650dfbade229e7c140338e6396479baf2"
       "9"
       "aabb4bc6248c4b26f8433015991d74448a5d0fe87f6b702ad7fb0ca442e9c128b05f946f36889898b01d42a8ad4"
       "a"
       "60bd327aa965235ee73e64c1fd7bf4866a5386761020a67f8d111c194947abe3db62db37947d28a5c8c59478d3e"
       "9"
       "ef0442b825fdc133b234df7dd10808510ff2919edc069d1647df2caa4c218f3c5f064425d3a7b8b9c97e5c18eb2"
       "1"
       "8b94516f097f718ef02b20acdd8bae97dc49063527bb2914d5e4bba09d02bf970533006fcbd0240d427f6346997"
       "3"
       "dd1e4c5a88559bbbcb976173a708b075c2ecd5f787980f0a6f6d"}};
  return samples;
}

std::string KeyJson(std::string_view key_type, std::string_view scheme, std::string_view key) {
  util::JsonWriter json;
  json.BeginObject().Key("keytype").String(key_type).Key("scheme").String(scheme);
  json.Key("keyval").BeginObject().Key("public").String(key).EndObject().EndObject();
  return json.text();
}

std::string KeyJson(const Sample& sample) {
  return KeyJson(sample.key_type, sample.scheme, sample.key);
}

Result<KeyRing> Ring(const std::vector<std::pair<std::string, std::string>>& keys) {
  util::JsonWriter json;
  json.BeginObject();
  for (const auto& [id, key] : keys) json.Key(id).Raw(key);
  json.EndObject();
  return KeyRing::Parse(util::Json::Parse(json.text()).value());
}

std::string Threshold(const KeyRing& ring, const RoleKeys& role,
                      const std::vector<Signature>& signatures,
                      std::string_view message = "message") {
  return ReasonOf(ring.CheckThreshold(role, signatures, message, "x"));
}

TEST_CASE("a signature of each scheme counts, and one over something else does not") {
  for (const Sample& sample : Samples()) {
    CAPTURE(sample.scheme);
    CAPTURE(sample.key);
    const KeyRing ring = Ring({{"a", KeyJson(sample)}}).value();
    const RoleKeys role{.key_ids = {"a"}, .threshold = 1};
    CHECK(Threshold(ring, role, {{"a", sample.signature}}) == "ok");
    CHECK(Threshold(ring, role, {{"a", sample.signature}}, "Message") == "tuf-threshold");
    std::string changed = sample.signature;
    changed.back() = changed.back() == '0' ? '1' : '0';
    CHECK(Threshold(ring, role, {{"a", changed}}) == "tuf-threshold");
    CHECK(Threshold(ring, role, {{"a", sample.signature + "00"}}) == "tuf-threshold");
    CHECK(Threshold(ring, role, {{"a", ""}}) == "tuf-threshold");
    CHECK(Threshold(ring, role, {{"a", "no hex"}}) == "tuf-threshold");
  }
}

TEST_CASE("a key that is no key of its scheme verifies nothing, and harms nobody") {
  const Sample& good = Samples()[0];
  const Sample& p256 = Samples()[1];
  const Sample& p384 = Samples()[3];
  const Sample& rsa = Samples()[4];
  const std::pair<std::string, std::string> useless[] = {
      {KeyJson("sphincs", "sphincs-shake-128s", "00"), "00"},
      {KeyJson("ed25519", "ecdsa-sha2-nistp256", p256.key), p256.signature},
      {KeyJson("ecdsa", "ecdsa-sha2-nistp256", p384.key), p384.signature},
      {KeyJson("ecdsa", "ecdsa-sha2-nistp384", p256.key), p256.signature},
      {KeyJson("ecdsa", "ecdsa-sha2-nistp256", rsa.key), rsa.signature},
      {KeyJson("rsa", "rsassa-pss-sha256", p256.key), p256.signature},
      {KeyJson("rsa", "rsa-pkcs1v15-sha256", rsa.key), rsa.signature},
      {KeyJson("ed25519", "ed25519", "05ce"), good.signature},
      {KeyJson("ecdsa", "ecdsa-sha2-nistp256", "not a key"), p256.signature}};
  for (const auto& [key, signature] : useless) {
    CAPTURE(key);
    const KeyRing ring = Ring({{"a", key}, {"b", KeyJson(good)}}).value();
    const RoleKeys both{.key_ids = {"a", "b"}, .threshold = 1};
    CHECK(Threshold(ring, both, {{"a", signature}}) == "tuf-threshold");
    CHECK(Threshold(ring, both, {{"a", signature}, {"b", good.signature}}) == "ok");
  }
}

TEST_CASE("a key that stands under two IDs counts once") {
  const KeyRing ring = Ring({{"a", KeyJson(Samples()[1])},
                             {"b", KeyJson(Samples()[1])},
                             {"c", KeyJson(Samples()[2])},  // the same as a point
                             {"d", KeyJson(Samples()[0])}})
                           .value();
  const RoleKeys role{.key_ids = {"a", "b", "c", "d"}, .threshold = 2};
  const std::string& signature = Samples()[1].signature;
  CHECK(Threshold(ring, role, {{"a", signature}, {"b", signature}, {"c", signature}}) ==
        "tuf-threshold");
  CHECK(Threshold(ring, role, {{"a", signature}, {"d", Samples()[0].signature}}) == "ok");
  CHECK(ring.UsableKeys(role).size() == 2);
}

TEST_CASE("only keys of the role count") {
  const KeyRing ring = Ring({{"a", KeyJson(Samples()[0])}, {"b", KeyJson(Samples()[1])}}).value();
  const std::vector<Signature> by_b = {{"b", Samples()[1].signature}};
  CHECK(Threshold(ring, {.key_ids = {"a"}, .threshold = 1}, by_b) == "tuf-threshold");
  CHECK(Threshold(ring, {.key_ids = {"a", "missing"}, .threshold = 1}, by_b) == "tuf-threshold");
  CHECK(Threshold(ring, {.key_ids = {"a", "b"}, .threshold = 1}, by_b) == "ok");
}

TEST_CASE("a malformed key ring is refused") {
  CHECK(ReasonOf(Ring({{"a", R"("text")"}})) == "tuf-format");
  CHECK(ReasonOf(Ring({{"a", R"({"scheme":"ed25519","keyval":{"public":"00"}})"}})) ==
        "tuf-format");
  CHECK(ReasonOf(Ring({{"a", R"({"keytype":"ed25519","scheme":"ed25519"})"}})) == "tuf-format");
  CHECK(ReasonOf(Ring({{"a", R"({"keytype":"ed25519","scheme":"ed25519","keyval":{}})"}})) ==
        "tuf-format");
}

TEST_CASE("a role needs key IDs that are there once, and a threshold of at least one") {
  const auto parse = [](std::string_view text) {
    return ReasonOf(ParseRoleKeys(util::Json::Parse(text).value()));
  };
  CHECK(parse(R"({"keyids":["a","b"],"threshold":2})") == "ok");
  CHECK(parse(R"({"keyids":["a"],"threshold":3})") == "ok");
  for (const char* text :
       {R"({"keyids":["a"],"threshold":0})", R"({"keyids":["a"],"threshold":-1})",
        R"({"keyids":["a"],"threshold":"1"})", R"({"keyids":["a"]})",
        R"({"keyids":["a"],"threshold":1.0})", R"({"threshold":1})",
        R"({"keyids":["a","a"],"threshold":1})", R"({"keyids":[1],"threshold":1})",
        R"({"keyids":"a","threshold":1})"}) {
    CAPTURE(text);
    CHECK(parse(text) == "tuf-format");
  }
}

TEST_CASE("two signatures of one key ID are refused") {
  const auto parse = [](std::string_view text) {
    return ReasonOf(ParseSignatures(util::Json::Parse(text).value()));
  };
  CHECK(parse(R"([{"keyid":"a","sig":""},{"keyid":"b","sig":"00"}])") == "ok");
  CHECK(parse(R"([{"keyid":"a","sig":"00"},{"keyid":"a","sig":"00"}])") == "tuf-format");
  CHECK(parse(R"([{"keyid":"a"}])") == "tuf-format");
  CHECK(parse(R"([{"keyid":"a","sig":1}])") == "tuf-format");
  CHECK(parse(R"(["a"])") == "tuf-format");
}

}  // namespace
}  // namespace ociship::tuf
