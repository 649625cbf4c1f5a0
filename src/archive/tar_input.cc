// SPDX-License-Identifier: Apache-2.0
// Brings the bytes of a tar to libarchive. Tested by tests/archive/tar_test.cc.
#include "archive/tar_input.h"

#include <algorithm>
#include <utility>

#include "util/try.h"

namespace ociship::archive {

Result<std::size_t> FileTarInput::Read(std::span<std::uint8_t> buffer) {
  const std::size_t got = TRY(file_.ReadAt(at_, buffer));
  at_ += got;
  return got;
}

std::uint64_t FileTarInput::Skip(std::uint64_t count) {
  const std::uint64_t left = file_.size() > at_ ? file_.size() - at_ : 0;
  const std::uint64_t skipped = std::min(count, left);
  at_ += skipped;
  return skipped;
}

ByteView TarFeed::Next() {
  if (failure_) return {};
  while (remembered_ > kMaxRemembered) DropFirst();
  Chunk chunk{.offset = position_, .bytes = std::move(spare_)};
  chunk.bytes.resize(input_->chunk_bytes());
  auto got = input_->Read(chunk.bytes);
  if (!got.ok()) {
    failure_ = std::move(got).error();
    return {};
  }
  if (got.value() == 0) return {};
  chunk.size = got.value();
  position_ += chunk.size;
  remembered_ += chunk.size;
  chunks_.push_back(std::move(chunk));
  return ByteView(chunks_.back().bytes).first(chunks_.back().size);
}

std::uint64_t TarFeed::Skip(std::uint64_t count) {
  const std::uint64_t skipped = input_->Skip(count);
  position_ += skipped;
  return skipped;
}

std::optional<util::Bytes> TarFeed::Recall(std::uint64_t begin, std::uint64_t end) const {
  util::Bytes bytes;
  for (const Chunk& chunk : chunks_) {
    const std::uint64_t at = begin + bytes.size();
    if (at < chunk.offset || at >= chunk.offset + chunk.size || at >= end) continue;
    const std::uint64_t stop = std::min(end, chunk.offset + chunk.size);
    bytes.insert(bytes.end(), chunk.bytes.begin() + static_cast<std::ptrdiff_t>(at - chunk.offset),
                 chunk.bytes.begin() + static_cast<std::ptrdiff_t>(stop - chunk.offset));
  }
  if (bytes.size() != end - begin) return std::nullopt;
  return bytes;
}

// The last chunk is the one that libarchive may still look at.
void TarFeed::Forget(std::uint64_t offset) {
  while (chunks_.size() > 1 && chunks_.front().offset + chunks_.front().size <= offset) DropFirst();
}

void TarFeed::DropFirst() {
  remembered_ -= chunks_.front().size;
  spare_ = std::move(chunks_.front().bytes);
  chunks_.pop_front();
}

}  // namespace ociship::archive
