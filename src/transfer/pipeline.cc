// SPDX-License-Identifier: Apache-2.0
// The threads of a push and how they end together. Tested by pipeline_test.cc.
#include "transfer/pipeline.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "util/try.h"

namespace ociship::transfer {

Pipeline::Pipeline(Store& destination, const PipelineOptions& options, const util::Cancel& cancel,
                   PushObserver& observer)
    : destination_(destination),
      cancel_(cancel),
      observer_(observer),
      budget_(options.spool_memory, options.spool_folder),
      pool_(options.blocks),
      compression_(options.compression),
      compressors_(options.compression, std::max(1U, options.compressors)) {
  for (unsigned i = 0; i < std::max(1U, options.senders); ++i) {
    senders_.emplace_back([this] { SendJobs(); });
  }
}

Pipeline::~Pipeline() {
  Stop(Error(Code::kInterrupted, "the push was given up"));
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  opened_.notify_all();
}

Pipeline::Opened Pipeline::Open(const SendPlan& plan, std::shared_ptr<BlobMeter> meter) {
  Job job{.stream = std::make_shared<BlobStream>(pool_),
          .plan = plan,
          .meter = std::move(meter),
          .promise = {}};
  Opened opened{job.stream, job.promise.get_future().share()};
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(streams_, [](const std::weak_ptr<BlobStream>& old) { return old.expired(); });
    streams_.push_back(job.stream);
    jobs_.push_back(std::move(job));
  }
  opened_.notify_one();
  // A stream that is opened after Stop must not wait for anybody.
  if (Status status = pool_.Check(); !status.ok()) opened.stream->Fail(status.error());
  return opened;
}

Result<SentBlob> Pipeline::Wait(const PendingBlob& blob) { return blob.get(); }

Result<std::unique_ptr<Block>> Pipeline::TakeBlock() {
  TRY(cancel_.Check());
  return pool_.Take();
}

void Pipeline::Stop(const Error& error) {
  pool_.Stop(error);
  const std::lock_guard lock(mutex_);
  for (const std::weak_ptr<BlobStream>& weak : streams_) {
    if (const std::shared_ptr<BlobStream> stream = weak.lock()) stream->Fail(error);
  }
}

void Pipeline::SendJobs() {
  while (true) {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    Result<SentBlob> sent = Run(job);
    if (!sent.ok() && job.stream->fate() == BlobStream::Fate::kWanted) Stop(sent.error());
    job.promise.set_value(std::move(sent));
  }
}

// A thread's entry: what was thrown becomes an error here.
Result<SentBlob> Pipeline::Run(const Job& job) {
  try {
    SentBlob sent = TRY(SendStream(*job.stream, destination_, job.plan, budget_, *job.meter));
    job.meter->Stored(sent.digest, sent.size,
                      sent.sent == oci::Sent::kSent ? LayerState::kSent : LayerState::kWasThere);
    return sent;
  } catch (const std::exception& thrown) {
    return Error(Code::kFailure, thrown.what());
  }
}

}  // namespace ociship::transfer
