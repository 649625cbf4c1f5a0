// SPDX-License-Identifier: Apache-2.0
// Lists and records referrers (distribution-spec, end-12, "Referrers Tag Schema"). Tested by
// referrers_test.cc.
#include "registry/referrers.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "oci/layout_index.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "registry/address.h"
#include "registry/link.h"
#include "registry/manifests.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using util::StrCat;

constexpr std::size_t kMaxReferrerPages = 200;
// Another client may overwrite an entry between two requests.
constexpr int kMaxUpdates = 5;
constexpr std::size_t kMaxTagHexDigits = 64;

// What a registry without the API answers to a question for it.
bool SaysNoApi(const http::Response& response) {
  constexpr std::array kStatuses = {400, 404, 405, 406};
  if (std::ranges::find(kStatuses, response.status) != kStatuses.end()) return true;
  // Anything that is no index comes from somebody who answers every path.
  const std::string type = response.headers.Get("Content-Type").value_or("");
  return response.status == 200 && BareMediaType(type) != oci::kOciIndex;
}

Call ApiCall(const Client& client, const Digest& subject) {
  Call call{.method = http::Method::kGet,
            .url = client.Url(StrCat("referrers/", subject.text())),
            .what = StrCat("referrers of ", subject.text()),
            .keep = kMaxManifestBytes};
  call.headers.Add("Accept", oci::kOciIndex);
  return call;
}

bool Contains(const std::vector<oci::LayoutEntry>& entries, const Digest& digest) {
  return std::ranges::any_of(entries, [&digest](const oci::LayoutEntry& entry) {
    return entry.descriptor.digest == digest;
  });
}

Error NotAnIndex(const Client& client, const std::string& tag, std::string_view why) {
  return Error(Code::kFailure,
               StrCat("cannot list a referrer in ", client.repository().text(), ":", tag,
                      ", the tag holds something else than an image index, move it away", why));
}

// The index that a fallback tag holds, an empty one where there is no tag.
Result<oci::LayoutIndex> ReadTag(Client& client, const std::string& tag) {
  const std::optional<Manifest> there = TRY(FindManifest(client, ManifestName::OfTag(tag)));
  if (!there) return oci::LayoutIndex();
  if (there->descriptor.media_type != oci::kOciIndex) return NotAnIndex(client, tag, "");
  Result<oci::LayoutIndex> index = oci::ParseLayoutIndex(there->bytes);
  if (!index.ok()) return NotAnIndex(client, tag, StrCat(": ", index.error().message()));
  return index;
}

// The index with one more entry; all others stay as they were written.
Result<Manifest> WithEntry(oci::LayoutIndex index, Descriptor entry, const std::string& tag) {
  index.entries.push_back({.descriptor = std::move(entry)});
  Manifest manifest = oci::NewManifest(oci::FormatLayoutIndex(index), oci::kOciIndex);
  if (manifest.bytes.size() <= kMaxManifestBytes && index.entries.size() <= oci::kMaxDescriptors) {
    return manifest;
  }
  return Error(Code::kFailure,
               StrCat("the list of referrers in tag ", tag, " has become too large, remove some"));
}

}  // namespace

std::string FallbackTag(const Digest& subject) {
  return StrCat(subject.algorithm(), "-", subject.hex().substr(0, kMaxTagHexDigits));
}

struct Referrers::Listed {
  Api api = Api::kUnknown;
  std::vector<Descriptor> entries = {};
};

Result<Referrers::Listed> Referrers::ListByApi(const Digest& subject) {
  Listed listed{.api = Api::kPresent};
  Call call = ApiCall(client_, subject);
  for (std::size_t pages = 0; pages < kMaxReferrerPages; ++pages) {
    const http::Response response = TRY(client_.Send(call));
    if (pages == 0 && SaysNoApi(response)) return Listed{.api = Api::kAbsent};
    if (response.status != 200) return client_.Refused(call, response);
    Result<oci::ImageIndex> index = oci::ParseImageIndex(response.body);
    if (!index.ok()) return std::move(index).error().While(call.what);
    std::ranges::move(index.value().manifests, std::back_inserter(listed.entries));
    const std::optional<std::string> next = NextLink(response.headers);
    if (!next) return listed;
    if (listed.entries.size() > oci::kMaxDescriptors) break;
    call.url = TRY(PageTarget(client_.base(), call.url, *next));
  }
  return Error(
      Code::kFailure,
      StrCat("the list of ", call.what, " in ", client_.repository().text(), " does not end after ",
             oci::kMaxDescriptors, " entries or ", kMaxReferrerPages, " pages"));
}

Result<std::vector<Descriptor>> Referrers::ListByTag(const Digest& subject) {
  const ManifestName name = ManifestName::OfTag(FallbackTag(subject));
  const std::optional<Manifest> there = TRY(FindManifest(client_, name));
  // Some tools copy an image under this tag; an image lists nothing.
  if (!there || there->descriptor.media_type != oci::kOciIndex) return std::vector<Descriptor>();
  Result<oci::ImageIndex> index = oci::ParseImageIndex(there->bytes);
  if (!index.ok()) return std::move(index).error().While(StrCat("tag ", name.text()));
  return std::move(index.value().manifests);
}

Result<std::vector<Descriptor>> Referrers::List(const Digest& subject) {
  if (api_ != Api::kAbsent) {
    Listed listed = TRY(ListByApi(subject));
    if (listed.api == Api::kPresent) {
      api_ = Api::kPresent;
      return std::move(listed.entries);
    }
    // A 404 is also the answer for a repository that does not exist yet: it is not remembered.
  }
  return ListByTag(subject);
}

Status Referrers::Register(const Manifest& manifest) {
  const std::optional<Descriptor> subject = TRY(oci::ParseSubject(manifest));
  if (!subject || api_ == Api::kPresent) return Ok();
  if (api_ == Api::kUnknown) {
    // The header OCI-Subject is only a hint: proxies drop it and some registries never send it.
    const Call call = ApiCall(client_, subject->digest);
    const http::Response response = TRY(client_.Send(call));
    if (SaysNoApi(response)) {
      api_ = Api::kAbsent;  // the repository exists, for the manifest was stored
    } else if (response.status == 200) {
      api_ = Api::kPresent;
      return Ok();
    } else {
      return client_.Refused(call, response);
    }
  }
  return AddToTag(subject->digest, manifest);
}

// There is no compare-and-swap, so what was written is read again, and whoever lost its entry to
// another writer adds it again.
Status Referrers::AddToTag(const Digest& subject, const Manifest& manifest) {
  const std::string tag = FallbackTag(subject);
  const Descriptor entry = TRY(oci::ReferrerEntry(manifest));
  const std::lock_guard lock(tag_mutex_);
  for (int updates = 1; updates <= kMaxUpdates; ++updates) {
    oci::LayoutIndex index = TRY(ReadTag(client_, tag));
    if (Contains(index.entries, entry.digest)) return Ok();
    const Manifest longer = TRY(WithEntry(std::move(index), entry, tag));
    TRY(PutManifest(client_, longer, ManifestName::OfTag(tag)));
    const oci::LayoutIndex written = TRY(ReadTag(client_, tag));
    if (Contains(written.entries, entry.digest)) return Ok();
    TRY(client_.Pause(updates));
  }
  return Error(Code::kUnavailable,
               StrCat("the entry of ", entry.digest.text(), " in ", client_.repository().text(),
                      ":", tag, " was overwritten ", kMaxUpdates, " times"));
}

}  // namespace ociship::registry
