// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_SPOOL_H_
#define OCISHIP_UTIL_SPOOL_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ociship/core.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/io.h"

namespace ociship::util {

// How much memory all spools of a run may hold together; what is over goes to unlinked files in
// `folder`. Thread-safe.
class SpoolBudget {
 public:
  SpoolBudget(std::size_t memory, std::string folder)
      : left_(static_cast<std::int64_t>(memory)), folder_(std::move(folder)) {}

  // Takes `bytes` of the memory if they are left; all or nothing.
  enum class Grant { kGranted, kFull };
  Grant Take(std::size_t bytes);
  void Give(std::size_t bytes);
  const std::string& folder() const { return folder_; }

 private:
  std::atomic<std::int64_t> left_;
  std::string folder_;
};

// Bytes that are kept because they might be wanted again: in memory as long as the budget has some,
// then in a temporary file without a name. One thread appends and reads.
class Spool : public RandomReader {
 public:
  explicit Spool(SpoolBudget& budget) : budget_(budget) {}
  ~Spool() override;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // kFailure, naming the folder, when the disk is full.
  Status Append(ByteView bytes);
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<std::uint8_t> buffer) override;

 private:
  ByteView AppendToMemory(ByteView bytes);
  Status AppendToFile(ByteView bytes);

  SpoolBudget& budget_;
  std::vector<std::unique_ptr<std::uint8_t[]>> chunks_;  // [0, in_memory_), kChunk bytes each
  std::uint64_t in_memory_ = 0;
  Fd file_;  // the rest, once the budget had no chunk left
  std::uint64_t size_ = 0;
};

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_SPOOL_H_
