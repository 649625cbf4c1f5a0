// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_TAR_H_
#define OCISHIP_ARCHIVE_TAR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "archive/tar_extensions.h"
#include "archive/tar_input.h"
#include "ociship/core.h"
#include "util/io.h"

namespace ociship::archive {

enum class MemberType { kRegular, kSymlink, kHardLink, kFolder, kOther };

// The longest name or link target that is taken (PATH_MAX of Linux).
inline constexpr std::size_t kMaxMemberNameBytes = 4096;
// All sparse members of an archive together: their holes cost nothing to store and everything to
// read.
inline constexpr std::uint64_t kMaxSparseBytes = std::uint64_t{8} << 30;

// What may stand behind the end of an archive: padding, or another archive that nobody reads.
inline constexpr std::uint64_t kMaxTrailingBytes = std::uint64_t{1} << 30;

// What a tar says about one member.
struct TarMember {
  std::string name;  // bytes as the archive has them, or as pax converted them: UTF-8
  MemberType type = MemberType::kOther;
  std::string target = {};  // of a link
  std::uint64_t size = 0;   // bytes of content, holes included; 0 unless kRegular
  Storage storage = Storage::kPlain;
  std::uint64_t header_offset = 0;  // where its header, with extensions, begins
  std::uint64_t data_offset = 0;    // where its content begins
};

// The members of a tar without compression, one after the other, in the dialects of v7, ustar, pax
// and GNU. Every error is kBadInput unless the input itself failed, and names archive and member.
// Used by one thread at a time.
class TarReader : public util::Reader {
 public:
  // `what` is how messages call the archive. With an input that begins in the middle of a file,
  // `base` is where.
  TarReader(std::unique_ptr<TarInput> input, std::string what, std::uint64_t base = 0);
  ~TarReader() override;

  // The next member; nullopt at the end. What was not read of the last one is passed over.
  Result<std::optional<TarMember>> Next();

  // The content of a regular member, exactly TarMember::size bytes.
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override;

  // After the end: whether the archive has the zero block that belongs there.
  enum class End { kMarked, kMissing };
  End end() const;

  // After the end: reads what stands behind it, so that a stream is seen to its own end.
  Status ReadTrailing();

 private:
  struct State;
  Result<TarHeaderFacts> ReadFacts();
  Result<TarMember> Describe();
  Error Bad(std::string_view reason) const;
  Error BadHeader(std::string_view reason) const;

  std::unique_ptr<State> state_;
};

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_TAR_H_
