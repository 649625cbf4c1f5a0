// SPDX-License-Identifier: Apache-2.0
// Compressed content: the same comes out however it is cut, and never more than is allowed. Run by
// scripts/fuzz.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "codec/compression.h"
#include "fuzz.h"
#include "util/io.h"

namespace ociship::fuzz {
namespace {

using codec::Compression;
using codec::Trailing;

constexpr codec::ExpansionLimit kLimit = {.max_bytes = 1 << 20};

// Gives at most `step` bytes at once.
class SlowReader : public util::Reader {
 public:
  SlowReader(ByteView bytes, std::size_t step) : source_(bytes), step_(step) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
    return source_.Read(buffer.first(std::min(step_, buffer.size())));
  }

 private:
  util::MemoryReader source_;
  std::size_t step_;
};

// The content, nullopt when it was refused.
std::optional<std::string> Unpack(Compression compression, ByteView bytes, Trailing trailing,
                                  std::size_t in_step, std::size_t out_step) {
  auto reader = codec::Decompress(compression, std::make_unique<SlowReader>(bytes, in_step),
                                  trailing, "sample", kLimit);
  if (!reader.ok()) {
    RequireBadInput(reader);
    return std::nullopt;
  }
  std::string content;
  util::Bytes buffer(out_step);
  while (true) {
    const auto got = reader.value()->Read(buffer);
    if (!got.ok()) {
      RequireBadInput(got);
      RequirePrintable(got.error().message());
      return std::nullopt;
    }
    if (got.value() == 0) break;
    Require(got.value() <= buffer.size());
    content += util::AsText(ByteView(buffer).first(got.value()));
    Require(content.size() <= kLimit.max_bytes);
  }
  return content;
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship::fuzz;
  const ociship::ByteView bytes(data, size);
  const Compression compression = ociship::codec::SniffCompression(bytes);
  if (compression == Compression::kNone) {
    for (const Compression other :
         {Compression::kGzip, Compression::kZstd, Compression::kXz, Compression::kBzip2}) {
      Require(!Unpack(other, bytes, Trailing::kAllowPadding, 64 << 10, 64 << 10));
    }
    return 0;
  }
  const auto strict = Unpack(compression, bytes, Trailing::kRefuse, 64 << 10, 64 << 10);
  const auto lenient = Unpack(compression, bytes, Trailing::kAllowPadding, 13, 7919);
  if (strict) Require(lenient == strict);
  if (lenient && !strict) Require(data[size - 1] == 0);
  return 0;
}
