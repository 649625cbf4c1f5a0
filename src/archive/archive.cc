// SPDX-License-Identifier: Apache-2.0
// Opens an archive by what it contains: folder, compressed or plain, file or pipe. Tested by
// tests/archive/archive_test.cc.
#include "archive/archive.h"

#include <algorithm>
#include <array>
#include <utility>

#include "archive/docker.h"
#include "archive/folder.h"
#include "archive/indexed.h"
#include "archive/streamed.h"
#include "archive/tar_header.h"
#include "archive/tar_source.h"
#include "oci/layout_index.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using util::Quoted;
using util::StrCat;

constexpr std::string_view kSha512Folder = "blobs/sha512/";

// A folder must have the document with which reading it begins.
Status CheckFolder(FolderContents& contents, Archive::Format format, const std::string& what) {
  const auto has = [&contents](std::string_view name) {
    return contents.Look(name) == Contents::Presence::kThere;
  };
  const bool index = has(oci::kIndexFileName);
  const bool manifest = has(kDockerManifestName);
  switch (format) {
    case Archive::Format::kAny:
      if (index || manifest) return Ok();
      return Error(Code::kBadInput, StrCat(what, ": the folder has neither ", oci::kIndexFileName,
                                           " nor ", kDockerManifestName, ", so it holds no image"));
    case Archive::Format::kOci:
      if (index) return Ok();
      return Error(Code::kBadInput, StrCat(what, ": the folder has no ", oci::kIndexFileName,
                                           ", so it is no OCI image layout"));
    case Archive::Format::kDocker:
    case Archive::Format::kDir:
      break;
  }
  if (manifest) return Ok();
  return Error(Code::kBadInput, StrCat(what, ": the folder has no ", kDockerManifestName));
}

}  // namespace

crypto::HashAlgorithm BlobAlgorithm(std::string_view member) {
  return member.starts_with(kSha512Folder) ? crypto::HashAlgorithm::kSha512
                                           : crypto::HashAlgorithm::kSha256;
}

Result<std::unique_ptr<Archive>> Archive::Open(std::unique_ptr<util::File> file,
                                               const OpenOptions& options) {
  if (file->kind() == util::File::Kind::kDirectory) return OpenFolder(file->name(), options);
  const std::string what = Quoted(file->name());
  if (file->kind() == util::File::Kind::kRegular) {
    util::Bytes first(kTarBlockBytes);
    util::RangeReader beginning(*file, 0, std::min<std::uint64_t>(first.size(), file->size()));
    const std::size_t size = TRY(util::ReadFull(beginning, first));
    first.resize(size);
    if (CompressionOf(first) == codec::Compression::kNone) {
      TRY(CheckTar(first, what));
      std::unique_ptr<IndexedContents> contents = TRY(IndexedContents::Open(std::move(file), what));
      return std::unique_ptr<Archive>(
          std::make_unique<IndexedArchive>(std::move(contents), what, options.format));
    }
  }
  TarSource source(std::move(file), what, options.limit);
  std::unique_ptr<StreamedArchive> archive =
      TRY(StreamedArchive::Open(std::move(source), options.format));
  return std::unique_ptr<Archive>(std::move(archive));
}

Result<std::unique_ptr<Archive>> Archive::OpenFolder(const std::string& folder,
                                                     const OpenOptions& options) {
  const std::string what = Quoted(folder);
  std::unique_ptr<FolderContents> contents = TRY(FolderContents::Open(folder));
  TRY(CheckFolder(*contents, options.format, what));
  return std::unique_ptr<Archive>(
      std::make_unique<FolderArchive>(std::move(contents), what, options.format));
}

Result<MemberForm> LookAt(Archive& archive, const std::string& member) {
  const std::uint64_t size = TRY(archive.BlobSize(member));
  const std::unique_ptr<util::Reader> content = TRY(archive.OpenBlob(member));
  std::array<std::uint8_t, kTarBlockBytes> first{};
  const std::size_t got = TRY(util::ReadFull(*content, first));
  return MemberForm{.size = size, .compression = CompressionOf(ByteView(first).first(got))};
}

}  // namespace ociship::archive
