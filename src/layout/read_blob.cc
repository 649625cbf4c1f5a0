// SPDX-License-Identifier: Apache-2.0
// Reading what a digest names (OCI image-spec descriptor.md, "Verification"). Tested by
// tests/layout/layout_store_test.cc.

#include "layout/read_blob.h"

#include <algorithm>
#include <optional>

#include "crypto/hash.h"
#include "util/bytes.h"
#include "util/io.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::layout {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;

using util::StrCat;

// Feeds at most `limit` bytes of the file to the hasher and to `sink`, if there is one; gives their
// digest. kBadInput when the file ends before.
Result<Digest> Feed(util::File& file, std::uint64_t limit, crypto::Hasher hasher, ByteSink* sink) {
  util::Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, limit)));
  std::uint64_t at = 0;
  while (at < limit) {
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), limit - at));
    const std::size_t got = TRY(file.ReadAt(at, std::span(buffer).first(wanted)));
    if (got == 0) {
      return Error(Code::kBadInput, StrCat(util::Quoted(file.name()), " became shorter"));
    }
    const ByteView bytes = ByteView(buffer).first(got);
    hasher.Update(bytes);
    if (sink != nullptr) TRY(sink->Write(bytes));
    at += got;
  }
  return hasher.Finish();
}

Error OtherDigest(const util::File& file) {
  return Error(Code::kBadInput,
               StrCat(util::Quoted(file.name()), " is damaged: its content has another digest"));
}

}  // namespace

Status CopyBlob(util::File& file, const Descriptor& blob, ByteSink& sink) {
  if (file.size() != blob.size) {
    return Error(Code::kBadInput, StrCat(util::Quoted(file.name()), " has ", file.size(),
                                         " bytes, its descriptor says ", blob.size));
  }
  const Digest found = TRY(Feed(file, blob.size, crypto::Hasher::For(blob.digest), &sink));
  if (found != blob.digest) return OtherDigest(file);
  return Ok();
}

Result<std::string> ReadManifestBytes(util::File& file, const Digest& digest) {
  if (file.size() > kMaxManifestBytes) {
    return Error(Code::kBadInput, StrCat(util::Quoted(file.name()), " has ", file.size(),
                                         " bytes, more than a manifest may have"));
  }
  util::StringSink sink(kMaxManifestBytes);
  const Digest found = TRY(Feed(file, file.size(), crypto::Hasher::For(digest), &sink));
  if (found != digest) return OtherDigest(file);
  return std::move(sink.text());
}

Result<Digest> DigestOf(util::File& file, const Digest& like) {
  return Feed(file, file.size(), crypto::Hasher::For(like), nullptr);
}

DocumentType ReadDocumentType(std::string_view bytes) {
  const auto json = util::Json::Parse(bytes, {.bytes = kMaxManifestBytes});
  if (!json.ok()) return {};
  const auto text = json.value().OptionalString("mediaType");
  if (!text.ok()) return {};
  std::string media_type = text.value().value_or("");
  if (!media_type.empty()) {
    const oci::ManifestKind kind = oci::KindOf(media_type);
    return {.kind = kind, .media_type = std::move(media_type)};
  }
  if (json.value().FindNonNull("manifests") != nullptr) return {oci::ManifestKind::kIndex, ""};
  if (json.value().FindNonNull("config") != nullptr && json.value().Find("layers") != nullptr) {
    return {oci::ManifestKind::kImage, ""};
  }
  return {};
}

}  // namespace ociship::layout
