// SPDX-License-Identifier: Apache-2.0
#include "util/url.h"

#include <doctest/doctest.h>

#include <string>

namespace ociship::util {
namespace {

Url Read(std::string_view text) {
  CAPTURE(text);
  Result<Url> url = Url::Parse(text);
  REQUIRE(url.ok());
  return std::move(url).value();
}

void CheckRefused(std::string_view text) {
  CAPTURE(text);
  const Result<Url> url = Url::Parse(text);
  REQUIRE_FALSE(url.ok());
  CHECK(url.error().code() == Code::kBadInput);
}

TEST_CASE("Url: the parts are taken apart") {
  const Url url = Read("https://Registry.Example.com:5000/v2/a/blobs/?from=b&x=%2F");
  CHECK(url.scheme == "https");
  CHECK(url.host == "registry.example.com");
  CHECK(url.port == "5000");
  CHECK(url.path == "/v2/a/blobs/");
  CHECK(url.query == "from=b&x=%2F");
  CHECK(url.text() == "https://registry.example.com:5000/v2/a/blobs/?from=b&x=%2F");
}

TEST_CASE("Url: an empty path is the root") {
  CHECK(Read("http://a").path == "/");
  CHECK(Read("http://a?x").text() == "http://a/?x");
  CHECK(Read("HTTP://a:/").text() == "http://a/");
}

TEST_CASE("Url: an IPv6 host keeps its brackets") {
  const Url url = Read("http://[::1]:5000/");
  CHECK(url.host == "[::1]");
  CHECK(url.port == "5000");
  CHECK(Read("http://[fe80::1]/").port.empty());
}

TEST_CASE("Url: a fragment is dropped") {
  CHECK(Read("http://a/b?c#d").text() == "http://a/b?c");
  CHECK(Read("http://a#d?e").text() == "http://a/");
}

TEST_CASE("Url: other schemes and relative references are refused") {
  CheckRefused("");
  CheckRefused("ftp://a/");
  CheckRefused("file:///etc/passwd");
  CheckRefused("http:/a");
  CheckRefused("http:a");
  CheckRefused("//a/");
  CheckRefused("/a");
  CheckRefused("a");
  CheckRefused("://a");
}

TEST_CASE("Url: user information is refused and not repeated") {
  CheckRefused("https://user@a/");
  CheckRefused("https://@a/");
  const Result<Url> url = Url::Parse("https://user:hunter2@a/");
  REQUIRE_FALSE(url.ok());
  CHECK(url.error().message().find("hunter2") == std::string::npos);
}

TEST_CASE("Url: a bad host is refused") {
  CheckRefused("http://");
  CheckRefused("http:///path");
  CheckRefused("http://:80/");
  CheckRefused("http://a%00b/");
  CheckRefused("http://a\\b/");
  CheckRefused("http://a,b/");
  CheckRefused("http://[]/");
  CheckRefused("http://[::1/");
  CheckRefused("http://[::1]x/");
  CheckRefused("http://[::1%25eth0]/");
  CheckRefused("http://[abcd]/");
  CheckRefused("http://\xc3\xbc/");
}

TEST_CASE("Url: a bad port is refused") {
  CHECK(Read("http://a:65535/").port == "65535");
  CheckRefused("http://a:65536/");
  CheckRefused("http://a:0/");
  CheckRefused("http://a:x/");
  CheckRefused("http://a:-1/");
  CheckRefused("http://a:000080/");
  CheckRefused("http://a:80:80/");
}

TEST_CASE("Url: white space and control characters are refused everywhere") {
  for (const char* bad : {" ", "\t", "\r\n", "\x01", "\x7f"}) {
    CheckRefused(std::string("http://a/") + bad);
    CheckRefused(std::string("http://a/?x=") + bad + "y");
    CheckRefused(std::string("http://a") + bad + "/");
    CheckRefused(bad + std::string("http://a/"));
    CHECK_FALSE(Read("http://a/").Resolve(bad).ok());
  }
  CheckRefused(std::string("http://a/\0", 10));
}

TEST_CASE("Url: 64 KiB are accepted and one byte more is refused") {
  const std::string start = "http://a/";
  CHECK(Url::Parse(start + std::string(65536 - start.size(), 'x')).ok());
  CheckRefused(start + std::string(65537 - start.size(), 'x'));
}

// RFC 3986 section 5.4, without the examples that have other schemes; fragments are dropped.
TEST_CASE("Resolve: the examples of RFC 3986 come out") {
  const Url base = Read("http://a/b/c/d;p?q");
  constexpr std::pair<std::string_view, std::string_view> kExamples[] = {
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {"g?y#s", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {".g", "http://a/b/c/.g"},
      {"g..", "http://a/b/c/g.."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/./x", "http://a/b/c/g?y/./x"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
  };
  for (const auto& example : kExamples) {
    CAPTURE(example.first);
    const Result<Url> url = base.Resolve(example.first);
    REQUIRE(url.ok());
    CHECK(url.value().text() == example.second);
  }
}

TEST_CASE("Resolve: the forms of Location that registries send are understood") {
  const Url base = Read("https://r.example:5000/v2/app/blobs/uploads/");
  const auto resolve = [&](std::string_view text) { return base.Resolve(text).value().text(); };
  CHECK(resolve("http://other/x?_state=a%3D%3D") == "http://other/x?_state=a%3D%3D");
  CHECK(resolve("/v2/app/blobs/uploads/1?_state=A+b/c==&d") ==
        "https://r.example:5000/v2/app/blobs/uploads/1?_state=A+b/c==&d");
  CHECK(resolve("//cdn.example/x") == "https://cdn.example/x");
  CHECK(resolve("//cdn.example:81/x") == "https://cdn.example:81/x");
  CHECK(resolve("uuid-1") == "https://r.example:5000/v2/app/blobs/uploads/uuid-1");
}

TEST_CASE("Resolve: what Parse refuses is refused here too") {
  const Url base = Read("https://a/");
  for (const char* bad : {"file:///etc/passwd", "ftp://b/", "//user@b/", "//", "//b:x/",
                          "https://user:p@b/", "sha256:abc"}) {
    CAPTURE(bad);
    CHECK_FALSE(base.Resolve(bad).ok());
  }
}

TEST_CASE("Origin: always names the port") {
  CHECK(Read("https://a/b?c").Origin() == "https://a:443");
  CHECK(Read("http://a/").Origin() == "http://a:80");
  CHECK(Read("https://a:443/").Origin() == Read("https://A/x").Origin());
  CHECK(Read("https://a:444/").Origin() != Read("https://a/").Origin());
  CHECK(Read("http://a:443/").Origin() != Read("https://a/").Origin());
}

TEST_CASE("WithQuery: adds behind what is there") {
  CHECK(Read("http://a/b").WithQuery("digest", "sha256:0/ ").text() ==
        "http://a/b?digest=sha256%3A0%2F%20");
  CHECK(Read("http://a/b?x=%2f").WithQuery("n", "1").text() == "http://a/b?x=%2f&n=1");
}

TEST_CASE("PercentEncode: only unreserved characters stay") {
  CHECK(PercentEncode("AZaz09-._~") == "AZaz09-._~");
  CHECK(PercentEncode("+/=&?%:\xc3\xbc") == "%2B%2F%3D%26%3F%25%3A%C3%BC");
  CHECK(PercentEncode(std::string_view("\0", 1)) == "%00");
}

TEST_CASE("ClassifyHost: this machine is loopback") {
  for (const char* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.255.0.9", "[::1]"}) {
    CAPTURE(host);
    CHECK(ClassifyHost(host) == HostKind::kLoopback);
  }
}

TEST_CASE("ClassifyHost: everything else is not") {
  for (const char* host :
       {"", "localhost.example.com", "example.localhost", "127.0.0.1.example.com",
        "127.example.com", "127.0.0", "127.0.0.256", "127.0.0.01", "0127.0.0.1", "128.0.0.1",
        "10.0.0.1", "0.0.0.0", "[::]", "[::2]", "[::ffff:127.0.0.1]", "127.0.0.", "127..0.1",
        "localhost:5000"}) {
    CAPTURE(host);
    CHECK(ClassifyHost(host) == HostKind::kOther);
  }
}

}  // namespace
}  // namespace ociship::util

TEST_CASE("Url: HostAndPort leaves out the port that is not there") {
  CHECK(ociship::util::Url::Parse("https://a.example/x?y").value().HostAndPort() == "a.example");
  CHECK(ociship::util::Url::Parse("http://[::1]:5000/").value().HostAndPort() == "[::1]:5000");
}
