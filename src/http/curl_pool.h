// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_HTTP_CURL_POOL_H_
#define OCISHIP_HTTP_CURL_POOL_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

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
  // Whether the other side has sent something that was not read, or closed the connection.
  bool AnswerIsWaiting() const;

  // Who the connection leads to.
  std::string origin;

 private:
  struct Callbacks;

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
