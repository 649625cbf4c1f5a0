// SPDX-License-Identifier: Apache-2.0
// Asks for manifests and stores them (distribution-spec, end-3 and end-7). Tested by
// manifests_test.cc.
#include "registry/manifests.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/hash.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "registry/errors.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using oci::ManifestKind;
using util::StrCat;

constexpr std::string_view kDigestHeader = "Docker-Content-Digest";

Call ReadCall(const Client& client, http::Method method, const ManifestName& name) {
  Call call{.method = method,
            .url = client.Url(StrCat("manifests/", name.text())),
            .what = StrCat("manifest ", name.text()),
            .keep = kMaxManifestBytes};
  for (const std::string_view type :
       {oci::kOciManifest, oci::kOciIndex, oci::kDockerManifest, oci::kDockerManifestList}) {
    call.headers.Add("Accept", type);
  }
  return call;
}

// The digest that the registry names, if it is one that can be used.
std::optional<Digest> NamedDigest(const http::Response& response) {
  const std::optional<std::string> text = response.headers.Get(kDigestHeader);
  if (!text) return std::nullopt;
  Result<Digest> digest = Digest::Parse(*text);
  if (!digest.ok()) return std::nullopt;
  return std::move(digest).value();
}

std::optional<std::uint64_t> NamedSize(const http::Response& response) {
  return util::ParseUnsigned(response.headers.Get("Content-Length").value_or(""));
}

// What the header of an answer to HEAD says; nullopt when it says too little or cannot be right.
std::optional<Descriptor> DescribedByHead(const http::Response& response,
                                          const ManifestName& name) {
  std::optional<Digest> digest = NamedDigest(response);
  if (!digest) digest = name.digest();
  const std::optional<std::uint64_t> size = NamedSize(response);
  const std::string type = response.headers.Get("Content-Type").value_or("");
  const std::string_view media_type = BareMediaType(type);
  if (!digest || !size || *size == 0 || oci::KindOf(media_type) == ManifestKind::kOther) {
    return std::nullopt;
  }
  if (name.digest() && *digest != *name.digest()) return std::nullopt;
  return Descriptor{.media_type = std::string(media_type), .digest = *digest, .size = *size};
}

// The mediaType of a document; empty when it has none, or is no JSON at all.
std::string DocumentMediaType(std::string_view bytes) {
  const Result<util::Json> json = util::Json::Parse(bytes, {.bytes = kMaxManifestBytes});
  if (!json.ok()) return {};
  const auto type = json.value().OptionalString("mediaType");
  return type.ok() ? type.value().value_or("") : std::string();
}

// An answer and a document of two kinds could be read as two different images, depending on which
// of them a reader believes (CVE-2021-41190).
Result<std::string> MediaTypeOf(const http::Response& response, const ManifestName& name) {
  const std::string header = response.headers.Get("Content-Type").value_or("");
  std::string answered(BareMediaType(header));
  std::string written = DocumentMediaType(response.body);
  const ManifestKind answered_kind = oci::KindOf(answered);
  const ManifestKind written_kind = oci::KindOf(written);
  if (answered_kind == ManifestKind::kOther) {
    if (!written.empty()) return written;
    if (!answered.empty()) return answered;
    return Error(Code::kBadInput, StrCat("manifest ", name.text(), " has no media type"));
  }
  if (written_kind != ManifestKind::kOther && written_kind != answered_kind) {
    return Error(Code::kBadInput,
                 StrCat("manifest ", name.text(), " came as ", util::Quoted(answered),
                        " but says that it is ", util::Quoted(written)));
  }
  return answered;
}

Result<Manifest> TakeManifest(http::Response response, const ManifestName& name) {
  const std::string media_type = TRY(MediaTypeOf(response, name));
  Manifest manifest = oci::NewManifest(std::move(response.body), media_type);
  if (!name.digest()) return manifest;
  // The digest may be of another algorithm than the one that NewManifest uses.
  manifest.descriptor.digest = crypto::DigestLike(*name.digest(), util::AsBytes(manifest.bytes));
  if (manifest.descriptor.digest == *name.digest()) return manifest;
  return Error(Code::kBadInput, StrCat("manifest ", name.text(), " arrived with the digest ",
                                       manifest.descriptor.digest.text()));
}

// Whether a registry refuses a manifest because something that it names is not there: it was never
// sent, or has been removed since it was seen.
bool MissesContent(const http::Response& response) {
  return HasCode(response, "MANIFEST_BLOB_UNKNOWN") || HasCode(response, "BLOB_UNKNOWN");
}

}  // namespace

std::string_view BareMediaType(std::string_view media_type) {
  return util::Trim(media_type.substr(0, media_type.find(';')));
}

Result<Descriptor> ResolveManifest(Client& client, const ManifestName& name) {
  const Call call = ReadCall(client, http::Method::kHead, name);
  const http::Response response = TRY(client.Send(call));
  if (response.status == 200) {
    if (const std::optional<Descriptor> described = DescribedByHead(response, name)) {
      return *described;
    }
  } else if (!RefusesHead(response)) {
    return client.Refused(call, response);
  }
  Manifest manifest = TRY(FetchManifest(client, name));
  return std::move(manifest.descriptor);
}

Result<Manifest> FetchManifest(Client& client, const ManifestName& name) {
  const Call call = ReadCall(client, http::Method::kGet, name);
  http::Response response = TRY(client.Send(call));
  if (response.status != 200) return client.Refused(call, response);
  return TakeManifest(std::move(response), name);
}

Result<std::optional<Manifest>> FindManifest(Client& client, const ManifestName& name) {
  Result<Manifest> manifest = FetchManifest(client, name);
  if (manifest.ok()) return std::optional<Manifest>(std::move(manifest).value());
  if (manifest.error().code() == Code::kNotFound) return std::optional<Manifest>();
  return std::move(manifest).error();
}

Call PutCall(const Client& client, const Manifest& manifest, const ManifestName& name) {
  Call call{.method = http::Method::kPut,
            .url = client.Url(StrCat("manifests/", name.text())),
            .what = StrCat("manifest ", name.text()),
            .need = {.access = Access::kPush},
            .content = manifest.bytes};
  call.headers.Add("Content-Type", manifest.descriptor.media_type);
  return call;
}

Status CheckStored(const Client& client, const http::Response& response, const Manifest& manifest,
                   const ManifestName& name) {
  const std::optional<Digest> named = NamedDigest(response);
  if (!named || *named == crypto::DigestLike(*named, util::AsBytes(manifest.bytes))) return Ok();
  return Error(Code::kBadInput, StrCat(client.repository().host(), " stored manifest ", name.text(),
                                       " under another digest: ", named->text()));
}

Status PutManifest(Client& client, const Manifest& manifest, const ManifestName& name) {
  const Call call = PutCall(client, manifest, name);
  const http::Response response = TRY(client.Send(call));
  if (!IsSuccess(response)) {
    Error refusal = client.Refused(call, response);
    // Some answer 400, some 404.
    return MissesContent(response) ? std::move(refusal).As(Code::kNotFound) : refusal;
  }
  return CheckStored(client, response, manifest, name);
}

}  // namespace ociship::registry
