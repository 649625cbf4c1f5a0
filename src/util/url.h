// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_URL_H_
#define OCISHIP_UTIL_URL_H_

#include <string>
#include <string_view>

#include "ociship/core.h"

namespace ociship::util {

// An absolute http or https URL in its parts (RFC 3986), without user information.
struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; IPv6 in brackets
  std::string port;    // digits, or empty for the default
  std::string path;    // begins with '/'
  std::string query;   // without '?'; may be empty

  // kBadInput for another scheme, user information, control characters or white space.
  static Result<Url> Parse(std::string_view text);
  // `reference` as it stands in a Location header, against this URL (RFC 3986 section 5).
  Result<Url> Resolve(std::string_view reference) const;

  std::string text() const;
  // "host" or "host:port": all of a URL that messages show.
  std::string HostAndPort() const;
  // "https://host:443": what credentials belong to.
  std::string Origin() const;
  // With "name=value" added to the query; the value is percent-encoded.
  Url WithQuery(std::string_view name, std::string_view value) const;
};

// Everything but the unreserved characters of RFC 3986 as %HH.
std::string PercentEncode(std::string_view text);

// Whether a host is this machine: "localhost", 127.0.0.0/8 or [::1].
enum class HostKind { kLoopback, kOther };
HostKind ClassifyHost(std::string_view host);

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_URL_H_
