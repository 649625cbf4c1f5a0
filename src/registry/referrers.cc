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

}  // namespace

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
    call.url = TRY(PageTarget(client_.asker(), call.url, *next));
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
  return tags_.Add(subject->digest, TRY(oci::ReferrerEntry(manifest)));
}

}  // namespace ociship::registry
