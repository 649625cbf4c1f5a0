// SPDX-License-Identifier: Apache-2.0
// Absolute http URLs and references to them (RFC 3986 sections 3 and 5). Tested by url_test.cc.
#include "util/url.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "util/text.h"
#include "util/try.h"

namespace ociship::util {
namespace {

// Longer ones are refused; the longest that registries are known to send have some 8 KiB.
constexpr std::size_t kMaxUrlBytes = 64 * 1024;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

Error BadUrl(std::string_view text, std::string_view why) {
  return Error(Code::kBadInput, StrCat("URL ", Quoted(text), ": ", why));
}

Status CheckCharacters(std::string_view text) {
  if (text.size() > kMaxUrlBytes) return BadUrl(text, "too long");
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f;
  });
  if (!clean) return BadUrl(text, "contains white space or control characters");
  return Ok();
}

// Takes what stands before the first of `ends` from the front.
std::string_view TakeUntil(std::string_view& text, std::string_view ends) {
  const std::string_view taken = text.substr(0, text.find_first_of(ends));
  text.remove_prefix(taken.size());
  return taken;
}

// "http" of "HTTP://host"; nullopt for a relative reference (section 3.1).
std::optional<std::string> TakeScheme(std::string_view& text) {
  const std::size_t colon = text.find_first_of(":/?#");
  if (colon == std::string_view::npos || text[colon] != ':' || colon == 0) return std::nullopt;
  const std::string_view scheme = text.substr(0, colon);
  const bool valid =
      IsAlpha(scheme.front()) && std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return IsAlpha(c) || IsDigit(c) || c == '+' || c == '-' || c == '.';
      });
  if (!valid) return std::nullopt;
  text.remove_prefix(colon + 1);
  return LowerAscii(scheme);
}

// IPv6address or a name; IPvFuture, zones and percent-encoded names are refused (section 3.2.2).
bool IsHost(std::string_view host) {
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || host.size() < 4) return false;
    host = host.substr(1, host.size() - 2);
    return host.find(':') != std::string_view::npos &&
           std::all_of(host.begin(), host.end(),
                       [](char c) { return IsHex(c) || c == ':' || c == '.'; });
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return IsAlpha(c) || IsDigit(c) || c == '-' || c == '.' || c == '_';
  });
}

bool IsPort(std::string_view port) {
  unsigned number = 0;
  if (port.size() > 5 || !std::all_of(port.begin(), port.end(), IsDigit)) return false;
  std::from_chars(port.data(), port.data() + port.size(), number);
  return port.empty() || (number >= 1 && number <= 65535);
}

// "//host:port" (section 3.2). `whole` is for the message.
Status TakeAuthority(std::string_view& text, std::string_view whole, Url& url) {
  text.remove_prefix(2);
  const std::string_view authority = TakeUntil(text, "/?#");
  if (authority.find('@') != std::string_view::npos) {
    // The name or password is not repeated.
    return Error(Code::kBadInput, "URL with a user name or password: not supported");
  }
  const std::size_t colon =
      authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
  url.host = LowerAscii(authority.substr(0, colon));
  url.port = colon == std::string_view::npos ? "" : authority.substr(colon + 1);
  if (!IsHost(url.host)) return BadUrl(whole, "no valid host");
  if (!IsPort(url.port)) return BadUrl(whole, "no valid port");
  return Ok();
}

// Section 5.2.4 for a path that begins with '/'.
std::string RemoveDotSegments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    std::string_view segment = path.substr(0, path.find('/', 1));
    path.remove_prefix(segment.size());
    const bool dot = segment == "/.";
    const bool dots = segment == "/..";
    if (dots) out.erase(std::min(out.rfind('/'), out.size()));
    if (!dot && !dots) out.append(segment);
    if ((dot || dots) && path.empty()) out.push_back('/');
  }
  return out;
}

// Path and query behind the authority. A fragment is dropped: it is never sent (section 3.5).
void TakePathAndQuery(std::string_view text, Url& url) {
  const std::string_view path = TakeUntil(text, "?#");
  url.path = path.empty() ? "/" : RemoveDotSegments(path);
  url.query.clear();
  if (text.starts_with('?')) url.query = TakeUntil(text, "#").substr(1);
}

bool IsWeb(std::string_view scheme) { return scheme == "http" || scheme == "https"; }

}  // namespace

Result<Url> Url::Parse(std::string_view text) {
  TRY(CheckCharacters(text));
  std::string_view rest = text;
  Url url;
  const std::optional<std::string> scheme = TakeScheme(rest);
  if (!scheme || !IsWeb(*scheme) || !rest.starts_with("//")) {
    return BadUrl(text, "does not begin with http:// or https://");
  }
  url.scheme = *scheme;
  TRY(TakeAuthority(rest, text, url));
  TakePathAndQuery(rest, url);
  return url;
}

Result<Url> Url::Resolve(std::string_view reference) const {
  TRY(CheckCharacters(reference));
  std::string_view rest = reference;
  if (TakeScheme(rest)) return Parse(reference);
  Url url = *this;
  if (rest.starts_with("//")) {
    TRY(TakeAuthority(rest, reference, url));
    TakePathAndQuery(rest, url);
  } else if (rest.starts_with('/')) {
    TakePathAndQuery(rest, url);
  } else if (rest.starts_with('?')) {
    url.query = TakeUntil(rest, "#").substr(1);
  } else if (!rest.empty() && !rest.starts_with('#')) {
    // Section 5.2.3: it takes the place of what stands behind the last slash.
    const std::string merged = path.substr(0, path.rfind('/') + 1).append(rest);
    TakePathAndQuery(merged, url);
  }
  return url;
}

std::string Url::text() const {
  return StrCat(scheme, "://", host, port.empty() ? "" : ":", port, path, query.empty() ? "" : "?",
                query);
}

std::string Url::HostAndPort() const { return port.empty() ? host : StrCat(host, ":", port); }

std::string Url::Origin() const {
  const std::string_view standard = scheme == "https" ? "443" : "80";
  return StrCat(scheme, "://", host, ":", port.empty() ? standard : std::string_view(port));
}

Url Url::WithQuery(std::string_view name, std::string_view value) const {
  Url url = *this;
  if (!url.query.empty()) url.query.push_back('&');
  url.query.append(name).append("=").append(PercentEncode(value));
  return url;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsAlpha(c) || IsDigit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
  }
  return out;
}

HostKind ClassifyHost(std::string_view host) {
  if (LowerAscii(host) == "localhost" || host == "[::1]") return HostKind::kLoopback;
  const std::vector<std::string_view> parts = Split(host, '.');
  const bool address =
      parts.size() == 4 && parts[0] == "127" &&
      std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
        unsigned number = 0;
        if (part.empty() || part.size() > 3 || !std::all_of(part.begin(), part.end(), IsDigit)) {
          return false;
        }
        std::from_chars(part.data(), part.data() + part.size(), number);
        return number <= 255 && (part.size() == 1 || part.front() != '0');
      });
  return address ? HostKind::kLoopback : HostKind::kOther;
}

}  // namespace ociship::util
