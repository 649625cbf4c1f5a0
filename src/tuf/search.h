// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TUF_SEARCH_H_
#define OCISHIP_TUF_SEARCH_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ociship/core.h"
#include "tuf/step.h"
#include "tuf/update.h"
#include "tuf/verify.h"

namespace ociship::tuf {

// How many delegated roles one search looks at (section 5.6.7.1).
inline constexpr std::size_t kMaxVisitedRoles = 32;

// A target that a role which is trusted with it describes: only Search makes one.
class FoundTarget {
 public:
  const std::string& path() const { return path_; }
  std::uint64_t length() const { return file_.length; }
  // Where it lies below the folder of the targets: percent-encoded, with its hash before the last
  // part of the name in repositories with consistent snapshots (section 5.7.3). tuf-hash when no
  // hash of a known kind is listed.
  Result<std::string> FileName() const;
  // Section 5.7.3: length and hashes. tuf-length, tuf-hash.
  Status Check(std::string_view bytes) const;

 private:
  friend class Search;
  FoundTarget(std::string path, TargetFile file, Root::Snapshots snapshots)
      : path_(std::move(path)), file_(std::move(file)), snapshots_(snapshots) {}

  std::string path_;
  TargetFile file_;
  Root::Snapshots snapshots_;
};

// Section 5.6.7: "Perform a pre-order depth-first search for metadata about the desired target,
// beginning with the top-level targets role". Used as Update is. Every role is verified with the
// keys of the role that leads to it in this search, whatever another search took it for.
class Search {
 public:
  // tuf-target for a path that can not be one: empty, absolute, or with "." or "..".
  static Result<Search> Start(Refreshed refreshed, std::string path);

  const std::optional<Need>& need() const { return need_; }
  Result<Change> Give(GivenFile file);
  // Call it once need() is empty. tuf-target when no role has the target, or what kept the search
  // from its end.
  Result<FoundTarget> Finish() const;

 private:
  // A role to look at, and who sends us there.
  struct Visit {
    Verified<Targets> delegator;
    Delegation delegation;
  };

  Search(Refreshed refreshed, std::string path)
      : refreshed_(std::move(refreshed)), path_(std::move(path)) {}
  Status LookAt(const Verified<Targets>& targets);
  Status GoOn();
  Result<const MetaFile*> Promised(std::string_view role) const;
  Result<Verified<Targets>> Judge(std::string_view file) const;

  Refreshed refreshed_;
  std::string path_;
  std::optional<Need> need_;
  std::vector<Visit> to_visit_;  // the next one last
  std::set<std::string> visited_;
  std::optional<FoundTarget> found_;
  std::optional<Error> failure_;  // of what came behind a file that was good
};

}  // namespace ociship::tuf

#endif  // OCISHIP_TUF_SEARCH_H_
