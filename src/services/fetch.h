// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_FETCH_H_
#define OCISHIP_SERVICES_FETCH_H_

#include <cstddef>
#include <optional>
#include <string>

#include "http/transport.h"
#include "ociship/core.h"
#include "util/url.h"

namespace ociship::services {

// Gets small public files. Follows redirects, tries again after what may pass, and keeps to https
// but for loopback. What is passed by reference must live longer. Not thread-safe.
class Fetcher {
 public:
  Fetcher(http::Transport& transport, const Effects& effects)
      : transport_(transport), effects_(effects) {}

  // The whole file; nullopt: it is not there (404), or not for us (403), which is what object
  // stores say of files that do not exist. kBadInput for more than `max_bytes`, kUsage for http to
  // another machine, kUnavailable for everything else that a server or the network may do, as a
  // redirect that is not followed.
  Result<std::optional<std::string>> Get(const util::Url& url, std::size_t max_bytes);

 private:
  Result<http::Response> GetOnce(util::Url url, std::size_t max_bytes);

  http::Transport& transport_;
  Effects effects_;
  enum class Server { kSilent, kAnswered } server_ = Server::kSilent;
};

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_FETCH_H_
