// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_WORKLOAD_API_H_
#define OCISHIP_SERVICES_WORKLOAD_API_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "http/transport.h"
#include "ociship/core.h"

// The SPIFFE Workload API, of which one call is made: FetchJWTSVID (SPIFFE_Workload_API.md section
// 6.2), over gRPC (PROTOCOL-HTTP2.md) on a Unix domain socket.
namespace ociship::services {

// What a sockaddr_un holds, without the zero at the end.
inline constexpr std::size_t kMaxSocketPathBytes = 107;

// The path in SPIFFE_ENDPOINT_SOCKET: "unix:///PATH" or "unix:/PATH". kUsage for everything else,
// also for tcp: a token is not asked for over plain TCP.
Result<std::string> ParseEndpointSocket(std::string_view text);

// A JWT-SVID for `audience`: of several that this workload may have, the first, which the
// specification calls the default. kUnauthorized when the agent has none for us, else kUnavailable.
Result<std::string> FetchJwtSvid(const std::string& socket_path, std::string_view audience,
                                 http::Transport& transport, const Effects& effects);

// The message JWTSVIDRequest and the JWT in the message JWTSVIDResponse, each in the frame of gRPC.
// kUnauthorized for an answer without a JWT, kUnavailable for one that can not be read: more or
// less than one frame, a compressed one, protobuf that does not end where it says.
std::string FormatJwtSvidRequest(std::string_view audience);
Result<std::string> ParseJwtSvidResponse(std::string_view frame);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_WORKLOAD_API_H_
