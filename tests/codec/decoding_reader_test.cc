// SPDX-License-Identifier: Apache-2.0
#include "codec/decoding_reader.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "samples.h"

namespace ociship::codec {
namespace {

using Ratio = ExpansionLimit::Ratio;

struct Passed {
  std::uint64_t bytes = 0;  // before the end or the error
  Status status = Ok();
};

// Reads all of it and keeps none of it.
Passed Pass(Compression compression, const std::string& file, const ExpansionLimit& limit) {
  auto reader = Decompress(compression, std::make_unique<testing::PieceReader>(file),
                           Trailing::kRefuse, "\"sample\"", limit);
  REQUIRE(reader.ok());
  util::Bytes buffer(64 * 1024);
  Passed passed;
  while (true) {
    const Result<std::size_t> got = reader.value()->Read(buffer);
    if (!got.ok()) {
      passed.status = got.error();
      return passed;
    }
    if (got.value() == 0) return passed;
    passed.bytes += got.value();
  }
}

void RequireBomb(const Passed& passed, std::string_view reason) {
  REQUIRE_FALSE(passed.status.ok());
  CHECK(passed.status.error().code() == Code::kBadInput);
  const std::string& message = passed.status.error().message();
  CHECK(message.starts_with("\"sample\": it unpacks to more than "));
  CHECK_MESSAGE(message.find(reason) != std::string::npos, message);
  CHECK_MESSAGE(message.find("--max-layer-size SIZE allows") != std::string::npos, message);
}

struct Sample {
  Compression compression;
  std::string file;
};

std::vector<Sample> SamplesOf(std::string_view content) {
  return {{Compression::kGzip, GzipOf(content)},
          {Compression::kZstd, ZstdOf(content)},
          {Compression::kXz, XzOf(content)},
          {Compression::kBzip2, Bzip2Of(content)}};
}

}  // namespace

TEST_CASE("expansion: content of exactly the largest size is taken and one byte more refused") {
  for (const Sample& sample : SamplesOf(Repeated(300'000))) {
    CAPTURE(Name(sample.compression));
    const Passed whole = Pass(sample.compression, sample.file, {.max_bytes = 300'000});
    CHECK(whole.status.ok());
    CHECK(whole.bytes == 300'000);
    const Passed bomb = Pass(sample.compression, sample.file, {.max_bytes = 299'999});
    RequireBomb(bomb, "293 KiB");
    CHECK(bomb.bytes < 300'000);
  }
}

TEST_CASE("expansion: the size is that of all parts together") {
  const std::string part = ZstdOf("hello");
  CHECK(Pass(Compression::kZstd, part + part, {.max_bytes = 10}).status.ok());
  RequireBomb(Pass(Compression::kZstd, part + part, {.max_bytes = 9}), "9 B");
}

TEST_CASE("expansion: the largest size holds whatever the ratio may be") {
  const std::string file = ZstdOf("hello");
  RequireBomb(Pass(Compression::kZstd, file, {.max_bytes = 4, .ratio = Ratio::kAny}), "4 B");
}

TEST_CASE("expansion: a bomb of any format is refused, and taken if any ratio is allowed") {
  const std::string zeros(kExpansionGrace + (6 << 20), '\0');
  for (const Sample& sample : SamplesOf(zeros)) {
    CAPTURE(Name(sample.compression));
    REQUIRE(sample.file.size() < zeros.size() / kMaxExpansionRatio);
    const Passed bomb = Pass(sample.compression, sample.file, {});
    RequireBomb(bomb, "1000 times its size");
    CHECK(bomb.bytes <= kExpansionGrace);
    const Passed allowed = Pass(sample.compression, sample.file, {.ratio = Ratio::kAny});
    CHECK(allowed.status.ok());
    CHECK(allowed.bytes == zeros.size());
  }
}

TEST_CASE("expansion: what is small is taken, whatever its ratio") {
  CHECK(Pass(Compression::kZstd, ZstdOf(std::string(kExpansionGrace, '\0')), {}).status.ok());
  RequireBomb(Pass(Compression::kZstd, ZstdOf(std::string(kExpansionGrace + 1, '\0')), {}),
              "1000 times");
}

TEST_CASE("expansion: a ratio of exactly 1000 is taken and a little more refused") {
  constexpr std::size_t kContent = 70'000'000;
  constexpr std::size_t kFile = kContent / kMaxExpansionRatio;
  const std::string frame = ZstdOf(std::string(kContent, '\0'));
  REQUIRE(frame.size() < kFile / 2);
  const std::string exact = Skippable(kFile - frame.size()) + frame;
  CHECK(Pass(Compression::kZstd, exact, {}).status.ok());
  const std::string less = Skippable(kFile - frame.size() - 1) + frame;
  RequireBomb(Pass(Compression::kZstd, less, {}), "1000 times");
}

TEST_CASE("expansion: bytes that the decoder did not take yet make a bomb no smaller") {
  const std::string bomb = ZstdOf(std::string(70'000'000, '\0'));
  CHECK(Pass(Compression::kZstd, Skippable(100'000) + bomb, {}).status.ok());
  RequireBomb(Pass(Compression::kZstd, bomb + Skippable(100'000), {}), "1000 times");
}

TEST_CASE("expansion: the ratio is that of the outermost bytes, where they are fewer") {
  constexpr std::uint64_t kContent = 70'000'000;
  const std::string file = Skippable(100'000) + ZstdOf(std::string(kContent, '\0'));
  std::uint64_t outermost = kContent / kMaxExpansionRatio;
  CHECK(Pass(Compression::kZstd, file, {.outermost = &outermost}).status.ok());
  --outermost;
  RequireBomb(Pass(Compression::kZstd, file, {.outermost = &outermost}), "1000 times");
  const ExpansionLimit any = {.ratio = Ratio::kAny, .outermost = &outermost};
  CHECK(Pass(Compression::kZstd, file, any).status.ok());
}

TEST_CASE("expansion: many outermost bytes make a bomb no smaller") {
  const std::uint64_t outermost = 1 << 30;
  const std::string bomb = ZstdOf(std::string(70'000'000, '\0'));
  RequireBomb(Pass(Compression::kZstd, bomb, {.outermost = &outermost}), "1000 times");
}

TEST_CASE("expansion: content without compression is not limited") {
  CHECK(Pass(Compression::kNone, "hello", {.max_bytes = 1}).bytes == 5);
}

}  // namespace ociship::codec
