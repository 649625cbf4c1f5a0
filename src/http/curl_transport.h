// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_HTTP_CURL_TRANSPORT_H_
#define OCISHIP_HTTP_CURL_TRANSPORT_H_

#include <memory>
#include <string>

#include "http/transport.h"

namespace ociship::http {

struct CurlOptions {
  std::string user_agent = "ociship";
  int connect_timeout_s = 15;
  int stall_timeout_s = 60;  // without a single byte in either direction
};

// A Transport over libcurl: HTTP/1.1, connections kept and reused, system trust store.
std::unique_ptr<Transport> NewCurlTransport(const CurlOptions& options);

}  // namespace ociship::http

#endif  // OCISHIP_HTTP_CURL_TRANSPORT_H_
