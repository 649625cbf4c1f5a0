// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_TAR_CONTENTS_H_
#define OCISHIP_ARCHIVE_TAR_CONTENTS_H_

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "archive/contents.h"
#include "archive/members.h"
#include "ociship/core.h"

namespace ociship::archive {

// The Contents of a tar. How content is got at is left to the two shapes.
class TarContents : public Contents {
 public:
  bool empty() const override { return members_.empty(); }
  Presence Look(std::string_view name) override;
  Result<std::string> ReadDocument(const std::string& name, std::size_t limit) override;
  Result<Blob> Locate(const std::string& name) override;
  Ending ending() const override { return ending_; }

 protected:
  const Members& members() const { return members_; }
  Status Add(const TarMember& tar_member, Member member);
  void set_ending(Ending ending) { ending_ = ending; }

  // The content of a regular member of a size that was checked.
  virtual Result<std::string> Read(const std::string& name, const Member& member) = 0;
  enum class Comparison { kEqual, kDifferent };
  // Two regular members of equal size.
  virtual Result<Comparison> Compare(const std::string& name, const Member& a, const Member& b) = 0;

 private:
  // A name that is there twice means one thing to a reader that takes the first, and another to one
  // that takes the last: they must be equal.
  Status RequireEqual(const Members::Found& found);

  Members members_;
  Ending ending_ = Ending::kMissing;
  std::set<std::string, std::less<>> compared_;
};

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_TAR_CONTENTS_H_
