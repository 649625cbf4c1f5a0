// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_ADDRESS_H_
#define OCISHIP_REGISTRY_ADDRESS_H_

#include <string_view>

#include "ociship/core.h"
#include "util/address.h"
#include "util/url.h"

namespace ociship::registry {

// Where a registry may send its clients, all kFailure otherwise. What it sends somewhere else must
// not reach into the network of the client (server-side request forgery).

// A registry: the URL under which it was asked first, and where that was found to lead.
struct Asker {
  util::Url url;
  util::AddressKind kind = util::AddressKind::kNameOrPublic;
};

// The target of a redirect of a GET or HEAD: never from https to http, and a loopback, link-local
// or private address only for a registry that is at such an address itself.
Result<util::Url> RedirectTarget(const Asker& registry, const util::Url& from,
                                 std::string_view location);

// The Location of an upload (distribution-spec, "POST then PUT"): absolute or relative to `from`,
// the query kept. Another origin must be https and pass the rule above. An http location of an
// https registry itself, as proxies cause it that do not tell the registry of TLS, is taken as
// https.
Result<util::Url> UploadTarget(const Asker& registry, const util::Url& from,
                               std::string_view location);

// Where tokens are made (distribution auth spec, "realm"), which is told the credential: https, or
// http where the registry itself is spoken to so, and the rule above.
Result<util::Url> RealmTarget(const Asker& registry, std::string_view realm);

// The next page of a list: of the registry itself.
Result<util::Url> PageTarget(const Asker& registry, const util::Url& from, std::string_view link);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_ADDRESS_H_
