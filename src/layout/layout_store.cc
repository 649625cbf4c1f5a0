// SPDX-License-Identifier: Apache-2.0
// An OCI layout folder as a Store (OCI image-spec image-layout.md). Tested by
// tests/layout/layout_store_test.cc.

#include "layout/layout_store.h"

#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crypto/hash.h"
#include "layout/entries.h"
#include "layout/folder.h"
#include "layout/read_blob.h"
#include "oci/layout_index.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::layout {
namespace {

constexpr std::size_t kFallbackHexDigits = 64;

using util::StrCat;

// One blob on its way into a file that gets its name at the end.
class LayoutBlobWriter : public BlobWriter {
 public:
  explicit LayoutBlobWriter(NewFile file) : file_(std::move(file)) {}

  Result<std::uint64_t> Write(std::uint64_t offset, ByteView bytes) override {
    if (state_ != State::kOpen) return Error(Code::kFailure, "the blob has ended already");
    if (offset != size_) {
      return Error(Code::kFailure, StrCat("the blob goes on at ", size_, " and not at ", offset));
    }
    state_ = State::kEnded;  // an error is final
    TRY(file_.Append(bytes));
    hasher_.Update(bytes);
    size_ += bytes.size();
    state_ = State::kOpen;
    return size_;
  }

  Result<std::optional<std::uint64_t>> Commit(const Digest& digest, std::uint64_t size) override {
    if (state_ != State::kOpen) return Error(Code::kFailure, "the blob has ended already");
    state_ = State::kEnded;
    const Digest found = TRY(DigestAs(digest));
    if (size != size_ || found != digest) {
      return Error(Code::kBadInput, StrCat("blob ", digest.text(), ": what was written has ", size_,
                                           " bytes and the digest ", found.text()));
    }
    TRY(file_.BecomeBlob(digest));
    return std::optional<std::uint64_t>();
  }

 private:
  enum class State { kOpen, kEnded };

  // The digest of what was written, by the algorithm of `wanted`. SHA-256 was computed on the way;
  // another one needs a second look at the file.
  Result<Digest> DigestAs(const Digest& wanted) {
    Digest sha256 = hasher_.Finish();
    if (wanted.algorithm() == sha256.algorithm()) return sha256;
    const std::unique_ptr<util::File> file = TRY(file_.Reopen());
    return DigestOf(*file, wanted);
  }

  NewFile file_;
  crypto::Hasher hasher_;
  std::uint64_t size_ = 0;
  State state_ = State::kOpen;
};

class LayoutStore : public Store {
 public:
  LayoutStore(Repository repository, Mode mode)
      : repository_(std::move(repository)), folder_(repository_.path()), mode_(mode) {}

  const Repository& repository() const override { return repository_; }
  Result<Descriptor> Resolve(const Tag& tag) override;
  Result<Descriptor> Resolve(const Digest& digest) override;
  Result<Manifest> ReadManifest(const Digest& digest) override;
  Result<std::optional<std::uint64_t>> BlobSize(const Digest& digest) override;
  Status ReadBlob(const Descriptor& blob, ByteSink& sink) override;
  Result<std::unique_ptr<BlobWriter>> WriteBlob() override;
  Status WriteManifest(const Manifest& manifest) override;
  Status SetTag(const Manifest& manifest, const Tag& tag) override;
  Result<std::vector<std::string>> Tags() override;
  Result<std::vector<Descriptor>> Referrers(const Digest& subject) override;

 private:
  Result<oci::LayoutIndex> ReadIndexOrNone() const;
  Result<std::string> MediaTypeOf(const Digest& digest, std::string_view bytes) const;
  Result<std::vector<Descriptor>> Candidates(const Digest& subject);
  Status CreateOnce();

  const Repository repository_;
  const Folder folder_;
  std::mutex mutex_;  // guards mode_, which is kExisting once the layout is there
  Mode mode_;
};

Status LayoutStore::CreateOnce() {
  const std::lock_guard lock(mutex_);
  if (mode_ == Mode::kExisting) return Ok();
  TRY(folder_.Create());
  mode_ = Mode::kExisting;
  return Ok();
}

// A layout that is not there yet has nothing in it. One that lost its index.json is damaged.
Result<oci::LayoutIndex> LayoutStore::ReadIndexOrNone() const {
  auto index = folder_.ReadIndex();
  if (index.ok() || index.error().code() != Code::kNotFound) return index;
  const Status layout = folder_.Check();
  if (layout.ok()) return std::move(index).error().As(Code::kBadInput);
  if (layout.error().code() != Code::kNotFound) return layout.error();
  return oci::LayoutIndex();
}

Result<Descriptor> LayoutStore::Resolve(const Tag& tag) {
  const oci::LayoutIndex index = TRY(ReadIndexOrNone());
  const oci::LayoutEntry* entry = TRY(FindTag(index, tag));
  if (entry == nullptr) {
    return Error(Code::kNotFound, StrCat("tag ", util::Quoted(tag.text()), " is not in ",
                                         util::Quoted(folder_.path())));
  }
  auto manifest = ReadManifest(entry->descriptor.digest);
  if (!manifest.ok()) {
    // The tag is there: a blob that is not is damage, and no missing tag.
    Error error = std::move(manifest).error();
    const Code code = error.code() == Code::kNotFound ? Code::kBadInput : error.code();
    return std::move(error).As(code).While(StrCat("tag ", util::Quoted(tag.text())));
  }
  const Descriptor& found = manifest.value().descriptor;
  if (found.size != entry->descriptor.size) {
    return Error(Code::kBadInput,
                 StrCat("tag ", util::Quoted(tag.text()), ": the manifest has ", found.size,
                        " bytes, index.json says ", entry->descriptor.size));
  }
  return found;
}

Result<Descriptor> LayoutStore::Resolve(const Digest& digest) {
  Manifest manifest = TRY(ReadManifest(digest));
  return std::move(manifest.descriptor);
}

Result<Manifest> LayoutStore::ReadManifest(const Digest& digest) {
  const std::unique_ptr<util::File> file = TRY(folder_.OpenBlob(digest));
  std::string bytes = TRY(ReadManifestBytes(*file, digest));
  std::string media_type = TRY(MediaTypeOf(digest, bytes));
  Descriptor descriptor{
      .media_type = std::move(media_type), .digest = digest, .size = bytes.size()};
  return Manifest{.descriptor = std::move(descriptor), .bytes = std::move(bytes)};
}

// What the document says, or else index.json, or else what it looks like.
Result<std::string> LayoutStore::MediaTypeOf(const Digest& digest, std::string_view bytes) const {
  const DocumentType type = ReadDocumentType(bytes);
  if (type.kind == oci::ManifestKind::kOther) {
    return Error(Code::kNotFound, StrCat("blob ", digest.text(), " is no manifest"));
  }
  if (!type.media_type.empty()) return type.media_type;
  const oci::LayoutIndex index = TRY(ReadIndexOrNone());
  const oci::LayoutEntry* entry = FindDigest(index, digest);
  if (entry != nullptr && oci::KindOf(entry->descriptor.media_type) == type.kind) {
    return entry->descriptor.media_type;
  }
  return std::string(type.kind == oci::ManifestKind::kIndex ? oci::kOciIndex : oci::kOciManifest);
}

Result<std::optional<std::uint64_t>> LayoutStore::BlobSize(const Digest& digest) {
  const auto file = folder_.OpenBlob(digest);
  if (file.ok()) return std::optional<std::uint64_t>(file.value()->size());
  if (file.error().code() == Code::kNotFound) return std::optional<std::uint64_t>();
  return file.error();
}

Status LayoutStore::ReadBlob(const Descriptor& blob, ByteSink& sink) {
  const std::unique_ptr<util::File> file = TRY(folder_.OpenBlob(blob.digest));
  return CopyBlob(*file, blob, sink);
}

Result<std::unique_ptr<BlobWriter>> LayoutStore::WriteBlob() {
  TRY(CreateOnce());
  NewFile file = TRY(NewFile::Make(folder_));
  return std::unique_ptr<BlobWriter>(std::make_unique<LayoutBlobWriter>(std::move(file)));
}

// The bytes must be what the descriptor says, and something that ReadManifest will give again.
Status CheckManifest(const Manifest& manifest) {
  const Descriptor& descriptor = manifest.descriptor;
  if (manifest.bytes.size() > kMaxManifestBytes) {
    return Error(Code::kBadInput,
                 StrCat("it has ", manifest.bytes.size(), " bytes, more than ", kMaxManifestBytes));
  }
  if (descriptor.size != manifest.bytes.size() ||
      crypto::DigestLike(descriptor.digest, util::AsBytes(manifest.bytes)) != descriptor.digest) {
    return Error(Code::kBadInput, "its bytes have another size or digest");
  }
  if (ReadDocumentType(manifest.bytes).kind == oci::ManifestKind::kOther) {
    return Error(Code::kBadInput, "it is neither an image manifest nor an index");
  }
  return Ok();
}

Status LayoutStore::WriteManifest(const Manifest& manifest) {
  const Descriptor& descriptor = manifest.descriptor;
  if (auto status = CheckManifest(manifest); !status.ok()) {
    return std::move(status).error().While(StrCat("manifest ", descriptor.digest.text()));
  }
  TRY(CreateOnce());
  if (const auto there = ReadManifest(descriptor.digest); !there.ok()) {
    const std::unique_ptr<BlobWriter> writer = TRY(WriteBlob());
    TRY(writer->Write(0, util::AsBytes(manifest.bytes)));
    TRY(writer->Commit(descriptor.digest, descriptor.size));
  }
  return folder_.ChangeIndex([&](oci::LayoutIndex& index) { return AddManifest(index, manifest); });
}

Status LayoutStore::SetTag(const Manifest& manifest, const Tag& tag) {
  const Manifest stored = TRY(ReadManifest(manifest.descriptor.digest));
  TRY(CreateOnce());
  return folder_.ChangeIndex(
      [&](oci::LayoutIndex& index) { return layout::SetTag(index, stored, tag); });
}

Result<std::vector<std::string>> LayoutStore::Tags() {
  const oci::LayoutIndex index = TRY(ReadIndexOrNone());
  return TagNames(index);
}

// Every manifest that might refer to `subject`: all entries, and what a fallback index names, which
// some tools write into layouts as well (distribution-spec, "Referrers Tag Schema").
Result<std::vector<Descriptor>> LayoutStore::Candidates(const Digest& subject) {
  const oci::LayoutIndex index = TRY(ReadIndexOrNone());
  std::vector<Descriptor> candidates;
  for (const oci::LayoutEntry& entry : index.entries) candidates.push_back(entry.descriptor);

  const Tag fallback = TRY(
      Tag::Parse(StrCat(subject.algorithm(), "-", subject.hex().substr(0, kFallbackHexDigits))));
  const oci::LayoutEntry* entry = TRY(FindTag(index, fallback));
  if (entry == nullptr) return candidates;
  const Manifest manifest = TRY(ReadManifest(entry->descriptor.digest));
  if (oci::KindOf(manifest.descriptor.media_type) != oci::ManifestKind::kIndex) return candidates;
  const oci::ImageIndex named = TRY(oci::ParseImageIndex(manifest.bytes));
  candidates.insert(candidates.end(), named.manifests.begin(), named.manifests.end());
  return candidates;
}

Result<std::vector<Descriptor>> LayoutStore::Referrers(const Digest& subject) {
  const std::vector<Descriptor> candidates = TRY(Candidates(subject));
  std::vector<Descriptor> referrers;
  std::set<Digest> seen;
  for (const Descriptor& candidate : candidates) {
    if (!seen.insert(candidate.digest).second) continue;
    const auto manifest = ReadManifest(candidate.digest);
    if (!manifest.ok()) {
      // It may be a referrer of this subject. The caller learns that it cannot be read when it
      // tries to, so that what could not be found out does not pass for what is absent.
      const bool attached = !candidate.artifact_type.empty() && oci::RefName(candidate).empty();
      if (attached) referrers.push_back(candidate);
      continue;
    }
    const auto claimed = oci::ParseSubject(manifest.value());
    if (!claimed.ok() || !claimed.value() || claimed.value()->digest != subject) continue;
    Descriptor entry = TRY(oci::ReferrerEntry(manifest.value()));
    referrers.push_back(std::move(entry));
  }
  return referrers;
}

}  // namespace

Result<std::unique_ptr<Store>> OpenLayoutStore(const Repository& repository, Mode mode) {
  if (repository.kind() != Repository::Kind::kLayout) {
    return Error(Code::kUsage, StrCat(util::Quoted(repository.text()), " is no layout folder"));
  }
  const Folder folder(repository.path());
  if (auto status = folder.Check(); !status.ok()) {
    if (status.error().code() != Code::kNotFound) return std::move(status).error();
    if (mode == Mode::kExisting) {
      return Error(Code::kNotFound, StrCat(util::Quoted(repository.path()),
                                           " is no OCI layout: it has no ", oci::kLayoutFileName));
    }
  }
  return std::unique_ptr<Store>(std::make_unique<LayoutStore>(repository, mode));
}

}  // namespace ociship::layout
