// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_HTTP_MESSAGE_H_
#define OCISHIP_HTTP_MESSAGE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ociship/core.h"
#include "util/address.h"
#include "util/io.h"
#include "util/url.h"

namespace ociship::http {

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete };
std::string_view Name(Method method);

// Header fields in their order; names are compared without case (RFC 9110 section 5.1).
class Headers {
 public:
  void Add(std::string_view name, std::string_view value);
  // The first field of this name.
  std::optional<std::string> Get(std::string_view name) const;
  // All fields of this name.
  std::vector<std::string> GetAll(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// A request body that the transport pulls. Read is called on the thread that is in Send.
struct Body {
  util::Reader* reader = nullptr;     // not owned; nullptr: no body
  std::optional<std::uint64_t> size;  // nullopt: chunked transfer coding
};

// What is spoken. HTTP/2 without asking first whether the server knows it (RFC 9113 section 3.3),
// which gRPC over plain sockets wants, has no connection with a proxy.
enum class Protocol { kHttp1, kHttp2PriorKnowledge };

// Whether a proxy of the environment may be in between. Those who know us by our address must hear
// from us and not from a proxy.
enum class Route { kUsual, kDirect };

struct Request {
  Method method = Method::kGet;
  util::Url url;
  Headers headers = {};
  Body body = {};
  // Who gave us the URL, if it is not the person: the connection may lead where he may have it lead
  // (util::MayLeadTo), whatever the name is resolved to.
  std::optional<util::AddressKind> asker = {};
  // How many times as long as usual the server may be silent: for what takes it long.
  int patience = 1;
  Protocol protocol = Protocol::kHttp1;
  Route route = Route::kUsual;
  // The path of a Unix domain socket that is spoken to instead of the URL's host; empty: none.
  std::string unix_socket = {};
};

struct Response {
  int status = 0;
  Headers headers;
  // The body, where Send was told to keep it.
  std::string body;
  // The fields behind the body (RFC 9110 section 6.5).
  Headers trailers = {};
  // Where the connection led; kNameOrPublic when a proxy made it, which says nothing of the server.
  util::AddressKind peer = util::AddressKind::kNameOrPublic;
};

}  // namespace ociship::http

#endif  // OCISHIP_HTTP_MESSAGE_H_
