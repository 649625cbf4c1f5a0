// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_BLOCK_H_
#define OCISHIP_TRANSFER_BLOCK_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "codec/layer_compression.h"
#include "ociship/core.h"
#include "util/bytes.h"

namespace ociship::transfer {

// A piece of a layer on its way from the reader to the sender. The input buffer is made once and
// used again and again.
class Block {
 public:
  Block() : input_(codec::kBlockBytes) {}

  // Room for the next piece, and how much of it was filled.
  std::span<std::uint8_t> room() { return input_; }
  void Fill(std::size_t size) { size_ = size; }
  ByteView input() const { return ByteView(input_).first(size_); }

  // What is to be sent: the input itself, or its compressed form.
  void SendAsItIs() {
    compressed_.clear();
    as_it_is_ = true;
  }
  void SendCompressed(ByteView bytes) {
    compressed_.assign(bytes.begin(), bytes.end());
    as_it_is_ = false;
  }
  ByteView output() const { return as_it_is_ ? input() : ByteView(compressed_); }

 private:
  util::Bytes input_;
  std::size_t size_ = 0;
  util::Bytes compressed_;
  bool as_it_is_ = true;
};

// All blocks of a run. Their number bounds the memory: a reader that is faster than the registry
// waits here. Thread-safe.
class BlockPool {
 public:
  explicit BlockPool(std::size_t blocks);

  // Waits for a block. The error of Stop once that was called.
  Result<std::unique_ptr<Block>> Take();
  void Give(std::unique_ptr<Block> block);
  // Makes every present and future Take fail with `error`. The first call counts.
  void Stop(const Error& error);
  // The error of Stop, or success.
  Status Check() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable given_;
  std::vector<std::unique_ptr<Block>> free_;
  std::optional<Error> stopped_;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_BLOCK_H_
