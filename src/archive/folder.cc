// SPDX-License-Identifier: Apache-2.0
// OCI layout folders as archives (OCI image-spec image-layout.md). Tested by
// tests/archive/folder_test.cc.
#include "archive/folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <span>
#include <utility>

#include "archive/images.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using util::Quoted;
using util::StrCat;

// A file with its reader.
class OwnedFileReader : public util::Reader {
 public:
  explicit OwnedFileReader(std::unique_ptr<util::File> file)
      : file_(std::move(file)), range_(*file_, 0, file_->size()) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override { return range_.Read(buffer); }

 private:
  std::unique_ptr<util::File> file_;
  util::RangeReader range_;
};

bool IsSafePart(std::string_view part) { return !part.empty() && part != "." && part != ".."; }

}  // namespace

Result<std::unique_ptr<FolderContents>> FolderContents::Open(const std::string& folder) {
  util::Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) {
    return util::SystemError(Code::kBadInput, "the folder cannot be opened", folder);
  }
  return std::unique_ptr<FolderContents>(new FolderContents(std::move(fd)));
}

Contents::Presence FolderContents::Look(std::string_view name) {
  struct stat status {};
  const std::string path(name);
  const int result = ::fstatat(folder_.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW);
  return result == 0 ? Presence::kThere : Presence::kAbsent;
}

Result<std::unique_ptr<util::File>> FolderContents::OpenFile(const std::string& name) const {
  const std::vector<std::string_view> parts = util::Split(name, '/');
  util::Fd at;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!IsSafePart(parts[i])) {
      return Error(Code::kBadInput, StrCat("file ", Quoted(name), ": it is not in the folder"));
    }
    // Part by part, since O_NOFOLLOW looks only at the last one; a fifo must not wait for a writer.
    const int kind = i + 1 < parts.size() ? O_DIRECTORY : O_NONBLOCK;
    const int parent = i == 0 ? folder_.get() : at.get();
    util::Fd next(
        ::openat(parent, std::string(parts[i]).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | kind));
    if (next.get() < 0 && errno == ELOOP) {
      return Error(Code::kBadInput, StrCat("file ", Quoted(name),
                                           ": it is a symbolic link where only a regular file is "
                                           "allowed"));
    }
    if (next.get() < 0) {
      return util::SystemError(Code::kBadInput, "the file cannot be opened", name);
    }
    at = std::move(next);
  }
  std::unique_ptr<util::File> file = TRY(util::File::Adopt(std::move(at), name));
  if (file->kind() != util::File::Kind::kRegular) {
    return Error(Code::kBadInput, StrCat("file ", Quoted(name), ": it is not a regular file"));
  }
  return file;
}

Result<std::string> FolderContents::ReadDocument(const std::string& name, std::size_t limit) {
  OwnedFileReader reader(TRY(OpenFile(name)));
  return util::ReadAll(reader, limit, StrCat("file ", Quoted(name)));
}

Result<Contents::Blob> FolderContents::Locate(const std::string& name) {
  const std::unique_ptr<util::File> file = TRY(OpenFile(name));
  Blob blob{.member = name, .size = file->size()};
  if (blob.size == 0) blob.kept = std::string();
  return blob;
}

Status FolderArchive::Drain(BlobIntake&) {
  return Error(Code::kFailure, StrCat(what_, ": a folder is not drained"));
}

Result<std::vector<Image>> FolderArchive::Images() {
  auto images = ReadLayoutImages(*contents_);
  if (!images.ok()) return std::move(images).error().While(what_);
  return images;
}

Result<std::unique_ptr<util::Reader>> FolderArchive::OpenBlob(const std::string& member) {
  auto file = contents_->OpenFile(member);
  if (!file.ok()) return std::move(file).error().While(what_);
  return std::unique_ptr<util::Reader>(std::make_unique<OwnedFileReader>(std::move(file).value()));
}

Result<std::uint64_t> FolderArchive::BlobSize(const std::string& member) {
  auto file = contents_->OpenFile(member);
  if (!file.ok()) return std::move(file).error().While(what_);
  return file.value()->size();
}

}  // namespace ociship::archive
