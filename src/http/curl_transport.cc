// SPDX-License-Identifier: Apache-2.0
// Transport over libcurl's easy interface (RFC 9112, RFC 9113). Tested by curl_transport_test.cc.
#include "http/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <utility>

#include "http/curl_error.h"
#include "http/curl_exchange.h"
#include "http/curl_pool.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::http {
namespace {

constexpr long kUploadBuffer = 256 * 1024;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

Error OutOfMemory() { return Error(Code::kFailure, "not enough memory for an HTTP request"); }

Status Append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return OutOfMemory();
  static_cast<void>(list.release());
  list.reset(longer);
  return Ok();
}

// Field names and values go out as they are, so a line end in one would begin another field
// (RFC 9110 section 5.5).
bool IsClean(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

Result<HeaderList> MakeHeaderList(const Request& request) {
  HeaderList list;
  for (const auto& [name, value] : request.headers.fields()) {
    if (!IsClean(name) || !IsClean(value)) {
      // The value is not repeated: it may be a credential.
      return Error(Code::kBadInput,
                   util::StrCat("header ", util::Quoted(name), " with control characters"));
    }
    // "Name;" is how libcurl is told to send an empty field; "Name:" would leave it out.
    TRY(Append(list, value.empty() ? util::StrCat(name, ";") : util::StrCat(name, ": ", value)));
  }
  // Some servers never answer it, and then every request waits a second.
  TRY(Append(list, "Expect:"));
  if (!request.headers.Get("Accept")) TRY(Append(list, "Accept: */*"));
  if (request.body.reader != nullptr && !request.body.size) {
    TRY(Append(list, "Transfer-Encoding: chunked"));
  }
  return list;
}

std::size_t OnRead(char* data, std::size_t size, std::size_t count, void* self) {
  const std::span<std::uint8_t> buffer(reinterpret_cast<std::uint8_t*>(data), size * count);
  const std::size_t got = static_cast<CurlExchange*>(self)->PullBody(buffer);
  if (got == CurlExchange::kPause) return CURL_READFUNC_PAUSE;
  return got == CurlExchange::kAbort ? CURL_READFUNC_ABORT : got;
}

std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  const bool go_on = static_cast<CurlExchange*>(self)->TakeHeaderLine({data, size * count});
  return go_on ? size * count : 0;
}

std::size_t OnWrite(char* data, std::size_t size, std::size_t count, void* self) {
  const ByteView bytes(reinterpret_cast<const std::uint8_t*>(data), size * count);
  return static_cast<CurlExchange*>(self)->TakeContent(bytes) ? size * count : 0;
}

struct Progress {
  CurlExchange& exchange;
  CURL* handle;
};

int OnProgress(void* self, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent) {
  auto& progress = *static_cast<Progress*>(self);
  if (!progress.exchange.Watch(static_cast<std::uint64_t>(received + sent))) return 1;
  if (progress.exchange.TakePaused()) curl_easy_pause(progress.handle, CURLPAUSE_CONT);
  return 0;
}

// Sets options and remembers whether all were taken.
class Options {
 public:
  explicit Options(CURL* handle) : handle_(handle) {}

  template <typename T>
  void Set(CURLoption option, T value) {
    const CURLcode code = curl_easy_setopt(handle_, option, value);
    if (code != CURLE_OK && code_ == CURLE_OK) code_ = code;
  }
  Status status() const {
    if (code_ == CURLE_OK) return Ok();
    return Error(Code::kFailure,
                 util::StrCat("libcurl refuses an option: ", curl_easy_strerror(code_)));
  }

 private:
  CURL* handle_;
  CURLcode code_ = CURLE_OK;
};

void SetRoute(Options& options, const Request& request) {
  const bool second = request.protocol == Protocol::kHttp2PriorKnowledge;
  options.Set(CURLOPT_HTTP_VERSION, static_cast<long>(second ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE
                                                             : CURL_HTTP_VERSION_1_1));
  // libcurl 7.88 can not use such a connection twice: "Error in the HTTP2 framing layer".
  if (second) options.Set(CURLOPT_FORBID_REUSE, 1L);
  if (!request.unix_socket.empty()) {
    options.Set(CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  }
  // A proxy would look for the loopback address on its own machine.
  const bool loopback = util::ClassifyHost(request.url.host) == util::HostKind::kLoopback;
  if (loopback || second || request.route == Route::kDirect || !request.unix_socket.empty()) {
    options.Set(CURLOPT_NOPROXY, "*");
  }
}

void SetConnection(Options& options, const CurlOptions& wanted, const std::string& text) {
  options.Set(CURLOPT_URL, text.c_str());
  options.Set(CURLOPT_PATH_AS_IS, 1L);
  options.Set(CURLOPT_PROTOCOLS_STR, "http,https");
  options.Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  options.Set(CURLOPT_NOSIGNAL, 1L);
  options.Set(CURLOPT_TCP_NODELAY, 1L);
  options.Set(CURLOPT_TCP_KEEPALIVE, 1L);
  options.Set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  options.Set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(wanted.connect_timeout_s));
  options.Set(CURLOPT_USERAGENT, wanted.user_agent.c_str());
  options.Set(CURLOPT_FOLLOWLOCATION, 0L);
  options.Set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  // What a proxy says to CONNECT is not said by the server, and nobody has proved to be anybody
  // yet.
  options.Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

// What connections are told apart by.
std::string ConnectionName(const Request& request) {
  const bool second = request.protocol == Protocol::kHttp2PriorKnowledge;
  const bool direct = request.route == Route::kDirect;
  return util::StrCat(request.url.Origin(), second ? " h2" : "", direct ? " direct " : " ",
                      request.unix_socket);
}

// `settings` must live as long as the transfer.
void SetTls(Options& options, const TlsSettings& settings) {
  if (settings.verify == TlsSettings::Verify::kNo) {
    options.Set(CURLOPT_SSL_VERIFYPEER, 0L);
    options.Set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!settings.roots.empty()) {
    curl_blob roots{.data = const_cast<char*>(settings.roots.data()),
                    .len = settings.roots.size(),
                    .flags = CURL_BLOB_NOCOPY};
    options.Set(CURLOPT_CAINFO_BLOB, &roots);
    options.Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (settings.certificate_file.empty()) return;
  options.Set(CURLOPT_SSLCERT, settings.certificate_file.c_str());
  options.Set(CURLOPT_SSLKEY, settings.key_file.c_str());
}

void SetMethod(Options& options, const Request& request) {
  switch (request.method) {
    case Method::kGet:
      options.Set(CURLOPT_HTTPGET, 1L);
      return;
    case Method::kHead:
      options.Set(CURLOPT_NOBODY, 1L);
      return;
    case Method::kDelete:
      options.Set(CURLOPT_HTTPGET, 1L);
      options.Set(CURLOPT_CUSTOMREQUEST, "DELETE");
      return;
    case Method::kPost:
    case Method::kPut:
    case Method::kPatch:
      break;
  }
  options.Set(CURLOPT_UPLOAD, 1L);
  options.Set(CURLOPT_CUSTOMREQUEST, std::string(Name(request.method)).c_str());
  // Without a body this gives the Content-Length: 0 that registries demand.
  const bool chunked = request.body.reader != nullptr && !request.body.size;
  const auto size =
      static_cast<curl_off_t>(request.body.reader == nullptr ? 0 : request.body.size.value_or(0));
  options.Set(CURLOPT_INFILESIZE_LARGE, chunked ? curl_off_t{-1} : size);
}

void SetCallbacks(Options& options, CurlExchange& exchange, Progress& progress) {
  options.Set(CURLOPT_READFUNCTION, &OnRead);
  options.Set(CURLOPT_READDATA, &exchange);
  options.Set(CURLOPT_HEADERFUNCTION, &OnHeader);
  options.Set(CURLOPT_HEADERDATA, &exchange);
  options.Set(CURLOPT_WRITEFUNCTION, &OnWrite);
  options.Set(CURLOPT_WRITEDATA, &exchange);
  options.Set(CURLOPT_NOPROGRESS, 0L);
  options.Set(CURLOPT_XFERINFOFUNCTION, &OnProgress);
  options.Set(CURLOPT_XFERINFODATA, &progress);
}

CurlFailure Describe(CURL* handle, CURLcode code, const char* detail) {
  CurlFailure failure{.code = code, .detail = detail};
  curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &failure.os_error);
  curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &failure.connect_status);
  return failure;
}

int PortOf(const util::Url& url) {
  int port = url.scheme == "https" ? 443 : 80;
  std::from_chars(url.port.data(), url.port.data() + url.port.size(), port);
  return port;
}

Error LeadsInside(const util::Url& url) {
  return Error(Code::kFailure, util::StrCat(url.HostAndPort(),
                                            " has an address inside the own network, where the "
                                            "server that names it may not lead"));
}

class CurlTransport : public Transport {
 public:
  explicit CurlTransport(const CurlOptions& options) : options_(options), tls_(options.tls) {}

  Result<Response> Send(const Request& request, const Receive& receive,
                        const util::Cancel& cancel) override {
    TRY(cancel.Check());
    std::unique_ptr<CurlHandle> handle = pool_.Take(ConnectionName(request));
    if (handle->get() == nullptr) return OutOfMemory();
    Result<Response> response = Perform(*handle, request, receive, cancel);
    handle->Reset();  // nothing of this exchange may be referred to any more
    pool_.Give(std::move(handle));
    return response;
  }

 private:
  Result<Response> Perform(CurlHandle& handle, const Request& request, const Receive& receive,
                           const util::Cancel& cancel) {
    CurlExchange exchange(request, receive, cancel, handle,
                          std::chrono::seconds(options_.stall_timeout_s * request.patience));
    Progress progress{exchange, handle.get()};
    const HeaderList headers = TRY(MakeHeaderList(request));
    const std::string url = request.url.text();
    std::array<char, CURL_ERROR_SIZE> detail{};
    TlsSettings tls;
    if (request.url.scheme == "https") tls = TRY(tls_.For(request.url));
    handle.asker = request.asker;
    handle.port = PortOf(request.url);
    Options options(handle.get());
    SetConnection(options, options_, url);
    SetRoute(options, request);
    SetTls(options, tls);
    SetMethod(options, request);
    SetCallbacks(options, exchange, progress);
    options.Set(CURLOPT_HTTPHEADER, headers.get());
    options.Set(CURLOPT_ERRORBUFFER, detail.data());
    TRY(options.status());

    const CURLcode code = curl_easy_perform(handle.get());
    if (exchange.failure()) return Error(*exchange.failure());
    // A server that refuses a body may close while it is being sent; its answer counts.
    if ((code == CURLE_OK && exchange.HasAnswer()) || exchange.HasRefusal()) {
      Response response = exchange.TakeResponse();
      response.peer = handle.Peer();
      return response;
    }
    if (handle.refused()) return LeadsInside(request.url);
    return ExplainFailure(Describe(handle.get(), code, detail.data()), request.url);
  }

  const CurlOptions options_;
  TlsPolicy tls_;
  CurlPool pool_;
};

}  // namespace

std::unique_ptr<Transport> NewCurlTransport(const CurlOptions& options) {
  return std::make_unique<CurlTransport>(options);
}

}  // namespace ociship::http
