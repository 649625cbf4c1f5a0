// SPDX-License-Identifier: Apache-2.0
#include "tuf/canonical_json.h"

#include <doctest/doctest.h>

#include <string>

namespace ociship::tuf {
namespace {

std::string Canonical(std::string_view text) {
  const Result<std::string> canonical = CanonicalJson(util::Json::Parse(text).value());
  return canonical.ok() ? canonical.value() : "refused: " + std::string(canonical.error().reason());
}

TEST_CASE("members are sorted by their bytes and nothing stands between them") {
  CHECK(Canonical(R"( { "b" : [ 1 , -2 ] , "a" : { } , "A" : [ ] , "é" : 0 , "z" : null } )") ==
        R"({"A":[],"a":{},"b":[1,-2],"z":null,"é":0})");
}

TEST_CASE("only the quote and the backslash are escaped") {
  CHECK(Canonical(R"(["\"\\\/\b\n\u0001é\u00e9"])") == "[\"\\\"\\\\/\b\n\x01éé\"]");
  CHECK(Canonical(R"({"a\"b\n":true})") == "{\"a\\\"b\n\":true}");
}

TEST_CASE("integers are written as they are") {
  CHECK(Canonical("[9223372036854775807,-9223372036854775808,0,-0,false]") ==
        "[9223372036854775807,-9223372036854775808,0,0,false]");
}

TEST_CASE("a number that is no integer of 64 bits is refused") {
  for (const char* text :
       {"[1.0]", "[1e3]", "[0.5]", "[9223372036854775808]", R"({"a":{"b":1.5}})"}) {
    CAPTURE(text);
    CHECK(Canonical(text) == "refused: tuf-format");
  }
}

}  // namespace
}  // namespace ociship::tuf
