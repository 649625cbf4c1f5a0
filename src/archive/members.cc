// SPDX-License-Identifier: Apache-2.0
// Finds members of a tar by name and follows links inside the archive. Tested by
// tests/archive/members_test.cc.
#include "archive/members.h"

#include <algorithm>
#include <utility>

#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using util::Quoted;
using util::StrCat;

Error Bad(std::string_view member, std::string_view reason) {
  return Error(Code::kBadInput, StrCat("member ", Quoted(member), ": ", reason));
}

// Adds the parts of `path` to `name`, going up at "..". nullopt when that leads out of the archive.
std::optional<std::string> Walk(std::string name, std::string_view path) {
  for (const std::string_view part : util::Split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      if (!name.empty()) name += '/';
      name += part;
      continue;
    }
    if (name.empty()) return std::nullopt;
    const std::size_t slash = name.rfind('/');
    name.erase(slash == std::string::npos ? 0 : slash);
  }
  return name;
}

std::string FolderOf(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return std::string(slash == std::string_view::npos ? std::string_view() : name.substr(0, slash));
}

// Where a link of this name leads to, inside the archive.
Result<std::string> Follow(const std::string& name, const Member& link) {
  if (link.type == MemberType::kHardLink) return NormaliseName(link.target);
  return FollowSymlink(name, link.target);
}

bool IsLink(const Member& member) {
  return member.type == MemberType::kSymlink || member.type == MemberType::kHardLink;
}

}  // namespace

std::string NormaliseName(std::string_view name) {
  std::string result;
  for (const std::string_view part : util::Split(name, '/')) {
    if (part.empty() || part == ".") continue;
    if (!result.empty()) result += '/';
    result += part;
  }
  return result;
}

Result<std::string> FollowSymlink(const std::string& name, const std::string& target) {
  const bool absolute = target.starts_with('/');
  auto inside = absolute ? std::nullopt : Walk(FolderOf(name), target);
  if (!inside) return Bad(name, StrCat("it is a link out of the archive, to ", Quoted(target)));
  return std::move(*inside);
}

Status Members::Add(std::string_view name, Member member) {
  if (order_.size() == kMaxMembers) {
    return Error(Code::kBadInput, StrCat("it has more than ", kMaxMembers,
                                         " members, which is a file system and not an image"));
  }
  names_bytes_ += name.size() + member.target.size();
  if (names_bytes_ > kMaxNamesBytes) {
    return Error(Code::kBadInput, StrCat("the names of its members have more than ",
                                         util::HumanBytes(kMaxNamesBytes), " together"));
  }
  const auto at = by_name_.try_emplace(NormaliseName(name)).first;
  order_.push_back({.name = at, .index = at->second.size()});
  at->second.push_back(std::move(member));
  return Ok();
}

Members::Entry Members::At(std::size_t place) const {
  const Place& at = order_[place];
  return {&at.name->first, &at.name->second[at.index]};
}

const std::vector<Member>* Members::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

Result<Members::Found> Members::Resolve(std::string_view name, Links links) const {
  std::string at = NormaliseName(name);
  for (int hops = 0; hops <= kMaxLinkHops; ++hops) {
    const std::vector<Member>* members = Find(at);
    if (at.empty() || members == nullptr) {
      if (hops == 0) return Bad(name, "it is not in the archive");
      return Bad(name, StrCat("it is a link to ", Quoted(at), ", which is not in the archive"));
    }
    const Member& first = members->front();
    const bool same_kind = std::ranges::all_of(*members, [&](const Member& other) {
      return other.type == first.type && (!IsLink(first) || other.target == first.target);
    });
    if (!same_kind) return Bad(at, "it is there more than once, as different things");
    if (first.type == MemberType::kRegular) return Found{std::move(at), members};
    if (!IsLink(first)) return Bad(at, "it is not a regular file");
    if (first.type == MemberType::kSymlink && links == Links::kHardOnly) {
      return Bad(at, "it is a symbolic link where only a regular file is allowed");
    }
    at = TRY(Follow(at, first));
  }
  return Bad(name, StrCat("it is a link in a circle, or through more than ", kMaxLinkHops,
                          " other links"));
}

}  // namespace ociship::archive
