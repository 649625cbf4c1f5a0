// SPDX-License-Identifier: Apache-2.0
// Archives that are read from front to back. Tested by tests/archive/streamed_test.cc.
#include "archive/streamed.h"

#include <algorithm>
#include <utility>

#include "archive/images.h"
#include "archive/tar.h"
#include "archive/tar_header.h"
#include "codec/compression.h"
#include "crypto/hash.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using util::AsBytes;
using util::AsText;
using util::Quoted;
using util::StrCat;

// Some editors and Windows tools put it before JSON; it is read as if it was not there.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// What a file can be, as far as its beginning and its size tell.
enum class Guess {
  kDocument,  // JSON
  kScrap,     // too small for a layer: the VERSION files of docker
  kBlob,
};

Guess GuessFile(ByteView first, std::uint64_t size) {
  if (size > kMaxKeptBytes) return Guess::kBlob;
  std::string_view text = AsText(first);
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  // Blanks alone may have a document behind them; no tar begins with one.
  if (start == std::string_view::npos || text[start] == '{' || text[start] == '[') {
    return Guess::kDocument;
  }
  const bool plain = CompressionOf(first) == codec::Compression::kNone;
  return plain && size < kTarBlockBytes ? Guess::kScrap : Guess::kBlob;
}

// Makes sure that whoever takes a member takes all of it.
class CountingReader : public util::Reader {
 public:
  explicit CountingReader(util::Reader& source) : source_(source) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
    auto got = source_.Read(buffer);
    if (got.ok()) count_ += got.value();
    return got;
  }
  std::uint64_t count() const { return count_; }

 private:
  util::Reader& source_;
  std::uint64_t count_ = 0;
};

Result<Digest> Give(BlobIntake& intake, const TarMember& tar_member, util::Reader& content) {
  CountingReader counted(content);
  Digest digest = TRY(intake.Take(NormaliseName(tar_member.name), tar_member.size, counted));
  if (counted.count() != tar_member.size) {
    return Error(Code::kFailure,
                 StrCat("member ", Quoted(tar_member.name), ": it was not read to its end"));
  }
  return digest;
}

bool IsSameMember(const Member& known, std::string_view known_name, const TarMember& again) {
  return known_name == NormaliseName(again.name) && known.type == again.type &&
         known.target == again.target && known.size == again.size;
}

}  // namespace

Status StreamedContents::Drain(TarReader& tar, BlobIntake& intake) {
  while (true) {
    const std::optional<TarMember> next = TRY(tar.Next());
    if (!next) break;
    Member member;
    if (next->type == MemberType::kRegular) {
      PeekReader content(tar);
      TRY(TakeFile(*next, content, intake, member));
    }
    auto added = Add(*next, std::move(member));
    if (!added.ok()) return std::move(added).error().While(what_);
  }
  set_ending(tar.end() == TarReader::End::kMarked ? Ending::kComplete : Ending::kMissing);
  // A checksum of the compression around the tar stands behind its last block, and whoever writes
  // into a pipe wants to be read.
  return tar.ReadTrailing();
}

Error StreamedContents::Changed(std::string_view name) const {
  return Error(Code::kBadInput, StrCat(what_, ": member ", Quoted(name),
                                       ": it is not what it was when the archive was read first"));
}

Status StreamedContents::DrainAgain(TarReader& tar, BlobIntake& intake) const {
  std::size_t place = 0;
  for (; true; ++place) {
    const std::optional<TarMember> next = TRY(tar.Next());
    if (!next) break;
    if (place == members().count()) return Changed(next->name);
    const Members::Entry known = members().At(place);
    const Member& member = *known.member;
    if (!IsSameMember(member, *known.name, *next)) return Changed(next->name);
    if (member.type != MemberType::kRegular) continue;
    if (member.kept) {
      const std::string text = TRY(util::ReadAll(tar, kMaxKeptBytes, Quoted(next->name)));
      if (text != *member.kept) return Changed(next->name);
      continue;
    }
    const Digest digest = TRY(Give(intake, *next, tar));
    if (digest != member.digest) return Changed(next->name);
  }
  if (place < members().count()) return Changed(*members().At(place).name);
  return tar.ReadTrailing();
}

Status StreamedContents::TakeFile(const TarMember& tar_member, PeekReader& content,
                                  BlobIntake& intake, Member& member) {
  if (tar_member.size == 0) return Keep(tar_member, std::string(), member);
  const ByteView first = TRY(content.Peek(kTarBlockBytes));
  const Guess guess = GuessFile(first, tar_member.size);
  const bool room = tar_member.size <= kMaxKeptTotalBytes - kept_total_;
  if (guess == Guess::kBlob || !room) {
    member.digest = TRY(Give(intake, tar_member, content));
    return Ok();
  }
  std::string text = TRY(util::ReadAll(content, kMaxKeptBytes, Quoted(tar_member.name)));
  // A tar whose first name begins like JSON. JSON has no NUL, a tar has many.
  if (guess == Guess::kDocument && text.find('\0') != std::string::npos) {
    util::MemoryReader again(AsBytes(text));
    member.digest = TRY(Give(intake, tar_member, again));
    return Ok();
  }
  return Keep(tar_member, std::move(text), member);
}

Status StreamedContents::Keep(const TarMember& tar_member, std::string text, Member& member) {
  kept_total_ += text.size();
  crypto::Hasher hasher(BlobAlgorithm(NormaliseName(tar_member.name)));
  hasher.Update(AsBytes(text));
  member.digest = hasher.Finish();
  member.kept = std::move(text);
  return Ok();
}

Result<std::string> StreamedContents::Read(const std::string& name, const Member& member) {
  if (member.kept) return *member.kept;
  return Error(
      Code::kBadInput,
      StrCat("member ", Quoted(name),
             ": it is needed, and of a stream only JSON documents "
             "of at most ",
             util::HumanBytes(kMaxKeptBytes), " each and ", util::HumanBytes(kMaxKeptTotalBytes),
             " together are kept: give the archive as a file without compression"));
}

Result<TarContents::Comparison> StreamedContents::Compare(const std::string&, const Member& a,
                                                          const Member& b) {
  const bool equal = a.digest && b.digest && *a.digest == *b.digest;
  return equal ? Comparison::kEqual : Comparison::kDifferent;
}

Result<std::unique_ptr<StreamedArchive>> StreamedArchive::Open(TarSource source, Format format) {
  std::unique_ptr<StreamedArchive> archive(new StreamedArchive(std::move(source), format));
  archive->tar_ = TRY(archive->source_.Open());
  return archive;
}

Status StreamedArchive::Drain(BlobIntake& intake) {
  if (progress_ == Progress::kDrained && repeatable() == Repeatable::kYes) {
    return DrainAgain(intake);
  }
  if (progress_ != Progress::kWaiting) {
    return Error(Code::kFailure, StrCat(source_.what(), ": it was drained already"));
  }
  progress_ = Progress::kFailed;
  {
    TarReader tar(std::make_unique<StreamTarInput>(std::move(tar_)), source_.what());
    TRY(contents_.Drain(tar, intake));
  }
  progress_ = Progress::kDrained;
  return Ok();
}

Status StreamedArchive::DrainAgain(BlobIntake& intake) {
  std::unique_ptr<util::Reader> again = TRY(source_.Open());
  TarReader tar(std::make_unique<StreamTarInput>(std::move(again)), source_.what());
  return contents_.DrainAgain(tar, intake);
}

Result<std::vector<Image>> StreamedArchive::Images() {
  if (progress_ != Progress::kDrained) {
    return Error(Code::kFailure, StrCat(source_.what(), ": it is read from front to back first"));
  }
  auto images = ReadImages(contents_, format_);
  if (!images.ok()) return std::move(images).error().While(source_.what());
  return images;
}

Result<std::unique_ptr<util::Reader>> StreamedArchive::OpenBlob(const std::string& member) {
  return Error(Code::kFailure,
               StrCat(source_.what(), ": member ", Quoted(member), " went by already"));
}

Result<std::uint64_t> StreamedArchive::BlobSize(const std::string& member) {
  return Error(Code::kFailure,
               StrCat(source_.what(), ": member ", Quoted(member), " went by already"));
}

}  // namespace ociship::archive
