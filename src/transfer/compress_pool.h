// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_COMPRESS_POOL_H_
#define OCISHIP_TRANSFER_COMPRESS_POOL_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "codec/layer_compression.h"
#include "transfer/blob_stream.h"
#include "transfer/block.h"

namespace ociship::transfer {

// Threads that compress blocks of any blob in one way. Thread-safe.
class CompressPool {
 public:
  CompressPool(const codec::LayerCompression& compression, unsigned threads);
  ~CompressPool();

  // Compresses `block` and delivers it to its place in `stream`. Not where nothing is compressed.
  void Submit(std::shared_ptr<BlobStream> stream, std::unique_ptr<Block> block,
              codec::BlockCompressor::Position position);

 private:
  struct Task {
    std::shared_ptr<BlobStream> stream;
    std::uint64_t ticket;
    std::unique_ptr<Block> block;
    codec::BlockCompressor::Position position;
  };
  void Work();

  const codec::LayerCompression compression_;
  std::mutex mutex_;
  std::condition_variable submitted_;
  std::deque<Task> tasks_;
  bool closing_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_COMPRESS_POOL_H_
