// SPDX-License-Identifier: Apache-2.0
// Finds the tar in a file or pipe: by its content, inside any compression. Tested by
// tests/archive/archive_test.cc.
#include "archive/tar_source.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "archive/peek_reader.h"
#include "archive/tar_header.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using util::StrCat;

// "docker save | gzip" and one more around it.
constexpr int kMaxCompressions = 2;

// A regular file from its beginning, or a pipe from where it is.
class FileStream : public util::Reader {
 public:
  explicit FileStream(util::File& file) : file_(file), range_(file, 0, file.size()) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
    const bool regular = file_.kind() == util::File::Kind::kRegular;
    const std::size_t got = TRY(regular ? range_.Read(buffer) : file_.Read(buffer));
    count_ += got;
    return got;
  }
  // How many bytes were read.
  const std::uint64_t& count() const { return count_; }

 private:
  util::File& file_;
  util::RangeReader range_;
  std::uint64_t count_ = 0;
};

// A PeekReader with its source.
class OwningPeekReader : public util::Reader {
 public:
  explicit OwningPeekReader(std::unique_ptr<util::Reader> source)
      : source_(std::move(source)), peek_(*source_) {}
  Result<ByteView> Peek(std::size_t count) { return peek_.Peek(count); }
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override { return peek_.Read(buffer); }

 private:
  std::unique_ptr<util::Reader> source_;
  PeekReader peek_;
};

bool IsZip(ByteView first) {
  return first.size() >= 4 && first[0] == 'P' && first[1] == 'K' && first[2] == 3 && first[3] == 4;
}

bool IsLz4(ByteView first) {
  return first.size() >= 4 && first[0] == 0x04 && first[1] == 0x22 && first[2] == 0x4d &&
         first[3] == 0x18;
}

bool IsText(ByteView first) {
  return std::ranges::all_of(first, [](std::uint8_t byte) {
    return (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\r' || byte == '\t';
  });
}

}  // namespace

Status CheckTar(ByteView first, const std::string& what) {
  if (LooksLikeTar(first)) return Ok();
  std::string_view reason = "it is neither a tar nor compressed with gzip, zstd, xz or bzip2";
  if (first.empty()) {
    reason = "it is empty";
  } else if (IsZip(first)) {
    reason = "it is a zip file: unpack it and give the archive inside";
  } else if (IsLz4(first)) {
    reason = "it is compressed with lz4, which is not read: unpack it first";
  } else if (IsText(first)) {
    reason = "it is a text file and no archive";
  } else if (first.size() < kTarBlockBytes) {
    reason = "it is too short for a tar: it is cut off or something else";
  }
  return Error(Code::kBadInput, StrCat(what, ": ", reason));
}

Result<std::unique_ptr<util::Reader>> TarSource::Open() {
  auto file = std::make_unique<FileStream>(*file_);
  codec::ExpansionLimit limit = limit_;
  limit.outermost = &file->count();
  auto reader = std::make_unique<OwningPeekReader>(std::move(file));
  for (int level = 0;; ++level) {
    const ByteView first = TRY(reader->Peek(kTarBlockBytes));
    const codec::Compression compression = CompressionOf(first);
    if (compression == codec::Compression::kNone) {
      TRY(CheckTar(first, what_));
      return std::unique_ptr<util::Reader>(std::move(reader));
    }
    if (level == kMaxCompressions) {
      return Error(Code::kBadInput,
                   StrCat(what_, ": it is compressed more than ", kMaxCompressions, " times"));
    }
    std::unique_ptr<util::Reader> content = TRY(codec::Decompress(
        compression, std::move(reader), codec::Trailing::kAllowPadding, what_, limit));
    reader = std::make_unique<OwningPeekReader>(std::move(content));
  }
}

Archive::Repeatable TarSource::repeatable() const {
  const bool regular = file_->kind() == util::File::Kind::kRegular;
  return regular ? Archive::Repeatable::kYes : Archive::Repeatable::kNo;
}

}  // namespace ociship::archive
