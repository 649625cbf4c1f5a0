// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_STREAMED_H_
#define OCISHIP_ARCHIVE_STREAMED_H_

#include <memory>
#include <string>

#include "archive/archive.h"
#include "archive/peek_reader.h"
#include "archive/tar.h"
#include "archive/tar_contents.h"
#include "archive/tar_source.h"
#include "util/io.h"

namespace ociship::archive {

// Documents that are kept of a stream, each and together. What is over goes to the BlobIntake, as
// if it was a layer; it is missed only if it turns out to be a manifest or config.
inline constexpr std::size_t kMaxKeptBytes = 8 << 20;
inline constexpr std::size_t kMaxKeptTotalBytes = 24 << 20;

// What went by of a tar that is read from front to back.
class StreamedContents : public TarContents {
 public:
  // `what` is how messages call the archive.
  explicit StreamedContents(std::string what) : what_(std::move(what)) {}

  // Reads `tar` to its end and the end of the stream, and gives every file that can be a layer to
  // `intake`.
  Status Drain(TarReader& tar, BlobIntake& intake);
  // Does it again with the same tar: what was kept is compared, everything else given to `intake`.
  // kBadInput when anything is not as it was.
  Status DrainAgain(TarReader& tar, BlobIntake& intake) const;

 private:
  Status TakeFile(const TarMember& tar_member, PeekReader& content, BlobIntake& intake,
                  Member& member);
  Status Keep(const TarMember& tar_member, std::string text, Member& member);
  Result<std::string> Read(const std::string& name, const Member& member) override;
  Result<Comparison> Compare(const std::string& name, const Member& a, const Member& b) override;
  Error Changed(std::string_view name) const;

  std::string what_;
  std::size_t kept_total_ = 0;
};

// A tar from a pipe, or out of a compressed file.
class StreamedArchive : public Archive {
 public:
  // Opens the source. kBadInput when no tar is inside.
  static Result<std::unique_ptr<StreamedArchive>> Open(TarSource source, Format format);

  Shape shape() const override { return Shape::kStreamed; }
  Status Drain(BlobIntake& intake) override;
  Repeatable repeatable() const override { return source_.repeatable(); }
  Result<std::vector<Image>> Images() override;
  Result<std::unique_ptr<util::Reader>> OpenBlob(const std::string& member) override;
  Result<std::uint64_t> BlobSize(const std::string& member) override;

 private:
  StreamedArchive(TarSource source, Format format)
      : source_(std::move(source)), contents_(source_.what()), format_(format) {}
  Status DrainAgain(BlobIntake& intake);

  TarSource source_;
  std::unique_ptr<util::Reader> tar_;  // until it is drained
  StreamedContents contents_;
  enum class Progress { kWaiting, kFailed, kDrained } progress_ = Progress::kWaiting;
  Format format_;
};

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_STREAMED_H_
