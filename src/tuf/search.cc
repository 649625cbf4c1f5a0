// SPDX-License-Identifier: Apache-2.0
// Finds who describes a target, through delegations (section 5.6.7). Tested by search_test.cc.
#include "tuf/search.h"

#include <algorithm>

#include "tuf/refusal.h"
#include "util/text.h"
#include "util/try.h"
#include "util/url.h"

namespace ociship::tuf {
namespace {

using util::StrCat;

// A path becomes a part of a URL: it must not lead out of the folder of the targets.
Status CheckPath(std::string_view path) {
  for (const std::string_view part : util::Split(path, '/')) {
    if (part.empty() || part == "." || part == "..") {
      return Refuse(reason::kTarget,
                    StrCat(util::Quoted(path), " can not be the path of a target"));
    }
  }
  return Ok();
}

}  // namespace

Result<std::string> FoundTarget::FileName() const {
  std::string name;
  const std::vector<std::string_view> parts = util::Split(path_, '/');
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    name += StrCat(util::PercentEncode(parts[i]), "/");
  }
  switch (snapshots_) {
    case Root::Snapshots::kPlain:
      break;
    case Root::Snapshots::kConsistent:
      if (file_.fingerprint.digests.empty()) {
        return Refuse(reason::kHash, StrCat("the target ", util::Quoted(path_),
                                            " has no hash of a kind that is supported"));
      }
      // 5.7.3: "HASH.FILENAME.EXT": "one of the hashes of the targets file listed".
      name += StrCat(file_.fingerprint.digests.front().hex(), ".");
      break;
  }
  return name + util::PercentEncode(parts.back());
}

Status FoundTarget::Check(std::string_view bytes) const {
  // Section 4.5 demands a hash; one that lists none promises nothing.
  if (file_.fingerprint.digests.empty()) {
    return Refuse(reason::kHash, StrCat("the target ", util::Quoted(path_),
                                        " has no hash of a kind that is supported"));
  }
  return file_.fingerprint.Check(bytes, StrCat("the target ", util::Quoted(path_)));
}

Result<Search> Search::Start(Refreshed refreshed, std::string path) {
  TRY(CheckPath(path));
  Search search(std::move(refreshed), std::move(path));
  const Verified<Targets> top = search.refreshed_.targets();
  TRY(search.LookAt(top));
  return search;
}

// A role that was verified: has it the target, or whom does it send us to?
Status Search::LookAt(const Verified<Targets>& targets) {
  // "If this role contains metadata about the desired target, then go to step 5.7".
  if (const auto file = targets->targets.find(path_); file != targets->targets.end()) {
    found_ = FoundTarget(path_, file->second, refreshed_.root()->snapshots);
    need_.reset();
    return Ok();
  }
  // "Otherwise, recursively search the list of delegations in order of appearance". "If the current
  // delegation is a terminating delegation, then jump to step 5.7" once it was searched: nothing
  // that stands behind it, or above, is looked at.
  std::vector<Visit> next;
  for (const Delegation& delegation : targets->delegations) {
    if (delegation.Matches(path_) == Delegation::Match::kNo) continue;
    next.push_back({.delegator = targets, .delegation = delegation});
    if (delegation.search == Delegation::Search::kTerminates) {
      to_visit_.clear();
      break;
    }
  }
  to_visit_.insert(to_visit_.end(), next.rbegin(), next.rend());
  return GoOn();
}

Status Search::GoOn() {
  // 5.6.7.1: "If this role has been visited before, then skip this role (so that cycles in the
  // delegation graph are avoided)".
  while (!to_visit_.empty() && visited_.contains(to_visit_.back().delegation.name)) {
    to_visit_.pop_back();
  }
  if (to_visit_.empty()) {
    need_.reset();
    return Ok();
  }
  // "Otherwise, if an application-specific maximum number of roles have been visited, then go to
  // step 5.7": the target may be there all the same, so it is not said to be missing.
  if (visited_.size() >= kMaxVisitedRoles) {
    return Refuse(reason::kDelegations,
                  StrCat("more than ", kMaxVisitedRoles, " roles would have to be searched for ",
                         util::Quoted(path_)));
  }
  const std::string& role = to_visit_.back().delegation.name;
  // What is not in the snapshot is not asked for.
  TRY(Promised(role));
  need_ = FromCache(role, kMaxTargetsBytes);
  return Ok();
}

Result<const MetaFile*> Search::Promised(std::string_view role) const {
  const auto& files = refreshed_.snapshot()->files;
  const auto file = files.find(StrCat(role, ".json"));
  if (file == files.end()) {
    return Refuse(reason::kMissing,
                  StrCat("the snapshot does not list the role ", util::Quoted(role)));
  }
  return &file->second;
}

// 5.6.2 to 5.6.5 for a delegated role.
Result<Verified<Targets>> Search::Judge(std::string_view file) const {
  const Visit& visit = to_visit_.back();
  const std::string what = StrCat("the role ", util::Quoted(visit.delegation.name));
  const MetaFile* promised = TRY(Promised(visit.delegation.name));
  TRY(promised->fingerprint.Check(file, what));
  const Verified<Targets> targets = TRY(VerifyDelegated(file, visit.delegator, visit.delegation));
  TRY(CheckVersion(targets->common, *promised, what));
  TRY(CheckUnexpired(targets->common, refreshed_.at(), what));
  return targets;
}

Result<Change> Search::Give(GivenFile file) {
  if (!need_) return Error(Code::kFailure, "no file was asked for");
  const Result<Verified<Targets>> judged =
      file ? Judge(*file) : Result<Verified<Targets>>(NotThere(*need_));
  const bool cached = need_->place == Need::Place::kCache;
  if (!judged.ok()) {
    if (!cached || refreshed_.mode() == Mode::kCacheOnly) return judged.error();
    const MetaFile* promised = TRY(Promised(need_->role));
    need_ = FromRepository(need_->role, *promised, *refreshed_.root(), kMaxTargetsBytes);
    return Change{};
  }
  visited_.insert(need_->role);
  to_visit_.pop_back();
  // The file was good, whatever comes of the roles behind it.
  const Status looked = LookAt(judged.value());
  if (!looked.ok()) {
    failure_ = looked.error();
    need_.reset();
  }
  return Change{.given = cached ? Change::Given::kNotKept : Change::Given::kKept};
}

Result<FoundTarget> Search::Finish() const {
  if (failure_) return *failure_;
  if (found_) return *found_;
  return Refuse(reason::kTarget, StrCat("there is no target ", util::Quoted(path_)));
}

}  // namespace ociship::tuf
