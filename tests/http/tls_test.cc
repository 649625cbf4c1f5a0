// SPDX-License-Identifier: Apache-2.0
#include "http/tls.h"

#include <doctest/doctest.h>
#include <temp_folder.h>

#include <filesystem>
#include <string>

#include "util/file.h"

using namespace ociship;
using namespace ociship::http;
using util::Url;
namespace fs = std::filesystem;

namespace {

const Url kOwn = Url::Parse("https://registry.example:5000/v2/").value();

struct Fixture {
  testing::TempFolder folder;

  // A file in the folder, with its parents.
  std::string Make(const std::string& name, const std::string& text) {
    const std::string path = folder / name;
    fs::create_directories(fs::path(path).parent_path());
    REQUIRE(util::WriteFileAtomically(path, text, 0600).ok());
    return path;
  }
  std::string MakePem(const std::string& name) {
    return Make(name, "-----BEGIN CERTIFICATE-----\n" + name + "\n-----END CERTIFICATE-----");
  }
  TlsConfig Folders() const { return {.certs_folders = {folder.path(), folder / "none"}}; }
};

Result<TlsSettings> Read(const TlsConfig& config, const Url& url = kOwn) {
  return TlsPolicy(config).For(url);
}

bool Has(const TlsSettings& settings, std::string_view part) {
  return settings.roots.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("Tls: without a word it is as libcurl does it, verified") {
  const TlsSettings settings = Read({}).value();
  CHECK(settings.verify == TlsSettings::Verify::kYes);
  CHECK(settings.roots.empty());
  CHECK(settings.certificate_file.empty());
  CHECK(Read({.verify = TlsSettings::Verify::kNo}).value().verify == TlsSettings::Verify::kNo);
}

TEST_CASE("Tls: more roots come beside those of the system, others instead") {
  Fixture fixture;
  const std::string one = fixture.MakePem("one.pem");
  const std::string two = fixture.MakePem("two.pem");
  const TlsSettings more = Read({.extra_roots_file = one}).value();
  CHECK(Has(more, "one.pem\n-----END CERTIFICATE-----\n"));
  if (fs::exists("/etc/ssl/certs/ca-certificates.crt")) CHECK(more.roots.size() > 10'000);
  const TlsSettings others = Read({.roots_file = two}).value();
  CHECK(others.roots.size() < 200);
  const TlsSettings both = Read({.roots_file = two, .extra_roots_file = one}).value();
  CHECK(both.roots.size() < 400);
  CHECK(Has(both, "one.pem"));
  CHECK(Has(both, "two.pem"));
}

TEST_CASE("Tls: a file that is missing, no PEM, or too large is an error that names it") {
  Fixture fixture;
  const std::string large = "-----BEGIN X-----" + std::string(5 << 20, 'x');
  for (const std::string& path :
       {fixture.folder / "missing", fixture.Make("der", "\x30\x82"), fixture.Make("empty", ""),
        fixture.Make("large", large), fixture.folder.path()}) {
    CAPTURE(path);
    for (const TlsConfig& config :
         {TlsConfig{.roots_file = path}, TlsConfig{.extra_roots_file = path}}) {
      const auto settings = Read(config);
      REQUIRE_FALSE(settings.ok());
      CHECK(settings.error().message().find(path) != std::string::npos);
    }
  }
}

TEST_CASE("Tls: the person's certificate is for the registry itself and for nobody else") {
  const TlsConfig config{
      .own_origin = kOwn.Origin(), .certificate_file = "c.pem", .key_file = "k.pem"};
  const TlsSettings own = Read(config).value();
  CHECK(own.certificate_file == "c.pem");
  CHECK(own.key_file == "k.pem");
  for (const char* url :
       {"https://registry.example/", "https://registry.example:5001/", "https://auth.example:5000/",
        "https://registry.example.:5000/", "https://a.registry.example:5000/"}) {
    CAPTURE(url);
    const TlsSettings other = Read(config, Url::Parse(url).value()).value();
    CHECK(other.certificate_file.empty());
    CHECK(other.key_file.empty());
  }
}

TEST_CASE("Tls: the folder of a server gives it roots and a certificate, others get nothing") {
  Fixture fixture;
  fixture.MakePem("registry.example:5000/a.crt");
  fixture.MakePem("registry.example:5000/b.crt");
  fixture.MakePem("registry.example:5000/client.cert");
  fixture.MakePem("registry.example:5000/client.key");
  fixture.MakePem("registry.example:5000/notes.txt");
  const TlsSettings own = Read(fixture.Folders()).value();
  CHECK(Has(own, "a.crt"));
  CHECK(Has(own, "b.crt"));
  CHECK_FALSE(Has(own, "notes.txt"));
  CHECK(own.certificate_file == fixture.folder / "registry.example:5000/client.cert");
  CHECK(own.key_file == fixture.folder / "registry.example:5000/client.key");
  for (const char* url : {"https://registry.example/", "https://auth.example:5000/"}) {
    const TlsSettings other = Read(fixture.Folders(), Url::Parse(url).value()).value();
    CHECK(other.roots.empty());
    CHECK(other.certificate_file.empty());
  }
}

TEST_CASE("Tls: the usual port may be left out of the name, or of the URL") {
  Fixture fixture;
  fixture.MakePem("plain.example/a.crt");
  fixture.MakePem("port.example:443/a.crt");
  for (const char* url : {"https://plain.example/", "https://plain.example:443/",
                          "https://port.example/", "https://port.example:443/"}) {
    CAPTURE(url);
    CHECK(Has(Read(fixture.Folders(), Url::Parse(url).value()).value(), "a.crt"));
  }
  CHECK(Read(fixture.Folders(), Url::Parse("https://plain.example:444/").value())
            .value()
            .roots.empty());
}

TEST_CASE("Tls: no name of a server leads out of the folder") {
  Fixture fixture;
  fixture.MakePem("a.crt");
  fs::create_directories(fixture.folder / "certs.d");
  const TlsConfig config{.certs_folders = {fixture.folder / "certs.d"}};
  for (const char* url : {"https://../", "https://./", "https://.../"}) {
    CAPTURE(url);
    const Result<Url> parsed = Url::Parse(url);
    if (!parsed.ok()) continue;
    CHECK_FALSE(ExpectsTls(config, parsed.value()));
    CHECK(Read(config, parsed.value()).value().roots.empty());
  }
}

TEST_CASE("Tls: a certificate without its key, or a key without its certificate, is an error") {
  for (const char* name : {"client.cert", "client.key"}) {
    Fixture fixture;
    fixture.MakePem(std::string("registry.example:5000/") + name);
    const auto settings = Read(fixture.Folders());
    REQUIRE_FALSE(settings.ok());
    CHECK(settings.error().code() == Code::kBadInput);
    CHECK(settings.error().message().find(name) != std::string::npos);
  }
}

TEST_CASE("Tls: of several certificates the person's counts, else the first by name") {
  Fixture fixture;
  for (const char* name : {"b.cert", "b.key", "a.cert", "a.key"}) {
    fixture.MakePem(std::string("registry.example:5000/") + name);
  }
  TlsConfig config = fixture.Folders();
  CHECK(Read(config).value().certificate_file.ends_with("/a.cert"));
  CHECK(Read(config).value().key_file.ends_with("/a.key"));
  config.own_origin = kOwn.Origin();
  config.certificate_file = "c.pem";
  config.key_file = "k.pem";
  CHECK(Read(config).value().certificate_file == "c.pem");
  CHECK(Read(config).value().key_file == "k.pem");
}

TEST_CASE("Tls: files are read once for a server") {
  Fixture fixture;
  const std::string path = fixture.MakePem("one.pem");
  TlsPolicy policy({.extra_roots_file = path});
  const TlsSettings first = policy.For(kOwn).value();
  fs::remove(path);
  CHECK(policy.For(Url::Parse("https://registry.example:5000/other").value()).value().roots ==
        first.roots);
  CHECK_FALSE(policy.For(Url::Parse("https://other.example/").value()).ok());
}

TEST_CASE("Tls: what makes sense only with TLS") {
  Fixture fixture;
  CHECK_FALSE(ExpectsTls({}, kOwn));
  CHECK_FALSE(ExpectsTls({.roots_file = "x"}, kOwn));  // may be for all servers, from the start
  CHECK_FALSE(ExpectsTls(fixture.Folders(), kOwn));
  CHECK(ExpectsTls({.verify = TlsSettings::Verify::kNo}, kOwn));
  CHECK(ExpectsTls({.extra_roots_file = "x"}, kOwn));
  CHECK(ExpectsTls({.certificate_file = "x"}, kOwn));
  fs::create_directories(fixture.folder / "registry.example:5000");
  CHECK(ExpectsTls(fixture.Folders(), kOwn));
}
