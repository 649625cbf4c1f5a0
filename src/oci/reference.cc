// SPDX-License-Identifier: Apache-2.0
// Reads references as docker writes them (distribution-spec, "Pulling manifests", and docker's
// normalisation of short names), and oci:DIR. Tested by tests/oci/reference_test.cc.

#include "ociship/reference.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "util/text.h"
#include "util/try.h"

namespace ociship {
namespace {

constexpr std::size_t kMaxTagBytes = 128;
constexpr std::size_t kMaxNameBytes = 255;     // host, port and name together
constexpr std::size_t kMaxFolderBytes = 4096;  // PATH_MAX
constexpr std::size_t kMaxReferenceBytes = 8192;
constexpr std::size_t kSha256HexDigits = 64;

constexpr std::string_view kDockerScheme = "docker://";
constexpr std::string_view kLayoutScheme = "oci:";
constexpr std::string_view kDockerHub = "docker.io";

using util::StrCat;

bool IsLowerAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLowerHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }
bool IsTagCharacter(char c) {
  return IsLowerAlnum(c) || IsUpper(c) || c == '_' || c == '.' || c == '-';
}

Error Usage(std::string_view what, std::string_view text, std::string_view rule) {
  return Error(Code::kUsage, StrCat(what, " ", util::Quoted(text), ": ", rule));
}

// What stands between the alphanumeric runs of a name: ".", "_", "__" or any number of "-".
bool IsNameSeparator(std::string_view text) {
  return text == "." || text == "_" || text == "__" ||
         (!text.empty() && text.find_first_not_of('-') == std::string_view::npos);
}

// distribution-spec: [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool IsNameComponent(std::string_view text) {
  if (text.empty() || !IsLowerAlnum(text.front()) || !IsLowerAlnum(text.back())) return false;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && !IsLowerAlnum(text[end])) ++end;
    if (end != at && !IsNameSeparator(text.substr(at, end - at))) return false;
    at = end + 1;
  }
  return true;
}

// RFC 1123: letters, digits and inner hyphens.
bool IsHostLabel(std::string_view text) {
  return !text.empty() && IsLowerAlnum(text.front()) && IsLowerAlnum(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsLowerAlnum(c) || c == '-'; });
}

bool IsPort(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && text.size() <= 5 &&
         port >= 1 && port <= 65535;
}

// NAME, NAME:PORT, [IPV6] or [IPV6]:PORT, in lower case.
bool IsHost(std::string_view text) {
  std::string_view name = text;
  std::size_t name_end = text.find(':');
  if (text.starts_with('[')) {
    name_end = text.find(']');
    if (name_end == std::string_view::npos) return false;
    name = text.substr(1, name_end - 1);
    if (name.find(':') == std::string_view::npos ||
        !std::all_of(name.begin(), name.end(),
                     [](char c) { return IsLowerHex(c) || c == ':' || c == '.'; })) {
      return false;
    }
    ++name_end;
    if (name_end == text.size()) return true;
  } else {
    name = text.substr(0, name_end);
    const std::vector<std::string_view> labels = util::Split(name, '.');
    if (!std::all_of(labels.begin(), labels.end(), IsHostLabel)) return false;
    if (name_end == std::string_view::npos) return true;
  }
  return text[name_end] == ':' && IsPort(text.substr(name_end + 1));
}

struct Parts {
  std::string_view name;  // everything in front of tag and digest
  std::optional<Tag> tag;
  std::optional<Digest> digest;
};

Result<Digest> ParseDigest(std::string_view text) {
  auto digest = Digest::Parse(text);
  if (!digest.ok()) return std::move(digest).error().As(Code::kUsage);
  return digest;
}

// The tag is what follows the last colon, if that stands behind the last slash.
Status CutTag(Parts& parts) {
  const std::size_t colon = parts.name.rfind(':');
  const std::size_t slash = parts.name.rfind('/');
  if (colon == std::string_view::npos || (slash != std::string_view::npos && colon < slash)) {
    return Ok();
  }
  parts.tag = TRY(Tag::Parse(parts.name.substr(colon + 1)));
  parts.name = parts.name.substr(0, colon);
  return Ok();
}

Result<Parts> CutRegistry(std::string_view text) {
  Parts parts{.name = text};
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    parts.digest = TRY(ParseDigest(text.substr(at + 1)));
    parts.name = text.substr(0, at);
  }
  TRY(CutTag(parts));
  return parts;
}

// Whether what follows an '@' is meant as a digest: "sha", digits and a colon, of any case. A
// folder name may hold an '@' as well, and a digest that is spelt wrong must not become part of
// one.
bool LooksLikeDigest(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon <= 3) return false;
  const std::string algorithm = util::LowerAscii(text.substr(0, colon));
  return algorithm.starts_with("sha") &&
         std::all_of(algorithm.begin() + 3, algorithm.end(), IsDigit);
}

Result<Parts> CutLayout(std::string_view text) {
  Parts parts{.name = text};
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos && LooksLikeDigest(text.substr(at + 1))) {
    parts.digest = TRY(ParseDigest(text.substr(at + 1)));
    parts.name = text.substr(0, at);
  }
  TRY(CutTag(parts));
  if (parts.name.empty()) return Error(Code::kUsage, "the folder is missing behind \"oci:\"");
  // Such a name could not be written down again: its end would be taken for a tag, or a digest.
  const std::size_t slash = parts.name.rfind('/');
  const bool like_tag =
      parts.name.find(':', slash == std::string_view::npos ? 0 : slash) != std::string_view::npos;
  if (like_tag || parts.name.find("@sha") != std::string_view::npos) {
    return Error(Code::kUsage,
                 "the folder's name has a ':' behind its last '/', or looks like a digest");
  }
  if (parts.name.size() > kMaxFolderBytes) {
    return Error(Code::kUsage,
                 StrCat("the folder's name has more than ", kMaxFolderBytes, " bytes"));
  }
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(parts.name.begin(), parts.name.end(), control)) {
    return Error(Code::kUsage, "the folder's name has a control character");
  }
  return parts;
}

struct HostAndPath {
  std::string host;
  std::string path;
};

// Docker's rule: the first component is a host if it has a '.' or ':' or is "localhost".
HostAndPath SplitHost(std::string_view name) {
  const std::size_t slash = name.find('/');
  const std::string_view first = name.substr(0, slash);
  const bool is_host =
      slash != std::string_view::npos &&
      (first.find_first_of(".:") != std::string_view::npos || first == "localhost");
  HostAndPath split = is_host ? HostAndPath{std::string(first), std::string(name.substr(slash + 1))}
                              : HostAndPath{std::string(kDockerHub), std::string(name)};
  if (split.host == "index.docker.io") split.host = kDockerHub;
  if (split.host == kDockerHub && split.path.find('/') == std::string::npos) {
    split.path.insert(0, "library/");
  }
  return split;
}

Status CheckName(std::string_view name, const HostAndPath& split) {
  if (name.empty()) return Error(Code::kUsage, "the name is missing");
  if (std::any_of(name.begin(), name.end(), IsUpper)) {
    return Error(Code::kUsage, "host and name must be in lower case");
  }
  if (!IsHost(split.host)) {
    return Error(Code::kUsage, StrCat("the host ", util::Quoted(split.host), " is none"));
  }
  for (const std::string_view component : util::Split(split.path, '/')) {
    if (!IsNameComponent(component)) {
      return Error(Code::kUsage, StrCat("the part ", util::Quoted(component),
                                        " of the name must be letters and digits, with single '.', "
                                        "'_', '__' or '-' between them"));
    }
  }
  if (split.host.size() + 1 + split.path.size() > kMaxNameBytes) {
    return Error(Code::kUsage,
                 StrCat("host and name have more than ", kMaxNameBytes, " characters together"));
  }
  // Docker takes such a name for the ID of an image and refuses it.
  if (name.size() == kSha256HexDigits && std::all_of(name.begin(), name.end(), IsLowerHex)) {
    return Error(Code::kUsage, "64 hexadecimal digits are an image ID and not a name");
  }
  return Ok();
}

// Names of places that are no repositories; docker would read them as names on Docker Hub.
Status CheckScheme(std::string_view text) {
  for (const std::string_view scheme :
       {"docker-archive:", "oci-archive:", "dir:", "docker-daemon:", "containers-storage:"}) {
    if (text.starts_with(scheme)) {
      return Error(Code::kUsage,
                   StrCat("\"", scheme, "\" names no repository, give HOST/NAME or oci:DIR"));
    }
  }
  if (text.find("://") != std::string_view::npos) {
    return Error(Code::kUsage, "a reference has no scheme, give HOST/NAME");
  }
  return Ok();
}

}  // namespace

std::string Repository::text() const {
  if (kind_ == Kind::kLayout) return StrCat(kLayoutScheme, path_);
  return StrCat(host_, "/", path_);
}

Result<Tag> Tag::Parse(std::string_view text) {
  if (text.empty()) return Usage("tag", text, "it is empty");
  if (text.size() > kMaxTagBytes) {
    return Usage("tag", text, StrCat("it has more than ", kMaxTagBytes, " characters"));
  }
  if (text.front() == '.' || text.front() == '-') {
    return Usage("tag", text, "it must not begin with '.' or '-'");
  }
  if (!std::all_of(text.begin(), text.end(), IsTagCharacter)) {
    return Usage("tag", text, "only letters, digits, '_', '.' and '-' are allowed");
  }
  return Tag(std::string(text));
}

Result<Reference> Reference::Parse(std::string_view text) {
  const std::string context = StrCat("reference ", util::Quoted(text));
  if (text.size() > kMaxReferenceBytes) {
    return Error(Code::kUsage,
                 StrCat(context, ": it has more than ", kMaxReferenceBytes, " bytes"));
  }
  if (text.starts_with(kLayoutScheme)) {
    auto parts = CutLayout(text.substr(kLayoutScheme.size()));
    if (!parts.ok()) return std::move(parts).error().While(context);
    Parts& layout = parts.value();
    return Reference(Repository(Repository::Kind::kLayout, "", std::string(layout.name)),
                     std::move(layout.tag), std::move(layout.digest));
  }
  if (text.starts_with(kDockerScheme)) text.remove_prefix(kDockerScheme.size());
  if (auto status = CheckScheme(text); !status.ok())
    return std::move(status).error().While(context);
  auto parts = CutRegistry(text);
  if (!parts.ok()) return std::move(parts).error().While(context);
  Parts& registry = parts.value();
  HostAndPath split = SplitHost(registry.name);
  if (auto status = CheckName(registry.name, split); !status.ok()) {
    return std::move(status).error().While(context);
  }
  return Reference(
      Repository(Repository::Kind::kRegistry, std::move(split.host), std::move(split.path)),
      std::move(registry.tag), std::move(registry.digest));
}

std::string Reference::text() const {
  std::string text = repository_.text();
  if (tag_.has_value()) text += StrCat(":", tag_->text());
  if (digest_.has_value()) text += StrCat("@", digest_->text());
  return text;
}

}  // namespace ociship
