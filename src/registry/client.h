// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_CLIENT_H_
#define OCISHIP_REGISTRY_CLIENT_H_

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "http/transport.h"
#include "ociship/core.h"
#include "ociship/reference.h"
#include "registry/address.h"
#include "registry/authenticator.h"
#include "registry/backoff.h"
#include "registry/errors.h"
#include "registry/host_facts.h"
#include "registry/registry_store.h"
#include "util/cancel.h"
#include "util/clock.h"
#include "util/url.h"

namespace ociship::registry {

// One request in the words of this room.
struct Call {
  http::Method method = http::Method::kGet;
  util::Url url;
  std::string what;  // what it is about, for messages: "manifest 1.0"
  Authenticator::Need need = {};
  http::Headers headers = {};
  int patience = 1;               // http::Request::patience
  std::string_view content = {};  // sent as the body, where the method has one
  // Where the body of a success goes; nullptr: into Response::body, at most `keep` bytes.
  ByteSink* sink = nullptr;
  std::size_t keep = kMaxErrorBytes;
};

// The end of a request whose body cannot be sent again.
struct Streamed {
  http::Response response;
  // kTryAgain: it was refused for want of a login, and there is another one to try now.
  Next login = Next::kGiveUp;
};

// The requests of one repository: URLs, login, redirects, repetition and errors. Every request to a
// registry goes through here, and nowhere else is a credential attached: to those that go to the
// registry itself. Safe to use from several threads.
class Client {
 public:
  Client(Repository repository, http::Transport& transport, util::Clock& clock,
         const util::Cancel& cancel, const RegistryOptions& options);

  const Repository& repository() const { return repository_; }
  const util::Cancel& cancel() const { return backoff_.cancel(); }
  const RegistryOptions& options() const { return options_; }

  // SCHEME://HOST/v2/NAME/ and `rest`.
  util::Url Url(std::string_view rest) const;
  // The registry itself, and where it was found to be.
  Asker asker() const;

  // The answer to `call`, which must be idempotent: tried again after a broken connection or a
  // status that may pass, until there is another one or the tries are used up. Redirects of a GET
  // or HEAD are followed, at most five.
  Result<http::Response> Send(const Call& call);

  // One try.
  Result<http::Response> SendOnce(const Call& call) { return SendOnce(call, cancel()); }
  Result<http::Response> SendOnce(const Call& call, const util::Cancel& cancel);
  // One try with a body of any length that is pulled from `body`.
  Result<Streamed> SendStream(const Call& call, util::Reader& body, const util::Cancel& cancel);

  // When to try again.
  Backoff& backoff() { return backoff_; }

  // What is known about the registry.
  HostMemory& memory() { return memory_; }

  // The error of an answer that is no success.
  Error Refused(const Call& call, const http::Response& response) const;

 private:
  Result<http::Response> ExchangeWithLogin(const Call& call, const util::Url& url,
                                           const util::Cancel& cancel);
  struct Attempt;
  Result<http::Response> Try(const Attempt& attempt, const util::Cancel& cancel);
  bool IsOwn(const util::Url& url) const { return url.Origin() == base_.Origin(); }
  void PassWarnings(const http::Response& response);

  const Repository repository_;
  http::Transport& transport_;
  const RegistryOptions options_;
  const util::Url base_;
  std::atomic<unsigned> peers_{0};  // where answers came from: a bit for each util::AddressKind
  Backoff backoff_;
  Authenticator authenticator_;
  HostMemory memory_;
  std::mutex warnings_mutex_;
  std::set<std::string> warnings_;  // that were passed on
};

// Whether an answer is a success (RFC 9110 section 15.3).
inline bool IsSuccess(const http::Response& response) {
  return response.status >= 200 && response.status < 300;
}

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_CLIENT_H_
