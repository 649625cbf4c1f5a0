// SPDX-License-Identifier: Apache-2.0
#include "registry/range.h"

#include <doctest/doctest.h>

#include <cstdint>

using ociship::registry::StoredBytes;

TEST_CASE("StoredBytes: the end is inclusive") {
  CHECK(StoredBytes("0-99", 0, 1000) == 100);
  CHECK(StoredBytes("bytes=0-99", 0, 1000) == 100);
  CHECK(StoredBytes(" 0-99 ", 0, 1000) == 100);
}

TEST_CASE("StoredBytes: more than was sent is not believed") {
  CHECK(StoredBytes("0-999", 0, 1000) == 1000);
  CHECK(StoredBytes("0-1000", 0, 1000) == 1000);
  CHECK(StoredBytes("0-18446744073709551615", 0, 1000) == 1000);
  CHECK(StoredBytes("0-5", 0, 0) == 0);
}

TEST_CASE("StoredBytes: 0-0 is nothing unless one byte was confirmed") {
  CHECK(StoredBytes("0-0", 0, 1000) == 0);
  CHECK(StoredBytes("0-0", 1, 1000) == 1);
  CHECK(StoredBytes("0-0", 2, 1000) == 0);
  CHECK(StoredBytes("0-0", 1, 0) == 0);
}

TEST_CASE("StoredBytes: what zot says of an empty body is nothing") {
  CHECK(StoredBytes("0--1", 5, 1000) == 0);
}

TEST_CASE("StoredBytes: any other text tells nothing") {
  for (const char* text : {"", "0", "0-", "1-5", "-5", "5", "0-x", "0-5x", "0-5/10", "bytes 0-5",
                           "0-99999999999999999999", "0--5", "0- 5"}) {
    CAPTURE(text);
    CHECK_FALSE(StoredBytes(text, 0, 1000).has_value());
  }
}
