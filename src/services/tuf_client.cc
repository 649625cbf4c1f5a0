// SPDX-License-Identifier: Apache-2.0
// Feeds the workflows of the room tuf from a folder and a repository. Tested by tuf_client_test.cc.
#include "services/tuf_client.h"

#include <algorithm>
#include <utility>

#include "tuf/refusal.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using util::StrCat;

util::Url Below(util::Url base, std::string_view name) {
  if (!base.path.ends_with('/')) base.path.push_back('/');
  base.path.append(name);
  return base;
}

// More bytes than were promised: "endless data attack".
Result<std::optional<std::string>> FetchAtMost(Fetcher& fetcher, const util::Url& url,
                                               std::size_t max_bytes) {
  Result<std::optional<std::string>> file = fetcher.Get(url, max_bytes);
  if (file.ok() || file.error().code() != Code::kBadInput) return file;
  return tuf::Refuse(tuf::reason::kLength,
                     StrCat(url.text(), " is larger than the ", max_bytes, " bytes it may have"));
}

}  // namespace

Result<TufPlace> TufPlace::At(std::string_view base) {
  util::Url url = TRY(util::Url::Parse(base));
  util::Url targets = Below(url, "targets");
  return TufPlace{.metadata = std::move(url), .targets = std::move(targets)};
}

Result<std::optional<std::string>> TufClient::Obtain(const tuf::Need& need) {
  switch (need.place) {
    case tuf::Need::Place::kCache:
      return shelf_.Read(need.role, need.max_bytes);
    case tuf::Need::Place::kRepository:
      break;
  }
  return FetchAtMost(*fetcher_, Below(place_.metadata, need.FileName()), need.max_bytes);
}

template <typename Workflow>
Status TufClient::Run(Workflow& workflow) {
  while (workflow.need()) {
    const std::string role = workflow.need()->role;
    const std::optional<std::string> file = TRY(Obtain(*workflow.need()));
    const tuf::Change change = TRY(workflow.Give(file ? tuf::GivenFile(*file) : std::nullopt));
    for (const std::string& forgotten : change.forget) TRY(shelf_.Remove(forgotten));
    switch (change.given) {
      case tuf::Change::Given::kNotKept:
        break;
      case tuf::Change::Given::kKept:
        TRY(shelf_.Write(role, *file));
        break;
    }
  }
  return Ok();
}

Result<tuf::Refreshed> TufClient::Refresh(std::string_view root, std::chrono::sys_seconds now) {
  tuf::Update update = TRY(tuf::Update::Start(root, now, mode()));
  TRY(Run(update));
  return update.Finish();
}

Result<std::string> TufClient::Target(const tuf::Refreshed& refreshed, const std::string& path) {
  tuf::Search search = TRY(tuf::Search::Start(refreshed, path));
  TRY(Run(search));
  const tuf::FoundTarget target = TRY(search.Finish());
  if (target.length() > kMaxTargetBytes) {
    return tuf::Refuse(tuf::reason::kLength,
                       StrCat("the target ", util::Quoted(path), " has ",
                              util::HumanBytes(target.length()), ", more than are downloaded"));
  }
  const auto length = static_cast<std::size_t>(target.length());
  std::optional<std::string> file = TRY(shelf_.ReadTarget(path, length));
  if (file && target.Check(*file).ok()) return *std::move(file);
  if (fetcher_ == nullptr) {
    return tuf::Refuse(tuf::reason::kMissing,
                       StrCat("there is no copy of the target ", util::Quoted(path)));
  }
  const std::string name = TRY(target.FileName());
  file = TRY(FetchAtMost(*fetcher_, Below(place_.targets, name), length));
  if (!file) {
    return tuf::Refuse(tuf::reason::kMissing,
                       StrCat("the repository has no target ", util::Quoted(path)));
  }
  TRY(target.Check(*file));
  TRY(shelf_.WriteTarget(path, *file));
  return *std::move(file);
}

}  // namespace ociship::services
