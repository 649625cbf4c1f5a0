// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_ADDRESS_H_
#define OCISHIP_UTIL_ADDRESS_H_

#include <string_view>

struct sockaddr;

namespace ociship::util {

// Where an address leads, from the farthest to the nearest.
enum class AddressKind {
  kNameOrPublic,
  kPrivate,  // RFC 1918, RFC 6598, fc00::/7, fec0::/10
  // 169.254.0.0/16, 192.0.0.0/24, fe80::/10, fd00:ec2::/32: also the metadata services of clouds.
  kLinkLocal,
  kLoopback,  // localhost, 127.0.0.0/8, ::1, and the unspecified address
};

// Of a host as far as its text tells; names are not looked up. Numbers in every form that resolvers
// take count: 127.1, 0x7f000001, [::ffff:127.0.0.1].
AddressKind KindOfAddress(std::string_view host);
// Of what a name was resolved to.
AddressKind KindOfAddress(const sockaddr& address);

// Whether somebody at an address of the kind `asker` may have us send a request to one of the kind
// `target`: to the public, to his own kind, and from loopback anywhere. Otherwise a server outside
// would reach into our network (server-side request forgery).
bool MayLeadTo(AddressKind asker, AddressKind target);

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_ADDRESS_H_
