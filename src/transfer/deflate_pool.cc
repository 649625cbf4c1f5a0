// SPDX-License-Identifier: Apache-2.0
// Deflates blocks on several threads; the bytes do not depend on which (codec/gzip_writer.h).
// Tested by pipeline_test.cc.
#include "transfer/deflate_pool.h"

namespace ociship::transfer {

DeflatePool::DeflatePool(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

DeflatePool::~DeflatePool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  submitted_.notify_all();
}

void DeflatePool::Submit(std::shared_ptr<BlobStream> stream, std::unique_ptr<Block> block,
                         codec::BlockDeflater::Position position) {
  const std::uint64_t ticket = stream->Promise();
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back({std::move(stream), ticket, std::move(block), position});
  }
  submitted_.notify_one();
}

void DeflatePool::Work() {
  codec::BlockDeflater deflater;
  while (true) {
    std::unique_lock lock(mutex_);
    submitted_.wait(lock, [this] { return closing_ || !tasks_.empty(); });
    // What was submitted is delivered even while closing: its stream counts on it.
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task.block->SendDeflated(deflater.Deflate(task.block->input(), task.position));
    task.stream->Deliver(task.ticket, std::move(task.block));
  }
}

}  // namespace ociship::transfer
