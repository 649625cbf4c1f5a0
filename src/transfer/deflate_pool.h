// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_DEFLATE_POOL_H_
#define OCISHIP_TRANSFER_DEFLATE_POOL_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "codec/gzip_writer.h"
#include "transfer/blob_stream.h"
#include "transfer/block.h"

namespace ociship::transfer {

// Threads that deflate blocks of any blob. Thread-safe.
class DeflatePool {
 public:
  explicit DeflatePool(unsigned threads);
  ~DeflatePool();

  // Deflates `block` and delivers it to its place in `stream`.
  void Submit(std::shared_ptr<BlobStream> stream, std::unique_ptr<Block> block,
              codec::BlockDeflater::Position position);

 private:
  struct Task {
    std::shared_ptr<BlobStream> stream;
    std::uint64_t ticket;
    std::unique_ptr<Block> block;
    codec::BlockDeflater::Position position;
  };
  void Work();

  std::mutex mutex_;
  std::condition_variable submitted_;
  std::deque<Task> tasks_;
  bool closing_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_DEFLATE_POOL_H_
