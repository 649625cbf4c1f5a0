// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_PIPELINE_H_
#define OCISHIP_TRANSFER_PIPELINE_H_

#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "codec/layer_compression.h"
#include "ociship/core.h"
#include "ociship/push.h"
#include "ociship/store.h"
#include "transfer/blob_meter.h"
#include "transfer/blob_stream.h"
#include "transfer/block.h"
#include "transfer/compress_pool.h"
#include "transfer/send_blob.h"
#include "util/cancel.h"
#include "util/spool.h"

namespace ociship::transfer {

// The measures of a run: about 40 MiB of memory whatever the size of the image.
struct PipelineOptions {
  codec::LayerCompression compression = codec::LayerCompression::Gzip();
  unsigned compressors = 2;            // threads that compress; 0 counts as 1
  unsigned senders = 3;                // blobs that are sent at the same time
  std::size_t blocks = 14;             // of codec::kBlockBytes, in flight
  std::size_t spool_memory = 4 << 20;  // bytes; what is over goes to spool_folder
  std::string spool_folder = "/tmp";
};

// The blob that a stream became, once it is stored.
using PendingBlob = std::shared_future<Result<SentBlob>>;

// The threads of a push: readers give streams to it, compressors fill them, senders store them. The
// first error anywhere stops everything. Thread-safe.
class Pipeline {
 public:
  Pipeline(Store& destination, const PipelineOptions& options, const util::Cancel& cancel,
           PushObserver& observer);
  ~Pipeline();

  // Begins to tell of a blob: see BlobMeter.
  std::shared_ptr<BlobMeter> NewMeter(std::string_view name, std::optional<std::uint64_t> total) {
    return std::make_shared<BlobMeter>(observer_, name, total);
  }

  // A new stream whose blob will be stored as SendStream does, after those that were opened before.
  struct Opened {
    std::shared_ptr<BlobStream> stream;
    PendingBlob blob;
  };
  Opened Open(const SendPlan& plan, std::shared_ptr<BlobMeter> meter);

  // Waits for the result of Open.
  Result<SentBlob> Wait(const PendingBlob& blob);

  // A block to fill; fails when something failed elsewhere, or the user interrupted.
  Result<std::unique_ptr<Block>> TakeBlock();
  void GiveBlock(std::unique_ptr<Block> block) { pool_.Give(std::move(block)); }
  CompressPool& compressors() { return compressors_; }
  const codec::LayerCompression& compression() const { return compression_; }

  // Ends all streams and reads with `error`.
  void Stop(const Error& error);

 private:
  struct Job {
    std::shared_ptr<BlobStream> stream;
    SendPlan plan;
    std::shared_ptr<BlobMeter> meter;
    std::promise<Result<SentBlob>> promise;
  };
  void SendJobs();
  Result<SentBlob> Run(const Job& job);

  Store& destination_;
  const util::Cancel& cancel_;
  PushObserver& observer_;
  util::SpoolBudget budget_;
  BlockPool pool_;
  const codec::LayerCompression compression_;
  CompressPool compressors_;

  std::mutex mutex_;
  std::condition_variable opened_;
  std::deque<Job> jobs_;
  std::vector<std::weak_ptr<BlobStream>> streams_;
  bool closing_ = false;
  std::vector<std::jthread> senders_;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_PIPELINE_H_
