// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_MOUNTS_H_
#define OCISHIP_REGISTRY_MOUNTS_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ociship/core.h"
#include "ociship/digest.h"
#include "registry/client.h"
#include "registry/upload_session.h"

namespace ociship::registry {

// In which repositories of one registry blobs were last seen, so that they can be mounted from
// there. With a folder it is kept in a file for all processes: the last kMaxPlaces of them. A
// damaged file counts as empty. Safe to use from several threads.
class BlobPlaces {
 public:
  static constexpr std::size_t kMaxPlaces = 5'000;

  BlobPlaces(const std::string& host, const std::string& folder);

  // The path of a repository, nullopt where none is known.
  std::optional<std::string> Find(const Digest& digest);
  void Add(const Digest& digest, const std::string& path);
  // Writes what was added, if anything was. That it cannot is no error.
  void Save();

 private:
  using Places = std::map<std::string, std::string>;  // digest -> path

  std::vector<std::string> ReadLines() const;
  Places& LoadedPlaces();

  const std::string folder_;
  const std::string file_;
  std::mutex mutex_;
  std::optional<Places> places_;    // read when somebody asks: only pushes do
  std::vector<std::string> added_;  // lines
};

// Takes blobs over from other repositories of the registry (distribution-spec, "Mounting a blob
// from another repository"). Whatever goes wrong, the blob is just not there: it is uploaded then,
// in the session that a registry opens when it cannot mount. Safe to use from several threads.
class Mounts {
 public:
  explicit Mounts(Client& client);
  // Gives back the sessions that nobody took, and saves the places.
  ~Mounts();

  // The size of a blob that was mounted; nullopt: it is not there. kInterrupted.
  Result<std::optional<std::uint64_t>> Mount(const Digest& digest);
  // To be called for a blob that is there.
  void Seen(const Digest& digest) { places_.Add(digest, std::string(client_.repository().path())); }
  // A session that a mount left open.
  std::optional<UploadSession> TakeSession();

 private:
  Result<http::Response> Ask(const Digest& digest, const std::optional<std::string>& from);

  Client& client_;
  BlobPlaces places_;
  std::mutex mutex_;
  std::vector<UploadSession> sessions_;
};

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_MOUNTS_H_
