// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_FOLDER_H_
#define OCISHIP_ARCHIVE_FOLDER_H_

#include <memory>
#include <string>
#include <string_view>

#include "archive/archive.h"
#include "archive/contents.h"
#include "util/file.h"

namespace ociship::archive {

// The files of a folder, by names relative to it. Symbolic links below the folder are not followed,
// so that nothing outside of it is read.
class FolderContents : public Contents {
 public:
  static Result<std::unique_ptr<FolderContents>> Open(const std::string& folder);

  bool empty() const override { return false; }
  Presence Look(std::string_view name) override;
  Result<std::string> ReadDocument(const std::string& name, std::size_t limit) override;
  Result<Blob> Locate(const std::string& name) override;
  Ending ending() const override { return Ending::kComplete; }

  // A regular file. Thread-safe.
  Result<std::unique_ptr<util::File>> OpenFile(const std::string& name) const;

 private:
  explicit FolderContents(util::Fd folder) : folder_(std::move(folder)) {}

  util::Fd folder_;
};

// An OCI layout folder as an Archive.
class FolderArchive : public Archive {
 public:
  // `what` is how messages call the folder.
  FolderArchive(std::unique_ptr<FolderContents> contents, std::string what)
      : contents_(std::move(contents)), what_(std::move(what)) {}

  Shape shape() const override { return Shape::kIndexed; }
  Status Drain(BlobIntake& intake) override;
  Result<std::vector<Image>> Images() override;
  Result<std::unique_ptr<util::Reader>> OpenBlob(const std::string& member) override;
  Result<std::uint64_t> BlobSize(const std::string& member) override;

 private:
  std::unique_ptr<FolderContents> contents_;
  std::string what_;
};

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_FOLDER_H_
