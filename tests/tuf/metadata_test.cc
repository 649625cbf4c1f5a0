// SPDX-License-Identifier: Apache-2.0
#include "tuf/metadata.h"

#include <doctest/doctest.h>

#include <string>

#include "crypto/hash.h"
#include "tuf_client.h"
#include "util/bytes.h"
#include "util/json.h"
#include "util/text.h"

namespace ociship::tuf {
namespace {

using testing::ReasonOf;
using util::StrCat;

template <typename Body>
std::string Parsed(std::string_view text) {
  return ReasonOf(Body::Parse(util::Json::Parse(text).value()));
}

std::string TimestampWith(std::string_view members, std::string_view meta = R"({"version":3})") {
  return StrCat(R"({"_type":"timestamp","spec_version":"1.0.31",)", members,
                R"("meta":{"snapshot.json":)", meta, "}}");
}

constexpr std::string_view kGood = R"("version":7,"expires":"2030-01-01T00:00:00Z",)";

TEST_CASE("the members that all roles have are demanded") {
  CHECK(Parsed<Timestamp>(TimestampWith(kGood)) == "ok");
  CHECK(Parsed<Timestamp>(
            TimestampWith(R"("version":1,"expires":"2030-01-01T00:00:00.5+02:00",)")) == "ok");
  CHECK(Parsed<Timestamp>(TimestampWith(
            R"("version":9007199254740992,"expires":"2030-01-01T00:00:00Z",)")) == "ok");
  CHECK(Parsed<Timestamp>(TimestampWith(kGood, R"({"version":9223372036854775807})")) ==
        "tuf-format");
  for (const char* members :
       {R"("expires":"2030-01-01T00:00:00Z",)", R"("version":7,)",
        R"("version":0,"expires":"2030-01-01T00:00:00Z",)",
        R"("version":-1,"expires":"2030-01-01T00:00:00Z",)",
        R"("version":9007199254740993,"expires":"2030-01-01T00:00:00Z",)",
        R"("version":9223372036854775807,"expires":"2030-01-01T00:00:00Z",)",
        R"("version":"7","expires":"2030-01-01T00:00:00Z",)",
        R"("version":7,"expires":"next year",)", R"("version":7,"expires":1893456000,)"}) {
    CAPTURE(members);
    CHECK(Parsed<Timestamp>(TimestampWith(members)) == "tuf-format");
  }
}

TEST_CASE("another type or another major version of the specification is refused") {
  const std::string good = TimestampWith(kGood);
  CHECK(Parsed<Snapshot>(good) == "tuf-format");
  CHECK(Parsed<Timestamp>(
            R"({"_type":"timestamp","spec_version":"2.0.0","version":7,)"
            R"("expires":"2030-01-01T00:00:00Z","meta":{"snapshot.json":{"version":1}}})") ==
        "tuf-format");
  CHECK(Parsed<Timestamp>("[]") == "tuf-format");
}

TEST_CASE("what a timestamp says of the snapshot must be well-formed") {
  const auto with = [](std::string_view meta) {
    return Parsed<Timestamp>(TimestampWith(kGood, meta));
  };
  const std::string hash(64, 'a');
  CHECK(with(StrCat(R"({"version":1,"length":5,"hashes":{"sha256":")", hash, R"("}})")) == "ok");
  CHECK(with(StrCat(R"({"version":1,"hashes":{"sha256":")", hash, R"(","md5":"00"}})")) == "ok");
  for (const char* meta : {R"({})", R"({"version":0})", R"({"version":1,"length":-1})",
                           R"({"version":1,"length":"5"})", R"({"version":1,"hashes":"x"})",
                           R"({"version":1,"hashes":{"sha256":"aa"}})",
                           R"({"version":1,"hashes":{"sha256":1}})", R"([])"}) {
    CAPTURE(meta);
    CHECK(with(meta) == "tuf-format");
  }
  CHECK(Parsed<Timestamp>(R"({"_type":"timestamp","spec_version":"1.0","version":7,)"
                          R"("expires":"2030-01-01T00:00:00Z","meta":{}})") == "tuf-format");
}

Fingerprint FingerprintOf(std::string_view members) {
  const std::string text = TimestampWith(kGood, StrCat(R"({"version":1,)", members, "}"));
  return Timestamp::Parse(util::Json::Parse(text).value()).value().snapshot.fingerprint;
}

TEST_CASE("bytes are held to the length and to all hashes that are listed") {
  const std::string sha256(crypto::Sha256(util::AsBytes("content")).hex());
  const std::string other(crypto::Sha256(util::AsBytes("Content")).hex());
  const Fingerprint good =
      FingerprintOf(StrCat(R"("length":7,"hashes":{"sha256":")", sha256, "\"}"));
  CHECK(ReasonOf(good.Check("content", "x")) == "ok");
  CHECK(ReasonOf(good.Check("Content", "x")) == "tuf-hash");
  CHECK(ReasonOf(good.Check("contents", "x")) == "tuf-length");
  CHECK(ReasonOf(good.Check("", "x")) == "tuf-length");
  const Fingerprint both = FingerprintOf(
      StrCat(R"("hashes":{"sha256":")", sha256, R"(","sha512":")", other, other, "\"}"));
  CHECK(ReasonOf(both.Check("content", "x")) == "tuf-hash");
  CHECK(ReasonOf(FingerprintOf(R"("hashes":{"sha3-256":"00"})").Check("content", "x")) ==
        "tuf-hash");
  CHECK(ReasonOf(FingerprintOf(R"("hashes":{})").Check("content", "x")) == "tuf-hash");
  CHECK(ReasonOf(Fingerprint().Check("anything", "x")) == "ok");
}

std::string TargetsWith(std::string_view role) {
  return StrCat(R"({"_type":"targets","spec_version":"1.0.31",)", kGood,
                R"("targets":{},"delegations":{"keys":{},"roles":[)", role, "]}}");
}

TEST_CASE("a delegation has a name of its own, a threshold and one kind of patterns") {
  const std::string good =
      R"({"name":"a","keyids":["k"],"threshold":1,"terminating":false,"paths":["*"]})";
  CHECK(Parsed<Targets>(TargetsWith(good)) == "ok");
  CHECK(Parsed<Targets>(TargetsWith(StrCat(good, ",", good))) == "tuf-format");
  for (const char* role :
       {R"({"name":"a","keyids":["k"],"threshold":0,"terminating":false,"paths":["*"]})",
        R"({"name":"","keyids":["k"],"threshold":1,"terminating":false,"paths":["*"]})",
        R"({"name":"root","keyids":["k"],"threshold":1,"terminating":false,"paths":["*"]})",
        R"({"name":"targets","keyids":["k"],"threshold":1,"terminating":false,"paths":["*"]})",
        R"({"name":"a","keyids":["k"],"threshold":1,"terminating":false})",
        R"({"name":"a","keyids":["k"],"threshold":1,"terminating":0,"paths":["*"]})",
        R"({"name":"a","keyids":["k"],"threshold":1,"paths":["*"]})",
        R"({"name":"a","keyids":["k"],"threshold":1,"terminating":false,"paths":"*"})",
        R"({"name":"a","keyids":["k"],"threshold":1,"terminating":false,"paths":["*"],)"
        R"("path_hash_prefixes":["00"]})"}) {
    CAPTURE(role);
    CHECK(Parsed<Targets>(TargetsWith(role)) == "tuf-format");
  }
}

TEST_CASE("hash bins are refused and not passed over") {
  CHECK(Parsed<Targets>(StrCat(
            R"({"_type":"targets","spec_version":"1.0.31",)", kGood,
            R"("targets":{},"delegations":{"keys":{},"succinct_roles":)"
            R"({"keyids":[],"threshold":1,"bit_length":3,"name_prefix":"b"}}})")) == "tuf-format");
}

TEST_CASE("a target needs a length and hashes") {
  const auto with = [](std::string_view file) {
    return Parsed<Targets>(StrCat(R"({"_type":"targets","spec_version":"1.0",)", kGood,
                                  R"("targets":{"a/b":)", file, "}}"));
  };
  const std::string hash(64, 'a');
  CHECK(with(StrCat(R"({"length":1,"hashes":{"sha256":")", hash, R"("},"custom":{"x":1}})")) ==
        "ok");
  CHECK(with(StrCat(R"({"hashes":{"sha256":")", hash, R"("}})")) == "tuf-format");
  CHECK(with(R"({"length":1})") == "tuf-format");
}

TEST_CASE("a pattern matches whole paths, and its stars do not cross a slash") {
  struct Case {
    const char* pattern;
    const char* path;
    Delegation::Match match;
  };
  constexpr auto kYes = Delegation::Match::kYes;
  constexpr auto kNo = Delegation::Match::kNo;
  for (const Case& c : {Case{"*", "a", kYes},
                        Case{"*", "", kYes},
                        Case{"*", "a/b", kNo},
                        Case{"*/*", "a/b", kYes},
                        Case{"*/*", "a/b/c", kNo},
                        Case{"a/*.tgz", "a/foo.tgz", kYes},
                        Case{"a/*.tgz", "a/.tgz", kYes},
                        Case{"a/*.tgz", "a/b/foo.tgz", kNo},
                        Case{"foo-?.tgz", "foo-1.tgz", kYes},
                        Case{"foo-?.tgz", "foo-.tgz", kNo},
                        Case{"foo-?.tgz", "foo-/.tgz", kNo},
                        Case{"foo-?.tgz", "foo-12.tgz", kNo},
                        Case{"*a*b*", "xxaxxbxx", kYes},
                        Case{"*a*b", "aabab", kYes},
                        Case{"*a*b", "aaba", kNo},
                        Case{"*a/*b", "xa/yb", kYes},
                        Case{"*a/*b", "xa/y/b", kNo},
                        Case{"a", "A", kNo},
                        Case{"[ab]", "a", kNo},
                        Case{"[ab]", "[ab]", kYes},
                        Case{"a*", "a", kYes},
                        Case{"**", "ab", kYes},
                        Case{"", "", kYes},
                        Case{"", "a", kNo},
                        Case{"*.json", "trusted_root.json", kYes}}) {
    CAPTURE(c.pattern);
    CAPTURE(c.path);
    CHECK(Delegation{.paths = {c.pattern}}.Matches(c.path) == c.match);
  }
}

TEST_CASE("a pattern of many stars takes no more time than a short one") {
  std::string pattern;
  for (int i = 0; i < 300; ++i) pattern += "a*";
  CHECK(Delegation{.paths = {pattern + "b"}}.Matches(std::string(1000, 'a')) ==
        Delegation::Match::kNo);
}

TEST_CASE("a hash prefix matches the SHA-256 of the path") {
  // sha256("a/b") = c14cddc033f64b9dea80ea675cf280a015e672516090a5626781153dc68fea11
  CHECK(Delegation{.hash_prefixes = {"00", "c14c"}}.Matches("a/b") == Delegation::Match::kYes);
  CHECK(Delegation{.hash_prefixes = {"c14d"}}.Matches("a/b") == Delegation::Match::kNo);
  CHECK(Delegation{}.Matches("a/b") == Delegation::Match::kNo);
}

}  // namespace
}  // namespace ociship::tuf
