// SPDX-License-Identifier: Apache-2.0
// Archives in regular files without compression: an index of the headers, content by pread. Tested
// by tests/archive/archive_test.cc.
#include "archive/indexed.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "archive/images.h"
#include "archive/tar.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {

using util::Quoted;
using util::StrCat;

Result<std::unique_ptr<IndexedContents>> IndexedContents::Open(std::unique_ptr<util::File> file,
                                                               std::string what) {
  std::unique_ptr<IndexedContents> contents(new IndexedContents(std::move(file), std::move(what)));
  TRY(contents->ReadHeaders());
  return contents;
}

Status IndexedContents::ReadHeaders() {
  TarReader tar(std::make_unique<FileTarInput>(*file_, 0), what_);
  while (true) {
    const std::optional<TarMember> member = TRY(tar.Next());
    if (!member) break;
    const std::uint64_t behind = file_->size() - std::min(file_->size(), member->data_offset);
    if (member->storage == Storage::kPlain && member->size > behind) {
      return Error(Code::kBadInput,
                   StrCat(what_, ": member ", Quoted(member->name), ": its content is cut off"));
    }
    auto added = Add(*member, Member{});
    if (!added.ok()) return std::move(added).error().While(what_);
  }
  set_ending(tar.end() == TarReader::End::kMarked ? Ending::kComplete : Ending::kMissing);
  return Ok();
}

Result<std::unique_ptr<util::Reader>> IndexedContents::OpenMember(const Member& member) const {
  if (member.storage == Storage::kPlain) {
    return std::unique_ptr<util::Reader>(
        std::make_unique<util::RangeReader>(*file_, member.data_offset, member.size));
  }
  // Only libarchive knows where the holes are.
  auto tar = std::make_unique<TarReader>(
      std::make_unique<FileTarInput>(*file_, member.header_offset), what_, member.header_offset);
  const std::optional<TarMember> again = TRY(tar->Next());
  if (!again || again->type != member.type || again->size != member.size) {
    return Error(Code::kBadInput, StrCat(what_, ": a sparse member cannot be read"));
  }
  return std::unique_ptr<util::Reader>(std::move(tar));
}

Result<std::string> IndexedContents::Read(const std::string& name, const Member& member) {
  const std::unique_ptr<util::Reader> reader = TRY(OpenMember(member));
  std::string text =
      TRY(util::ReadAll(*reader, static_cast<std::size_t>(member.size), Quoted(name)));
  if (text.size() != member.size) {
    return Error(Code::kBadInput, StrCat("member ", Quoted(name), ": its content is cut off"));
  }
  return text;
}

Result<TarContents::Comparison> IndexedContents::Compare(const std::string&, const Member& a,
                                                         const Member& b) {
  const std::unique_ptr<util::Reader> first = TRY(OpenMember(a));
  const std::unique_ptr<util::Reader> second = TRY(OpenMember(b));
  util::Bytes one(64 * 1024);
  util::Bytes other(one.size());
  while (true) {
    const std::size_t got = TRY(util::ReadFull(*first, one));
    const std::size_t got_other = TRY(util::ReadFull(*second, other));
    if (!std::ranges::equal(std::span(one).first(got), std::span(other).first(got_other))) {
      return Comparison::kDifferent;
    }
    if (got == 0) return Comparison::kEqual;
  }
}

Result<const Member*> IndexedContents::Find(const std::string& member) const {
  const std::vector<Member>* found = members().Find(member);
  if (found == nullptr || found->front().type != MemberType::kRegular) {
    return Error(Code::kBadInput, StrCat(what_, ": member ", Quoted(member), ": it is no file"));
  }
  return &found->front();
}

Result<std::unique_ptr<util::Reader>> IndexedContents::Open(const std::string& member) const {
  const Member* found = TRY(Find(member));
  return OpenMember(*found);
}

Result<std::uint64_t> IndexedContents::Size(const std::string& member) const {
  const Member* found = TRY(Find(member));
  return found->size;
}

Status IndexedArchive::Drain(BlobIntake&) {
  return Error(Code::kFailure, StrCat(what_, ": an indexed archive is not drained"));
}

Result<std::vector<Image>> IndexedArchive::Images() {
  auto images = ReadImages(*contents_, format_);
  if (!images.ok()) return std::move(images).error().While(what_);
  return images;
}

Result<std::unique_ptr<util::Reader>> IndexedArchive::OpenBlob(const std::string& member) {
  return contents_->Open(member);
}

Result<std::uint64_t> IndexedArchive::BlobSize(const std::string& member) {
  return contents_->Size(member);
}

}  // namespace ociship::archive
