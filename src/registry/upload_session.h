// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_UPLOAD_SESSION_H_
#define OCISHIP_REGISTRY_UPLOAD_SESSION_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

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

  // The one that an answer opened; nullopt when it does not say where, or somewhere to which it may
  // not lead.
  static std::optional<UploadSession> Opened(Client& client, const http::Response& response);

  // Where the next request goes.
  const util::Url& location() const { return location_; }
  // Takes the Location of an answer, if it has one.
  Status Follow(const http::Response& response);

  // GET: how many bytes are stored, and where to go on; see StoredBytes() for the arguments.
  // nullopt when the session is gone or the registry cannot tell, so that it must begin anew.
  Result<std::optional<std::uint64_t>> Stored(std::uint64_t confirmed, std::uint64_t sent);

  // The smallest chunk but the last that the registry takes; 0 if it did not say
  // (OCI-Chunk-Min-Length).
  std::uint64_t smallest_chunk() const { return smallest_chunk_; }
  // The PATCH of `chunk`, which stands at `offset` (end-5), to be sent once.
  Call ChunkCall(std::uint64_t offset, std::string_view chunk) const;
  // The PUT that ends it, to be sent once.
  Call CloseCall(const Digest& digest) const;

  // DELETE: tells the registry to forget them. Takes a moment at most, whatever their number; that
  // it fails is no matter, since registries drop old sessions anyway.
  static void Abandon(std::span<UploadSession> sessions);
  void Abandon() { Abandon(std::span(this, 1)); }

 private:
  static Result<UploadSession> Begin(Client& client, const http::Response& response);
  UploadSession(Client& client, util::Url location)
      : client_(&client), location_(std::move(location)) {}

  Call SessionCall(http::Method method) const;
  void Forget(const util::Cancel& cancel);

  Client* client_;
  util::Url location_;
  std::uint64_t smallest_chunk_ = 0;
};

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_UPLOAD_SESSION_H_
