// SPDX-License-Identifier: Apache-2.0
// Writes credentials as docker login does: into a helper or config.json. Tested by
// credential_store_test.cc.
#include "registry/credential_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <utility>
#include <vector>

#include "oci/raw_json.h"
#include "registry/credential_file.h"
#include "registry/credential_helper.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/file.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"
#include "util/utf8.h"

namespace ociship::registry {
namespace {

using util::StrCat;

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;
constexpr int kLockSeconds = 10;
constexpr int kMaxLinks = 40;
constexpr std::string_view kMarker = "{}";

// The file that a path leads to, which may not be there yet: replacing the link itself would part
// it from where somebody keeps the file.
Result<std::string> FollowLinks(const std::string& path) {
  std::filesystem::path at = path;
  for (int i = 0; i < kMaxLinks; ++i) {
    std::error_code problem;
    if (!std::filesystem::is_symlink(std::filesystem::symlink_status(at, problem))) {
      return at.string();
    }
    const std::filesystem::path target = std::filesystem::read_symlink(at, problem);
    if (problem) break;
    at = at.parent_path() / target;  // which is `target` alone where that is absolute
  }
  return Error(Code::kBadInput,
               StrCat("credential file ", util::Quoted(path), " is a link that leads nowhere"));
}

Status MakePrivateFolder(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) return Ok();
  if (folder.has_parent_path()) TRY(util::MakeFolders(folder.parent_path().string()));
  if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return util::SystemError(Code::kFailure, "cannot make the folder", folder.string());
  }
  return Ok();
}

// Before a secret is written into a file that others could read until now.
Status MakePrivate(const std::string& path) {
  if (::chmod(path.c_str(), kFileMode) == 0 || errno == ENOENT) return Ok();
  return util::SystemError(Code::kFailure, "cannot set the mode of", path);
}

// Empty for a file that is not there.
Result<std::string> ReadText(const std::string& path) {
  auto text = util::ReadFile(path, kMaxCredentialFileBytes);
  if (!text.ok() && text.error().code() == Code::kNotFound) return std::string();
  return text;
}

Error BadFile(const std::string& path, Error why) {
  return std::move(why).While(StrCat("credential file ", util::Quoted(path)));
}

// --- JSON ----------------------------------------------------------------------------------------

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Where the string that begins at `begin` has its closing quote.
std::size_t EndOfString(std::string_view json, std::size_t begin) {
  std::size_t at = begin + 1;
  while (json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  return at;
}

void BreakLine(std::string& out, int depth) {
  out.push_back('\n');
  out.append(static_cast<std::size_t>(depth), '\t');
}

// White space as docker and podman write it. `json` is a valid document.
std::string Indent(std::string_view json) {
  std::string out;
  int depth = 0;
  char before = 0;  // the last character that is not blank
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (IsBlank(c)) continue;
    const bool closes = c == '}' || c == ']';
    if (closes) --depth;
    const bool opened = before == '{' || before == '[';
    const bool is_empty = opened && closes;
    if (!is_empty && (opened || closes || before == ',')) BreakLine(out, depth);
    if (before == ':') out.push_back(' ');
    if (c == '{' || c == '[') ++depth;
    const std::size_t end = c == '"' ? EndOfString(json, at) : at;
    out.append(json.substr(at, end - at + 1));
    at = end;
    before = c;
  }
  return out;
}

// `auths` without what it has for the host, and with `entry`.
std::string NewAuths(const util::Json& auths, std::string_view raw, const std::string& host,
                     std::string_view entry) {
  util::JsonWriter json;
  json.BeginObject();
  const std::vector<std::string_view> values =
      auths.is_object() ? oci::RawValues(raw) : std::vector<std::string_view>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string& key = auths.members()[i].first;
    if (NormalisedKey(key, CredentialFormat::kDocker) != host) json.Key(key).Raw(values[i]);
  }
  if (!entry.empty()) json.Key(ServerKey(host)).Raw(entry);
  json.EndObject();
  return json.text();
}

// --- Storing -------------------------------------------------------------------------------------

std::string EntryOf(const Credential& credential) {
  const std::string pair = StrCat(credential.username, ":", credential.password);
  util::JsonWriter json;
  json.BeginObject().Key("auth").String(util::Base64Encode(util::AsBytes(pair))).EndObject();
  return json.text();
}

Status CheckStorable(const Credential& credential) {
  if (credential.username.empty() || credential.username.find(':') != std::string::npos) {
    return Error(Code::kBadInput, "a user name must not be empty, and must not have a ':'");
  }
  return Ok();
}

// JSON has no place for bytes that are no UTF-8, and helpers are spoken to in JSON.
Status CheckForHelper(const Credential& credential) {
  std::string_view rest = credential.password;
  while (!rest.empty()) {
    const util::Rune rune = util::NextRune(rest);
    if (!rune.valid) {
      return Error(Code::kBadInput, "the password is not UTF-8, and a helper cannot keep it");
    }
    rest.remove_prefix(rune.size);
  }
  return Ok();
}

// A file that nobody else of us changes until this is gone.
class LockedFile {
 public:
  static Result<LockedFile> Open(const std::string& path) {
    std::string target = TRY(FollowLinks(path));
    TRY(MakePrivateFolder(target));
    util::FileLock lock = TRY(util::FileLock::Take(StrCat(target, ".lock"), kLockSeconds));
    std::string text = TRY(ReadText(target));
    auto file = CredentialFile::Parse(text, CredentialFormat::kDocker);
    if (!file.ok()) return BadFile(path, std::move(file).error());
    return LockedFile(std::move(target), std::move(lock), std::move(text), std::move(file).value());
  }

  const CredentialFile& file() const { return file_; }

  bool Has(const std::string& host) const {
    return std::ranges::any_of(file_.entries(),
                               [&](const CredentialEntry& entry) { return entry.key == host; });
  }

  Status Write(const std::string& host, std::string_view entry) const {
    const std::string text = TRY(WithEntry(text_, host, entry));
    if (text.size() > kMaxCredentialFileBytes) {
      return BadFile(target_, Error(Code::kBadInput, "it would become larger than may be read"));
    }
    TRY(MakePrivate(target_));
    return util::WriteFileAtomically(target_, text, kFileMode);
  }

 private:
  LockedFile(std::string target, util::FileLock lock, std::string text, CredentialFile file)
      : target_(std::move(target)),
        lock_(std::move(lock)),
        text_(std::move(text)),
        file_(std::move(file)) {}

  std::string target_;
  util::FileLock lock_;
  std::string text_;
  CredentialFile file_;
};

}  // namespace

std::string CredentialPlace::text() const {
  return helper.empty() ? util::Printable(file) : StrCat("helper ", helper);
}

Result<std::string> WithEntry(std::string_view text, const std::string& host,
                              std::string_view entry) {
  if (util::Trim(text).empty()) text = kMarker;
  const util::Json json = TRY(util::Json::Parse(text));
  if (!json.is_object()) return Error(Code::kBadInput, "it is not a JSON object");
  const std::vector<std::string_view> values = oci::RawValues(text);
  util::JsonWriter out;
  out.BeginObject();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& [key, value] = json.members()[i];
    const bool is_auths = key == "auths";
    out.Key(key).Raw(is_auths ? NewAuths(value, values[i], host, entry) : values[i]);
  }
  if (json.Find("auths") == nullptr) out.Key("auths").Raw(NewAuths({}, {}, host, entry));
  out.EndObject();
  return Indent(out.text());
}

Result<CredentialPlace> StoreCredential(const std::string& file, const std::string& host,
                                        const Credential& credential) {
  TRY(CheckStorable(credential));
  const LockedFile locked = TRY(LockedFile::Open(file));
  CredentialPlace place{.file = file, .helper = locked.file().HelperFor(host)};
  if (place.helper.empty()) {
    TRY(locked.Write(host, EntryOf(credential)));
    return place;
  }
  TRY(CheckForHelper(credential));
  const CredentialHelper helper = TRY(CredentialHelper::Named(place.helper));
  TRY(helper.Store(host, credential));
  // As docker does; and what the file had before must not outlive the new password.
  TRY(locked.Write(host, kMarker));
  return place;
}

Result<Erasure> EraseCredential(const std::string& file, const std::string& host) {
  // Nothing is made in order to take something out of it.
  std::error_code problem;
  if (!std::filesystem::exists(file, problem)) return Erasure{.place = {.file = file}};
  const LockedFile locked = TRY(LockedFile::Open(file));
  Erasure erasure{.place = {.file = file, .helper = locked.file().HelperFor(host)}};
  if (!erasure.place.helper.empty()) {
    const CredentialHelper helper = TRY(CredentialHelper::Named(erasure.place.helper));
    const Status erased = helper.Erase(host);
    if (!erased.ok() && erased.error().code() != Code::kNotFound) return erased.error();
    if (erased.ok()) erasure.erased = Erased::kErased;
  }
  if (!locked.Has(host)) return erasure;
  TRY(locked.Write(host, {}));
  erasure.erased = Erased::kErased;
  return erasure;
}

}  // namespace ociship::registry
