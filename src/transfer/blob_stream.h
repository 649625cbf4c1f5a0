// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_BLOB_STREAM_H_
#define OCISHIP_TRANSFER_BLOB_STREAM_H_

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "ociship/core.h"
#include "transfer/block.h"

namespace ociship::transfer {

// The bytes of one blob from the thread that reads it, through the threads that compress its blocks
// in any order, to the thread that sends it in order. Thread-safe.
class BlobStream {
 public:
  explicit BlobStream(BlockPool& pool) : pool_(pool) {}
  ~BlobStream();
  BlobStream(const BlobStream&) = delete;
  BlobStream& operator=(const BlobStream&) = delete;

  // READER'S SIDE. The next piece in order: small bytes, a block that is ready, or the promise of a
  // block that Deliver brings later.
  void PushBytes(ByteView bytes);
  void PushReady(std::unique_ptr<Block> block);
  std::uint64_t Promise();
  // No more pieces, or none that could be used.
  void End();
  void Fail(const Error& error);
  // Nobody wants the blob any more, and nothing is wrong elsewhere.
  void Abandon(const Error& error);
  enum class Fate { kWanted, kAbandoned };
  Fate fate() const;

  // COMPRESSORS' SIDE.
  void Deliver(std::uint64_t ticket, std::unique_ptr<Block> block);

  // SENDER'S SIDE. A piece of the blob; its block goes back to the pool when it is destroyed.
  class Piece {
   public:
    Piece(BlobStream& stream, std::unique_ptr<Block> block)
        : stream_(&stream), block_(std::move(block)) {}
    explicit Piece(util::Bytes bytes) : bytes_(std::move(bytes)) {}
    ~Piece();
    Piece(Piece&&) = default;
    Piece& operator=(Piece&&) = delete;

    ByteView bytes() const { return block_ ? block_->output() : ByteView(bytes_); }

   private:
    BlobStream* stream_ = nullptr;
    std::unique_ptr<Block> block_;
    util::Bytes bytes_;
  };
  // Waits for the next piece; nullopt after the last, the error of Fail.
  Result<std::optional<Piece>> Next();

 private:
  struct Pending {
    std::unique_ptr<Block> block;  // empty until it is delivered
    util::Bytes bytes;             // of PushBytes
    bool ready = false;
  };

  BlockPool& pool_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Pending> pending_;
  std::uint64_t first_ticket_ = 0;  // of pending_.front()
  bool ended_ = false;
  std::optional<Error> failed_;
  Fate fate_ = Fate::kWanted;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_BLOB_STREAM_H_
