// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_ADDRESS_H_
#define OCISHIP_REGISTRY_ADDRESS_H_

#include <string_view>

#include "ociship/core.h"
#include "util/url.h"

namespace ociship::registry {

// Where a host leads, as far as its text tells. Names are not looked up.
enum class AddressKind {
  kNameOrPublic,
  kPrivate,    // RFC 1918, RFC 6598, fc00::/7
  kLinkLocal,  // 169.254.0.0/16 (metadata services of clouds), fe80::/10
  kLoopback,   // localhost, 127.0.0.0/8, ::1, and the unspecified address
};

// Numbers in every form that resolvers take count: 127.1, 0x7f000001, [::ffff:127.0.0.1].
AddressKind KindOfAddress(std::string_view host);

// Where a registry may send its clients, all kFailure otherwise. `registry` is the URL under which
// the registry was asked first; what it sends somewhere else must not reach into the network of the
// client (server-side request forgery).

// The target of a redirect of a GET or HEAD: never from https to http, and a loopback, link-local
// or private address only for a registry that is at such an address itself.
Result<util::Url> RedirectTarget(const util::Url& registry, const util::Url& from,
                                 std::string_view location);

// The Location of an upload (distribution-spec, "POST then PUT"): absolute or relative to `from`,
// the query kept. Another origin must be https and pass the rule above. An http location of an
// https registry itself, as proxies cause it that do not tell the registry of TLS, is taken as
// https.
Result<util::Url> UploadTarget(const util::Url& registry, const util::Url& from,
                               std::string_view location);

// The next page of a list: of the registry itself.
Result<util::Url> PageTarget(const util::Url& registry, const util::Url& from,
                             std::string_view link);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_ADDRESS_H_
