// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_PEEK_READER_H_
#define OCISHIP_ARCHIVE_PEEK_READER_H_

#include <algorithm>
#include <cstddef>
#include <span>

#include "ociship/core.h"
#include "util/bytes.h"
#include "util/io.h"

namespace ociship::archive {

// A Reader whose first bytes can be looked at before they are read. Borrows its source.
class PeekReader : public util::Reader {
 public:
  explicit PeekReader(util::Reader& source) : source_(source) {}

  // The next `count` bytes, less only at the end. Valid until the next call of anything.
  Result<ByteView> Peek(std::size_t count);
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override;

 private:
  util::Reader& source_;
  util::Bytes peeked_;
  std::size_t used_ = 0;  // of peeked_
};

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_PEEK_READER_H_
