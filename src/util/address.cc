// SPDX-License-Identifier: Apache-2.0
// Tells private and loopback addresses from public ones. Tested by address_test.cc.
#include "util/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "util/text.h"

namespace ociship::util {
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
    Block{0xc0000000, 24, AddressKind::kLinkLocal},  // 192.0.0, RFC 6890
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

AddressKind KindOfV4At(const std::uint8_t* bytes) {
  std::uint32_t v4 = 0;
  std::memcpy(&v4, bytes, sizeof v4);
  return KindOfV4(ntohl(v4));
}

AddressKind KindOfV6(const in6_addr& address) {
  const std::uint8_t* byte = address.s6_addr;
  const auto begins = [byte](auto... prefix) {
    const std::array<std::uint8_t, sizeof...(prefix)> bytes = {
        static_cast<std::uint8_t>(prefix)...};
    return std::memcmp(byte, bytes.data(), bytes.size()) == 0;
  };
  if (IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address)) {
    return AddressKind::kLoopback;
  }
  // Some carry an IPv4 address: ::ffff:a.b.c.d, ::a.b.c.d and NAT64 (64:ff9b::/96 of RFC 6052,
  // 64:ff9b:1::/48 of RFC 8215) at their end, 6to4 (RFC 3056) behind its prefix.
  const bool nat64 =
      begins(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0) || begins(0, 0x64, 0xff, 0x9b, 0, 1);
  if (nat64 || IN6_IS_ADDR_V4MAPPED(&address) || IN6_IS_ADDR_V4COMPAT(&address)) {
    return KindOfV4At(byte + 12);
  }
  if (begins(0x20, 0x02)) return KindOfV4At(byte + 2);
  // fd00:ec2::254 is what 169.254.169.254 is.
  if (IN6_IS_ADDR_LINKLOCAL(&address) || begins(0xfd, 0, 0x0e, 0xc2)) {
    return AddressKind::kLinkLocal;
  }
  if ((byte[0] & 0xfe) == 0xfc || IN6_IS_ADDR_SITELOCAL(&address)) return AddressKind::kPrivate;
  return AddressKind::kNameOrPublic;
}

}  // namespace

AddressKind KindOfAddress(std::string_view host) {
  std::string text = LowerAscii(host);
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

AddressKind KindOfAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return KindOfV4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    return KindOfV6(v6.sin6_addr);
  }
  return AddressKind::kLoopback;  // a socket of this machine
}

bool MayLeadTo(AddressKind asker, AddressKind target) {
  return target == AddressKind::kNameOrPublic || target == asker || asker == AddressKind::kLoopback;
}

}  // namespace ociship::util
