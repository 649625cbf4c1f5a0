// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_TUF_TUF_CLIENT_H_
#define OCISHIP_TESTS_TUF_TUF_CLIENT_H_

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reason_of.h"
#include "tuf/refusal.h"
#include "tuf/search.h"
#include "tuf/step.h"
#include "tuf/update.h"
#include "tuf_repository.h"
#include "util/try.h"

namespace ociship::testing {

// Drives the workflows with maps for a cache and for a server.
struct TufTestClient {
  explicit TufTestClient(std::string root) { cache["root"] = std::move(root); }

  std::map<std::string, std::string> cache;
  std::vector<std::string> asked = {};  // of the server, without the roots that are not there
  std::chrono::sys_seconds now = kTufNow;

  Result<tuf::Refreshed> Refresh(const TufRepository& repository,
                                 tuf::Mode mode = tuf::Mode::kRefresh) {
    asked.clear();
    tuf::Update update = TRY(tuf::Update::Start(cache.at("root"), now, mode));
    TRY(Run(update, repository));
    return update.Finish();
  }

  Result<tuf::FoundTarget> Find(const TufRepository& repository, std::string path,
                                tuf::Mode mode = tuf::Mode::kRefresh) {
    const tuf::Refreshed refreshed = TRY(Refresh(repository, mode));
    asked.clear();
    tuf::Search search = TRY(tuf::Search::Start(refreshed, std::move(path)));
    TRY(Run(search, repository));
    return search.Finish();
  }

  std::vector<std::string> Cached() const {
    std::vector<std::string> roles;
    for (const auto& [role, file] : cache) roles.push_back(role);
    return roles;
  }

 private:
  template <typename Workflow>
  Status Run(Workflow& workflow, const TufRepository& repository) {
    while (workflow.need()) {
      const tuf::Need need = *workflow.need();
      const bool cached = need.place == tuf::Need::Place::kCache;
      const auto& place = cached ? cache : repository.served;
      const auto file = place.find(cached ? need.role : need.FileName());
      const bool there = file != place.end();
      if (!cached && there) asked.push_back(need.FileName());
      // A client that reads at most so much refuses a longer file itself.
      if (there && file->second.size() > need.max_bytes) {
        return tuf::Refuse(tuf::reason::kLength, "longer than it may be");
      }
      const std::string bytes = there ? file->second : std::string();
      const tuf::Change change = TRY(workflow.Give(there ? tuf::GivenFile(bytes) : std::nullopt));
      for (const std::string& role : change.forget) cache.erase(role);
      if (change.given == tuf::Change::Given::kKept) cache[need.role] = bytes;
    }
    return Ok();
  }
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_TUF_TUF_CLIENT_H_
