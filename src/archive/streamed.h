// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_STREAMED_H_
#define OCISHIP_ARCHIVE_STREAMED_H_

#include <memory>
#include <string>

#include "archive/archive.h"
#include "archive/peek_reader.h"
#include "archive/tar_contents.h"
#include "util/io.h"

namespace ociship::archive {

// Documents that are kept of a stream, each and together. What is over goes to the BlobIntake, as
// if it was a layer; it is missed only if it turns out to be a manifest or config.
inline constexpr std::size_t kMaxKeptBytes = 4 << 20;
inline constexpr std::size_t kMaxKeptTotalBytes = 24 << 20;

// What went by of a tar that is read once.
class StreamedContents : public TarContents {
 public:
  // Reads `tar` to its end and the end of the stream, and gives every file that can be a layer to
  // `intake`.
  Status Drain(TarReader& tar, BlobIntake& intake);

 private:
  Status TakeFile(const TarMember& tar_member, PeekReader& content, BlobIntake& intake,
                  Member& member);
  Status Keep(std::string text, Member& member);
  Result<std::string> Read(const std::string& name, const Member& member) override;
  Result<Comparison> Compare(const std::string& name, const Member& a, const Member& b) override;

  std::size_t kept_total_ = 0;
};

// A tar from a pipe, or out of a compressed file.
class StreamedArchive : public Archive {
 public:
  // `what` is how messages call the archive.
  StreamedArchive(std::unique_ptr<util::Reader> tar, std::string what, Format format)
      : source_(std::move(tar)), what_(std::move(what)), format_(format) {}

  Shape shape() const override { return Shape::kStreamed; }
  Status Drain(BlobIntake& intake) override;
  Result<std::vector<Image>> Images() override;
  Result<std::unique_ptr<util::Reader>> OpenBlob(const std::string& member) override;
  Result<std::uint64_t> BlobSize(const std::string& member) override;

 private:
  std::unique_ptr<util::Reader> source_;  // until it is drained
  StreamedContents contents_;
  enum class Progress { kWaiting, kFailed, kDrained } progress_ = Progress::kWaiting;
  std::string what_;
  Format format_;
};

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_STREAMED_H_
