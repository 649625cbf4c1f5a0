// SPDX-License-Identifier: Apache-2.0
#include "util/toml.h"

#include <doctest/doctest.h>

#include <string>

#include "util/text.h"

namespace ociship::util {
namespace {

Json Read(std::string_view text) {
  CAPTURE(text);
  Result<Json> json = ParseToml(text);
  if (!json.ok()) FAIL(json.error().message());
  return std::move(json).value();
}

std::string Refusal(std::string_view text) {
  CAPTURE(text);
  const Result<Json> json = ParseToml(text);
  REQUIRE_FALSE(json.ok());
  CHECK(json.error().code() == Code::kBadInput);
  return json.error().message();
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string Repeat(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

TEST_CASE("ParseToml: tables, arrays of tables and values become JSON") {
  const Json json = Read(
      "# comment\nname = 'plain'\ncount = -7\nyes = true\n"
      "[[registry]]\nprefix = \"a.io\"\n[[registry.mirror]]\nlocation = \"b.io\"\n"
      "[[registry]]\nlist = [1, 2]\n");
  CHECK(json.String("name").value() == "plain");
  CHECK(json.Integer("count").value() == -7);
  CHECK(json.Find("yes")->is_true());
  const Json* registries = json.Array("registry").value();
  REQUIRE(registries->elements().size() == 2);
  const Json& first = registries->elements()[0];
  CHECK(first.Array("mirror").value()->elements()[0].String("location").value() == "b.io");
  CHECK(registries->elements()[1].Array("list").value()->elements().size() == 2);
}

TEST_CASE("ParseToml: an empty document is an empty object") {
  CHECK(Read("").members().empty());
  CHECK(Read("\n# nothing\n").is_object());
}

TEST_CASE("ParseToml: characters that JSON escapes come back as they were") {
  CHECK(Read(R"(a = "q\" s\\ t\t u\u00e9 d\u007f n\u0000")").String("a").value() ==
        std::string("q\" s\\ t\t u\xc3\xa9 d\x7f n\0", 18));
  CHECK(Read("a = '''\n[[[[.\"'''").String("a").value() == "[[[[.\"");
}

TEST_CASE("ParseToml: a number with a point is no integer") {
  CHECK(Read("a = 1.0").Find("a")->kind() == Json::Kind::kNumber);
  CHECK(Read("a = 1e30").Find("a")->kind() == Json::Kind::kNumber);
  CHECK(Read("a = 1").Find("a")->kind() == Json::Kind::kInteger);
}

TEST_CASE("ParseToml: text that is no TOML is refused with its line") {
  CHECK(Contains(Refusal("a = 1\nb = = 2\n"), "line 2"));
  CHECK(Contains(Refusal("a = \"open\n"), "line 1"));
  CHECK(Contains(Refusal("a = 1\na = 2\n"), "line 2"));
  CHECK(Contains(Refusal("[[a]]\nb = 1\n[a]\n"), "line 3"));
  CHECK(Contains(Refusal("a = \"\xff\"\n"), "TOML"));
  Refusal(std::string_view("a = 1\0", 6));
}

TEST_CASE("ParseToml: what JSON has no word for is refused") {
  CHECK(Contains(Refusal("a = 2026-01-02"), "dates"));
  CHECK(Contains(Refusal("a = inf"), "infinite"));
  CHECK(Contains(Refusal("a = [nan]"), "infinite"));
}

TEST_CASE("ParseToml: a message has no control characters of the text") {
  const std::string message = Refusal("a = \x1b[31m\n");
  CHECK_FALSE(Contains(message, "\x1b"));
}

TEST_CASE("ParseToml: depth has a cap, and text in strings and comments does not count") {
  const std::string dots = Repeat("a.", 15);
  CHECK(Read(StrCat(dots, "a = 1")).is_object());
  CHECK(Contains(Refusal(StrCat(dots, "a.a = 1")), "16 parts"));
  CHECK(Contains(Refusal(StrCat("[", Repeat("a.", 300'000), "a]")), "16 parts"));
  CHECK(Contains(Refusal(StrCat("[", Repeat("'a'.", 200'000), "a]")), "16 parts"));
  CHECK(Read(StrCat("a = ", Repeat("[", 16), Repeat("]", 16))).is_object());
  CHECK(Contains(Refusal(StrCat("a = ", Repeat("[", 17), Repeat("]", 17))), "16 brackets"));
  const std::string hidden = Repeat("[.", 100);
  CHECK(Read(StrCat("a = '", hidden, "'\nb = \"\\\"", hidden, "\" # ", hidden)).is_object());
  CHECK(Read(StrCat("a = \"\"\"", hidden, "\"\"\"\"\"\nb = [1.5, 2.5", Repeat(", 0.5", 50), "]\n"))
            .is_object());
  CHECK(Contains(Refusal(StrCat("a = \"\"\"x\"\"\"\"\nb = ", Repeat("[", 17))), "16 brackets"));
}

TEST_CASE("ParseToml: a document over the size is refused before it is read") {
  CHECK(Read(std::string(kMaxTomlBytes, '\n')).is_object());
  CHECK(Contains(Refusal(std::string(kMaxTomlBytes + 1, '\n')), "larger than 1 MiB"));
}

}  // namespace
}  // namespace ociship::util
