// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_HTTP_CURL_POOL_H_
#define OCISHIP_HTTP_CURL_POOL_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "util/address.h"

namespace ociship::http {

// Owns one libcurl easy handle and with it the one connection that it keeps open. Used by one
// thread at a time.
class CurlHandle {
 public:
  CurlHandle();
  ~CurlHandle();
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  // The CURL*; nullptr when libcurl could not make one.
  void* get() const { return handle_; }
  // Forgets all options but keeps the connection.
  void Reset();
  // Where the connection leads that was used last; of one to a proxy nothing is known.
  util::AddressKind Peer() const;
  // Whether the other side has sent something that was not read, or closed the connection.
  bool AnswerIsWaiting() const;

  // Which connection it is: by origin, protocol and route.
  std::string origin;
  // Who asked for a new connection, if not the person; Request::asker.
  std::optional<util::AddressKind> asker = {};
  // The port of the server. libcurl connects to no other but that of a proxy, which the person
  // chose: the rule for askers is not for it.
  int port = 0;
  // Whether a connection was refused because of him.
  bool refused() const { return refused_; }

 private:
  struct Callbacks;

  bool refused_ = false;
  std::vector<int> sockets_;  // those that libcurl has open; destroyed after handle_ is cleaned up
  void* handle_;
};

// Handles that are not in use. Safe to use from several threads.
class CurlPool {
 public:
  // One whose connection leads to `origin` if there is such, else a new one.
  std::unique_ptr<CurlHandle> Take(const std::string& origin);
  // Keeps it for the next request.
  void Give(std::unique_ptr<CurlHandle> handle);

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<CurlHandle>> idle_;  // the one used last is at the end
};

}  // namespace ociship::http

#endif  // OCISHIP_HTTP_CURL_POOL_H_
