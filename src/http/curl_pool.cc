// SPDX-License-Identifier: Apache-2.0
// Owners of libcurl's handles, one connection each, reused by origin. Tested through
// curl_transport_test.cc.
#include "http/curl_pool.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "util/text.h"

namespace ociship::http {
namespace {

constexpr std::size_t kMaxIdle = 16;

// Thread-safe and done once: libcurl 7.84 and newer count and lock by themselves, and the static
// makes the order certain.
CURLcode InitialiseCurl() {
  static const CURLcode kInitialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  return kInitialised;
}

int PortOf(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return ntohs(v4.sin_port);
  }
  if (address.sa_family != AF_INET6) return 0;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  return ntohs(v6.sin6_port);
}

}  // namespace

struct CurlHandle::Callbacks {
  static curl_socket_t Open(void* self, curlsocktype, curl_sockaddr* address) {
    auto& handle = *static_cast<CurlHandle*>(self);
    const util::AddressKind kind = util::KindOfAddress(address->addr);
    handle.refused_ = handle.asker && PortOf(address->addr) == handle.port &&
                      !util::MayLeadTo(*handle.asker, kind);
    if (handle.refused_) return CURL_SOCKET_BAD;
    const int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0) return CURL_SOCKET_BAD;
    handle.sockets_.push_back(fd);
    return fd;
  }
  static int Close(void* self, curl_socket_t fd) {
    std::erase(static_cast<CurlHandle*>(self)->sockets_, fd);
    return close(fd);
  }
};

CurlHandle::CurlHandle() : handle_(InitialiseCurl() == CURLE_OK ? curl_easy_init() : nullptr) {
  if (handle_ != nullptr) Reset();
}

CurlHandle::~CurlHandle() {
  if (handle_ != nullptr) curl_easy_cleanup(handle_);
}

void CurlHandle::Reset() {
  curl_easy_reset(handle_);
  asker.reset();
  port = 0;
  refused_ = false;
  curl_easy_setopt(handle_, CURLOPT_OPENSOCKETFUNCTION, &Callbacks::Open);
  curl_easy_setopt(handle_, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(handle_, CURLOPT_CLOSESOCKETFUNCTION, &Callbacks::Close);
  curl_easy_setopt(handle_, CURLOPT_CLOSESOCKETDATA, this);
  // With one connection a handle there is no doubt which socket a transfer uses.
  curl_easy_setopt(handle_, CURLOPT_MAXCONNECTS, 1L);
}

util::AddressKind CurlHandle::Peer() const {
  const char* address = nullptr;
  long port_used = 0;
  curl_easy_getinfo(handle_, CURLINFO_PRIMARY_IP, &address);
  curl_easy_getinfo(handle_, CURLINFO_PRIMARY_PORT, &port_used);
  if (port_used != port) return util::AddressKind::kNameOrPublic;
  const std::string_view text = address == nullptr ? "" : address;
  if (text.find(':') == std::string_view::npos) return util::KindOfAddress(text);
  return util::KindOfAddress(util::StrCat("[", text, "]"));
}

bool CurlHandle::AnswerIsWaiting() const {
  return std::ranges::any_of(sockets_, [](int fd) {
    pollfd entry{fd, POLLIN, 0};
    return poll(&entry, 1, 0) == 1 && entry.revents != 0;
  });
}

std::unique_ptr<CurlHandle> CurlPool::Take(const std::string& origin) {
  {
    const std::lock_guard lock(mutex_);
    for (auto it = idle_.rbegin(); it != idle_.rend(); ++it) {
      if ((*it)->origin != origin) continue;
      auto handle = std::move(*it);
      idle_.erase(std::next(it).base());
      return handle;
    }
  }
  auto handle = std::make_unique<CurlHandle>();
  handle->origin = origin;
  return handle;
}

void CurlPool::Give(std::unique_ptr<CurlHandle> handle) {
  std::unique_ptr<CurlHandle> oldest;  // closes its connection after the lock is released
  const std::lock_guard lock(mutex_);
  if (idle_.size() >= kMaxIdle) {
    oldest = std::move(idle_.front());
    idle_.erase(idle_.begin());
  }
  idle_.push_back(std::move(handle));
}

}  // namespace ociship::http
