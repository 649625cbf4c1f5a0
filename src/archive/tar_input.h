// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_TAR_INPUT_H_
#define OCISHIP_ARCHIVE_TAR_INPUT_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>

#include "ociship/core.h"
#include "util/bytes.h"
#include "util/io.h"

namespace ociship::archive {

// Where the bytes of a tar come from.
class TarInput {
 public:
  virtual ~TarInput() = default;
  // As util::Reader::Read.
  virtual Result<std::size_t> Read(std::span<std::uint8_t> buffer) = 0;
  // Leaves out up to `count` bytes and says how many; what is not left out will be read.
  virtual std::uint64_t Skip(std::uint64_t count) = 0;
  // How much to ask for at once.
  virtual std::size_t chunk_bytes() const = 0;
};

// A stream, which cannot skip.
class StreamTarInput : public TarInput {
 public:
  explicit StreamTarInput(std::unique_ptr<util::Reader> source) : source_(std::move(source)) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
    return source_->Read(buffer);
  }
  std::uint64_t Skip(std::uint64_t) override { return 0; }
  std::size_t chunk_bytes() const override { return 128 * 1024; }

 private:
  std::unique_ptr<util::Reader> source_;
};

// A file from `offset` on. The reads are small, since nearly everything is skipped.
class FileTarInput : public TarInput {
 public:
  FileTarInput(util::RandomReader& file, std::uint64_t offset) : file_(file), at_(offset) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override;
  // Never beyond the end, so that a file which is cut off is read to its end and noticed.
  std::uint64_t Skip(std::uint64_t count) override;
  std::size_t chunk_bytes() const override { return 16 * 1024; }

 private:
  util::RandomReader& file_;
  std::uint64_t at_;
};

// Hands out a TarInput in chunks that stay where they are, and remembers the last of them, so that
// the raw bytes of a header can be looked at after it was parsed.
class TarFeed {
 public:
  explicit TarFeed(std::unique_ptr<TarInput> input) : input_(std::move(input)) {}

  // The next chunk, valid at least until the following call; empty at the end and after a failure.
  ByteView Next();
  std::uint64_t Skip(std::uint64_t count);

  // What was handed out or skipped.
  std::uint64_t position() const { return position_; }
  const std::optional<Error>& failure() const { return failure_; }

  // The bytes [begin, end), if they are still remembered.
  std::optional<util::Bytes> Recall(std::uint64_t begin, std::uint64_t end) const;
  // Nothing before `offset` will be recalled.
  void Forget(std::uint64_t offset);

 private:
  // Four extensions of the largest size that libarchive reads (1 MiB) would be more; real ones have
  // some kilobytes.
  static constexpr std::size_t kMaxRemembered = 2 << 20;

  struct Chunk {
    std::uint64_t offset = 0;
    std::size_t size = 0;  // the used part of `bytes`
    util::Bytes bytes = {};
  };

  void DropFirst();

  std::unique_ptr<TarInput> input_;
  std::deque<Chunk> chunks_;
  util::Bytes spare_;  // the memory of a chunk that was dropped
  std::size_t remembered_ = 0;
  std::uint64_t position_ = 0;
  std::optional<Error> failure_;
};

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_TAR_INPUT_H_
