// SPDX-License-Identifier: Apache-2.0
// libcurl's error numbers as sentences for people. Tested by curl_error_test.cc.
#include "http/curl_error.h"

#include <curl/curl.h>

#include <system_error>

#include "util/text.h"

namespace ociship::http {
namespace {

using util::StrCat;

// "connection refused"
std::string OsReason(long os_error) {
  if (os_error == 0) return "no connection";
  std::string reason = std::generic_category().message(static_cast<int>(os_error));
  if (!reason.empty()) reason.replace(0, 1, util::LowerAscii(reason.substr(0, 1)));
  return reason;
}

// Whether OpenSSL misses whoever issued the certificate, and not something about it.
bool NamesIssuer(std::string_view detail) {
  return detail.find("issuer") != std::string_view::npos ||
         detail.find("self-signed") != std::string_view::npos;
}

// The connection may be that to a proxy, which libcurl names then.
std::string ExplainConnect(const CurlFailure& failure, const std::string& host,
                           const std::string& name) {
  const bool direct = failure.detail.empty() || failure.detail.find(name) != std::string_view::npos;
  if (direct) return StrCat("cannot connect to ", host, ": ", OsReason(failure.os_error));
  return StrCat("cannot connect to the proxy for ", host, ": ", OsReason(failure.os_error), " (",
                util::Printable(failure.detail), ")");
}

// With TLS 1.3 a server refuses a client only after the handshake (RFC 8446 section 6).
bool IsTlsAlert(std::string_view detail) {
  return detail.find(" alert ") != std::string_view::npos;
}

std::string ExplainAlert(std::string_view detail, const std::string& host) {
  const bool wants = detail.find("certificate required") != std::string_view::npos;
  return StrCat("TLS with ", host, " failed: ", detail,
                wants ? ", it wants a client certificate (--client-cert and --client-key)" : "");
}

// `name` is the host alone.
std::string Explain(const CurlFailure& failure, const std::string& host, const std::string& name) {
  const std::string detail = util::Printable(failure.detail);
  if (failure.connect_status >= 300) {
    return StrCat("the proxy for ", host, " refused: status ", failure.connect_status);
  }
  switch (failure.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return StrCat("cannot find the address of ", host, ", check the name");
    case CURLE_COULDNT_RESOLVE_PROXY:
      return StrCat("cannot find the address of the proxy for ", host,
                    ", check the proxy settings");
    case CURLE_PROXY:
      return StrCat("the proxy for ", host, " refused: ", detail);
    case CURLE_COULDNT_CONNECT:
      return ExplainConnect(failure, host, name);
    case CURLE_OPERATION_TIMEDOUT:
      return StrCat("cannot connect to ", host, ": timeout");
    case CURLE_PEER_FAILED_VERIFICATION:
      return StrCat(
          "the TLS certificate of ", host, " is not trusted: ", detail,
          NamesIssuer(detail) ? ", give the certificate of its authority (--cacert)" : "");
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
      return StrCat("the trusted certificates for ", host, " cannot be read: ", detail);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ENGINE_INITFAILED:
      return StrCat("TLS with ", host, " failed: ", detail);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      if (IsTlsAlert(detail)) return ExplainAlert(detail, host);
      return StrCat("connection lost to ", host);
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_FAIL_REWIND:
      return StrCat("connection lost to ", host);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_OUT_OF_MEMORY:  // also a header line over libcurl's limit
      return StrCat("the answer of ", host, " cannot be read: ", detail);
    default:
      return StrCat("request to ", host,
                    " failed: ", curl_easy_strerror(static_cast<CURLcode>(failure.code)));
  }
}

}  // namespace

Error ExplainFailure(const CurlFailure& failure, const util::Url& url) {
  return Error(Code::kUnavailable, Explain(failure, url.HostAndPort(), url.host));
}

}  // namespace ociship::http
