// SPDX-License-Identifier: Apache-2.0
// How far a blob is (ociship/push.h, BlobProgress). Tested by blob_meter_test.cc.
#include "transfer/blob_meter.h"

#include "util/try.h"

namespace ociship::transfer {

BlobMeter::BlobMeter(PushObserver& observer, std::string_view name,
                     std::optional<std::uint64_t> total)
    : observer_(observer), id_(observer.BlobStarted(name, total)) {}

BlobMeter::~BlobMeter() {
  if (!stored_) observer_.BlobEnded(id_);
}

void BlobMeter::Reading() {
  const std::lock_guard lock(mutex_);
  reader_ = Reader::kWaits;
  Tell();
}

void BlobMeter::Passed(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  reader_ = Reader::kWorks;
  progress_.read += bytes;
  Tell();
}

void BlobMeter::ReadToEnd() {
  const std::lock_guard lock(mutex_);
  reader_ = Reader::kEnded;
  Tell();
}

void BlobMeter::WorkIs(BlobStep step) {
  const std::lock_guard lock(mutex_);
  work_ = step;
}

void BlobMeter::WaitingForBytes() {
  const std::lock_guard lock(mutex_);
  sender_ = Sender::kWaitsForBytes;
  Tell();
}

void BlobMeter::Sending() {
  const std::lock_guard lock(mutex_);
  sender_ = Sender::kSends;
  Tell();
}

void BlobMeter::SentUpTo(std::uint64_t offset) {
  const std::lock_guard lock(mutex_);
  sender_ = Sender::kWaitsForBytes;
  progress_.sent = offset;
  Tell();
}

void BlobMeter::WaitingForAnswer() {
  const std::lock_guard lock(mutex_);
  sender_ = Sender::kWaitsForAnswer;
  Tell();
}

void BlobMeter::SizeIs(std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  progress_.size = size;
}

void BlobMeter::Stored(const Digest& digest, std::uint64_t size, LayerState state) {
  {
    const std::lock_guard lock(mutex_);
    stored_ = true;
  }
  observer_.BlobStored(id_, digest, size, state);
}

// The end of the line counts: a reader has nothing to do while the destination takes no more.
BlobStep BlobMeter::Step() const {
  switch (sender_) {
    case Sender::kSends:
      return BlobStep::kSending;
    case Sender::kWaitsForAnswer:
      return BlobStep::kWaiting;
    case Sender::kNotBegun:
      // Everything is ready, and all senders are busy with other blobs.
      if (reader_ == Reader::kEnded) return BlobStep::kWaiting;
      break;
    case Sender::kWaitsForBytes:
      // They are there: only what is kept in a file is read back.
      if (progress_.size) return BlobStep::kSending;
      break;
  }
  return reader_ == Reader::kWaits ? BlobStep::kReading : work_;
}

void BlobMeter::Tell() {
  progress_.step = Step();
  observer_.BlobProgressed(id_, progress_);
}

Result<std::size_t> MeteredReader::Read(std::span<std::uint8_t> buffer) {
  meter_.Reading();
  const std::size_t got = TRY(content_.Read(buffer));
  meter_.Passed(got);
  return got;
}

}  // namespace ociship::transfer
