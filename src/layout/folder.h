// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_LAYOUT_FOLDER_H_
#define OCISHIP_LAYOUT_FOLDER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "layout/entries.h"
#include "oci/layout_index.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "util/file.h"

namespace ociship::layout {

// The files of a layout folder. Names below the folder are constants or made of a Digest, never
// taken from a document, and no symbolic link below the folder is followed. Immutable, copyable,
// safe to use from several threads.
class Folder {
 public:
  explicit Folder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }

  // Whether oci-layout is there and says version 1. kNotFound when it is not there, kBadInput when
  // it says something else.
  Status Check() const;
  // Makes the folder, oci-layout and index.json where they are missing.
  Status Create() const;

  // index.json; kNotFound when it is not there, kBadInput when it is damaged.
  Result<oci::LayoutIndex> ReadIndex() const;
  // Reads index.json, lets `change` work on it and replaces it if that made a change, under the
  // lock: of two that change at once, one waits.
  Status ChangeIndex(const std::function<Result<Change>(oci::LayoutIndex&)>& change) const;

  // A blob, which is a regular file; nothing is said about its content. kNotFound, kBadInput.
  Result<std::unique_ptr<util::File>> OpenBlob(const Digest& digest) const;

 private:
  std::string path_;
};

// A new file in a layout folder, without a name that means anything; gone with this object unless
// it became a blob. Used by one thread.
class NewFile {
 public:
  static Result<NewFile> Make(const Folder& folder);
  ~NewFile();
  NewFile(NewFile&& other) noexcept
      : path_(std::move(other.path_)),
        root_(std::move(other.root_)),
        file_(std::move(other.file_)),
        name_(std::exchange(other.name_, std::string())) {}
  NewFile& operator=(NewFile&&) = delete;

  Status Append(ByteView bytes);
  // What was appended, from the beginning.
  Result<std::unique_ptr<util::File>> Reopen() const;
  // Syncs it and gives it the name of a blob, instead of a file that has it already.
  Status BecomeBlob(const Digest& digest);

 private:
  NewFile(std::string path, util::Fd root, util::Fd file, std::string name)
      : path_(std::move(path)),
        root_(std::move(root)),
        file_(std::move(file)),
        name_(std::move(name)) {}

  std::string path_;  // of the folder, for messages
  util::Fd root_;
  util::Fd file_;
  std::string name_;  // empty: it is a blob now, or was moved from
};

}  // namespace ociship::layout

#endif  // OCISHIP_LAYOUT_FOLDER_H_
