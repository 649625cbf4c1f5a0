// SPDX-License-Identifier: Apache-2.0
#include "http/curl_error.h"

#include <curl/curl.h>
#include <doctest/doctest.h>

#include <cerrno>
#include <string>

using ociship::Code;
using ociship::Error;
using ociship::http::CurlFailure;
using ociship::http::ExplainFailure;

namespace {

const ociship::util::Url kUrl{.scheme = "https",
                              .host = "registry.example",
                              .port = "5000",
                              .path = "/v2/acme/app/blobs/uploads/1",
                              .query = "token=secret"};

std::string Explain(const CurlFailure& failure) {
  const Error error = ExplainFailure(failure, kUrl);
  CHECK(error.code() == Code::kUnavailable);
  CHECK(error.message().find("registry.example:5000") != std::string::npos);
  CHECK(error.message().find("secret") == std::string::npos);
  CHECK(error.message().find("uploads") == std::string::npos);
  return error.message();
}

}  // namespace

TEST_CASE("ExplainFailure: a refused connection says so with the host") {
  CHECK(Explain({.code = CURLE_COULDNT_CONNECT, .os_error = ECONNREFUSED}) ==
        "cannot connect to registry.example:5000: connection refused");
}

TEST_CASE("ExplainFailure: a host without a port is named without one") {
  ociship::util::Url url = kUrl;
  url.port.clear();
  CHECK(ExplainFailure({.code = CURLE_GOT_NOTHING}, url).message() ==
        "connection lost to registry.example");
}

TEST_CASE("ExplainFailure: a timeout of libcurl is one of connecting") {
  CHECK(Explain({.code = CURLE_OPERATION_TIMEDOUT}) ==
        "cannot connect to registry.example:5000: timeout");
}

TEST_CASE("ExplainFailure: breaks in either direction are a lost connection") {
  for (const int code : {CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE,
                         CURLE_SEND_FAIL_REWIND}) {
    CAPTURE(code);
    CHECK(Explain({.code = code}) == "connection lost to registry.example:5000");
  }
}

TEST_CASE("ExplainFailure: a certificate that is not trusted gives the reason, made printable") {
  CHECK(Explain({.code = CURLE_PEER_FAILED_VERIFICATION, .detail = "self-signed\x1b[2J"}) ==
        "the TLS certificate of registry.example:5000 is not trusted: self-signed\\x1b[2J, "
        "give the certificate of its authority (--cacert)");
  CHECK(Explain({.code = CURLE_PEER_FAILED_VERIFICATION, .detail = "certificate has expired"}) ==
        "the TLS certificate of registry.example:5000 is not trusted: certificate has expired");
}

TEST_CASE("ExplainFailure: a name without an address says what to check") {
  CHECK(Explain({.code = CURLE_COULDNT_RESOLVE_HOST}) ==
        "cannot find the address of registry.example:5000, check the name");
}

TEST_CASE("ExplainFailure: a proxy that refuses a tunnel is named with its status") {
  CHECK(Explain({.code = CURLE_RECV_ERROR, .connect_status = 407}) ==
        "the proxy for registry.example:5000 refused: status 407");
  CHECK(Explain({.code = CURLE_RECV_ERROR, .connect_status = 200}) ==
        "connection lost to registry.example:5000");
}

TEST_CASE("ExplainFailure: every number of libcurl gives a sentence") {
  for (int code = 1; code < CURL_LAST; ++code) {
    CAPTURE(code);
    CHECK(Explain({.code = code}).size() > std::string("registry.example:5000").size() + 10);
  }
}
