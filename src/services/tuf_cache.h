// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_TUF_CACHE_H_
#define OCISHIP_SERVICES_TUF_CACHE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "ociship/core.h"
#include "util/file.h"

namespace ociship::services {

// The metadata and targets of one TUF repository on disk: root.json, timestamp.json and so on, and
// targets/NAME, as other clients keep them. Names are percent-encoded as a whole, so that none can
// name another folder. Files are replaced in one step, and synced.
//
// Whoever has one holds the lock of the folder: two programs take turns. All errors of the disk are
// kFailure, of a lock that is not given back kUnavailable.
class TufCache {
 public:
  // Makes the folder, for its owner alone, where it is missing. kTrustMaterial for a folder that
  // everybody may write to.
  static Result<TufCache> Open(const std::string& folder);
  // Writes nothing. nullopt when there is no such folder. A folder on a disk that can not be
  // written to is read without a lock.
  static Result<std::optional<TufCache>> OpenToRead(const std::string& folder);

  // nullopt when it is not there or larger than `max_bytes`.
  Result<std::optional<std::string>> Read(std::string_view role, std::size_t max_bytes) const;
  Status Write(std::string_view role, std::string_view bytes);
  Status Remove(std::string_view role);

  // The same for targets, in a folder of their own.
  Result<std::optional<std::string>> ReadTarget(std::string_view path, std::size_t max_bytes) const;
  Status WriteTarget(std::string_view path, std::string_view bytes);
  // From now on targets are kept there.
  void KeepTargetsIn(std::string folder) { targets_ = std::move(folder); }

  // A file of our own, beside those of TUF.
  Result<std::optional<std::string>> ReadState(std::size_t max_bytes) const;
  Status WriteState(std::string_view bytes);

  const std::string& folder() const { return folder_; }

 private:
  TufCache(std::string folder, std::optional<util::FileLock> lock)
      : folder_(std::move(folder)), targets_(folder_ + "/targets"), lock_(std::move(lock)) {}
  std::string PathOf(std::string_view role) const;
  std::string PathOfTarget(std::string_view path) const;

  std::string folder_;
  std::string targets_;
  std::optional<util::FileLock> lock_;
};

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_TUF_CACHE_H_
