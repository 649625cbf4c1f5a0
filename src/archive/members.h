// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_MEMBERS_H_
#define OCISHIP_ARCHIVE_MEMBERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/tar.h"
#include "ociship/core.h"
#include "ociship/digest.h"

namespace ociship::archive {

// More than this is a file system, and no image.
inline constexpr std::size_t kMaxMembers = 50'000;
// Names and link targets of all members together: they stay in memory.
inline constexpr std::size_t kMaxNamesBytes = 16 << 20;
// Links that lead to links (Linux follows 40).
inline constexpr int kMaxLinkHops = 40;

// What is remembered of one member.
struct Member {
  MemberType type = MemberType::kOther;
  std::string target = {};  // of a link
  std::uint64_t size = 0;
  // Of an indexed archive: where it is.
  Storage storage = Storage::kPlain;
  std::uint64_t header_offset = 0;
  std::uint64_t data_offset = 0;
  // Of a streamed archive: the digest of what went by, by BlobAlgorithm, and small documents
  // themselves.
  std::optional<Digest> digest = {};
  std::optional<std::string> kept = {};
};

// "./a//b/" is "a/b". A ".." stays, and so such a name equals no name that anything may ask for.
// The archive itself (".", "/") is "".
std::string NormaliseName(std::string_view name);

// Where a symbolic link of this normalised name leads to: a normalised name. kBadInput when that is
// out of the archive.
Result<std::string> FollowSymlink(const std::string& name, const std::string& target);

// The members of a tar by normalised name. A name is a key: nothing here is ever a path.
class Members {
 public:
  // The same name may come again. kBadInput when there are too many.
  Status Add(std::string_view name, Member member);

  bool empty() const { return by_name_.empty(); }
  // The members in the order in which they were added, each with its normalised name.
  struct Entry {
    const std::string* name;
    const Member* member;
  };
  std::size_t count() const { return order_.size(); }
  Entry At(std::size_t place) const;
  // All members of this normalised name in their order; nullptr when there is none.
  const std::vector<Member>* Find(std::string_view name) const;

  // Regular members of one name, at least one. Whether they are equal is for the caller to see.
  struct Found {
    std::string name;
    const std::vector<Member>* members;
  };
  enum class Links {
    kHardOnly,  // a symbolic link is refused
    kAll,
  };
  // What `name` leads to. kBadInput, naming the member, when it is not there, is no file, or when
  // links lead out of the archive, to nothing or in a circle. Symbolic links are relative to their
  // folder, hard links to the archive; both may stand before what they lead to.
  Result<Found> Resolve(std::string_view name, Links links) const;

 private:
  using ByName = std::map<std::string, std::vector<Member>, std::less<>>;
  struct Place {
    ByName::const_iterator name;  // of a map, so it stays valid
    std::size_t index = 0;        // among the members of one name
  };

  ByName by_name_;
  std::vector<Place> order_;
  std::size_t names_bytes_ = 0;
};

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_MEMBERS_H_
