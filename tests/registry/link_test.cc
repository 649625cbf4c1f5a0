// SPDX-License-Identifier: Apache-2.0
#include "registry/link.h"

#include <doctest/doctest.h>

namespace {

std::optional<std::string> Next(std::initializer_list<const char*> fields) {
  ociship::http::Headers headers;
  for (const char* field : fields) headers.Add("Link", field);
  return ociship::registry::NextLink(headers);
}

}  // namespace

TEST_CASE("NextLink: the usual forms are read") {
  CHECK(Next({R"(</v2/a/tags/list?last=b&n=2>; rel="next")"}) == "/v2/a/tags/list?last=b&n=2");
  CHECK(Next({"</x>; rel=next"}) == "/x");
  CHECK(Next({"</x>;REL=\"NEXT\""}) == "/x");
  CHECK(Next({R"(  <https://r.example/x>  ;  rel = "next"  )"}) == "https://r.example/x");
  CHECK(Next({R"(</x>; rel="last next")"}) == "/x");
}

TEST_CASE("NextLink: the link with the relation is found among others") {
  CHECK(Next({R"(</first>; rel="first", </x>; title="a,b;c\"d"; rel="next", </y>; rel="next")"}) ==
        "/x");
  CHECK(Next({R"(</first>; rel="first")", R"(</x>; rel="next")"}) == "/x");
  CHECK(Next({R"(</a,b;c>; rel="next")"}) == "/a,b;c");
}

TEST_CASE("NextLink: without the relation there is none") {
  CHECK_FALSE(Next({}).has_value());
  CHECK_FALSE(Next({""}).has_value());
  CHECK_FALSE(Next({"</x>"}).has_value());
  CHECK_FALSE(Next({R"(</x>; rel="prev")"}).has_value());
  CHECK_FALSE(Next({R"(</x>; title="rel=next")"}).has_value());
  CHECK_FALSE(Next({R"(</x>; rel="nextish")"}).has_value());
}

TEST_CASE("NextLink: nonsense is skipped") {
  CHECK(Next({R"(nonsense; rel="next", </x>; rel="next")"}) == "/x");
  CHECK_FALSE(Next({R"(</x; rel="next")"}).has_value());
  CHECK_FALSE(Next({R"(</x>; rel="next)"}).has_value());
  CHECK_FALSE(Next({",,,;;;<>\"\\"}).has_value());
}
