// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_TAR_SOURCE_H_
#define OCISHIP_ARCHIVE_TAR_SOURCE_H_

#include <memory>
#include <string>

#include "archive/archive.h"
#include "codec/compression.h"
#include "ociship/core.h"
#include "util/file.h"
#include "util/io.h"

namespace ociship::archive {

// Checks that content which begins with `first` (kTarBlockBytes, or less if it is shorter) is a
// tar; kBadInput says what it is instead. `what` is how messages call it.
Status CheckTar(ByteView first, const std::string& what);

// A tar that is read from front to back, out of whatever compression is around it.
class TarSource {
 public:
  TarSource(std::unique_ptr<util::File> file, std::string what, const codec::ExpansionLimit& limit)
      : file_(std::move(file)), what_(std::move(what)), limit_(limit) {}

  // The bytes of the tar: of a regular file from its beginning, as often as it is called; of a pipe
  // once. kBadInput when no tar is inside. The Reader borrows from this object.
  Result<std::unique_ptr<util::Reader>> Open();

  Archive::Repeatable repeatable() const;
  // How messages call it.
  const std::string& what() const { return what_; }

 private:
  std::unique_ptr<util::File> file_;
  std::string what_;
  codec::ExpansionLimit limit_;
};

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_TAR_SOURCE_H_
