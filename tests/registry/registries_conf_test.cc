// SPDX-License-Identifier: Apache-2.0
#include "registry/registries_conf.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "util/text.h"

namespace ociship::registry {
namespace {

using util::StrCat;
using File = RegistriesConf::File;

Repository Named(std::string_view text) { return Reference::Parse(text).value().repository(); }

RegistriesConf Parse(const std::vector<File>& files) {
  auto conf = RegistriesConf::Parse(files);
  if (!conf.ok()) FAIL(conf.error().message());
  return std::move(conf).value();
}
RegistriesConf Parse(std::string_view text) { return Parse({{"/etc/r.conf", std::string(text)}}); }

std::string Refusal(const std::vector<File>& files) {
  const auto conf = RegistriesConf::Parse(files);
  REQUIRE_FALSE(conf.ok());
  CHECK(conf.error().code() == Code::kBadInput);
  return conf.error().message();
}
std::string Refusal(std::string_view text) {
  CAPTURE(text);
  return Refusal({{"/etc/r.conf", std::string(text)}});
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string Blocked(std::string_view prefix) {
  return StrCat("[[registry]]\nprefix = '", prefix, "'\nblocked = true\n");
}

bool IsAllowed(const RegistriesConf& conf, std::string_view name) {
  CAPTURE(name);
  const Status status = conf.CheckAllowed(Named(name));
  if (!status.ok()) CHECK(status.error().code() == Code::kFailure);
  return status.ok();
}

// "a.io/x all, b.io/x digest"
std::string MirrorsOf(const RegistriesConf& conf, std::string_view name) {
  const auto mirrors = conf.MirrorsFor(Named(name));
  if (!mirrors.ok()) FAIL(mirrors.error().message());
  std::string text;
  for (const Mirror& mirror : mirrors.value()) {
    if (!text.empty()) text += ", ";
    text += mirror.repository.text();
    if (mirror.pull == Mirror::Pull::kDigestOnly) text += " digest";
    if (mirror.pull == Mirror::Pull::kTagOnly) text += " tag";
  }
  return text;
}

std::string LocationOf(const RegistriesConf& conf, std::string_view name) {
  const auto place = conf.LocationOf(Named(name));
  if (!place.ok()) FAIL(place.error().message());
  return place.value().text();
}

TEST_CASE("RegistriesConf: without files everything is allowed and nothing mirrored") {
  const RegistriesConf conf = Parse(std::vector<File>());
  CHECK(IsAllowed(conf, "ghcr.io/acme/app"));
  CHECK(MirrorsOf(conf, "ghcr.io/acme/app").empty());
  CHECK(LocationOf(conf, "ghcr.io/acme/app") == "ghcr.io/acme/app");
}

TEST_CASE("RegistriesConf: a blocked registry is refused with the file that says so") {
  const RegistriesConf conf = Parse(Blocked("ghcr.io"));
  const Status status = conf.CheckAllowed(Named("ghcr.io/acme/app"));
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kFailure);
  CHECK(status.error().message() ==
        "ghcr.io/acme/app is blocked by \"/etc/r.conf\", where \"ghcr.io\" has blocked = true");
  CHECK_FALSE(conf.CheckHostAllowed("ghcr.io").ok());
  CHECK(conf.CheckHostAllowed("quay.io").ok());
  CHECK(IsAllowed(conf, "oci:ghcr.io/layout"));
}

TEST_CASE("RegistriesConf: a prefix ends where a part of the name ends") {
  const RegistriesConf conf = Parse(Blocked("a.io/acme"));
  CHECK_FALSE(IsAllowed(conf, "a.io/acme"));
  CHECK_FALSE(IsAllowed(conf, "a.io/acme/app"));
  CHECK(IsAllowed(conf, "a.io/acme2"));
  CHECK(IsAllowed(conf, "a.io/other"));
  CHECK(conf.CheckHostAllowed("a.io").ok());
  CHECK(IsAllowed(Parse(Blocked("a.io")), "a.iota/x"));
  CHECK_FALSE(IsAllowed(Parse(Blocked("a.io")), "a.io:5000/x"));
  CHECK(IsAllowed(Parse(Blocked("a.io:5000")), "a.io/x"));
  CHECK_FALSE(IsAllowed(Parse(Blocked("docker.io/library/")), "ubuntu"));
}

TEST_CASE("RegistriesConf: the longest prefix decides, whatever its place") {
  const std::string open = "[[registry]]\nlocation = 'a.io/acme/open'\nblocked = false\n";
  for (const std::string& text : {Blocked("a.io/acme") + open, open + Blocked("a.io/acme")}) {
    const RegistriesConf conf = Parse(text);
    CHECK(IsAllowed(conf, "a.io/acme/open"));
    CHECK(IsAllowed(conf, "a.io/acme/open/app"));
    CHECK_FALSE(IsAllowed(conf, "a.io/acme/other"));
  }
}

TEST_CASE("RegistriesConf: a wildcard means the hosts below and not the host itself") {
  const RegistriesConf conf = Parse(Blocked("*.example.com"));
  CHECK_FALSE(IsAllowed(conf, "a.example.com/x"));
  CHECK_FALSE(IsAllowed(conf, "a.b.example.com/x"));
  CHECK_FALSE(IsAllowed(conf, "a.example.com:5000/x"));
  CHECK_FALSE(IsAllowed(conf, "a.example.com.example.com/x"));
  CHECK(IsAllowed(conf, "example.com/x"));
  CHECK(IsAllowed(conf, "aexample.com/x"));
  CHECK(IsAllowed(conf, "a.io/a.example.com"));
  CHECK(IsAllowed(conf, "a.example.com.io/x"));
}

TEST_CASE("RegistriesConf: a wildcard anywhere else is refused") {
  for (const std::string prefix :
       {"*", "*.", "a.*.io", "*a.io", "*.*.io", "*.a.io:5000", "*.a.io/x"}) {
    CHECK(Contains(Refusal(Blocked(prefix)), "asterisk"));
  }
}

TEST_CASE("RegistriesConf: a later file takes the place of an entry with the same prefix") {
  const File first{"/a.conf", Blocked("a.io") + Blocked("b.io")};
  const File second{"/b.conf", "[[registry]]\nprefix = 'a.io'\nlocation = 'a.io'\n"};
  const RegistriesConf conf = Parse({first, second});
  CHECK(IsAllowed(conf, "a.io/x"));
  CHECK_FALSE(IsAllowed(conf, "b.io/x"));
  CHECK_FALSE(IsAllowed(Parse({second, first}), "a.io/x"));
}

TEST_CASE("RegistriesConf: one file that blocks and does not block is refused") {
  CHECK(Contains(Refusal(Blocked("a.io") + "[[registry]]\nlocation = 'a.io'\n"), "not blocked"));
  CHECK_FALSE(IsAllowed(Parse(Blocked("a.io") + Blocked("a.io")), "a.io/x"));
}

TEST_CASE("RegistriesConf: the blocked registries of version 1 are blocked") {
  const RegistriesConf conf = Parse(
      "[registries.search]\nregistries = ['a.io']\n[registries.block]\nregistries = ['b.io']\n");
  CHECK(IsAllowed(conf, "a.io/x"));
  CHECK_FALSE(IsAllowed(conf, "b.io/x"));
  Refusal("[registries.block]\nregistries = 'b.io'\n");
  Refusal("[registries.block]\nregistries = [1]\n");
}

TEST_CASE("RegistriesConf: mirrors keep their order and take the place of the prefix") {
  const RegistriesConf conf = Parse(
      "[[registry]]\nprefix = 'docker.io'\n"
      "[[registry.mirror]]\nlocation = 'm.io/hub/'\n"
      "[[registry.mirror]]\nlocation = '127.0.0.1:5000'\ninsecure = true\n"
      "pull-from-mirror = 'digest-only'\n"
      "[[registry.mirror]]\nlocation = 'n.io'\npull-from-mirror = 'tag-only'\n"
      "[[registry.mirror]]\nlocation = 'o.io'\npull-from-mirror = 'all'\n");
  CHECK(MirrorsOf(conf, "ubuntu") ==
        "m.io/hub/library/ubuntu, 127.0.0.1:5000/library/ubuntu digest, n.io/library/ubuntu tag, "
        "o.io/library/ubuntu");
  CHECK(MirrorsOf(conf, "quay.io/x").empty());
  CHECK(MirrorsOf(conf, "oci:docker.io/x").empty());
  CHECK(LocationOf(conf, "ubuntu") == "docker.io/library/ubuntu");
}

TEST_CASE("RegistriesConf: mirror-by-digest-only is for all mirrors of the registry") {
  const std::string text =
      "[[registry]]\nlocation = 'a.io'\nmirror-by-digest-only = true\n"
      "[[registry.mirror]]\nlocation = 'm.io'\n";
  CHECK(MirrorsOf(Parse(text), "a.io/x") == "m.io/x digest");
  CHECK(Contains(Refusal(text + "pull-from-mirror = 'all'\n"), "exclude each other"));
}

TEST_CASE("RegistriesConf: a location moves what is read") {
  CHECK(LocationOf(Parse("[[registry]]\nprefix = 'a.io/acme'\nlocation = 'b.io/x'\n"),
                   "a.io/acme/app") == "b.io/x/app");
  CHECK(LocationOf(Parse("[[registry]]\nprefix = '*.a.io'\nlocation = 'b.io'\n"),
                   "c.a.io/acme/app") == "b.io/acme/app");
  CHECK(LocationOf(Parse("[[registry]]\nprefix = '*.a.io'\n"), "c.a.io/app") == "c.a.io/app");
}

TEST_CASE("RegistriesConf: a place that is none is an error where it is needed, and not before") {
  for (const std::string location : {"m", "m/x", "M.io", "m.io/a b", "m.io/a:tag", "oci:dir"}) {
    CAPTURE(location);
    const RegistriesConf conf =
        Parse(StrCat("[[registry]]\nprefix = 'a.io'\nlocation = '", location,
                     "'\n[[registry.mirror]]\nlocation = '", location, "'\n"));
    CHECK(IsAllowed(conf, "a.io/x"));
    const auto mirrors = conf.MirrorsFor(Named("a.io/x"));
    REQUIRE_FALSE(mirrors.ok());
    CHECK(mirrors.error().code() == Code::kBadInput);
    CHECK(Contains(mirrors.error().message(), "/etc/r.conf"));
    CHECK_FALSE(conf.LocationOf(Named("a.io/x")).ok());
  }
}

TEST_CASE("RegistriesConf: what is unknown here is passed over") {
  const RegistriesConf conf = Parse(
      "unqualified-search-registries = ['docker.io']\nshort-name-mode = 'enforcing'\n"
      "credential-helpers = ['x']\n[aliases]\n'ubuntu' = 'docker.io/library/ubuntu'\n"
      "[[registry]]\nlocation = 'a.io'\ninsecure = true\nfuture = [1]\n");
  CHECK(IsAllowed(conf, "a.io/x"));
}

TEST_CASE("RegistriesConf: a file that is broken is named with the reason") {
  CHECK(Contains(Refusal("[[registry]\n"), "\"/etc/r.conf\": TOML: line 1"));
  const std::pair<std::string, std::string> cases[] = {
      {"registry = 1", "\"registry\""},
      {"registry = ['a.io']", "array of tables"},
      {"[registry]\nlocation = 'a.io'", "\"registry\""},
      {"[[registry]]\nblocked = true", "neither"},
      {"[[registry]]\nprefix = ''", "\"prefix\" is empty"},
      {"[[registry]]\nprefix = 7", "\"prefix\""},
      {"[[registry]]\nlocation = 'https://a.io'", "scheme"},
      {"[[registry]]\nlocation = 'a.io'\nblocked = 'true'", "\"blocked\""},
      {"[[registry]]\nlocation = 'a.io'\nblocked = 1", "the registry \"a.io\""},
      {"[[registry]]\nlocation = 'a.io'\nmirror-by-digest-only = 1", "mirror-by-digest-only"},
      {"[[registry]]\nlocation = 'a.io'\nmirror = ['b.io']", "array of tables"},
      {"[[registry]]\nlocation = 'a.io'\n[[registry.mirror]]\ninsecure = true", "no \"location\""},
      {"[[registry]]\nlocation = 'a.io'\n[[registry.mirror]]\nlocation = 'b'\n"
       "pull-from-mirror = 'no'",
       "\"no\""},
  };
  for (const auto& [text, part] : cases) {
    CAPTURE(part);
    const std::string message = Refusal(text);
    CHECK(Contains(message, "/etc/r.conf"));
    CHECK(Contains(message, part));
  }
}

TEST_CASE("RegistriesConf: files, registries, mirrors and names have caps") {
  CHECK(Contains(Refusal(std::vector<File>(kMaxRegistriesFiles + 1)), "256 files"));
  Parse(std::vector<File>(kMaxRegistriesFiles));
  std::string text = "[[registry]]\nlocation = 'a.io'\n";
  for (int i = 0; i < 64; ++i) text += "[[registry.mirror]]\nlocation = 'b.io'\n";
  Parse(text);
  CHECK(Contains(Refusal(text + "[[registry.mirror]]\nlocation = 'b.io'\n"), "64 mirrors"));
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += StrCat("[[registry]]\nprefix='a", i, "'\n");
  CHECK(Contains(Refusal(many), "10000 registries"));
  Parse(Blocked(std::string(512, 'a')));
  CHECK(Contains(Refusal(Blocked(std::string(513, 'a'))), "512 bytes"));
}

}  // namespace
}  // namespace ociship::registry
