// SPDX-License-Identifier: Apache-2.0
#include "sigstore/dsse.h"

#include <doctest/doctest.h>

namespace ociship::sigstore {
namespace {

TEST_CASE("PreAuthEncoding: the example of the DSSE protocol has its published bytes") {
  CHECK(PreAuthEncoding("http://example.com/HelloWorld", "hello world") ==
        "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST_CASE("PreAuthEncoding: lengths count bytes, not characters") {
  CHECK(PreAuthEncoding("t\xC3\xA9", "\xE2\x82\xAC") == "DSSEv1 3 t\xC3\xA9 3 \xE2\x82\xAC");
}

TEST_CASE("PreAuthEncoding: a NUL and an empty payload keep their lengths") {
  CHECK(PreAuthEncoding("t", std::string_view("\0x", 2)) ==
        std::string("DSSEv1 1 t 2 ") + std::string("\0x", 2));
  CHECK(PreAuthEncoding("", "") == "DSSEv1 0  0 ");
}

TEST_CASE("PreAuthEncoding: moving a byte from type to payload changes the message") {
  CHECK(PreAuthEncoding("ab", "c") != PreAuthEncoding("a", "bc"));
}

}  // namespace
}  // namespace ociship::sigstore
