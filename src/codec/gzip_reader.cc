// SPDX-License-Identifier: Apache-2.0
// Inflates gzip (RFC 1952) with ISA-L. Tested by tests/codec/compression_test.cc.
#include "codec/gzip_reader.h"

#include <isa-l.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "util/text.h"
#include "util/try.h"

namespace ociship::codec {
namespace {

constexpr std::size_t kHeaderBytes = 10;
constexpr std::uint8_t kDeflateMethod = 8;
// RFC 1952, "FLG".
constexpr std::uint8_t kHasHeaderCrc = 0x02;
constexpr std::uint8_t kHasExtra = 0x04;
constexpr std::uint8_t kHasName = 0x08;
constexpr std::uint8_t kHasComment = 0x10;
constexpr std::uint8_t kReserved = 0xe0;
// File name and comment have no length: more than this is no header.
constexpr std::size_t kMaxHeaderText = 64 * 1024;

bool IsMagic(ByteView bytes) { return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

}  // namespace

struct GzipReader::State {
  inflate_state inflate;
};

GzipReader::GzipReader(InputBuffer input, Trailing trailing, const ExpansionLimit& limit)
    : DecodingReader(std::move(input), trailing, limit), state_(std::make_unique<State>()) {
  isal_inflate_init(&state_->inflate);
}

GzipReader::~GzipReader() = default;

Result<DecodingReader::Found> GzipReader::BeginPart() {
  TRY(input().Want(kHeaderBytes));
  if (parts() > 0 && !IsMagic(input().rest())) return Found::kNoPart;
  TRY(ReadHeader());
  isal_inflate_reset(&state_->inflate);
  // The header is read here and not by ISA-L, which forgets the flags of a header that does not
  // come in one piece. This mode compares CRC and length at the end of the member.
  state_->inflate.crc_flag = ISAL_GZIP_NO_HDR_VER;
  return Found::kPart;
}

// RFC 1952 section 2.3.1. The CRC of the header is optional to check and protects nothing that is
// used here.
Status GzipReader::ReadHeader() {
  TRY(input().Want(kHeaderBytes));
  const ByteView header = input().rest();
  if (header.size() < kHeaderBytes) return input().Bad("the gzip data is cut off");
  if (!IsMagic(header)) return input().Bad("it is not gzip data");
  if (header[2] != kDeflateMethod) return input().Bad("gzip with an unknown compression method");
  const std::uint8_t flags = header[3];
  if ((flags & kReserved) != 0) return input().Bad("gzip with unknown flags in its header");
  input().Consume(kHeaderBytes);
  if ((flags & kHasExtra) != 0) {
    TRY(input().Want(2));
    const ByteView length = input().rest();
    if (length.size() < 2) return input().Bad("the gzip data is cut off");
    const std::size_t size = static_cast<std::size_t>(length[0] | (length[1] << 8));
    input().Consume(2);
    TRY(SkipHeaderField(size));
  }
  if ((flags & kHasName) != 0) TRY(SkipHeaderText());
  if ((flags & kHasComment) != 0) TRY(SkipHeaderText());
  if ((flags & kHasHeaderCrc) != 0) TRY(SkipHeaderField(2));
  return Ok();
}

Status GzipReader::SkipHeaderField(std::size_t size) {
  TRY(input().Want(size));
  if (input().rest().size() < size) return input().Bad("the gzip data is cut off");
  input().Consume(size);
  return Ok();
}

// A text that ends with a zero byte.
Status GzipReader::SkipHeaderText() {
  for (std::size_t skipped = 0; skipped <= kMaxHeaderText;) {
    const InputBuffer::Next next = TRY(input().Peek());
    if (next == InputBuffer::Next::kEnd) return input().Bad("the gzip data is cut off");
    const ByteView rest = input().rest();
    const auto zero = std::ranges::find(rest, std::uint8_t{0});
    const std::size_t before = static_cast<std::size_t>(zero - rest.begin());
    if (zero != rest.end()) {
      input().Consume(before + 1);
      return Ok();
    }
    input().Consume(before);
    skipped += before;
  }
  return input().Bad("the gzip header is too long");
}

Result<DecodingReader::Step> GzipReader::Decode(std::span<std::uint8_t> buffer) {
  TRY(input().Want(1));
  const ByteView rest = input().rest();
  const std::size_t room =
      std::min<std::size_t>(buffer.size(), std::numeric_limits<std::uint32_t>::max());
  inflate_state& inflate = state_->inflate;
  // ISA-L does not write to its input; the member is not const for historical reasons.
  inflate.next_in = const_cast<std::uint8_t*>(rest.data());
  inflate.avail_in = static_cast<std::uint32_t>(rest.size());
  inflate.next_out = buffer.data();
  inflate.avail_out = static_cast<std::uint32_t>(room);
  const int result = isal_inflate(&inflate);
  const std::size_t used = rest.size() - inflate.avail_in;
  const std::size_t filled = room - inflate.avail_out;
  input().Consume(used);
  if (result == ISAL_INCORRECT_CHECKSUM) return input().Bad("the gzip checksum is wrong");
  if (result != ISAL_DECOMP_OK) return input().Bad("the gzip data is damaged");
  if (inflate.block_state == ISAL_BLOCK_FINISH) {
    return Step{.filled = filled, .place = Place::kPartEnded};
  }
  if (used == 0 && filled == 0) {
    // A truncated stream is no error for ISA-L: it only stops.
    return input().Bad(rest.empty() ? "the gzip data is cut off" : "the gzip data is damaged");
  }
  return Step{.filled = filled, .place = Place::kInPart};
}

}  // namespace ociship::codec
