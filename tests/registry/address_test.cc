// SPDX-License-Identifier: Apache-2.0
#include "registry/address.h"

#include <doctest/doctest.h>

#include <string>

using ociship::Code;
using ociship::Result;
using ociship::util::Url;

namespace {

using ociship::registry::Asker;
using Target = Result<Url> (*)(const Asker&, const Url&, std::string_view);

// The URL that is followed, or "refused".
std::string Follow(Target target, std::string_view registry, std::string_view location) {
  const Url url = Url::Parse(registry).value();
  const Asker asker{url, ociship::util::KindOfAddress(url.host)};
  const Result<Url> result = target(asker, url, location);
  if (result.ok()) return result.value().text();
  CHECK(result.error().code() == Code::kFailure);
  return "refused";
}
std::string Redirect(std::string_view registry, std::string_view location) {
  return Follow(&ociship::registry::RedirectTarget, registry, location);
}
std::string Upload(std::string_view registry, std::string_view location) {
  return Follow(&ociship::registry::UploadTarget, registry, location);
}
std::string Page(std::string_view registry, std::string_view location) {
  return Follow(&ociship::registry::PageTarget, registry, location);
}

constexpr std::string_view kPublic = "https://registry.example/v2/a/";
constexpr std::string_view kPrivate = "https://10.0.0.5:5000/v2/a/";
constexpr std::string_view kLoopback = "http://127.0.0.1:5000/v2/a/";

}  // namespace

TEST_CASE("RedirectTarget: another host with TLS is followed") {
  CHECK(Redirect(kPublic, "https://storage.example/x?sig=1") == "https://storage.example/x?sig=1");
  CHECK(Redirect(kPublic, "/other") == "https://registry.example/other");
}

TEST_CASE("RedirectTarget: from https to http is refused, also on the same host") {
  CHECK(Redirect(kPublic, "http://storage.example/x") == "refused");
  CHECK(Redirect(kPublic, "http://registry.example/x") == "refused");
}

TEST_CASE("RedirectTarget: a plain registry may stay plain or go to TLS") {
  CHECK(Redirect(kLoopback, "http://127.0.0.1:9000/x") == "http://127.0.0.1:9000/x");
  CHECK(Redirect(kLoopback, "https://storage.example/x") == "https://storage.example/x");
}

TEST_CASE("RedirectTarget: addresses inside the own network are refused to a public registry") {
  for (const char* location :
       {"https://127.0.0.1/x", "https://localhost/x", "https://10.0.0.1/x",
        "https://169.254.169.254/latest/meta-data", "https://[::1]/x", "https://0x7f.1/x"}) {
    CAPTURE(location);
    CHECK(Redirect(kPublic, location) == "refused");
  }
}

TEST_CASE("RedirectTarget: a private registry may send to private addresses, not to loopback") {
  CHECK(Redirect(kPrivate, "https://192.168.1.1/x") == "https://192.168.1.1/x");
  CHECK(Redirect(kPrivate, "https://127.0.0.1/x") == "refused");
  CHECK(Redirect(kPrivate, "https://169.254.169.254/x") == "refused");
}

TEST_CASE("UploadTarget: absolute and relative locations keep their query") {
  CHECK(Upload(kPublic, "https://registry.example/u/1?_state=a%2Fb") ==
        "https://registry.example/u/1?_state=a%2Fb");
  CHECK(Upload(kPublic, "/v2/a/blobs/uploads/1?s=2") ==
        "https://registry.example/v2/a/blobs/uploads/1?s=2");
  CHECK(Upload(kPublic, "1?s=2") == "https://registry.example/v2/a/1?s=2");
}

TEST_CASE("UploadTarget: a location with or without the standard port is the same server") {
  CHECK(Upload(kPublic, "https://registry.example:443/u") == "https://registry.example:443/u");
  CHECK(Upload("https://registry.example:443/v2/", "https://registry.example/u") ==
        "https://registry.example/u");
}

TEST_CASE("UploadTarget: a location without a scheme begins with the registry's own name") {
  CHECK(Upload(kLoopback, "127.0.0.1:5000/u/1?s=2") == "http://127.0.0.1:5000/u/1?s=2");
}

TEST_CASE("UploadTarget: http of the registry itself becomes https") {
  CHECK(Upload(kPublic, "http://registry.example/u/1") == "https://registry.example/u/1");
  CHECK(Upload(kPrivate, "http://10.0.0.5:5000/u/1") == "https://10.0.0.5:5000/u/1");
}

TEST_CASE("UploadTarget: another server is followed with TLS only") {
  CHECK(Upload(kPublic, "https://storage.example/u") == "https://storage.example/u");
  CHECK(Upload(kPublic, "http://storage.example/u") == "refused");
  CHECK(Upload(kPublic, "http://registry.example:8080/u") == "refused");
  CHECK(Upload(kLoopback, "http://127.0.0.1:5001/u") == "refused");
  CHECK(Upload(kLoopback, "http://storage.example/u") == "refused");
}

TEST_CASE("UploadTarget: addresses inside the own network are refused to a public registry") {
  CHECK(Upload(kPublic, "https://192.168.0.1/u") == "refused");
  CHECK(Upload(kPublic, "https://[fe80::1]/u") == "refused");
}

TEST_CASE("UploadTarget: a location that is no http URL is bad input") {
  const Url url = Url::Parse(kPublic).value();
  for (const char* location : {"ftp://registry.example/u", "https://user@registry.example/u",
                               "https://registry.example/a b"}) {
    CAPTURE(location);
    CHECK_FALSE(ociship::registry::UploadTarget({url}, url, location).ok());
  }
}

TEST_CASE("PageTarget: pages of the registry itself are followed, others refused") {
  CHECK(Page(kPublic, "/v2/a/tags/list?last=b&n=2") ==
        "https://registry.example/v2/a/tags/list?last=b&n=2");
  CHECK(Page(kPublic, "http://registry.example/v2/a/tags/list?last=b") ==
        "https://registry.example/v2/a/tags/list?last=b");
  CHECK(Page(kPublic, "https://other.example/v2/a/tags/list") == "refused");
  CHECK(Page(kPublic, "https://registry.example:8443/v2/a/tags/list") == "refused");
}

TEST_CASE("RedirectTarget: the refusal names both servers and nothing of the query") {
  const Url url = Url::Parse(kPublic).value();
  const auto refused =
      ociship::registry::RedirectTarget({url}, url, "https://10.0.0.1:9/x?sig=secret");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message() ==
        "registry.example sends a request to https://10.0.0.1:9, an address inside the own "
        "network, which is not followed");
}

TEST_CASE("RealmTarget: tokens are fetched over TLS, and outside unless the registry is inside") {
  const auto realm = [](std::string_view registry, std::string_view text) {
    const Url url = Url::Parse(registry).value();
    return ociship::registry::RealmTarget({url, ociship::util::KindOfAddress(url.host)}, text).ok();
  };
  CHECK(realm(kPublic, "https://auth.example/token?x=y"));
  CHECK(realm(kLoopback, "http://127.0.0.1:6000/token"));
  CHECK(realm(kPrivate, "https://10.0.0.6/token"));
  CHECK_FALSE(realm(kLoopback, "http://auth.example/token"));
  CHECK_FALSE(realm(kPublic, "http://auth.example/token"));
  CHECK_FALSE(realm(kPublic, "http://registry.example/token"));
  CHECK_FALSE(realm(kPublic, "https://127.0.0.1/token"));
  CHECK_FALSE(realm(kPublic, "https://169.254.169.254/latest/meta-data"));
  CHECK_FALSE(realm(kPublic, "/token"));
  CHECK_FALSE(realm(kPrivate, "https://localhost/token"));
}

TEST_CASE("RedirectTarget: a registry that was found inside may lead to others there") {
  const Url url = Url::Parse(kPublic).value();
  const auto follow = [&url](ociship::util::AddressKind kind) {
    return ociship::registry::RedirectTarget({url, kind}, url, "https://10.0.0.1/x").ok();
  };
  CHECK(follow(ociship::util::AddressKind::kPrivate));
  CHECK_FALSE(follow(ociship::util::AddressKind::kNameOrPublic));
}
