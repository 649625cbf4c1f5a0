// SPDX-License-Identifier: Apache-2.0
// Decompresses zstd (RFC 8878). Tested by tests/codec/compression_test.cc.
#include "codec/zstd_reader.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <cstdlib>
#include <utility>

#include "util/text.h"
#include "util/try.h"

namespace ociship::codec {
namespace {

constexpr std::size_t kMagicBytes = 4;
// 128 MiB: what every other reader of images accepts at most.
constexpr int kMaxWindowLog = 27;

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

bool IsZstdFrame(ByteView first) {
  if (first.size() < kMagicBytes) return false;
  const bool frame = first[0] == 0x28 && first[1] == 0xb5 && first[2] == 0x2f && first[3] == 0xfd;
  const bool skippable =
      (first[0] & 0xf0) == 0x50 && first[1] == 0x2a && first[2] == 0x4d && first[3] == 0x18;
  return frame || skippable;
}

struct ZstdReader::State {
  std::unique_ptr<ZSTD_DCtx, FreeContext> context;
};

ZstdReader::ZstdReader(InputBuffer input, Trailing trailing, const ExpansionLimit& limit)
    : DecodingReader(std::move(input), trailing, limit), state_(std::make_unique<State>()) {
  state_->context.reset(ZSTD_createDCtx());
  if (state_->context == nullptr) std::abort();  // no memory
  ZSTD_DCtx_setParameter(state_->context.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
}

ZstdReader::~ZstdReader() = default;

Result<DecodingReader::Found> ZstdReader::BeginPart() {
  TRY(input().Want(kMagicBytes));
  if (IsZstdFrame(input().rest())) return Found::kPart;
  if (parts() > 0) return Found::kNoPart;
  if (input().rest().size() < kMagicBytes) return input().Bad("the zstd data is cut off");
  return input().Bad("it is not zstd data");
}

Result<DecodingReader::Step> ZstdReader::Decode(std::span<std::uint8_t> buffer) {
  TRY(input().Want(1));
  const ByteView rest = input().rest();
  ZSTD_inBuffer in = {rest.data(), rest.size(), 0};
  ZSTD_outBuffer out = {buffer.data(), buffer.size(), 0};
  const std::size_t result = ZSTD_decompressStream(state_->context.get(), &out, &in);
  input().Consume(in.pos);
  if (ZSTD_isError(result) != 0) {
    if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge) {
      return input().Bad("the zstd data needs a window of more than 128 MiB");
    }
    return input().Bad(util::StrCat("the zstd data is damaged: ", ZSTD_getErrorName(result)));
  }
  if (result == 0) return Step{.filled = out.pos, .place = Place::kPartEnded};
  if (in.pos == 0 && out.pos == 0) {
    return input().Bad(rest.empty() ? "the zstd data is cut off" : "the zstd data is damaged");
  }
  return Step{.filled = out.pos, .place = Place::kInPart};
}

}  // namespace ociship::codec
