// SPDX-License-Identifier: Apache-2.0
#include "oci/raw_json.h"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

namespace ociship::oci {
namespace {

using Texts = std::vector<std::string_view>;

TEST_CASE("RawValues: the elements of an array keep their bytes") {
  CHECK(RawValues("[1.0e5, \"a,]\" ,{ \"b\" : [1,2] },null]") ==
        Texts{"1.0e5", "\"a,]\"", "{ \"b\" : [1,2] }", "null"});
}

TEST_CASE("RawValues: of an object the values alone") {
  CHECK(RawValues("{\"a:\\\"\" : 1,\n\t\"b\":{\"c\":\"}:,\"}, \"d\":\"\"}") ==
        Texts{"1", "{\"c\":\"}:,\"}", "\"\""});
}

TEST_CASE("RawValues: an escaped quotation mark or backslash does not end a string") {
  CHECK(RawValues(R"(["\"", "\\", "\\\"", 1])") == Texts{R"("\"")", R"("\\")", R"("\\\"")", "1"});
}

TEST_CASE("RawValues: nothing in what is empty or no container") {
  CHECK(RawValues("[]") == Texts{});
  CHECK(RawValues(" { } ") == Texts{});
  CHECK(RawValues("\"a\"") == Texts{});
  CHECK(RawValues("7") == Texts{});
}

}  // namespace
}  // namespace ociship::oci
