// SPDX-License-Identifier: Apache-2.0
#include "ociship/reference.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ociship {
namespace {

const std::string kHex(64, 'a');
const std::string kDigest = "sha256:" + kHex;

std::string Normalised(std::string_view text) {
  const auto reference = Reference::Parse(text);
  return reference.ok() ? reference.value().text() : "refused: " + reference.error().message();
}

void CheckRefused(std::string_view text, std::string_view part) {
  CAPTURE(text);
  const auto reference = Reference::Parse(text);
  REQUIRE_FALSE(reference.ok());
  CHECK(reference.error().code() == Code::kUsage);
  CAPTURE(reference.error().message());
  CHECK(reference.error().message().find(part) != std::string::npos);
}

TEST_CASE("Reference: short names belong to Docker Hub") {
  CHECK(Normalised("app") == "docker.io/library/app");
  CHECK(Normalised("app:1.0") == "docker.io/library/app:1.0");
  CHECK(Normalised("acme/app") == "docker.io/acme/app");
  CHECK(Normalised("docker.io/app") == "docker.io/library/app");
  CHECK(Normalised("index.docker.io/app") == "docker.io/library/app");
  CHECK(Normalised("index.docker.io/acme/app") == "docker.io/acme/app");
  CHECK(Normalised("localhost:5000") == "docker.io/library/localhost:5000");
}

TEST_CASE("Reference: a first part with a dot, a colon or localhost is the host") {
  for (const std::string_view text : {
           "ghcr.io/acme/app",
           "ghcr.io/acme/app:1.4.2",
           "localhost/app",
           "localhost:5000/app:x",
           "127.0.0.1:5000/app",
           "[::1]:5000/app:x",
           "[fd00::1]/a/b",
           "registry:5000/app",
           "a-b.example.com:65535/a.b/c_d/e__f/g---h",
       }) {
    CHECK(Normalised(text) == text);
  }
}

TEST_CASE("Reference: the parts are told apart") {
  const auto parsed = Reference::Parse("127.0.0.1:5000/acme/app:1.0@" + kDigest);
  REQUIRE(parsed.ok());
  const Reference& reference = parsed.value();
  CHECK(reference.repository().kind() == Repository::Kind::kRegistry);
  CHECK(reference.repository().host() == "127.0.0.1:5000");
  CHECK(reference.repository().path() == "acme/app");
  CHECK(reference.repository().text() == "127.0.0.1:5000/acme/app");
  REQUIRE(reference.tag().has_value());
  CHECK(reference.tag()->text() == "1.0");
  REQUIRE(reference.digest().has_value());
  CHECK(reference.digest()->text() == kDigest);
  CHECK(reference.text() == "127.0.0.1:5000/acme/app:1.0@" + kDigest);
}

TEST_CASE("Reference: docker:// is taken off, other schemes are refused") {
  CHECK(Normalised("docker://ghcr.io/acme/app:1") == "ghcr.io/acme/app:1");
  CheckRefused("https://ghcr.io/acme/app", "no scheme");
  CheckRefused("docker://docker://ghcr.io/acme/app", "no scheme");
  CheckRefused("docker-archive:out.tar", "names no repository");
  CheckRefused("oci-archive:out.tar", "names no repository");
  CheckRefused("dir:out", "names no repository");
}

TEST_CASE("Reference: names against the grammar are refused") {
  CheckRefused("", "name is missing");
  CheckRefused("ghcr.io/Acme/App", "lower case");
  CheckRefused("GHCR.io/acme/app", "lower case");
  CheckRefused("ghcr.io/", "part \"\"");
  CheckRefused("ghcr.io//app", "part \"\"");
  CheckRefused("ghcr.io/app/", "part \"\"");
  CheckRefused("/app", "part \"\"");
  CheckRefused("ghcr.io/-app", "part");
  CheckRefused("ghcr.io/app-", "part");
  CheckRefused("ghcr.io/a..b", "part \"a..b\"");
  CheckRefused("ghcr.io/a___b", "part");
  CheckRefused("ghcr.io/a._b", "part");
  CheckRefused("ghcr.io/../app", "part \"..\"");
  CheckRefused("ghcr.io/a b", "part");
  CheckRefused("ghcr.io/a%2fb", "part");
  CheckRefused("ghcr.io/\xc3\xa4pp", "part");
  CheckRefused(std::string("ghcr.io/a\0b", 11), "part");
  CheckRefused("ghcr.io/app\n", "part");
}

TEST_CASE("Reference: hosts against the grammar are refused") {
  CheckRefused("my_registry:5000/app", "host");
  CheckRefused("ghcr..io/app", "host");
  CheckRefused(".ghcr.io/app", "host");
  CheckRefused("-ghcr.io/app", "host");
  CheckRefused("ghcr.io:/app", "host");
  CheckRefused("ghcr.io:0/app", "host");
  CheckRefused("ghcr.io:65536/app", "host");
  CheckRefused("ghcr.io:00080/app:x:y", "part");
  CheckRefused("ghcr.io:+80/app", "host");
  CheckRefused("ghcr.io:8 0/app", "host");
  CheckRefused("[::1/app", "host");
  CheckRefused("[]:5000/app", "host");
  CheckRefused("[::1]5000/app", "host");
  CheckRefused("[::g]:5000/app", "host");
  CheckRefused("user:password@ghcr.io/app", "digest");
}

TEST_CASE("Reference: host and name may have 255 characters and not more") {
  const std::string host = "ghcr.io/";
  CHECK(Reference::Parse(host + std::string(255 - host.size(), 'a')).ok());
  CheckRefused(host + std::string(256 - host.size(), 'a'), "255");
  CheckRefused(std::string(100'000, 'a'), "8192");
}

TEST_CASE("Reference: an image ID is no name") {
  CheckRefused(kHex, "image ID");
  CHECK(Reference::Parse("ghcr.io/" + kHex).ok());
  CHECK(Reference::Parse(kHex.substr(1)).ok());
}

TEST_CASE("Reference: a wrong tag or digest is refused") {
  CheckRefused("app:", "empty");
  CheckRefused("app:.1", "begin");
  CheckRefused("app:a+b", "letters");
  CheckRefused("app@", "digest");
  CheckRefused("app@sha256:abc", "digest");
  CheckRefused("app@sha256:" + std::string(64, 'A'), "digest");
  CheckRefused("app@md5:d41d8cd98f00b204e9800998ecf8427e", "digest");
  CheckRefused("app@" + kDigest + "@" + kDigest, "digest");
  CheckRefused("app@" + kDigest + ":1", "digest");
}

TEST_CASE("Tag: 1 to 128 of the allowed characters") {
  for (const std::string& text : {std::string("1.4.2"), std::string("_x"), std::string("A-b.C_d"),
                                  std::string(128, 'a'), "sha256-" + kHex + ".sig"}) {
    const auto tag = Tag::Parse(text);
    REQUIRE(tag.ok());
    CHECK(tag.value().text() == text);
  }
}

TEST_CASE("Tag: everything else is refused") {
  for (const std::string& text :
       {std::string(), std::string(129, 'a'), std::string("-rf"), std::string(".x"),
        std::string("a b"), std::string("a/b"), std::string("a:b"), std::string("a\n"),
        std::string("1.0+b"), std::string("a\0b", 3), std::string("\xc3\xa4")}) {
    CAPTURE(text);
    const auto tag = Tag::Parse(text);
    REQUIRE_FALSE(tag.ok());
    CHECK(tag.error().code() == Code::kUsage);
  }
}

struct Layout {
  std::string_view text;
  std::string_view folder;
  std::string_view tag;
};

TEST_CASE("Reference: oci: the tag is what follows the last colon behind the last slash") {
  for (const Layout& layout : {
           Layout{"oci:out", "out", ""},
           Layout{"oci:out:1.0", "out", "1.0"},
           Layout{"oci:/a/b:1.0", "/a/b", "1.0"},
           Layout{"oci:a:b/c", "a:b/c", ""},
           Layout{"oci:a:b/", "a:b/", ""},
           Layout{"oci:..", "..", ""},
           Layout{"oci:./My App \xc3\xa4/Out", "./My App \xc3\xa4/Out", ""},
           Layout{"oci:user@host/x", "user@host/x", ""},
           Layout{"oci:build@2024:v1", "build@2024", "v1"},
       }) {
    CAPTURE(layout.text);
    const auto reference = Reference::Parse(layout.text);
    REQUIRE(reference.ok());
    CHECK(reference.value().repository().kind() == Repository::Kind::kLayout);
    CHECK(reference.value().repository().host() == "");
    CHECK(reference.value().repository().path() == layout.folder);
    CHECK((reference.value().tag() ? reference.value().tag()->text() : "") == layout.tag);
    CHECK_FALSE(reference.value().digest().has_value());
    CHECK(reference.value().text() == layout.text);
  }
}

TEST_CASE("Reference: oci: with a digest") {
  const auto reference = Reference::Parse("oci:a@b/out:1.0@" + kDigest);
  REQUIRE(reference.ok());
  CHECK(reference.value().repository().path() == "a@b/out");
  CHECK(reference.value().repository().text() == "oci:a@b/out");
  REQUIRE(reference.value().tag().has_value());
  CHECK(reference.value().tag()->text() == "1.0");
  REQUIRE(reference.value().digest().has_value());
  CHECK(reference.value().digest()->text() == kDigest);
}

TEST_CASE("Reference: oci: without a usable folder, tag or digest is refused") {
  CheckRefused("oci:", "folder is missing");
  CheckRefused("oci::1.0", "folder is missing");
  CheckRefused("oci:@" + kDigest, "folder is missing");
  CheckRefused(std::string("oci:a\0b", 7), "control character");
  CheckRefused("oci:a\nb", "control character");
  CheckRefused("oci:a\x7f", "control character");
  CheckRefused("oci:" + std::string(4097, 'a'), "4096");
  CheckRefused("oci:out:", "empty");
  CheckRefused("oci:a:b/c:d:e", "behind its last");
  CheckRefused("oci:a@" + kDigest + "/b@" + kDigest, "like a digest");
  CheckRefused("oci:out:a b", "letters");
  CheckRefused("oci:out@sha256:abc", "digest");
  CheckRefused("oci:out@SHA256:" + kHex, "digest");
  CheckRefused("oci:out@" + kDigest + ":1", "digest");
}

TEST_CASE("Repository: equal when the normalised names are equal") {
  const auto shorter = Reference::Parse("app:1");
  const auto longer = Reference::Parse("index.docker.io/library/app:2");
  const auto other = Reference::Parse("oci:app");
  REQUIRE((shorter.ok() && longer.ok() && other.ok()));
  CHECK(shorter.value().repository() == longer.value().repository());
  CHECK_FALSE(shorter.value().repository() == other.value().repository());
}

TEST_CASE("Reference: a message does not write control characters") {
  const auto reference = Reference::Parse("ghcr.io/\x1b[31mapp");
  REQUIRE_FALSE(reference.ok());
  CHECK(reference.error().message().find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace ociship
