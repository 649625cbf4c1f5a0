// SPDX-License-Identifier: Apache-2.0
// Compresses blocks on several threads; the bytes do not depend on which
// (codec/layer_compression.h).
// Tested by pipeline_test.cc.
#include "transfer/compress_pool.h"

namespace ociship::transfer {

CompressPool::CompressPool(const codec::LayerCompression& compression, unsigned threads)
    : compression_(compression) {
  if (compression_.format() == codec::Compression::kNone) return;
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

CompressPool::~CompressPool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  submitted_.notify_all();
}

void CompressPool::Submit(std::shared_ptr<BlobStream> stream, std::unique_ptr<Block> block,
                          codec::BlockCompressor::Position position) {
  const std::uint64_t ticket = stream->Promise();
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back({std::move(stream), ticket, std::move(block), position});
  }
  submitted_.notify_one();
}

void CompressPool::Work() {
  const std::unique_ptr<codec::BlockCompressor> compressor = compression_.NewCompressor();
  while (true) {
    std::unique_lock lock(mutex_);
    submitted_.wait(lock, [this] { return closing_ || !tasks_.empty(); });
    // What was submitted is delivered even while closing: its stream counts on it.
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task.block->SendCompressed(compressor->Compress(task.block->input(), task.position));
    task.stream->Deliver(task.ticket, std::move(task.block));
  }
}

}  // namespace ociship::transfer
