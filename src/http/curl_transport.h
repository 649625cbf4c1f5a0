// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_HTTP_CURL_TRANSPORT_H_
#define OCISHIP_HTTP_CURL_TRANSPORT_H_

#include <memory>
#include <string>

#include "http/tls.h"
#include "http/transport.h"

namespace ociship::http {

struct CurlOptions {
  std::string user_agent = "ociship";
  int connect_timeout_s = 15;
  int stall_timeout_s = 60;  // without a single byte in either direction, while we have some
  TlsConfig tls = {};
};

// A Transport over libcurl: connections kept and reused. Proxies are those that libcurl
// finds in the environment; there is none to loopback addresses.
std::unique_ptr<Transport> NewCurlTransport(const CurlOptions& options);

}  // namespace ociship::http

#endif  // OCISHIP_HTTP_CURL_TRANSPORT_H_
