// SPDX-License-Identifier: Apache-2.0
// Decides which locations of a registry are followed (distribution-spec, "POST then PUT" and
// redirects). Tested by address_test.cc.
#include "registry/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

struct Block {
  std::uint32_t network;
  int bits;
  AddressKind kind;
};

constexpr std::array kBlocks = {
    Block{0x00000000, 8, AddressKind::kLoopback},    // this host
    Block{0x7f000000, 8, AddressKind::kLoopback},    //
    Block{0xa9fe0000, 16, AddressKind::kLinkLocal},  // 169.254
    Block{0x0a000000, 8, AddressKind::kPrivate},     // 10
    Block{0xac100000, 12, AddressKind::kPrivate},    // 172.16
    Block{0xc0a80000, 16, AddressKind::kPrivate},    // 192.168
    Block{0x64400000, 10, AddressKind::kPrivate},    // 100.64
};

AddressKind KindOfV4(std::uint32_t address) {
  for (const Block& block : kBlocks) {
    if ((address ^ block.network) >> (32 - block.bits) == 0) return block.kind;
  }
  return AddressKind::kNameOrPublic;
}

AddressKind KindOfV6(const in6_addr& address) {
  const std::uint8_t* byte = address.s6_addr;
  // ::ffff:a.b.c.d and the NAT64 prefix 64:ff9b:: carry an IPv4 address at their end.
  constexpr std::array<std::uint8_t, 12> kNat64 = {0x00, 0x64, 0xff, 0x9b};
  if (IN6_IS_ADDR_V4MAPPED(&address) || std::memcmp(byte, kNat64.data(), kNat64.size()) == 0) {
    std::uint32_t v4 = 0;
    std::memcpy(&v4, byte + 12, sizeof v4);
    return KindOfV4(ntohl(v4));
  }
  if (IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address)) {
    return AddressKind::kLoopback;
  }
  if (IN6_IS_ADDR_LINKLOCAL(&address)) return AddressKind::kLinkLocal;
  if ((byte[0] & 0xfe) == 0xfc) return AddressKind::kPrivate;
  return AddressKind::kNameOrPublic;
}

std::string HostAndPort(const util::Url& url) {
  return url.port.empty() ? url.host : util::StrCat(url.host, ":", url.port);
}

Error Refused(const util::Url& registry, const util::Url& target, std::string_view why) {
  return Error(Code::kFailure,
               util::StrCat(HostAndPort(registry), " sends a request to ", target.scheme, "://",
                            util::Printable(HostAndPort(target)), ", ", why));
}

// An address of the client's own network is taken only from somebody who is there.
Status CheckReach(const util::Url& registry, const util::Url& target) {
  const AddressKind own = KindOfAddress(registry.host);
  const AddressKind other = KindOfAddress(target.host);
  if (other == AddressKind::kNameOrPublic || other == own || own == AddressKind::kLoopback) {
    return Ok();
  }
  return Refused(registry, target, "an address inside the own network, which is not followed");
}

bool IsDowngrade(const util::Url& from, const util::Url& target) {
  return from.scheme == "https" && target.scheme != "https";
}

// Some servers leave the scheme out: "registry.example/v2/...".
Result<util::Url> ResolveLocation(const util::Url& registry, const util::Url& from,
                                  std::string_view location) {
  if (location.starts_with(util::StrCat(HostAndPort(registry), "/"))) {
    return util::Url::Parse(util::StrCat(registry.scheme, "://", location));
  }
  util::Url target = TRY(from.Resolve(location));
  const bool own = target.host == registry.host && target.port == registry.port;
  if (own && IsDowngrade(registry, target)) target.scheme = registry.scheme;
  return target;
}

}  // namespace

AddressKind KindOfAddress(std::string_view host) {
  std::string text = util::LowerAscii(host);
  if (text.ends_with('.')) text.pop_back();
  if (text == "localhost" || text.ends_with(".localhost")) return AddressKind::kLoopback;
  if (text.starts_with('[') && text.ends_with(']')) {
    in6_addr v6{};
    text = text.substr(1, text.size() - 2);
    return inet_pton(AF_INET6, text.c_str(), &v6) == 1 ? KindOfV6(v6) : AddressKind::kNameOrPublic;
  }
  // inet_aton, since it takes the short, octal and hexadecimal forms as resolvers do.
  in_addr v4{};
  if (inet_aton(text.c_str(), &v4) == 0) return AddressKind::kNameOrPublic;
  return KindOfV4(ntohl(v4.s_addr));
}

Result<util::Url> RedirectTarget(const util::Url& registry, const util::Url& from,
                                 std::string_view location) {
  util::Url target = TRY(from.Resolve(location));
  if (IsDowngrade(from, target)) {
    return Refused(registry, target, "from https to plain http, which is not followed");
  }
  TRY(CheckReach(registry, target));
  return target;
}

Result<util::Url> UploadTarget(const util::Url& registry, const util::Url& from,
                               std::string_view location) {
  util::Url target = TRY(ResolveLocation(registry, from, location));
  if (target.Origin() == registry.Origin()) return target;
  if (target.scheme != "https") {
    return Refused(registry, target, "another server without TLS, which is not followed");
  }
  TRY(CheckReach(registry, target));
  return target;
}

Result<util::Url> PageTarget(const util::Url& registry, const util::Url& from,
                             std::string_view link) {
  util::Url target = TRY(ResolveLocation(registry, from, link));
  if (target.Origin() != registry.Origin()) {
    return Refused(registry, target, "another server for the next page, which is not followed");
  }
  return target;
}

}  // namespace ociship::registry
