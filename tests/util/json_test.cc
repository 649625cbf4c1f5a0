// SPDX-License-Identifier: Apache-2.0
#include "util/json.h"

#include <doctest/doctest.h>

#include <string>

#include "util/text.h"

namespace ociship::util {
namespace {

Json Read(std::string_view text) {
  CAPTURE(text);
  Result<Json> json = Json::Parse(text);
  REQUIRE(json.ok());
  return std::move(json).value();
}

void CheckRefused(std::string_view text, std::string_view part = "", JsonLimits limits = {}) {
  CAPTURE(text);
  const Result<Json> json = Json::Parse(text, limits);
  REQUIRE_FALSE(json.ok());
  CAPTURE(json.error().message());
  CHECK(json.error().code() == Code::kBadInput);
  CHECK(json.error().message().find(part) != std::string::npos);
}

template <typename T>
void CheckMessage(const Result<T>& result, std::string_view message) {
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code() == Code::kBadInput);
  CHECK(result.error().message() == message);
}

TEST_CASE("Json: each kind of value is read") {
  CHECK(Read("null").is_null());
  CHECK(Read("true").kind() == Json::Kind::kBoolean);
  CHECK(Read("true").is_true());
  CHECK_FALSE(Read("false").is_true());
  CHECK(Read(" 7 ").AsInteger("it").value() == 7);
  CHECK(Read("\"x\"").AsString("it").value() == "x");
  CHECK(Read("[]").is_array());
  CHECK(Read("{}").is_object());
}

TEST_CASE("Json: members and elements keep their order") {
  const Json json = Read(R"({"b":[1,[2],{"x":3}],"a":{"c":null}})");
  REQUIRE(json.members().size() == 2);
  CHECK(json.members()[0].first == "b");
  CHECK(json.members()[1].first == "a");
  const std::vector<Json>& elements = json.members()[0].second.elements();
  REQUIRE(elements.size() == 3);
  CHECK(elements[0].AsInteger("it").value() == 1);
  CHECK(elements[1].elements()[0].AsInteger("it").value() == 2);
  CHECK(elements[2].Integer("x").value() == 3);
}

TEST_CASE("Json: a large array is read whole") {
  std::string text = "[0";
  for (int i = 1; i < 5000; ++i) text.append(StrCat(",[", i, "]"));
  const Json json = Read(text + "]");
  REQUIRE(json.elements().size() == 5000);
  CHECK(json.elements()[4999].elements()[0].AsInteger("it").value() == 4999);
}

TEST_CASE("Json: integers are exact, everything else is a number with its text") {
  CHECK(Read("9223372036854775807").AsInteger("it").value() == INT64_MAX);
  CHECK(Read("-9223372036854775808").AsInteger("it").value() == INT64_MIN);
  for (const std::string_view text :
       {"9223372036854775808", "18446744073709551615", "18446744073709551616",
        "-9223372036854775809", "8.314", "1e2", "1.0", "-0.0"}) {
    const Json json = Read(text);
    CHECK(json.kind() == Json::Kind::kNumber);
    CHECK(json.text() == text);
    CheckMessage(json.AsInteger("size"), "\"size\" is not an integer");
  }
}

TEST_CASE("Json: a number without a double is refused") { CheckRefused("1e999", "out of range"); }

TEST_CASE("Json: a key that stands twice is refused at any depth") {
  CheckRefused(R"({"a":1,"a":1})", "\"a\" stands twice");
  CheckRefused(R"({"a":1,"b":2,"a":null})", "stands twice");
  CheckRefused(R"([{"x":{"a":1,"\u0061":2}}])", "stands twice");
  CheckRefused(R"({"":1,"":2})", "stands twice");
}

TEST_CASE("Json: the same key in two objects, or in another case, is accepted") {
  CHECK(Json::Parse(R"({"a":{"a":{"a":1}},"A":[{"a":1},{"a":2}]})").ok());
}

TEST_CASE("Json: an object with very many keys is no trouble, and a repeated one is found") {
  std::string text = "{\"k0\":0";
  for (int i = 1; i < 200'000; ++i) text.append(StrCat(",\"k", i, "\":0"));
  CHECK(Json::Parse(text + "}").ok());
  CheckRefused(text + ",\"k0\":0}", "\"k0\" stands twice");
}

TEST_CASE("Json: what RFC 8259 does not allow is refused") {
  for (const std::string_view text :
       {"",       " ",       "{",         "}",         "[1,]",    "{\"a\":1,}",
        "{a:1}",  "{'a':1}", "[1 2]",     "01",        "+1",      ".5",
        "1.",     "NaN",     "Infinity",  "nul",       "True",    "\"a",
        "\"\n\"", "\"\t\"",  "\"\\x41\"", "\"\\u12\"", "// c\n1", "/* c */1",
        "1 // c", "{\"a\"}", "{\"a\":}",  "{1:2}",     "[1}"}) {
    CheckRefused(text);
  }
}

TEST_CASE("Json: text behind the value is refused") {
  CheckRefused("{}{}");
  CheckRefused("{} x");
  CheckRefused("1,2");
}

TEST_CASE("Json: a NUL byte does not hide what stands behind it") {
  using std::string_view_literals::operator""sv;
  CheckRefused("{}\0"sv, "NUL at byte 2");
  CheckRefused("{}\0{\"a\":1}"sv, "NUL");
  CheckRefused("\0"sv, "NUL");
  CheckRefused("\"a\0b\""sv, "NUL");
  CHECK(Read("\"a\\u0000b\"").AsString("it").value() == "a\0b"sv);
}

TEST_CASE("Json: text that is no UTF-8 is refused") {
  CheckRefused("\"\xff\"");
  CheckRefused("\"\xc3\"");
  CheckRefused("\"\xc0\xaf\"");
  CheckRefused("\"\xed\xa0\x80\"");
  CheckRefused("{\"\xff\":1}");
  CheckRefused("\"\\ud800\"");
  CheckRefused("\"\\ud800\\u0041\"");
  CheckRefused("\"\\udc00\"");
  CHECK(Read("\"\\ud83d\\ude00\"").AsString("it").value() == "\xf0\x9f\x98\x80");
}

TEST_CASE("Json: a byte order mark at the start is passed over, elsewhere refused") {
  CHECK(Read("\xef\xbb\xbf{}").is_object());
  CheckRefused("{}\xef\xbb\xbf");
  CheckRefused("\xef\xbb\xbf\xef\xbb\xbf{}");
  CheckRefused("\xef\xbb{}");
  CheckRefused("\xfe\xff{}");
}

TEST_CASE("Json: one byte over the limit is refused") {
  CHECK(Json::Parse("[1,2]", {.bytes = 5}).ok());
  CheckRefused("[1,2]", "larger than 4 B", {.bytes = 4});
}

TEST_CASE("Json: one level over the limit is refused") {
  CHECK(Json::Parse("[{\"a\":[]}]", {.depth = 3}).ok());
  CheckRefused("[{\"a\":[[]]}]", "deeper than 3", {.depth = 3});
  CHECK(Json::Parse(std::string(64, '[') + std::string(64, ']')).ok());
  CheckRefused(std::string(65, '[') + std::string(65, ']'), "deeper than 64");
  CheckRefused(std::string(1'000'000, '['), "deeper");
}

TEST_CASE("Json: one value over the limit is refused") {
  CHECK(Json::Parse("[1,{\"a\":2}]", {.values = 4}).ok());
  CheckRefused("[1,{\"a\":2}]", "more than 3 values", {.values = 3});
}

TEST_CASE("Json: a message names the place and repeats nothing of the document") {
  const Result<Json> json = Json::Parse("{\n  \"auth\": \"c2VjcmV0\t\"\n}");
  REQUIRE_FALSE(json.ok());
  CAPTURE(json.error().message());
  CHECK(json.error().message().find("line 2") != std::string::npos);
  CHECK(json.error().message().find("c2V") == std::string::npos);
  const Result<Json> bare = Json::Parse("{\"auth\": c2VjcmV0}");
  REQUIRE_FALSE(bare.ok());
  CHECK(bare.error().message().find("c2V") == std::string::npos);
}

TEST_CASE("Json: Find tells missing from null, FindNonNull does not") {
  const Json json = Read(R"({"a":null,"b":1})");
  REQUIRE(json.Find("a") != nullptr);
  CHECK(json.Find("a")->is_null());
  CHECK(json.FindNonNull("a") == nullptr);
  CHECK(json.FindNonNull("b") != nullptr);
  CHECK(json.Find("B") == nullptr);
  CHECK(Read("[1]").Find("a") == nullptr);
}

TEST_CASE("Json: getters give the value of the right kind") {
  const Json json = Read(R"({"s":"x","i":-3,"u":3,"o":{},"l":[],"n":null})");
  CHECK(json.String("s").value() == "x");
  CHECK(json.Integer("i").value() == -3);
  CHECK(json.Unsigned("u").value() == 3);
  CHECK(json.Object("o").value()->is_object());
  CHECK(json.Array("l").value()->is_array());
  CHECK(json.OptionalString("s").value() == "x");
  CHECK_FALSE(json.OptionalString("n").value().has_value());
  CHECK_FALSE(json.OptionalString("missing").value().has_value());
}

TEST_CASE("Json: getters refuse another kind and name the key") {
  const Json json = Read(R"({"s":"3","i":-3,"f":3.0,"b":true,"o":{},"l":[],"n":null})");
  CheckMessage(json.Integer("s"), "\"s\" is not an integer");
  CheckMessage(json.Integer("f"), "\"f\" is not an integer");
  CheckMessage(json.Integer("b"), "\"b\" is not an integer");
  CheckMessage(json.Unsigned("i"), "\"i\" is negative");
  CheckMessage(json.Unsigned("s"), "\"s\" is not an integer");
  CheckMessage(json.String("i"), "\"i\" is not a string");
  CheckMessage(json.String("n"), "\"n\" is not a string");
  CheckMessage(json.Object("l"), "\"l\" is not an object");
  CheckMessage(json.Object("n"), "\"n\" is not an object");
  CheckMessage(json.Array("o"), "\"o\" is not an array");
  CheckMessage(json.OptionalString("i"), "\"i\" is not a string");
}

TEST_CASE("Json: getters refuse a missing key") {
  const Json json = Read("{}");
  CheckMessage(json.String("x"), "\"x\" is missing");
  CheckMessage(json.Integer("x"), "\"x\" is missing");
  CheckMessage(json.Unsigned("x"), "\"x\" is missing");
  CheckMessage(json.Object("x"), "\"x\" is missing");
  CheckMessage(json.Array("x"), "\"x\" is missing");
  CheckMessage(Read("[]").String("x"), "\"x\" is missing");
}

}  // namespace
}  // namespace ociship::util

TEST_CASE("Json: TextOf gives a string member, and nothing for everything else") {
  const auto json = ociship::util::Json::Parse(R"({"a":"x","b":1,"c":null,"d":["x"]})").value();
  CHECK(json.TextOf("a") == "x");
  for (const char* key : {"b", "c", "d", "e"}) CHECK(json.TextOf(key).empty());
  CHECK(ociship::util::Json::Parse("[1]").value().TextOf("a").empty());
}
