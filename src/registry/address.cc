// SPDX-License-Identifier: Apache-2.0
// Decides which locations of a registry are followed (distribution-spec, "POST then PUT" and
// redirects). Tested by address_test.cc.
#include "registry/address.h"

#include <string>

#include "util/address.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

Error Refused(const Asker& registry, const util::Url& target, std::string_view why) {
  return Error(Code::kFailure,
               util::StrCat(registry.url.HostAndPort(), " sends a request to ", target.scheme,
                            "://", util::Printable(target.HostAndPort()), ", ", why));
}

// The location itself is not shown: its query may be a signature.
Result<util::Url> Readable(const Asker& registry, Result<util::Url> target) {
  if (target.ok()) return target;
  return Error(Code::kFailure,
               util::StrCat(registry.url.HostAndPort(),
                            " sends a request to something that is no http or https URL"));
}

// An address of the client's own network is taken only from somebody who is there.
Status CheckReach(const Asker& registry, const util::Url& target) {
  if (util::MayLeadTo(registry.kind, util::KindOfAddress(target.host))) return Ok();
  return Refused(registry, target, "an address inside the own network, which is not followed");
}

bool IsDowngrade(const util::Url& from, const util::Url& target) {
  return from.scheme == "https" && target.scheme != "https";
}

// Some servers leave the scheme out: "registry.example/v2/...".
Result<util::Url> ResolveLocation(const Asker& registry, const util::Url& from,
                                  std::string_view location) {
  if (location.starts_with(util::StrCat(registry.url.HostAndPort(), "/"))) {
    const std::string whole = util::StrCat(registry.url.scheme, "://", location);
    return Readable(registry, util::Url::Parse(whole));
  }
  util::Url target = TRY(Readable(registry, from.Resolve(location)));
  const bool own = target.host == registry.url.host && target.port == registry.url.port;
  if (own && IsDowngrade(registry.url, target)) target.scheme = registry.url.scheme;
  return target;
}

}  // namespace

Result<util::Url> RedirectTarget(const Asker& registry, const util::Url& from,
                                 std::string_view location) {
  util::Url target = TRY(Readable(registry, from.Resolve(location)));
  if (IsDowngrade(from, target)) {
    return Refused(registry, target, "from https to plain http, which is not followed");
  }
  TRY(CheckReach(registry, target));
  return target;
}

Result<util::Url> UploadTarget(const Asker& registry, const util::Url& from,
                               std::string_view location) {
  util::Url target = TRY(ResolveLocation(registry, from, location));
  if (target.Origin() == registry.url.Origin()) return target;
  if (target.scheme != "https") {
    return Refused(registry, target, "another server without TLS, which is not followed");
  }
  TRY(CheckReach(registry, target));
  return target;
}

Result<util::Url> RealmTarget(const Asker& registry, std::string_view realm) {
  util::Url target = TRY(Readable(registry, util::Url::Parse(realm)));
  if (IsDowngrade(registry.url, target)) {
    return Refused(registry, target, "without TLS for a token, which is not followed");
  }
  TRY(CheckReach(registry, target));
  // A registry on this machine needs no TLS; for whom it names outside that is no reason.
  if (target.scheme == "http" &&
      util::KindOfAddress(target.host) != util::KindOfAddress(registry.url.host)) {
    return Refused(registry, target, "without TLS for a token, which is not followed");
  }
  return target;
}

Result<util::Url> PageTarget(const Asker& registry, const util::Url& from, std::string_view link) {
  util::Url target = TRY(ResolveLocation(registry, from, link));
  if (target.Origin() != registry.url.Origin()) {
    return Refused(registry, target, "another server for the next page, which is not followed");
  }
  return target;
}

}  // namespace ociship::registry
