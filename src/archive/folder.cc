// SPDX-License-Identifier: Apache-2.0
// Folders as archives. Tested by tests/archive/folder_test.cc.
#include "archive/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "archive/images.h"
#include "archive/members.h"
#include "archive/tar.h"
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
  const std::string path = NormaliseName(name);
  const int result = ::fstatat(folder_.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW);
  return result == 0 ? Presence::kThere : Presence::kAbsent;
}

// Part by part, since O_NOFOLLOW looks only at the last one. Invalid when the folder itself is it.
Result<util::Fd> FolderContents::OpenParent(const std::vector<std::string_view>& parts,
                                            const std::string& name) const {
  util::Fd at;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const int parent = i == 0 ? folder_.get() : at.get();
    util::Fd next(::openat(parent, std::string(parts[i]).c_str(),
                           O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY));
    if (next.get() < 0) {
      return util::SystemError(Code::kBadInput, "the file cannot be opened", name);
    }
    at = std::move(next);
  }
  return at;
}

Result<std::unique_ptr<util::File>> FolderContents::OpenFile(const std::string& name) const {
  const std::vector<std::string_view> parts = util::Split(name, '/');
  if (!std::ranges::all_of(parts, IsSafePart)) {
    return Error(Code::kBadInput, StrCat("file ", Quoted(name), ": it is not in the folder"));
  }
  const util::Fd parent = TRY(OpenParent(parts, name));
  // A fifo must not wait for a writer.
  util::Fd fd(::openat(parent.get() < 0 ? folder_.get() : parent.get(),
                       std::string(parts.back()).c_str(),
                       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (fd.get() < 0 && errno == ELOOP) {
    return Error(Code::kBadInput, StrCat("file ", Quoted(name),
                                         ": it is a symbolic link where only a regular file is "
                                         "allowed"));
  }
  if (fd.get() < 0) return util::SystemError(Code::kBadInput, "the file cannot be opened", name);
  std::unique_ptr<util::File> file = TRY(util::File::Adopt(std::move(fd), name));
  if (file->kind() != util::File::Kind::kRegular) {
    return Error(Code::kBadInput, StrCat("file ", Quoted(name), ": it is not a regular file"));
  }
  return file;
}

Result<std::optional<std::string>> FolderContents::ReadLink(const std::string& name) const {
  const std::vector<std::string_view> parts = util::Split(name, '/');
  if (!std::ranges::all_of(parts, IsSafePart)) {
    return Error(Code::kBadInput, StrCat("file ", Quoted(name), ": it is not in the folder"));
  }
  const util::Fd parent = TRY(OpenParent(parts, name));
  std::string target(kMaxMemberNameBytes + 1, '\0');
  const ssize_t size =
      ::readlinkat(parent.get() < 0 ? folder_.get() : parent.get(),
                   std::string(parts.back()).c_str(), target.data(), target.size());
  if (size < 0) return std::optional<std::string>();  // whoever opens it is told why
  target.resize(static_cast<std::size_t>(size));
  if (target.size() > kMaxMemberNameBytes) {
    return Error(Code::kBadInput, StrCat("file ", Quoted(name), ": its link target is too long"));
  }
  return std::optional<std::string>(std::move(target));
}

Result<std::string> FolderContents::FollowLinks(const std::string& name) const {
  std::string at = NormaliseName(name);
  for (int hops = 0; hops <= kMaxLinkHops; ++hops) {
    const std::optional<std::string> target = TRY(ReadLink(at));
    if (!target) return at;
    at = TRY(FollowSymlink(at, *target));
  }
  return Error(Code::kBadInput, StrCat("file ", Quoted(name), ": it is a link in a circle, or ",
                                       "through more than ", kMaxLinkHops, " other links"));
}

Result<std::string> FolderContents::ReadDocument(const std::string& name, std::size_t limit) {
  std::unique_ptr<util::File> file = TRY(OpenFile(NormaliseName(name)));
  OwnedFileReader reader(std::move(file));
  return util::ReadAll(reader, limit, StrCat("file ", Quoted(name)));
}

Result<Contents::Blob> FolderContents::Locate(const std::string& name) {
  std::string real = TRY(FollowLinks(name));
  const std::unique_ptr<util::File> file = TRY(OpenFile(real));
  Blob blob{.member = std::move(real), .size = file->size()};
  if (blob.size == 0) blob.kept = std::string();
  return blob;
}

Status FolderArchive::Drain(BlobIntake&) {
  return Error(Code::kFailure, StrCat(what_, ": a folder is not drained"));
}

Result<std::vector<Image>> FolderArchive::Images() {
  auto images = ReadFolderImages(*contents_, format_);
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
