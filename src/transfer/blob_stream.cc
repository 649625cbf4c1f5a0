// SPDX-License-Identifier: Apache-2.0
// Puts the blocks of a blob back into order. Tested by blob_stream_test.cc.
#include "transfer/blob_stream.h"

namespace ociship::transfer {

BlobStream::~BlobStream() {
  for (Pending& pending : pending_) {
    if (pending.block) pool_.Give(std::move(pending.block));
  }
}

BlobStream::Piece::~Piece() {
  if (block_) stream_->pool_.Give(std::move(block_));
}

void BlobStream::PushBytes(ByteView bytes) {
  if (bytes.empty()) return;
  const std::lock_guard lock(mutex_);
  pending_.push_back({.bytes = util::Bytes(bytes.begin(), bytes.end()), .ready = true});
  changed_.notify_one();
}

void BlobStream::PushReady(std::unique_ptr<Block> block) {
  const std::lock_guard lock(mutex_);
  pending_.push_back({.block = std::move(block), .ready = true});
  changed_.notify_one();
}

std::uint64_t BlobStream::Promise() {
  const std::lock_guard lock(mutex_);
  pending_.emplace_back();
  return first_ticket_ + pending_.size() - 1;
}

void BlobStream::Deliver(std::uint64_t ticket, std::unique_ptr<Block> block) {
  const std::lock_guard lock(mutex_);
  Pending& pending = pending_.at(ticket - first_ticket_);
  pending.block = std::move(block);
  pending.ready = true;
  changed_.notify_one();
}

void BlobStream::End() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_one();
}

void BlobStream::Fail(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!failed_) failed_ = error;
  changed_.notify_one();
}

void BlobStream::Abandon(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    fate_ = Fate::kAbandoned;
  }
  Fail(error);
}

BlobStream::Fate BlobStream::fate() const {
  const std::lock_guard lock(mutex_);
  return fate_;
}

Result<std::optional<BlobStream::Piece>> BlobStream::Next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock,
                [this] { return failed_ || (pending_.empty() ? ended_ : pending_.front().ready); });
  if (failed_) return *failed_;
  if (pending_.empty()) return std::optional<Piece>();
  Pending next = std::move(pending_.front());
  pending_.pop_front();
  ++first_ticket_;
  if (next.block) return std::optional<Piece>(Piece(*this, std::move(next.block)));
  return std::optional<Piece>(Piece(std::move(next.bytes)));
}

}  // namespace ociship::transfer
