// SPDX-License-Identifier: Apache-2.0
// The bounded set of blocks that carry layer content between threads. Tested by block_test.cc.
#include "transfer/block.h"

namespace ociship::transfer {

BlockPool::BlockPool(std::size_t blocks) {
  free_.reserve(blocks);
  for (std::size_t i = 0; i < blocks; ++i) free_.push_back(std::make_unique<Block>());
}

Result<std::unique_ptr<Block>> BlockPool::Take() {
  std::unique_lock lock(mutex_);
  given_.wait(lock, [this] { return stopped_ || !free_.empty(); });
  if (stopped_) return *stopped_;
  std::unique_ptr<Block> block = std::move(free_.back());
  free_.pop_back();
  return block;
}

void BlockPool::Give(std::unique_ptr<Block> block) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(block));
  }
  given_.notify_one();
}

void BlockPool::Stop(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) stopped_ = error;
  }
  given_.notify_all();
}

Status BlockPool::Check() const {
  const std::lock_guard lock(mutex_);
  if (stopped_) return *stopped_;
  return Ok();
}

}  // namespace ociship::transfer
