// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_BLOB_METER_H_
#define OCISHIP_TRANSFER_BLOB_METER_H_

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "ociship/digest.h"
#include "ociship/push.h"
#include "util/io.h"

namespace ociship::transfer {

// Tells an observer how far one blob is, from what the thread that reads it and the thread that
// sends it say. Thread-safe. One that is destroyed before Stored tells that the blob has ended.
class BlobMeter {
 public:
  // `name` and `total` as PushObserver::BlobStarted.
  BlobMeter(PushObserver& observer, std::string_view name, std::optional<std::uint64_t> total);
  ~BlobMeter();
  BlobMeter(const BlobMeter&) = delete;
  BlobMeter& operator=(const BlobMeter&) = delete;

  // READER'S SIDE. It waits for the source; so many bytes came, and are worked on; no more come.
  void Reading();
  void Passed(std::uint64_t bytes);
  void ReadToEnd();
  // What the work on the bytes is; without it kReading.
  void WorkIs(BlobStep step);

  // SENDER'S SIDE. It waits for bytes to send; for the destination to take some, and all before
  // `offset` were taken; for an answer; and it knows how many bytes there are.
  void WaitingForBytes();
  void Sending();
  void SentUpTo(std::uint64_t offset);
  void WaitingForAnswer();
  void SizeIs(std::uint64_t size);
  void Stored(const Digest& digest, std::uint64_t size, LayerState state);

 private:
  enum class Reader { kWaits, kWorks, kEnded };
  enum class Sender { kNotBegun, kWaitsForBytes, kSends, kWaitsForAnswer };

  BlobStep Step() const;
  // With the lock held.
  void Tell();

  PushObserver& observer_;
  const BlobId id_;
  std::mutex mutex_;
  Reader reader_ = Reader::kWaits;
  Sender sender_ = Sender::kNotBegun;
  BlobStep work_ = BlobStep::kReading;
  BlobProgress progress_;
  bool stored_ = false;
};

// Counts what is read through it.
class MeteredReader : public util::Reader {
 public:
  MeteredReader(util::Reader& content, BlobMeter& meter) : content_(content), meter_(meter) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override;

 private:
  util::Reader& content_;
  BlobMeter& meter_;
};

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_BLOB_METER_H_
