// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "util/json.h"

namespace ociship::util {
namespace {

std::string Written(std::string_view value) { return JsonWriter().String(value).text(); }

TEST_CASE("JsonWriter: commas stand between values and nowhere else") {
  JsonWriter json;
  json.BeginObject().Key("a").BeginArray().EndArray().Key("b").BeginObject().EndObject();
  json.Key("c").BeginArray().Integer(1).Null().Boolean(true).Boolean(false).String("x");
  json.BeginObject().Key("d").Integer(2).EndObject().EndArray().EndObject();
  CHECK(json.text() == R"({"a":[],"b":{},"c":[1,null,true,false,"x",{"d":2}]})");
}

TEST_CASE("JsonWriter: numbers are exact at both ends") {
  JsonWriter json;
  json.BeginArray().Integer(std::numeric_limits<std::int64_t>::min());
  json.Integer(std::numeric_limits<std::int64_t>::max());
  json.Unsigned(std::numeric_limits<std::uint64_t>::max()).EndArray();
  CHECK(json.text() == "[-9223372036854775808,9223372036854775807,18446744073709551615]");
}

TEST_CASE("JsonWriter: strings are escaped as Go's encoding/json does") {
  CHECK(Written("a/b") == R"("a/b")");
  CHECK(Written("\"\\") == R"("\"\\")");
  CHECK(Written("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(Written(std::string_view("\0\x01\v\x1f", 4)) == R"("\u0000\u0001\u000b\u001f")");
  CHECK(Written("\x7f") == "\"\x7f\"");
  CHECK(Written("<a>&'") == R"("\u003ca\u003e\u0026'")");
  CHECK(Written("\xe2\x80\xa8\xe2\x80\xa9") == R"("\u2028\u2029")");
  CHECK(Written("\xe2\x80\xa7\xe2\x80\xaa") == "\"\xe2\x80\xa7\xe2\x80\xaa\"");
  CHECK(Written("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80") ==
        "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"");
}

TEST_CASE("JsonWriter: each byte that is no UTF-8 becomes one escape") {
  CHECK(Written("a\xff\xfe") == R"("a\ufffd\ufffd")");
  CHECK(Written("\xed\xa0\x80") == R"("\ufffd\ufffd\ufffd")");
  CHECK(Written("\xc3") == R"("\ufffd")");
  CHECK(Written("\xef\xbf\xbd") == "\"\xef\xbf\xbd\"");  // U+FFFD itself is text like any other
}

TEST_CASE("JsonWriter: keys are escaped too") {
  CHECK(JsonWriter().BeginObject().Key("<\"").Null().EndObject().text() == R"({"\u003c\"":null})");
}

void WriteCritical(std::string_view reference, JsonWriter& json) {
  json.Key("critical").BeginObject();
  json.Key("identity").BeginObject().Key("docker-reference").String(reference).EndObject();
  json.Key("image").BeginObject().Key("docker-manifest-digest");
  json.String("sha256:d34db33fd34db33fd34db33fd34db33fd34db33fd34db33fd34db33fd34db33f")
      .EndObject();
  json.Key("type").String("cosign container image signature").EndObject();
}

TEST_CASE("JsonWriter: the simple-signing payload without annotations comes out") {
  JsonWriter json;
  json.BeginObject();
  WriteCritical("example.com/test/image", json);
  json.Key("optional").Null().EndObject();
  CHECK(json.text() ==
        R"({"critical":{"identity":{"docker-reference":"example.com/test/image"},"image":{)"
        R"("docker-manifest-digest":"sha256:d34db33fd34db33fd34db33fd34db33fd34db33fd34db33f)"
        R"(d34db33fd34db33f"},"type":"cosign container image signature"},"optional":null})");
}

TEST_CASE("JsonWriter: the simple-signing payload with annotations comes out") {
  JsonWriter json;
  json.BeginObject();
  WriteCritical("example.com/cosign/test/image", json);
  json.Key("optional").BeginObject().Key("CamelCase WithSpace").Raw("8.314");
  json.Key("creator").String("anyone").Key("some_struct").BeginObject();
  json.Key("false").Boolean(true).Key("foo").String("bar").Key("nothing").Null();
  json.EndObject().EndObject().EndObject();
  CHECK(json.text() ==
        R"({"critical":{"identity":{"docker-reference":"example.com/cosign/test/image"},"image":{)"
        R"("docker-manifest-digest":"sha256:d34db33fd34db33fd34db33fd34db33fd34db33fd34db33f)"
        R"(d34db33fd34db33f"},"type":"cosign container image signature"},"optional":{)"
        R"("CamelCase WithSpace":8.314,"creator":"anyone","some_struct":{"false":true,)"
        R"("foo":"bar","nothing":null}}})");
}

TEST_CASE("JsonWriter: what it writes is read as it was") {
  std::string every;
  for (int c = 0; c < 128; ++c) every.push_back(static_cast<char>(c));
  every += "\xe2\x80\xa8\xf0\x9f\x98\x80";
  const Result<Json> json = Json::Parse(Written(every));
  REQUIRE(json.ok());
  CHECK(json.value().AsString("it").value() == every);
}

}  // namespace
}  // namespace ociship::util
