// SPDX-License-Identifier: Apache-2.0
// What indexed and streamed tars have in common. Tested by tests/archive/archive_test.cc.
#include "archive/tar_contents.h"

#include <utility>

#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {

using util::Quoted;
using util::StrCat;

Contents::Presence TarContents::Look(std::string_view name) {
  return members_.Find(name) == nullptr ? Presence::kAbsent : Presence::kThere;
}

Result<std::string> TarContents::ReadDocument(const std::string& name, std::size_t limit) {
  const Members::Found found = TRY(members_.Resolve(name, Members::Links::kHardOnly));
  TRY(RequireEqual(found));
  const Member& member = found.members->front();
  if (member.size > limit) {
    return Error(Code::kBadInput, StrCat("member ", Quoted(name), ": it has ", member.size,
                                         " bytes, and at most ", limit, " are read"));
  }
  return Read(found.name, member);
}

Result<Contents::Blob> TarContents::Locate(const std::string& name) {
  Members::Found found = TRY(members_.Resolve(name, Members::Links::kAll));
  TRY(RequireEqual(found));
  const Member& member = found.members->front();
  Blob blob{.member = std::move(found.name), .size = member.size, .digest = member.digest};
  if (member.kept) blob.kept = member.kept;
  if (member.size == 0) blob.kept = std::string();
  return blob;
}

Status TarContents::Add(const TarMember& tar_member, Member member) {
  member.type = tar_member.type;
  member.target = tar_member.target;
  member.size = tar_member.size;
  member.storage = tar_member.storage;
  member.header_offset = tar_member.header_offset;
  member.data_offset = tar_member.data_offset;
  return members_.Add(tar_member.name, std::move(member));
}

Status TarContents::RequireEqual(const Members::Found& found) {
  if (found.members->size() < 2 || compared_.contains(found.name)) return Ok();
  const Member& first = found.members->front();
  for (const Member& other : *found.members) {
    if (&other == &first) continue;
    Comparison comparison = Comparison::kDifferent;
    if (other.size == first.size) comparison = TRY(Compare(found.name, first, other));
    if (comparison == Comparison::kDifferent) {
      return Error(Code::kBadInput,
                   StrCat("member ", Quoted(found.name),
                          ": it is there more than once, with different contents"));
    }
  }
  compared_.insert(found.name);
  return Ok();
}

}  // namespace ociship::archive
