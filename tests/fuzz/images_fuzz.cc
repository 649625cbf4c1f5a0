// SPDX-License-Identifier: Apache-2.0
// The JSON documents of docker, OCI and dir: archives, over contents that have nothing else. Run by
// scripts/fuzz.
//
// An input is a list of documents with a NUL between them: index.json, manifest.json, oci-layout,
// version, and blobs. In a document "%a" stands for the SHA-256 of the first blob and "#a" for its
// size, "%b" for those of the second and so on, as long as that blob stands behind it: so that a
// document that was changed is still found under its digest.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "archive/contents.h"
#include "archive/images.h"
#include "check_images.h"
#include "crypto/hash.h"
#include "fuzz.h"
#include "util/text.h"

namespace ociship::fuzz {
namespace {

using archive::Archive;
using util::StrCat;

constexpr std::size_t kNamedDocuments = 4;
constexpr std::size_t kMaxDocuments = kNamedDocuments + 26;

class MapContents : public archive::Contents {
 public:
  void Add(std::string name, const std::string& content) {
    documents_.insert_or_assign(std::move(name), content);
  }

  bool empty() const override { return documents_.empty(); }
  Presence Look(std::string_view name) override {
    return documents_.contains(name) ? Presence::kThere : Presence::kAbsent;
  }
  Result<std::string> ReadDocument(const std::string& name, std::size_t limit) override {
    const auto found = documents_.find(name);
    if (found == documents_.end()) return Error(Code::kBadInput, "it is not there");
    if (found->second.size() > limit) return Error(Code::kBadInput, "it is too large");
    return found->second;
  }
  Result<Blob> Locate(const std::string& name) override {
    const auto found = documents_.find(name);
    if (found == documents_.end()) return Error(Code::kBadInput, "it is not there");
    Blob blob{.member = name, .size = found->second.size()};
    if (found->second.empty()) blob.kept = std::string();
    return blob;
  }
  Ending ending() const override { return Ending::kComplete; }

 private:
  std::map<std::string, std::string, std::less<>> documents_;
};

struct Blob {
  std::string hex;
  std::string size;
};

// `text` with "%a" and "#a" replaced, where the blob is known.
std::string Filled(std::string_view text, const std::vector<std::optional<Blob>>& blobs) {
  std::string filled;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t next =
        i + 1 < text.size() ? static_cast<std::size_t>(text[i + 1] - 'a') : blobs.size();
    if ((text[i] != '%' && text[i] != '#') || next >= blobs.size() || !blobs[next]) {
      filled.push_back(text[i]);
      continue;
    }
    filled += text[i] == '%' ? blobs[next]->hex : blobs[next]->size;
    ++i;
  }
  return filled;
}

MapContents ContentsOf(std::string_view input) {
  std::vector<std::string_view> parts;
  while (!input.empty() && parts.size() < kMaxDocuments) parts.push_back(TakePart(input, '\0'));
  parts.resize(std::max(parts.size(), kNamedDocuments));
  MapContents contents;
  std::vector<std::optional<Blob>> blobs(parts.size() - kNamedDocuments);
  for (std::size_t i = parts.size(); i-- > kNamedDocuments;) {
    const std::string content = Filled(parts[i], blobs);
    const Digest digest = crypto::Sha256(util::AsBytes(content));
    const std::string hex(digest.hex());
    contents.Add(StrCat("blobs/sha256/", hex), content);
    contents.Add(hex, content);
    contents.Add(StrCat(hex, ".manifest.json"), content);
    blobs[i - kNamedDocuments] = Blob{.hex = hex, .size = StrCat(content.size())};
  }
  constexpr std::string_view kNames[kNamedDocuments] = {"index.json", "manifest.json", "oci-layout",
                                                        "version"};
  for (std::size_t i = 0; i < kNamedDocuments; ++i) {
    if (!parts[i].empty()) contents.Add(std::string(kNames[i]), Filled(parts[i], blobs));
  }
  return contents;
}

void Check(const Result<std::vector<archive::Image>>& images) {
  RequireBadInput(images);
  if (images.ok()) {
    CheckImages(images.value());
  } else {
    RequirePrintable(images.error().message());
  }
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship::fuzz;
  MapContents contents = ContentsOf(TextOf(data, size));
  for (const Archive::Format format : {Archive::Format::kAny, Archive::Format::kDocker,
                                       Archive::Format::kOci, Archive::Format::kDir}) {
    Check(ociship::archive::ReadImages(contents, format));
  }
  Check(ociship::archive::ReadFolderImages(contents, Archive::Format::kAny));
  return 0;
}
