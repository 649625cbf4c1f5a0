// SPDX-License-Identifier: Apache-2.0
// Lists and sets tags (distribution-spec, end-8 and end-7). Tested by tags_test.cc.
#include "registry/tags.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "registry/address.h"
#include "registry/errors.h"
#include "registry/link.h"
#include "registry/manifests.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using util::StrCat;

// "at least 10", the specification says.
constexpr std::size_t kTagsTogether = 10;

// ECR refuses more (distribution-spec, "Listing Tags": n is a wish).
constexpr std::size_t kPageSize = 1000;
constexpr std::size_t kMaxPageBytes = 8 << 20;

struct Page {
  std::size_t count = 0;  // of all names, also of those that are left out
  std::string last;
};

Error TooMany(const Client& client) {
  return Error(Code::kFailure,
               StrCat("the list of tags of ", client.repository().text(), " does not end after ",
                      kMaxTags, " tags or ", kMaxPages, " pages"));
}

// Adds the names of one page.
Result<Page> TakePage(const std::string& body, std::set<std::string>& tags) {
  const util::Json json = TRY(util::Json::Parse(body, {.bytes = kMaxPageBytes}));
  Page page;
  const util::Json* list = json.FindNonNull("tags");
  if (list == nullptr) return page;
  for (const util::Json& element : list->elements()) {
    std::string name = TRY(element.AsString("a tag"));
    ++page.count;
    page.last = name;
    if (Tag::Parse(name).ok()) tags.insert(std::move(name));
  }
  return page;
}

// Where the list goes on: where the registry says, or behind the last name of a full page.
// nullopt at its end.
Result<std::optional<util::Url>> NextPage(const Client& client, const util::Url& from,
                                          const http::Response& response, const Page& page) {
  if (const std::optional<std::string> link = NextLink(response.headers)) {
    util::Url target = TRY(PageTarget(client.asker(), from, *link));
    return std::optional<util::Url>(std::move(target));
  }
  if (page.count < kPageSize) return std::optional<util::Url>();
  return std::optional<util::Url>(
      client.Url("tags/list").WithQuery("n", StrCat(kPageSize)).WithQuery("last", page.last));
}

}  // namespace

Result<std::vector<std::string>> ListTags(Client& client) {
  std::set<std::string> tags;
  Call call{.method = http::Method::kGet,
            .url = client.Url("tags/list").WithQuery("n", StrCat(kPageSize)),
            .what = "tags",
            .keep = kMaxPageBytes};
  call.headers.Add("Accept", "application/json");
  for (std::size_t pages = 0; pages < kMaxPages; ++pages) {
    const http::Response response = TRY(client.Send(call));
    if (response.status == 404 && pages == 0) return std::vector<std::string>();
    if (response.status != 200) return client.Refused(call, response);
    const std::size_t before = tags.size();
    auto page = TakePage(response.body, tags);
    if (!page.ok()) {
      return std::move(page).error().While(StrCat("tags of ", client.repository().text()));
    }
    if (tags.size() > kMaxTags) return TooMany(client);
    std::optional<util::Url> next = TRY(NextPage(client, call.url, response, page.value()));
    // A page that brings nothing new would be answered for ever.
    if (!next || tags.size() == before) return std::vector<std::string>(tags.begin(), tags.end());
    call.url = *std::move(next);
  }
  return TooMany(client);
}

Status SetTag(Client& client, const Manifest& manifest, const Tag& tag) {
  const ManifestName name(tag);
  const Call call = PutCall(client, manifest, name);
  const http::Response response = TRY(client.Send(call));
  if (IsSuccess(response)) return CheckStored(client, response, manifest, name);
  Error refusal = client.Refused(call, response);
  if (!SaysTagIsImmutable(response)) return refusal;
  const Result<Descriptor> there = ResolveManifest(client, name);
  if (there.ok() && there.value().digest == manifest.descriptor.digest) return Ok();
  return std::move(refusal).As(Code::kTagConflict);
}

namespace {

// The tags that the answer to a PUT with several says are set. Those that it does not name are not.
std::set<std::string> EchoedTags(const http::Response& response) {
  std::set<std::string> tags;
  for (const std::string& field : response.headers.GetAll("OCI-Tag")) {
    for (const std::string_view tag : util::Split(field, ',')) tags.emplace(util::Trim(tag));
  }
  return tags;
}

// Asks for all of the tags at once, and gives those that were set. Refusals are no errors: each tag
// is asked for alone then, which has the better message.
Result<std::set<std::string>> SetTogether(Client& client, const Manifest& manifest,
                                          std::span<const Tag> tags) {
  Call call = PutCall(client, manifest, ManifestName(manifest.descriptor.digest));
  for (const Tag& tag : tags) call.url = call.url.WithQuery("tag", tag.text());
  const Result<http::Response> answer = client.Send(call);
  TRY(client.cancel().Check());
  if (!answer.ok() || !IsSuccess(answer.value())) return std::set<std::string>();
  TRY(CheckStored(client, answer.value(), manifest, ManifestName(manifest.descriptor.digest)));
  std::set<std::string> set = EchoedTags(answer.value());
  if (set.empty()) {
    client.memory().Learn(
        [](HostFacts& facts) { facts.ignores_tag_queries = HostFacts::Seen::kYes; });
  }
  return set;
}

}  // namespace

Status SetTags(Client& client, const Manifest& manifest, std::span<const Tag> tags) {
  std::set<std::string> set;
  const bool known = client.memory().Get().ignores_tag_queries == HostFacts::Seen::kNo;
  for (std::size_t at = 0; known && tags.size() > 1 && at < tags.size(); at += kTagsTogether) {
    const auto some = tags.subspan(at, std::min(kTagsTogether, tags.size() - at));
    set.merge(TRY(SetTogether(client, manifest, some)));
    if (set.empty()) break;
  }
  for (const Tag& tag : tags) {
    if (set.contains(std::string(tag.text()))) continue;
    if (auto status = SetTag(client, manifest, tag); !status.ok()) {
      return std::move(status).error().While(StrCat("tag ", util::Quoted(tag.text())));
    }
  }
  return Ok();
}

}  // namespace ociship::registry
