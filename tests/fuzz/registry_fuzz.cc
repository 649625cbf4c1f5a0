// SPDX-License-Identifier: Apache-2.0
// What a registry answers: Link, Range, Location and error bodies. A public registry never leads
// into the network of the client, whatever spelling it gives an address. Run by scripts/fuzz.
#include <arpa/inet.h>
#include <netinet/in.h>

#include <string>
#include <utility>

#include "fuzz.h"
#include "http/message.h"
#include "registry/address.h"
#include "registry/errors.h"
#include "registry/link.h"
#include "registry/range.h"
#include "util/address.h"
#include "util/url.h"

namespace ociship::fuzz {
namespace {

using util::Url;

// Of an address in host order.
bool IsInner(std::uint32_t address) {
  constexpr std::pair<std::uint32_t, int> kInner[] = {
      {0x00000000, 32},  // unspecified
      {0x7f000000, 8},  {0x0a000000, 8},  {0xac100000, 12}, {0xc0a80000, 16},
      {0xa9fe0000, 16}, {0x64400000, 10}, {0xc0000000, 24},
  };
  for (const auto& [network, bits] : kInner) {
    if ((address ^ network) >> (32 - bits) == 0) return true;
  }
  return false;
}

bool IsInner(const in6_addr& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    const std::uint8_t* const v4 = address.s6_addr + 12;
    return IsInner(std::uint32_t{v4[0]} << 24 | std::uint32_t{v4[1]} << 16 |
                   std::uint32_t{v4[2]} << 8 | v4[3]);
  }
  return IN6_IS_ADDR_UNSPECIFIED(&address) || IN6_IS_ADDR_LOOPBACK(&address) ||
         IN6_IS_ADDR_LINKLOCAL(&address) || (address.s6_addr[0] & 0xfe) == 0xfc;
}

// As resolvers read the host: inet_aton takes "127.1" and "0x7f000001".
bool LeadsInside(const std::string& host) {
  in_addr v4{};
  if (inet_aton(host.c_str(), &v4) != 0) return IsInner(ntohl(v4.s_addr));
  if (!host.starts_with('[') || !host.ends_with(']')) return false;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6) == 1 && IsInner(v6);
}

void CheckTarget(const Result<Url>& target) {
  if (!target.ok()) {
    RequirePrintable(target.error().message());
    // The query may be a signature.
    Require(target.error().message().find('?') == std::string::npos);
    return;
  }
  Require(target.value().scheme == "https");
  Require(!LeadsInside(target.value().host));
  const auto again = Url::Parse(target.value().text());
  Require(again.ok() && again.value().text() == target.value().text());
}

void CheckTargets(std::string_view location) {
  static const registry::Asker registry{Url::Parse("https://registry.example/v2/").value()};
  static const Url from = Url::Parse("https://registry.example/v2/a/blobs/uploads/1?x=y").value();
  CheckTarget(registry::RedirectTarget(registry, from, location));
  CheckTarget(registry::UploadTarget(registry, from, location));
  const auto page = registry::PageTarget(registry, from, location);
  CheckTarget(page);
  if (page.ok()) Require(page.value().Origin() == registry.url.Origin());
}

void CheckHost(std::string_view host) {
  const util::AddressKind kind = util::KindOfAddress(host);
  if (host.find('\0') != std::string_view::npos) return;
  // inet_aton also reads what stands before white space; no URL has any.
  if (host.find_first_of(" \t\n\v\f\r") != std::string_view::npos) return;
  if (LeadsInside(std::string(host))) Require(kind != util::AddressKind::kNameOrPublic);
}

void CheckRange(std::string_view range) {
  for (const std::uint64_t confirmed : {0U, 1U, 5U}) {
    for (const std::uint64_t sent : {0U, 1U, 5U, 1000U}) {
      const auto stored = registry::StoredBytes(range, confirmed, sent);
      Require(!stored || *stored <= sent);
    }
  }
}

void CheckErrors(int status, std::string_view body) {
  http::Response response{.status = status, .headers = {}, .body = std::string(body)};
  response.headers.Add("Content-Type", "application/json");
  // Nothing is said of an error that says nothing.
  for (const registry::ServerError& error : registry::ParseErrors(response)) {
    Require(!error.code.empty() || !error.message.empty() || !error.detail.empty());
  }
  registry::HasCode(response, "DIGEST_*");
  registry::SaysOtherDigest(response);
  registry::SaysTagIsImmutable(response);
  RequirePrintable(registry::Refusal("registry.example", "GET x", response).message());
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship;
  using namespace ociship::fuzz;
  const std::string_view text = TextOf(data, size);
  http::Headers headers;
  headers.Add("Link", text);
  if (const auto link = registry::NextLink(headers)) CheckTargets(*link);
  CheckTargets(text);
  CheckHost(text);
  CheckRange(text);
  for (const int status : {400, 401, 404, 405, 409, 429, 500}) CheckErrors(status, text);
  return 0;
}
