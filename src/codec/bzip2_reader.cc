// SPDX-License-Identifier: Apache-2.0
// Decompresses bzip2 with libbz2. Tested by tests/codec/bzip2_reader_test.cc.
#include "codec/bzip2_reader.h"

#include <bzlib.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "util/try.h"

namespace ociship::codec {
namespace {

constexpr std::size_t kHeaderBytes = 4;

}  // namespace

bool IsBzip2Stream(ByteView first) {
  // The digit is the block size; without it a text could begin like this.
  return first.size() >= kHeaderBytes && first[0] == 'B' && first[1] == 'Z' && first[2] == 'h' &&
         first[3] >= '1' && first[3] <= '9';
}

// A decoder for one stream: libbz2 has no reset.
struct Bzip2Reader::State {
  State() { result = BZ2_bzDecompressInit(&stream, 0, 0); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (result == BZ_OK) BZ2_bzDecompressEnd(&stream);
  }

  bz_stream stream = {};
  int result;  // of the initialisation
};

Bzip2Reader::Bzip2Reader(InputBuffer input, Trailing trailing, const ExpansionLimit& limit)
    : DecodingReader(std::move(input), trailing, limit) {}

Bzip2Reader::~Bzip2Reader() = default;

Result<DecodingReader::Found> Bzip2Reader::BeginPart() {
  TRY(input().Want(kHeaderBytes));
  if (!IsBzip2Stream(input().rest())) {
    if (parts() > 0) return Found::kNoPart;
    if (input().rest().size() < kHeaderBytes) return input().Bad("the bzip2 data is cut off");
    return input().Bad("it is not bzip2 data");
  }
  state_.reset();  // first, so that two decoders never hold their memory at once
  state_ = std::make_unique<State>();
  if (state_->result != BZ_OK) return Error(Code::kFailure, "libbz2: no memory");
  return Found::kPart;
}

Result<DecodingReader::Step> Bzip2Reader::Decode(std::span<std::uint8_t> buffer) {
  TRY(input().Want(1));
  const ByteView rest = input().rest();
  const std::size_t room =
      std::min<std::size_t>(buffer.size(), std::numeric_limits<unsigned>::max());
  bz_stream& stream = state_->stream;
  // libbz2 does not write to its input.
  stream.next_in = reinterpret_cast<char*>(const_cast<std::uint8_t*>(rest.data()));
  stream.avail_in = static_cast<unsigned>(rest.size());
  stream.next_out = reinterpret_cast<char*>(buffer.data());
  stream.avail_out = static_cast<unsigned>(room);
  const int result = BZ2_bzDecompress(&stream);
  const std::size_t used = rest.size() - stream.avail_in;
  const std::size_t filled = room - stream.avail_out;
  input().Consume(used);
  if (result == BZ_STREAM_END) return Step{.filled = filled, .place = Place::kPartEnded};
  if (result == BZ_MEM_ERROR) return Error(Code::kFailure, "libbz2: no memory");
  if (result != BZ_OK) return input().Bad("the bzip2 data is damaged");
  if (used == 0 && filled == 0) {
    // A truncated stream is no error for libbz2: it only stops.
    return input().Bad(rest.empty() ? "the bzip2 data is cut off" : "the bzip2 data is damaged");
  }
  return Step{.filled = filled, .place = Place::kInPart};
}

}  // namespace ociship::codec
