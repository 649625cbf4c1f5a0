// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_HTTP_CURL_ERROR_H_
#define OCISHIP_HTTP_CURL_ERROR_H_

#include <string>
#include <string_view>

#include "ociship/core.h"
#include "util/url.h"

namespace ociship::http {

// What is known about an exchange that libcurl gave up.
struct CurlFailure {
  int code = 0;                  // CURLcode
  long os_error = 0;             // errno of the socket, 0 if none
  long connect_status = 0;       // what a proxy answered to CONNECT, 0 if it was not asked
  std::string_view detail = {};  // libcurl's own words
};

// kUnavailable with one sentence that names host and port and never the path or the query.
Error ExplainFailure(const CurlFailure& failure, const util::Url& url);

}  // namespace ociship::http

#endif  // OCISHIP_HTTP_CURL_ERROR_H_
