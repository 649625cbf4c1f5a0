// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_FOLDER_H_
#define OCISHIP_ARCHIVE_FOLDER_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/archive.h"
#include "archive/contents.h"
#include "util/file.h"

namespace ociship::archive {

// The files of a folder, by names relative to it and normalised as those of a tar. Nothing outside
// of the folder is opened: a symbolic link is followed only as the last part of the name of a
// layer, and by its text, within the folder.
class FolderContents : public Contents {
 public:
  static Result<std::unique_ptr<FolderContents>> Open(const std::string& folder);

  bool empty() const override { return false; }
  Presence Look(std::string_view name) override;
  Result<std::string> ReadDocument(const std::string& name, std::size_t limit) override;
  Result<Blob> Locate(const std::string& name) override;
  Ending ending() const override { return Ending::kComplete; }

  // A regular file, and no link. Thread-safe.
  Result<std::unique_ptr<util::File>> OpenFile(const std::string& name) const;

 private:
  explicit FolderContents(util::Fd folder) : folder_(std::move(folder)) {}
  Result<util::Fd> OpenParent(const std::vector<std::string_view>& parts,
                              const std::string& name) const;
  // Where the link with this name leads to; nullopt when it is no link.
  Result<std::optional<std::string>> ReadLink(const std::string& name) const;
  Result<std::string> FollowLinks(const std::string& name) const;

  util::Fd folder_;
};

// A folder as an Archive: an OCI layout, a `dir:` of skopeo or an unpacked `docker save`.
class FolderArchive : public Archive {
 public:
  // `what` is how messages call the folder.
  FolderArchive(std::unique_ptr<FolderContents> contents, std::string what, Format format)
      : contents_(std::move(contents)), what_(std::move(what)), format_(format) {}

  Shape shape() const override { return Shape::kIndexed; }
  Status Drain(BlobIntake& intake) override;
  Result<std::vector<Image>> Images() override;
  Result<std::unique_ptr<util::Reader>> OpenBlob(const std::string& member) override;
  Result<std::uint64_t> BlobSize(const std::string& member) override;

 private:
  std::unique_ptr<FolderContents> contents_;
  std::string what_;
  Format format_;
};

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_FOLDER_H_
