// SPDX-License-Identifier: Apache-2.0
// Opens an archive by what it contains: folder, compressed or plain, file or pipe. Tested by
// tests/archive/archive_test.cc.
#include "archive/archive.h"

#include <algorithm>
#include <span>
#include <utility>

#include "archive/folder.h"
#include "archive/indexed.h"
#include "archive/peek_reader.h"
#include "archive/streamed.h"
#include "archive/tar_header.h"
#include "codec/compression.h"
#include "oci/layout_index.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using util::Quoted;
using util::StrCat;

// "docker save | gzip" and one more around it.
constexpr int kMaxCompressions = 2;

// A regular file from its beginning, or a pipe from where it is.
class SourceReader : public util::Reader {
 public:
  explicit SourceReader(std::unique_ptr<util::File> file)
      : file_(std::move(file)), range_(*file_, 0, file_->size()) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
    return file_->kind() == util::File::Kind::kRegular ? range_.Read(buffer) : file_->Read(buffer);
  }

 private:
  std::unique_ptr<util::File> file_;
  util::RangeReader range_;
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

bool IsText(ByteView first) {
  return std::ranges::all_of(first, [](std::uint8_t byte) {
    return (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\r' || byte == '\t';
  });
}

// Content that is not compressed must be a tar.
Status CheckTar(ByteView first, const std::string& what) {
  if (LooksLikeTar(first)) return Ok();
  std::string_view reason = "it is neither a tar nor compressed with gzip or zstd";
  if (first.empty()) {
    reason = "it is empty";
  } else if (IsZip(first)) {
    reason = "it is a zip file: unpack it and give the archive inside";
  } else if (IsText(first)) {
    reason = "it is a text file and no archive";
  } else if (first.size() < kTarBlockBytes) {
    reason = "it is too short for a tar: it is cut off or something else";
  }
  return Error(Code::kBadInput, StrCat(what, ": ", reason));
}

Result<std::unique_ptr<Archive>> OpenStream(std::unique_ptr<util::File> file,
                                            const std::string& what, Archive::Format format) {
  auto reader = std::make_unique<OwningPeekReader>(std::make_unique<SourceReader>(std::move(file)));
  for (int level = 0;; ++level) {
    const ByteView first = TRY(reader->Peek(kTarBlockBytes));
    const codec::Compression compression = codec::SniffCompression(first);
    if (compression == codec::Compression::kNone) {
      TRY(CheckTar(first, what));
      return std::unique_ptr<Archive>(
          std::make_unique<StreamedArchive>(std::move(reader), what, format));
    }
    if (level == kMaxCompressions) {
      return Error(Code::kBadInput,
                   StrCat(what, ": it is compressed more than ", kMaxCompressions, " times"));
    }
    std::unique_ptr<util::Reader> content = TRY(
        codec::Decompress(compression, std::move(reader), codec::Trailing::kAllowPadding, what));
    reader = std::make_unique<OwningPeekReader>(std::move(content));
  }
}

}  // namespace

Result<std::unique_ptr<Archive>> Archive::Open(std::unique_ptr<util::File> file, Format format) {
  if (file->kind() == util::File::Kind::kDirectory) return OpenFolder(file->name(), format);
  const std::string what = Quoted(file->name());
  if (file->kind() == util::File::Kind::kRegular) {
    util::Bytes first(kTarBlockBytes);
    util::RangeReader beginning(*file, 0, std::min<std::uint64_t>(first.size(), file->size()));
    const std::size_t size = TRY(util::ReadFull(beginning, first));
    first.resize(size);
    if (codec::SniffCompression(first) == codec::Compression::kNone) {
      TRY(CheckTar(first, what));
      std::unique_ptr<IndexedContents> contents = TRY(IndexedContents::Open(std::move(file), what));
      return std::unique_ptr<Archive>(
          std::make_unique<IndexedArchive>(std::move(contents), what, format));
    }
  }
  return OpenStream(std::move(file), what, format);
}

Result<std::unique_ptr<Archive>> Archive::OpenFolder(const std::string& folder, Format format) {
  const std::string what = Quoted(folder);
  if (format == Format::kDocker) {
    return Error(Code::kBadInput, StrCat(what, ": it is a folder and no docker archive"));
  }
  std::unique_ptr<FolderContents> contents = TRY(FolderContents::Open(folder));
  if (contents->Look(oci::kIndexFileName) == Contents::Presence::kAbsent) {
    return Error(Code::kBadInput, StrCat(what, ": the folder has no ", oci::kIndexFileName,
                                         ", and only OCI image layouts are read from folders"));
  }
  return std::unique_ptr<Archive>(std::make_unique<FolderArchive>(std::move(contents), what));
}

}  // namespace ociship::archive
