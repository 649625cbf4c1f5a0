// SPDX-License-Identifier: Apache-2.0
// Reads registries.conf (containers-registries.conf(5)) as containers/image does. Tested by
// registries_conf_test.cc.
#include "registry/registries_conf.h"

#include <optional>
#include <utility>

#include "util/json.h"
#include "util/text.h"
#include "util/toml.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using util::Json;
using util::Quoted;
using util::StrCat;

constexpr std::size_t kMaxRegistries = 10'000;
constexpr std::size_t kMaxMirrors = 64;  // of one registry
constexpr std::size_t kMaxPlaceBytes = 512;

Error Bad(std::string_view why) { return Error(Code::kBadInput, std::string(why)); }

enum class Flag { kUnset, kFalse, kTrue };

Result<Flag> ReadFlag(const Json& table, std::string_view key) {
  const Json* value = table.Find(key);
  if (value == nullptr) return Flag::kUnset;
  if (value->kind() != Json::Kind::kBoolean)
    return Bad(StrCat(Quoted(key), " is no true or false"));
  return value->is_true() ? Flag::kTrue : Flag::kFalse;
}

// HOST[:PORT][/PATH] without the slashes at its end. Empty where it is not set.
Result<std::string> ReadPlace(const Json& table, std::string_view key) {
  const std::optional<std::string> text = TRY(table.OptionalString(key));
  std::string place = text.value_or("");
  if (place.size() > kMaxPlaceBytes) {
    return Bad(StrCat(Quoted(key), " has more than ", kMaxPlaceBytes, " bytes"));
  }
  while (place.ends_with('/')) place.pop_back();
  if (text && place.empty()) return Bad(StrCat(Quoted(key), " is empty"));
  if (place.find("://") != std::string::npos) {
    return Bad(StrCat(Quoted(key), " has a scheme: ", Quoted(place)));
  }
  return place;
}

Status CheckPrefix(std::string_view prefix) {
  const bool is_wildcard = prefix.starts_with("*.");
  const std::string_view rest = is_wildcard ? prefix.substr(2) : prefix;
  if (rest.empty() || rest.find('*') != std::string_view::npos ||
      (is_wildcard && rest.find_first_of(":/") != std::string_view::npos)) {
    return Bad(StrCat("the prefix ", Quoted(prefix),
                      ": an asterisk stands for the first parts of a host and nothing else, as in "
                      "*.example.com"));
  }
  return Ok();
}

Result<Mirror::Pull> ReadPull(const Json& mirror, Flag digest_only) {
  const std::optional<std::string> text = TRY(mirror.OptionalString("pull-from-mirror"));
  if (!text) return digest_only == Flag::kTrue ? Mirror::Pull::kDigestOnly : Mirror::Pull::kAll;
  if (digest_only == Flag::kTrue) {
    return Bad("\"pull-from-mirror\" and \"mirror-by-digest-only\" exclude each other");
  }
  if (*text == "all") return Mirror::Pull::kAll;
  if (*text == "digest-only") return Mirror::Pull::kDigestOnly;
  if (*text == "tag-only") return Mirror::Pull::kTagOnly;
  return Bad(
      StrCat("\"pull-from-mirror\" is ", Quoted(*text), " and not all, digest-only or tag-only"));
}

// How many bytes of `name`, a registry or a repository, `prefix` stands for; nullopt when none.
std::optional<std::size_t> MatchedBytes(std::string_view name, std::string_view prefix) {
  if (prefix.starts_with("*.")) {
    const std::string_view host = name.substr(0, name.find_first_of(":/"));
    if (!host.ends_with(prefix.substr(1))) return std::nullopt;
    return host.size();
  }
  if (!name.starts_with(prefix)) return std::nullopt;
  // A host without a port means every port, as containers/image has it.
  const bool is_whole =
      name.size() == prefix.size() || name[prefix.size()] == '/' || name[prefix.size()] == ':';
  return is_whole ? std::optional(prefix.size()) : std::nullopt;
}

// The repository `name` below another place.
Result<Repository> Below(const std::string& location, std::string_view name, std::size_t matched) {
  const std::string moved = StrCat(location, name.substr(matched));
  const Result<Reference> reference = Reference::Parse(moved);
  if (reference.ok() && reference.value().repository().kind() == Repository::Kind::kRegistry &&
      reference.value().repository().text() == moved) {
    return reference.value().repository();
  }
  return Bad(StrCat("the location ", Quoted(location), " makes ", Quoted(moved), " of ", name,
                    ", which is no repository"));
}

}  // namespace

struct RegistriesConf::Reader {
  explicit Reader(std::string the_path) : path(std::move(the_path)) {}

  Status Read(const Json& document) {
    if (document.Find("registry") != nullptr) {
      const Json* registries = TRY(document.Array("registry"));
      for (const Json& registry : registries->elements()) TRY(AddRegistry(registry));
    }
    return ReadVersionOne(document);
  }

  // [registries.block] registries = [...]
  Status ReadVersionOne(const Json& document) {
    if (document.Find("registries") == nullptr) return Ok();
    const Json* registries = TRY(document.Object("registries"));
    if (registries->Find("block") == nullptr) return Ok();
    const Json* block = TRY(registries->Object("block"));
    if (block->Find("registries") == nullptr) return Ok();
    const Json* blocked = TRY(block->Array("registries"));
    for (const Json& element : blocked->elements()) {
      std::string prefix = TRY(element.AsString("registries"));
      TRY(CheckPrefix(prefix));
      TRY(Add(std::move(prefix), {.access = Entry::Access::kBlocked, .file = path}));
    }
    return Ok();
  }

  Status AddRegistry(const Json& registry) {
    if (!registry.is_object()) return Bad("\"registry\" is no array of tables");
    std::string location = TRY(ReadPlace(registry, "location"));
    std::string prefix = TRY(ReadPlace(registry, "prefix"));
    Entry entry{.location = std::move(location), .file = path};
    if (prefix.empty()) prefix = entry.location;
    if (prefix.empty()) return Bad("a registry has neither \"prefix\" nor \"location\"");
    TRY(CheckPrefix(prefix));
    Status status = ReadSettings(registry, entry);
    if (!status.ok()) {
      return std::move(status).error().While(StrCat("the registry ", Quoted(prefix)));
    }
    return Add(std::move(prefix), std::move(entry));
  }

  static Status ReadSettings(const Json& registry, Entry& entry) {
    const Flag blocked = TRY(ReadFlag(registry, "blocked"));
    if (blocked == Flag::kTrue) entry.access = Entry::Access::kBlocked;
    const Flag digest_only = TRY(ReadFlag(registry, "mirror-by-digest-only"));
    if (registry.Find("mirror") == nullptr) return Ok();
    const Json* mirrors = TRY(registry.Array("mirror"));
    if (mirrors->elements().size() > kMaxMirrors) {
      return Bad(StrCat("more than ", kMaxMirrors, " mirrors"));
    }
    for (const Json& mirror : mirrors->elements()) {
      if (!mirror.is_object()) return Bad("\"mirror\" is no array of tables");
      std::string location = TRY(ReadPlace(mirror, "location"));
      if (location.empty()) return Bad("a mirror has no \"location\"");
      const Mirror::Pull pull = TRY(ReadPull(mirror, digest_only));
      entry.mirrors.push_back({std::move(location), pull});
    }
    return Ok();
  }

  // Two entries of one file that contradict each other are a mistake that nobody should guess at.
  Status Add(std::string prefix, Entry entry) {
    const auto there = entries.find(prefix);
    if (there != entries.end() && there->second.access != entry.access) {
      return Bad(StrCat("the prefix ", Quoted(prefix), " is blocked and not blocked"));
    }
    if (entries.size() >= kMaxRegistries) {
      return Bad(StrCat("more than ", kMaxRegistries, " registries"));
    }
    entries.insert_or_assign(std::move(prefix), std::move(entry));
    return Ok();
  }

  const std::string path;
  std::map<std::string, Entry, std::less<>> entries;
};

Result<RegistriesConf> RegistriesConf::Parse(const std::vector<File>& files) {
  if (files.size() > kMaxRegistriesFiles) {
    return Bad(StrCat("more than ", kMaxRegistriesFiles, " files of registries"));
  }
  RegistriesConf conf;
  for (const File& file : files) {
    Result<Json> document = util::ParseToml(file.text);
    if (!document.ok()) return std::move(document).error().While(Quoted(file.path));
    Reader reader(file.path);
    Status status = reader.Read(document.value());
    if (!status.ok()) return std::move(status).error().While(Quoted(file.path));
    // What is there already gives way.
    reader.entries.merge(conf.entries_);
    conf.entries_ = std::move(reader.entries);
  }
  return conf;
}

RegistriesConf::Match RegistriesConf::Find(std::string_view name) const {
  Match best;
  for (const auto& [prefix, entry] : entries_) {
    const std::optional<std::size_t> matched = MatchedBytes(name, prefix);
    if (!matched || prefix.size() <= best.prefix.size()) continue;
    best = {.entry = &entry, .prefix = prefix, .matched = *matched};
  }
  return best;
}

Status RegistriesConf::CheckName(std::string_view name) const {
  const Match match = Find(name);
  if (match.entry == nullptr || match.entry->access == Entry::Access::kAllowed) return Ok();
  return Error(Code::kFailure, StrCat(name, " is blocked by ", Quoted(match.entry->file),
                                      ", where ", Quoted(match.prefix), " has blocked = true"));
}

Status RegistriesConf::CheckAllowed(const Repository& repository) const {
  if (repository.kind() != Repository::Kind::kRegistry) return Ok();
  return CheckName(repository.text());
}

Status RegistriesConf::CheckHostAllowed(std::string_view host) const { return CheckName(host); }

Result<std::vector<Mirror>> RegistriesConf::MirrorsFor(const Repository& repository) const {
  std::vector<Mirror> mirrors;
  if (repository.kind() != Repository::Kind::kRegistry) return mirrors;
  const std::string name = repository.text();
  const Match match = Find(name);
  if (match.entry == nullptr) return mirrors;
  for (const MirrorEntry& mirror : match.entry->mirrors) {
    Result<Repository> place = Below(mirror.location, name, match.matched);
    if (!place.ok()) return std::move(place).error().While(Quoted(match.entry->file));
    mirrors.push_back({.repository = std::move(place).value(), .pull = mirror.pull});
  }
  return mirrors;
}

Result<Repository> RegistriesConf::LocationOf(const Repository& repository) const {
  if (repository.kind() != Repository::Kind::kRegistry) return repository;
  const std::string name = repository.text();
  const Match match = Find(name);
  if (match.entry == nullptr || match.entry->location.empty()) return repository;
  if (match.entry->location == match.prefix) return repository;
  Result<Repository> place = Below(match.entry->location, name, match.matched);
  if (!place.ok()) return std::move(place).error().While(Quoted(match.entry->file));
  return place;
}

}  // namespace ociship::registry
