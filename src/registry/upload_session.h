// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_UPLOAD_SESSION_H_
#define OCISHIP_REGISTRY_UPLOAD_SESSION_H_

#include <cstdint>
#include <optional>

#include "http/message.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "registry/client.h"
#include "util/url.h"

namespace ociship::registry {

// An upload that a registry has open: its Location, and what can be asked of it besides the PATCH
// (distribution-spec, "Pushing a blob in chunks"). Used by one thread.
class UploadSession {
 public:
  // POST: opens one.
  static Result<UploadSession> Start(Client& client);

  // Where the next request goes.
  const util::Url& location() const { return location_; }
  // Takes the Location of an answer, if it has one.
  Status Follow(const http::Response& response);

  // GET: how many bytes are stored, and where to go on; see StoredBytes() for the arguments.
  // nullopt when the session is gone or the registry cannot tell, so that it must begin anew.
  Result<std::optional<std::uint64_t>> Stored(std::uint64_t confirmed, std::uint64_t sent);

  // The PUT that ends it, to be sent once.
  Call CloseCall(const Digest& digest) const;

  // DELETE: tells the registry to forget it. Takes a moment at most; that it fails is no matter,
  // since registries drop old sessions anyway.
  void Abandon();

 private:
  UploadSession(Client& client, util::Url location)
      : client_(&client), location_(std::move(location)) {}

  Call SessionCall(http::Method method) const;

  Client* client_;
  util::Url location_;
};

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_UPLOAD_SESSION_H_
