// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_TUF_CACHE_H_
#define OCISHIP_SERVICES_TUF_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ociship/core.h"
#include "services/tuf_shelf.h"
#include "util/file.h"

namespace ociship::services {

// How long somebody waits for the lock of a folder.
inline constexpr int kTufLockSeconds = 60;

// What a folder is to have from now on, by the name of the file below it; nullopt: no such file.
struct TufChanges {
  std::map<std::string, std::optional<std::string>> files;
  // Of what is not named.
  enum class Others { kKept, kRemoved } others = Others::kKept;
};

// The metadata and targets of one TUF repository on disk: root.json, timestamp.json and so on, and
// targets/NAME, as other clients keep them; and roots/N.root.json, every root that was accepted.
// Names are percent-encoded as a whole, so that none can name another folder. Files are replaced in
// one step, and synced; they and the folder are for their owner alone.
//
// A folder, or a file of metadata in it, that somebody else owns or may write to is kTrustMaterial
// with the reason tuf-cache, as is one that is a link or can not be read. Errors of writing are
// kFailure, of a lock that is not given back kUnavailable.
class TufCache : public TufShelf {
 public:
  // Makes the folder where it is missing, takes its lock, and removes what an update that was
  // killed left half-written. Two programs that write take turns.
  static Result<TufCache> Open(const std::string& folder, int lock_seconds = kTufLockSeconds);
  // Writes nothing and waits for nobody: files may change while they are read. nullopt when there
  // is no such folder.
  static Result<std::optional<TufCache>> OpenToRead(const std::string& folder);

  // The names of files below the folder.
  static std::string RoleFile(std::string_view role);
  static std::string RootFile(std::int64_t version);
  static std::string TargetFile(std::string_view path);
  static std::string StateFile();  // of our own, beside those of TUF

  Result<std::optional<std::string>> ReadFile(const std::string& file, std::size_t max_bytes) const;
  // Writes all files beside the old ones first, so that a full disk leaves these as they were.
  Status Apply(const TufChanges& changes);

  Result<std::optional<std::string>> Read(std::string_view role,
                                          std::size_t max_bytes) const override;
  Status Write(std::string_view role, std::string_view bytes) override;
  Status Remove(std::string_view role) override;
  Result<std::optional<std::string>> ReadTarget(std::string_view path,
                                                std::size_t max_bytes) const override;
  Status WriteTarget(std::string_view path, std::string_view bytes) override;
  // From now on targets are kept there, in a folder that belongs to the person.
  void KeepTargetsIn(std::string folder) { targets_ = std::move(folder); }

  const std::string& folder() const { return folder_; }

 private:
  TufCache(std::string folder, std::optional<util::FileLock> lock)
      : folder_(std::move(folder)), targets_(folder_ + "/targets"), lock_(std::move(lock)) {}
  std::string PathOfTarget(std::string_view path) const;
  Status Stage(const TufChanges& changes) const;
  Status Commit(const TufChanges& changes) const;

  std::string folder_;
  std::string targets_;
  std::optional<util::FileLock> lock_;
};

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_TUF_CACHE_H_
