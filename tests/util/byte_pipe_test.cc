// SPDX-License-Identifier: Apache-2.0
#include "util/byte_pipe.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>

namespace ociship::util {
namespace {

TEST_CASE("BytePipe: more than fits goes through in order") {
  std::string text;
  for (int i = 0; i < 10000; ++i) text.push_back(static_cast<char>('a' + i % 26));
  BytePipe pipe(7);
  std::jthread writer([&] {
    CHECK(pipe.Write(AsBytes(text)).ok());
    pipe.Close();
  });
  const Result<std::string> got = ReadAll(pipe, text.size(), "the pipe");
  REQUIRE(got.ok());
  CHECK(got.value() == text);
}

TEST_CASE("BytePipe: closed without a byte it gives the end, again and again") {
  BytePipe pipe(7);
  pipe.Close();
  std::uint8_t buffer[4];
  CHECK(pipe.Read(buffer).value() == 0);
  CHECK(pipe.Read(buffer).value() == 0);
}

TEST_CASE("BytePipe: what was written before the end is read after it") {
  BytePipe pipe(7);
  REQUIRE(pipe.Write(AsBytes("abc")).ok());
  pipe.Close();
  CHECK(ReadAll(pipe, 7, "the pipe").value() == "abc");
}

TEST_CASE("BytePipe: a failure reaches both sides, and the first one counts") {
  BytePipe pipe(2);
  std::jthread writer([&] {
    const Status status = pipe.Write(AsBytes("more than two"));
    CHECK_FALSE(status.ok());
  });
  std::uint8_t buffer[1];
  CHECK(pipe.Read(buffer).value() == 1);
  pipe.Fail(Error(Code::kUnavailable, "gone"));
  pipe.Fail(Error(Code::kFailure, "later"));
  writer.join();
  const auto read = pipe.Read(buffer);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().code() == Code::kUnavailable);
  CHECK(read.error().message() == "gone");
}

}  // namespace
}  // namespace ociship::util
