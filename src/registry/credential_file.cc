// SPDX-License-Identifier: Apache-2.0
// Reads docker's config.json, podman's auth.json (containers-auth.json(5)) and ~/.dockercfg. Tested
// by credential_file_test.cc.
#include "registry/credential_file.h"

#include <algorithm>
#include <array>

#include "util/bytes.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using util::Quoted;
using util::StrCat;

constexpr std::string_view kDockerHub = "docker.io";
constexpr std::string_view kDockerHubKey = "https://index.docker.io/v1/";
constexpr std::array<std::string_view, 2> kDockerHubAliases = {"index.docker.io",
                                                               "registry-1.docker.io"};
constexpr util::JsonLimits kLimits = {.bytes = kMaxCredentialFileBytes, .depth = 32};

Error Bad(std::string_view why) { return Error(Code::kBadInput, std::string(why)); }

// Takes `prefix` away from the front.
bool Consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Line ends are passed over, as docker does.
std::string WithoutLineEnds(std::string_view text) {
  std::string kept(text);
  std::erase_if(kept, [](char c) { return c == '\n' || c == '\r'; });
  return kept;
}

// Docker fills passwords up with NULs in some files.
std::string_view TrimNuls(std::string_view text) {
  while (text.starts_with('\0')) text.remove_prefix(1);
  while (text.ends_with('\0')) text.remove_suffix(1);
  return text;
}

Result<std::string> TextMember(const util::Json& json, std::string_view key) {
  std::optional<std::string> text = TRY(json.OptionalString(key));
  return text.value_or("");
}

Result<CredentialEntry> ParseEntry(const util::Json& json) {
  if (!json.is_object()) return Bad("it is not an object");
  CredentialEntry entry;
  entry.auth = TRY(TextMember(json, "auth"));
  entry.credential.username = TRY(TextMember(json, "username"));
  entry.credential.password = TRY(TextMember(json, "password"));
  entry.credential.identity_token = TRY(TextMember(json, "identitytoken"));
  entry.credential.registry_token = TRY(TextMember(json, "registrytoken"));
  return entry;
}

Result<std::vector<CredentialEntry>> ParseEntries(const util::Json& auths,
                                                  CredentialFormat format) {
  if (!auths.is_object()) return Bad("\"auths\" is not an object");
  std::vector<CredentialEntry> entries;
  for (const auto& [key, value] : auths.members()) {
    auto entry = ParseEntry(value);
    if (!entry.ok()) return std::move(entry).error().While(StrCat("the entry ", Quoted(key)));
    entry.value().written_key = key;
    entry.value().key = NormalisedKey(key, format);
    entries.push_back(std::move(entry).value());
  }
  return entries;
}

Result<std::map<std::string, std::string, std::less<>>> ParseHelpers(const util::Json& json) {
  if (!json.is_object()) return Bad("\"credHelpers\" is not an object");
  std::map<std::string, std::string, std::less<>> helpers;
  for (const auto& [key, value] : json.members()) {
    std::string name = TRY(value.AsString("credHelpers"));
    helpers.insert_or_assign(NormalisedKey(key, CredentialFormat::kLegacy), std::move(name));
  }
  return helpers;
}

// "a.io/x/y", "a.io/x", "a.io".
std::string_view ParentOf(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

// Of several keys that mean the same, the one that is written as docker or podman write it.
const CredentialEntry* EntryFor(const std::vector<CredentialEntry>& entries, std::string_view key) {
  const CredentialEntry* found = nullptr;
  for (const CredentialEntry& entry : entries) {
    if (entry.key != key || entry.is_marker()) continue;
    if (entry.written_key == key || entry.written_key == ServerKey(key)) return &entry;
    if (found == nullptr) found = &entry;
  }
  return found;
}

}  // namespace

bool CredentialEntry::is_marker() const {
  return auth.empty() && credential.username.empty() && credential.password.empty() &&
         credential.identity_token.empty() && credential.registry_token.empty();
}

Result<Credential> CredentialEntry::Decode() const {
  Credential decoded = credential;
  if (!decoded.registry_token.empty()) TRY(CheckRegistryToken(decoded.registry_token));
  if (auth.empty()) return decoded;
  const auto bytes = util::Base64Decode(WithoutLineEnds(auth));
  if (!bytes.ok()) return Bad("\"auth\" is no base64");
  const std::string_view text = util::AsText(bytes.value());
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return Bad("\"auth\" is not the base64 of USER:PASSWORD");
  decoded.username = TrimNuls(text.substr(0, colon));
  decoded.password = TrimNuls(text.substr(colon + 1));
  return decoded;
}

Result<CredentialFile> CredentialFile::Parse(std::string_view text, CredentialFormat format) {
  CredentialFile file;
  if (text.size() > kMaxCredentialFileBytes) {
    return Bad(StrCat("it is larger than ", util::HumanBytes(kMaxCredentialFileBytes)));
  }
  if (util::Trim(text).empty()) return file;
  const util::Json json = TRY(util::Json::Parse(text, kLimits));
  if (!json.is_object()) return Bad("it is not a JSON object");
  if (format == CredentialFormat::kLegacy) {
    file.entries_ = TRY(ParseEntries(json, format));
    return file;
  }
  if (const util::Json* auths = json.FindNonNull("auths"); auths != nullptr) {
    file.entries_ = TRY(ParseEntries(*auths, format));
  }
  if (const util::Json* helpers = json.FindNonNull("credHelpers"); helpers != nullptr) {
    file.helpers_ = TRY(ParseHelpers(*helpers));
  }
  // Podman ignores it too, and says so in containers-auth.json(5).
  if (format == CredentialFormat::kDocker) file.store_ = TRY(TextMember(json, "credsStore"));
  return file;
}

const std::string& CredentialFile::HelperFor(std::string_view host) const {
  const auto found = helpers_.find(host);
  // A host with an empty helper is one that is kept in the file, whatever credsStore says.
  return found == helpers_.end() ? store_ : found->second;
}

const CredentialEntry* CredentialFile::Find(const Repository& repository) const {
  const std::string name = repository.text();
  for (std::string_view key = name; !key.empty(); key = ParentOf(key)) {
    const CredentialEntry* entry = EntryFor(entries_, key);
    if (entry != nullptr) return entry;
  }
  return nullptr;
}

std::string NormalisedKey(std::string_view key, CredentialFormat format) {
  const bool has_scheme = Consume(key, "https://") || Consume(key, "http://");
  while (key.ends_with('/')) key.remove_suffix(1);
  const std::size_t slash = key.find('/');
  std::string host = util::LowerAscii(key.substr(0, slash));
  if (std::ranges::find(kDockerHubAliases, host) != kDockerHubAliases.end()) host = kDockerHub;
  if (slash == std::string_view::npos || has_scheme || format == CredentialFormat::kLegacy) {
    return host;
  }
  const std::string_view path = key.substr(slash);
  // What stands behind the host in the keys of old versions of docker is no namespace.
  return path == "/v1" || path == "/v2" ? host : StrCat(host, path);
}

std::string ServerKey(std::string_view host) {
  return std::string(host == kDockerHub ? kDockerHubKey : host);
}

std::string DescribeCredential(const Credential& credential) {
  if (!credential.registry_token.empty()) return "registry token";
  const std::string user = StrCat("user ", Quoted(credential.username));
  if (credential.identity_token.empty()) return user;
  return credential.username.empty() ? "identity token" : StrCat("identity token of ", user);
}

Status CheckRegistryToken(std::string_view token) {
  if (std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f; })) return Ok();
  return Bad("the registry token has characters that no token can have");
}

}  // namespace ociship::registry
