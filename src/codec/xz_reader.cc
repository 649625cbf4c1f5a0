// SPDX-License-Identifier: Apache-2.0
// Decompresses .xz files with liblzma. Tested by tests/codec/xz_reader_test.cc.
#include "codec/xz_reader.h"

#include <lzma.h>

#include <algorithm>
#include <array>
#include <utility>

#include "util/try.h"

namespace ociship::codec {
namespace {

constexpr std::array<std::uint8_t, 6> kMagic = {0xfd, '7', 'z', 'X', 'Z', 0x00};
// Twice what the largest preset, xz -9, needs.
constexpr std::uint64_t kMaxMemory = std::uint64_t{128} << 20;
// The .xz file format, section 2.2.
constexpr std::uint64_t kPaddingUnit = 4;

}  // namespace

bool IsXzStream(ByteView first) {
  return first.size() >= kMagic.size() && std::ranges::equal(first.first(kMagic.size()), kMagic);
}

// Zero is what lzma.h calls LZMA_STREAM_INIT.
struct XzReader::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { lzma_end(&stream); }

  lzma_stream stream = {};
};

XzReader::XzReader(InputBuffer input, Trailing trailing, const ExpansionLimit& limit)
    : DecodingReader(std::move(input), trailing, limit), state_(std::make_unique<State>()) {}

XzReader::~XzReader() = default;

Result<DecodingReader::Found> XzReader::BeginPart() {
  if (parts() > 0) {
    const Found found = TRY(ReadPadding());
    if (found == Found::kNoPart) return found;
  } else {
    TRY(input().Want(kMagic.size()));
    if (input().rest().size() < kMagic.size()) return input().Bad("the xz data is cut off");
    if (!IsXzStream(input().rest())) return input().Bad("it is not xz data");
  }
  // One decoder a stream and not LZMA_CONCATENATED, which takes no other padding and calls what
  // follows it damaged.
  if (lzma_stream_decoder(&state_->stream, kMaxMemory, LZMA_TELL_UNSUPPORTED_CHECK) != LZMA_OK) {
    return Error(Code::kFailure, "liblzma: no memory");
  }
  return Found::kPart;
}

Result<DecodingReader::Found> XzReader::ReadPadding() {
  std::uint64_t zeros = 0;
  while (true) {
    const InputBuffer::Next next = TRY(input().Peek());
    if (next == InputBuffer::Next::kEnd) break;
    const ByteView rest = input().rest();
    const auto other = std::ranges::find_if(rest, [](std::uint8_t byte) { return byte != 0; });
    const auto count = static_cast<std::size_t>(other - rest.begin());
    input().Consume(count);
    zeros += count;
    if (count < rest.size()) break;
  }
  TRY(input().Want(kMagic.size()));
  if (IsXzStream(input().rest())) {
    if (zeros % kPaddingUnit == 0) return Found::kPart;
    return input().Bad("the padding between xz streams is no multiple of four bytes");
  }
  if (zeros > 0 && trailing() == Trailing::kRefuse) {
    return input().Bad("it goes on with other bytes after the compressed data");
  }
  return Found::kNoPart;
}

Result<DecodingReader::Step> XzReader::Decode(std::span<std::uint8_t> buffer) {
  TRY(input().Want(1));
  const ByteView rest = input().rest();
  lzma_stream& stream = state_->stream;
  stream.next_in = rest.data();
  stream.avail_in = rest.size();
  stream.next_out = buffer.data();
  stream.avail_out = buffer.size();
  const lzma_ret result = lzma_code(&stream, LZMA_RUN);
  const std::size_t used = rest.size() - stream.avail_in;
  const std::size_t filled = buffer.size() - stream.avail_out;
  input().Consume(used);
  if (result == LZMA_STREAM_END) return Step{.filled = filled, .place = Place::kPartEnded};
  if (result == LZMA_MEM_ERROR) return Error(Code::kFailure, "liblzma: no memory");
  if (result == LZMA_MEMLIMIT_ERROR) {
    return input().Bad("the xz data needs more than 128 MiB of memory");
  }
  if (result == LZMA_UNSUPPORTED_CHECK) return input().Bad("xz with an unknown kind of checksum");
  if (result == LZMA_OPTIONS_ERROR) return input().Bad("xz with unknown filters or flags");
  if (result != LZMA_OK && result != LZMA_BUF_ERROR) return input().Bad("the xz data is damaged");
  if (used == 0 && filled == 0) {
    // A truncated stream is no error for liblzma: it only stops.
    return input().Bad(rest.empty() ? "the xz data is cut off" : "the xz data is damaged");
  }
  return Step{.filled = filled, .place = Place::kInPart};
}

}  // namespace ociship::codec
