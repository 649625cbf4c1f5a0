// SPDX-License-Identifier: Apache-2.0
#include "util/io.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace ociship::util {
namespace {

// Gives one byte a call, then the end or an error.
class SlowReader : public Reader {
 public:
  explicit SlowReader(std::string text, Status end = Ok())
      : text_(std::move(text)), end_(std::move(end)) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
    if (at_ == text_.size()) {
      if (!end_.ok()) return end_.error();
      return std::size_t{0};
    }
    buffer[0] = static_cast<std::uint8_t>(text_[at_++]);
    return std::size_t{1};
  }

 private:
  std::string text_;
  Status end_;
  std::size_t at_ = 0;
};

class TextSource : public RandomReader {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}
  std::uint64_t size() const override { return text_.size(); }
  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<std::uint8_t> buffer) override {
    if (offset >= text_.size()) return std::size_t{0};
    const std::size_t count = std::min(buffer.size(), text_.size() - offset);
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(offset), count, buffer.begin());
    return count;
  }

 private:
  std::string text_;
};

TEST_CASE("ReadFull: fills the buffer from small pieces") {
  SlowReader reader("abcdef");
  Bytes buffer(4);
  CHECK(ReadFull(reader, buffer).value() == 4);
  CHECK(AsText(buffer) == "abcd");
  CHECK(ReadFull(reader, buffer).value() == 2);
  CHECK(ReadFull(reader, buffer).value() == 0);
}

TEST_CASE("ReadThrough: takes everything, and an error on the way is the result") {
  SlowReader reader("abcdef");
  CHECK(ReadThrough(reader).ok());
  Bytes left(1);
  CHECK(reader.Read(left).value() == 0);
  SlowReader broken("ab", Error(Code::kUnavailable, "gone"));
  const Status status = ReadThrough(broken);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kUnavailable);
}

TEST_CASE("ReadFull: an error on the way is the result") {
  SlowReader reader("ab", Error(Code::kUnavailable, "gone"));
  Bytes buffer(4);
  const auto got = ReadFull(reader, buffer);
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().code() == Code::kUnavailable);
}

TEST_CASE("ReadAll: as much as the limit is read, one byte more is refused") {
  SlowReader exact("abcd");
  CHECK(ReadAll(exact, 4, "it").value() == "abcd");
  SlowReader more("abcde");
  const auto got = ReadAll(more, 4, "it");
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().code() == Code::kBadInput);
  CHECK(got.error().message() == "it: larger than 4 B");
}

TEST_CASE("ReadAll: a limit of zero takes nothing but nothing") {
  MemoryReader empty{ByteView()};
  CHECK(ReadAll(empty, 0, "it").value().empty());
  MemoryReader one{AsBytes("a")};
  CHECK_FALSE(ReadAll(one, 0, "it").ok());
}

TEST_CASE("ReadAll: more than one block is read, and a large limit costs nothing") {
  const std::string text(200'000, 'x');
  MemoryReader reader{AsBytes(text)};
  CHECK(ReadAll(reader, std::size_t{1} << 40, "it").value() == text);
}

TEST_CASE("RangeReader: gives the range and no more") {
  TextSource source("0123456789");
  RangeReader reader(source, 3, 4);
  CHECK(ReadAll(reader, 10, "it").value() == "3456");
  RangeReader empty(source, 10, 0);
  CHECK(ReadAll(empty, 10, "it").value().empty());
}

TEST_CASE("RangeReader: a source that ends in the range is an error") {
  TextSource source("0123456789");
  RangeReader reader(source, 8, 4);
  const auto got = ReadAll(reader, 10, "it");
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().code() == Code::kBadInput);
}

TEST_CASE("StringSink: keeps up to the limit and refuses more") {
  StringSink sink(4);
  CHECK(sink.Write(AsBytes("abc")).ok());
  CHECK(sink.Write({}).ok());
  CHECK_FALSE(sink.Write(AsBytes("de")).ok());
  CHECK(sink.Write(AsBytes("d")).ok());
  CHECK(sink.text() == "abcd");
  CHECK_FALSE(sink.Write(AsBytes("e")).ok());
}

}  // namespace
}  // namespace ociship::util
