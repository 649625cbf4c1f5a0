// SPDX-License-Identifier: Apache-2.0
// The documents of OCI: what is read and written again reads as the same. Run by scripts/fuzz.
#include <optional>
#include <string>

#include "fuzz.h"
#include "oci/layout_index.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/platform.h"
#include "oci/rewrite_manifest.h"

namespace ociship::fuzz {
namespace {

using oci::ImageIndex;
using oci::ImageManifest;
using oci::LayoutIndex;

// A document without a media type is written with one.
bool SameType(const std::string& before, const std::string& after) {
  return before == after || before.empty();
}

bool Same(const ImageManifest& a, const ImageManifest& b) {
  return SameType(a.media_type, b.media_type) && a.artifact_type == b.artifact_type &&
         a.config == b.config && a.layers == b.layers && a.subject == b.subject &&
         a.annotations == b.annotations;
}

bool Same(const ImageIndex& a, const ImageIndex& b) {
  return SameType(a.media_type, b.media_type) && a.artifact_type == b.artifact_type &&
         a.manifests == b.manifests && a.subject == b.subject && a.annotations == b.annotations;
}

bool Same(const LayoutIndex& a, const LayoutIndex& b) {
  if (a.entries.size() != b.entries.size()) return false;
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    if (a.entries[i].raw != b.entries[i].raw) return false;
    if (a.entries[i].descriptor != b.entries[i].descriptor) return false;
  }
  return a.others.empty() || a.others == b.others;
}

// The document, if it is one.
template <typename T>
std::optional<T> RoundTrip(std::string_view text, Result<T> (*parse)(std::string_view),
                           std::string (*format)(const T&)) {
  Result<T> document = parse(text);
  RequireBadInput(document);
  if (!document.ok()) {
    RequirePrintable(document.error().message());
    return std::nullopt;
  }
  const std::string written = format(document.value());
  const Result<T> again = parse(written);
  Require(again.ok() && Same(document.value(), again.value()));
  Require(format(again.value()) == written);
  return std::move(document).value();
}

// What is made of a manifest is one again.
void CheckRewriting(const Manifest& manifest) {
  for (const ManifestFormat format : {ManifestFormat::kOci, ManifestFormat::kDocker}) {
    const auto converted = oci::ConvertImage(manifest, format);
    if (!converted.ok()) {
      RequirePrintable(converted.error().message());
      continue;
    }
    Require(oci::ParseImageManifest(converted.value().bytes).ok());
    const auto twice = oci::ConvertImage(converted.value(), format);
    Require(twice.ok() && twice.value().bytes == converted.value().bytes);
  }
}

void CheckAnnotating(const Manifest& manifest) {
  const auto annotated = oci::WithAnnotations(manifest, {{"a", "\x01<"}});
  if (!annotated.ok()) {
    RequirePrintable(annotated.error().message());
    return;
  }
  const auto entry = oci::ReferrerEntry(annotated.value());
  Require(entry.ok());
  const auto found = entry.value().annotations.find("a");
  Require(found != entry.value().annotations.end() && found->second == "\x01<");
}

void CheckManifest(std::string_view text, std::string_view media_type) {
  const Manifest manifest = oci::NewManifest(std::string(text), media_type);
  const auto subject = oci::ParseSubject(manifest);
  RequireBadInput(subject);
  const auto entry = oci::ReferrerEntry(manifest);
  RequireBadInput(entry);
  if (entry.ok()) Require(subject.ok());
  if (oci::KindOf(media_type) == oci::ManifestKind::kImage) CheckRewriting(manifest);
  CheckAnnotating(manifest);
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship;
  using namespace ociship::fuzz;
  const std::string_view text = TextOf(data, size);
  const auto image = RoundTrip(text, oci::ParseImageManifest, oci::FormatImageManifest);
  const auto index = RoundTrip(text, oci::ParseImageIndex, oci::FormatImageIndex);
  // A document that is both means one thing here and another one there.
  Require(!image || !index);
  for (const std::string_view media_type : {oci::kOciManifest, oci::kOciIndex}) {
    CheckManifest(text, media_type);
  }
  if (image && !image->media_type.empty()) CheckManifest(text, image->media_type);
  if (index && !index->media_type.empty()) CheckManifest(text, index->media_type);
  RoundTrip(text, oci::ParseLayoutIndex, oci::FormatLayoutIndex);
  const auto config = oci::ParseImageConfig(text);
  RequireBadInput(config);
  if (config.ok()) {
    const Platform once = oci::NormalisePlatform(config.value().platform);
    Require(oci::NormalisePlatform(once) == once);
  }
  RequireBadInput(oci::CheckLayoutFile(text));
  return 0;
}
