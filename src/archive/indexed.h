// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_INDEXED_H_
#define OCISHIP_ARCHIVE_INDEXED_H_

#include <memory>
#include <string>

#include "archive/archive.h"
#include "archive/tar_contents.h"
#include "util/file.h"
#include "util/io.h"

namespace ociship::archive {

// A tar in a regular file: the headers are read when it is opened, everything else when it is
// wanted.
class IndexedContents : public TarContents {
 public:
  // `what` is how messages call the archive.
  static Result<std::unique_ptr<IndexedContents>> Open(std::unique_ptr<util::File> file,
                                                       std::string what);

  // A member by the name that Locate gave. Thread-safe.
  Result<std::unique_ptr<util::Reader>> Open(const std::string& member) const;
  Result<std::uint64_t> Size(const std::string& member) const;

 private:
  IndexedContents(std::unique_ptr<util::File> file, std::string what)
      : file_(std::move(file)), what_(std::move(what)) {}

  Status ReadHeaders();
  Result<std::string> Read(const std::string& name, const Member& member) override;
  Result<Comparison> Compare(const std::string& name, const Member& a, const Member& b) override;
  Result<std::unique_ptr<util::Reader>> OpenMember(const Member& member) const;
  Result<const Member*> Find(const std::string& member) const;

  std::unique_ptr<util::File> file_;
  std::string what_;
};

// An indexed tar as an Archive.
class IndexedArchive : public Archive {
 public:
  IndexedArchive(std::unique_ptr<IndexedContents> contents, std::string what, Format format)
      : contents_(std::move(contents)), what_(std::move(what)), format_(format) {}

  Shape shape() const override { return Shape::kIndexed; }
  Status Drain(BlobIntake& intake) override;
  Result<std::vector<Image>> Images() override;
  Result<std::unique_ptr<util::Reader>> OpenBlob(const std::string& member) override;
  Result<std::uint64_t> BlobSize(const std::string& member) override;

 private:
  std::unique_ptr<IndexedContents> contents_;
  std::string what_;
  Format format_;
};

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_INDEXED_H_
