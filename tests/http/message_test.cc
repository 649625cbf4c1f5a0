// SPDX-License-Identifier: Apache-2.0
#include "http/message.h"

#include <doctest/doctest.h>

using ociship::http::Headers;
using ociship::http::Method;

TEST_CASE("Headers: a name is found whatever its case, the first field counts") {
  Headers headers;
  headers.Add("LOCATION", "/one");
  headers.Add("location", "/two");
  CHECK(headers.Get("Location") == "/one");
  CHECK(headers.GetAll("Location") == std::vector<std::string>{"/one", "/two"});
}

TEST_CASE("Headers: a name that is missing, or only the beginning of one, is not found") {
  Headers headers;
  headers.Add("Location", "/one");
  CHECK_FALSE(headers.Get("Range").has_value());
  CHECK_FALSE(headers.Get("Loc").has_value());
  CHECK(headers.GetAll("Range").empty());
}

TEST_CASE("Method: every one has the name of RFC 9110 and RFC 5789") {
  CHECK(Name(Method::kGet) == "GET");
  CHECK(Name(Method::kHead) == "HEAD");
  CHECK(Name(Method::kPost) == "POST");
  CHECK(Name(Method::kPut) == "PUT");
  CHECK(Name(Method::kPatch) == "PATCH");
  CHECK(Name(Method::kDelete) == "DELETE");
}
