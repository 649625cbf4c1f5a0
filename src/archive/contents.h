// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_CONTENTS_H_
#define OCISHIP_ARCHIVE_CONTENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "archive/archive.h"
#include "ociship/core.h"
#include "ociship/digest.h"

namespace ociship::archive {

// Manifests and configs of all images of an archive together: they stay in memory.
inline constexpr std::size_t kMaxDocumentsBytes = 64 << 20;

// How much of kMaxDocumentsBytes is left.
class DocumentBudget {
 public:
  // kBadInput when it is used up.
  Status Take(std::size_t bytes);

 private:
  std::size_t left_ = kMaxDocumentsBytes;
};

// What the readers of the two formats see of an archive or a folder: names and documents, whatever
// the shape. All errors are kBadInput and name the member. Used by one thread.
class Contents {
 public:
  virtual ~Contents() = default;

  virtual bool empty() const = 0;

  enum class Presence { kThere, kAbsent };
  // Whether anything has this name.
  virtual Presence Look(std::string_view name) = 0;

  // The exact bytes of a document of at most `limit` bytes, which must be a regular file and no
  // symbolic link.
  virtual Result<std::string> ReadDocument(const std::string& name, std::size_t limit) = 0;

  // A file whose content is wanted later.
  struct Blob {
    std::string member;            // for Archive::OpenBlob; links are followed
    std::uint64_t size = 0;        // bytes
    std::optional<Digest> digest;  // by BlobAlgorithm(member), where it went by already
    // The content, where nobody else has it: members of a stream that no BlobIntake got, and
    // empty ones.
    std::optional<std::string> kept;
  };
  virtual Result<Blob> Locate(const std::string& name) = 0;

  // Whether the archive ends as it must. One that was cut off between two members looks complete.
  enum class Ending { kComplete, kMissing };
  virtual Ending ending() const = 0;
};

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_CONTENTS_H_
