// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_PIECE_READER_H_
#define OCISHIP_TESTS_SUPPORT_PIECE_READER_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "util/io.h"

namespace ociship::testing {

// Owns its content and gives at most `piece` bytes at once, as a pipe may.
class PieceReader : public util::Reader {
 public:
  explicit PieceReader(std::string content, std::size_t piece = 1 << 20)
      : content_(std::move(content)), piece_(piece) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
    const std::size_t count =
        content_.copy(reinterpret_cast<char*>(buffer.data()), std::min(piece_, buffer.size()), at_);
    at_ += count;
    return count;
  }

 private:
  std::string content_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_PIECE_READER_H_
