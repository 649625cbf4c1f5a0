// SPDX-License-Identifier: Apache-2.0
// One call of the SPIFFE Workload API: the few bytes of protobuf and gRPC that it takes. Tested by
// workload_api_test.cc, with a real gRPC server by tests/e2e/test_identity.py, and by
// tests/fuzz/identity_token_fuzz.cc.
#include "services/workload_api.h"

#include <array>
#include <cstdint>
#include <optional>

#include "services/token_call.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using util::StrCat;

constexpr std::string_view kProvider = "the SPIFFE Workload API";
constexpr std::size_t kFrameHeader = 5;  // a byte for compression, four for the length
constexpr int kPermissionDenied = 7;
constexpr int kUnavailableStatus = 14;
constexpr int kUnauthenticated = 16;

// Protobuf wire types ("Encoding"); groups are not read.
constexpr std::uint64_t kVarint = 0;
constexpr std::uint64_t kFixed64 = 1;
constexpr std::uint64_t kBytes = 2;
constexpr std::uint64_t kFixed32 = 5;

std::string Varint(std::uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) text.push_back(static_cast<char>((value & 0x7f) | 0x80));
  text.push_back(static_cast<char>(value));
  return text;
}

Error Malformed(std::string_view why) {
  return Error(Code::kUnavailable, StrCat("the answer of ", kProvider, " ", why));
}

Error Cut() { return Malformed("is no message of protobuf"); }

Result<std::uint64_t> TakeVarint(std::string_view& rest) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(rest.front());
    rest.remove_prefix(1);
    if (shift == 63 && byte > 1) return Cut();
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return Cut();
}

Result<std::string_view> TakeBytes(std::string_view& rest, std::uint64_t size) {
  if (size > rest.size()) return Cut();
  const std::string_view bytes = rest.substr(0, static_cast<std::size_t>(size));
  rest.remove_prefix(bytes.size());
  return bytes;
}

struct Field {
  std::uint64_t number = 0;
  std::uint64_t type = 0;
  std::string_view bytes = {};
};

Result<Field> TakeField(std::string_view& rest) {
  const std::uint64_t tag = TRY(TakeVarint(rest));
  Field field{.number = tag >> 3, .type = tag & 7};
  if (field.number == 0 || field.number >= (1U << 29)) return Cut();
  std::uint64_t size = 0;
  if (field.type == kVarint) {
    TRY(TakeVarint(rest));
  } else if (field.type == kFixed64) {
    size = 8;
  } else if (field.type == kFixed32) {
    size = 4;
  } else if (field.type == kBytes) {
    size = TRY(TakeVarint(rest));
  } else {
    return Cut();
  }
  field.bytes = TRY(TakeBytes(rest, size));
  return field;
}

// The first field of this number, which must be text or a message; the whole message is read. Of
// one that is there twice protobuf takes the last where only one is meant.
enum class Which { kFirst, kLast };
Result<std::optional<std::string_view>> FindField(std::string_view message, std::uint64_t number,
                                                  Which which) {
  std::optional<std::string_view> found;
  while (!message.empty()) {
    const Field field = TRY(TakeField(message));
    if (field.number != number) continue;
    if (field.type != kBytes) return Cut();
    if (!found || which == Which::kLast) found = field.bytes;
  }
  return found;
}

Result<std::string_view> OpenFrame(std::string_view frame) {
  if (frame.size() < kFrameHeader) return Malformed("ends before its message");
  if (frame[0] != 0) return Malformed("is compressed, which nobody asked for");
  std::uint64_t size = 0;
  for (std::size_t i = 1; i < kFrameHeader; ++i) {
    size = size << 8 | static_cast<std::uint8_t>(frame[i]);
  }
  frame.remove_prefix(kFrameHeader);
  if (size != frame.size()) return Malformed("is not one message of the length that it says");
  return frame;
}

// grpc-message is percent-encoded (PROTOCOL-HTTP2.md, "Responses").
std::string PercentDecode(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool encoded =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    out.push_back(encoded ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]))
                          : text[i]);
    if (encoded) i += 2;
  }
  return out;
}

// An answer without a message has its status in the header.
std::optional<std::string> FromEnd(const http::Response& response, std::string_view name) {
  const std::optional<std::string> behind = response.trailers.Get(name);
  return behind ? behind : response.headers.Get(name);
}

Status CheckStatus(const http::Response& response) {
  if (response.status != 200) {
    return Error(Code::kUnavailable,
                 StrCat(kProvider, " answers with the HTTP status ", response.status));
  }
  const std::optional<std::string> text = FromEnd(response, "grpc-status");
  const std::optional<std::uint64_t> status = util::ParseUnsigned(text.value_or(""));
  if (!status) return Malformed("ends without a status");
  if (*status == 0) return Ok();
  const std::string words =
      WithoutSecrets(PercentDecode(FromEnd(response, "grpc-message").value_or("")), {});
  const std::string said = StrCat(kProvider, " gave no token: gRPC status ", *status,
                                  words.empty() ? "" : ": ", util::Printable(words));
  if (*status == kPermissionDenied || *status == kUnauthenticated) {
    return Error(Code::kUnauthorized,
                 StrCat(said, ": register this workload with the SPIFFE agent"));
  }
  return Error(Code::kUnavailable, said);
}

TokenCall CallOf(const std::string& socket_path, std::string_view audience) {
  TokenCall call{.provider = StrCat(kProvider, " at ", util::Quoted(socket_path)),
                 .body = FormatJwtSvidRequest(audience)};
  http::Request& request = call.request;
  request.method = http::Method::kPost;
  request.url = {.scheme = "http",
                 .host = "localhost",
                 .port = {},
                 .path = "/SpiffeWorkloadAPI/FetchJWTSVID",
                 .query = {}};
  request.headers.Add("Content-Type", "application/grpc");
  request.headers.Add("TE", "trailers");
  // Shows that no web page is behind this (SPIFFE_Workload_Endpoint.md section 3).
  request.headers.Add("workload.spiffe.io", "true");
  request.protocol = http::Protocol::kHttp2PriorKnowledge;
  request.unix_socket = socket_path;
  return call;
}

// Whether an agent that has only begun wants to be asked again.
bool IsNotReady(const http::Response& response) {
  return FromEnd(response, "grpc-status") == std::to_string(kUnavailableStatus);
}

}  // namespace

Result<std::string> ParseEndpointSocket(std::string_view text) {
  const std::string_view whole = text;
  const bool is_unix = text.starts_with("unix:");
  if (is_unix) text.remove_prefix(5);
  if (text.starts_with("//")) text.remove_prefix(2);
  const bool is_path = is_unix && text.starts_with('/') && !text.starts_with("//");
  const bool clean = text.find_first_of(std::string_view("\0?#", 3)) == std::string_view::npos;
  if (is_path && clean && text.size() <= kMaxSocketPathBytes) return std::string(text);
  return Error(Code::kUsage, StrCat("SPIFFE_ENDPOINT_SOCKET is ", util::Quoted(whole),
                                    " and not unix:///PATH of a socket"));
}

std::string FormatJwtSvidRequest(std::string_view audience) {
  constexpr char kAudience = 1 << 3 | 2;  // field 1, text
  std::string message(1, kAudience);
  message.append(Varint(audience.size())).append(audience);
  std::string frame(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame.push_back(static_cast<char>(message.size() >> shift & 0xff));
  }
  return frame.append(message);
}

Result<std::string> ParseJwtSvidResponse(std::string_view frame) {
  constexpr std::uint64_t kSvids = 1;
  constexpr std::uint64_t kSvid = 2;
  const std::string_view message = TRY(OpenFrame(frame));
  const auto svid = TRY(FindField(message, kSvids, Which::kFirst));
  const auto jwt = TRY(FindField(svid.value_or(""), kSvid, Which::kLast));
  if (jwt && !jwt->empty()) return std::string(*jwt);
  return Error(Code::kUnauthorized,
               StrCat(kProvider, " gave no token: register this workload with the SPIFFE agent"));
}

Result<std::string> FetchJwtSvid(const std::string& socket_path, std::string_view audience,
                                 http::Transport& transport, const Effects& effects) {
  constexpr int kMaxTries = 3;
  const TokenCall call = CallOf(socket_path, audience);
  for (int tries = 1;; ++tries) {
    const http::Response response = TRY(AskForToken(call, transport, effects));
    if (IsNotReady(response) && tries < kMaxTries) {
      effects.clock.Sleep(std::chrono::seconds(1), effects.cancel);
      continue;
    }
    TRY(CheckStatus(response));
    return ParseJwtSvidResponse(response.body);
  }
}

}  // namespace ociship::services
