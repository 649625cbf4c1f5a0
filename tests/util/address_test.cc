// SPDX-License-Identifier: Apache-2.0
#include "util/address.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <string>

using ociship::util::AddressKind;
using ociship::util::KindOfAddress;
using ociship::util::MayLeadTo;

TEST_CASE("KindOfAddress: loopback in every form") {
  for (const char* host : {"localhost",
                           "LOCALHOST",
                           "localhost.",
                           "a.localhost",
                           "127.0.0.1",
                           "127.255.0.9",
                           "127.1",
                           "2130706433",
                           "0x7f000001",
                           "0177.0.0.1",
                           "0.0.0.0",
                           "0",
                           "[::1]",
                           "[::]",
                           "[::ffff:127.0.0.1]",
                           "[::ffff:7f00:1]",
                           "[64:ff9b::7f00:1]",
                           "[64:ff9b:1::7f00:1]",
                           "[::127.0.0.1]",
                           "[2002:7f00:1::]"}) {
    CAPTURE(host);
    CHECK(KindOfAddress(host) == AddressKind::kLoopback);
  }
}

TEST_CASE("KindOfAddress: private networks") {
  for (const char* host :
       {"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1",
        "[fc00::1]", "[fd12:3456::1]", "[fec0::1]", "[::ffff:10.0.0.1]", "[2002:a00:1::1]"}) {
    CAPTURE(host);
    CHECK(KindOfAddress(host) == AddressKind::kPrivate);
  }
}

TEST_CASE("KindOfAddress: link-local networks") {
  for (const char* host :
       {"169.254.169.254", "0xa9fea9fe", "192.0.0.192", "[fe80::1]", "[fd00:ec2::254]"}) {
    CAPTURE(host);
    CHECK(KindOfAddress(host) == AddressKind::kLinkLocal);
  }
}

TEST_CASE("KindOfAddress: names and public addresses are neither") {
  for (const char* host : {"registry.example",
                           "localhost.example",
                           "10.example",
                           "9.255.255.255",
                           "11.0.0.0",
                           "172.15.0.1",
                           "172.32.0.1",
                           "192.167.0.1",
                           "100.128.0.1",
                           "128.0.0.1",
                           "126.0.0.1",
                           "169.253.0.1",
                           "192.0.1.1",
                           "[2001:db8::1]",
                           "[2002:808:808::1]",
                           "[::8.8.8.8]",
                           "[64:ff9b::808:808]",
                           "[64:ff9b:1::808:808]",
                           "[zz]",
                           ""}) {
    CAPTURE(host);
    CHECK(KindOfAddress(host) == AddressKind::kNameOrPublic);
  }
}

TEST_CASE("KindOfAddress: of what a name was resolved to") {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  const auto kind_of_v4 = [&v4](const char* text) {
    REQUIRE(inet_pton(AF_INET, text, &v4.sin_addr) == 1);
    return KindOfAddress(reinterpret_cast<const sockaddr&>(v4));
  };
  CHECK(kind_of_v4("192.0.2.1") == AddressKind::kNameOrPublic);
  CHECK(kind_of_v4("10.1.2.3") == AddressKind::kPrivate);
  CHECK(kind_of_v4("169.254.169.254") == AddressKind::kLinkLocal);
  CHECK(kind_of_v4("127.0.0.53") == AddressKind::kLoopback);

  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  const auto kind_of_v6 = [&v6](const char* text) {
    REQUIRE(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
    return KindOfAddress(reinterpret_cast<const sockaddr&>(v6));
  };
  CHECK(kind_of_v6("2001:db8::1") == AddressKind::kNameOrPublic);
  CHECK(kind_of_v6("fd00::1") == AddressKind::kPrivate);
  CHECK(kind_of_v6("::ffff:127.0.0.1") == AddressKind::kLoopback);

  sockaddr local{};
  local.sa_family = AF_UNIX;
  CHECK(KindOfAddress(local) == AddressKind::kLoopback);
}

TEST_CASE("MayLeadTo: outwards always, inwards only from there") {
  using enum AddressKind;
  for (const AddressKind asker : {kNameOrPublic, kPrivate, kLinkLocal, kLoopback}) {
    CHECK(MayLeadTo(asker, kNameOrPublic));
    CHECK(MayLeadTo(asker, asker));
    CHECK(MayLeadTo(kLoopback, asker));
  }
  for (const AddressKind target : {kPrivate, kLinkLocal, kLoopback}) {
    CHECK_FALSE(MayLeadTo(kNameOrPublic, target));
  }
  CHECK_FALSE(MayLeadTo(kPrivate, kLoopback));
  CHECK_FALSE(MayLeadTo(kPrivate, kLinkLocal));
}
