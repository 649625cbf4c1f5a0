// SPDX-License-Identifier: Apache-2.0
// Reads the folders of skopeo's and podman's `dir:`, and archives of them (containers/image,
// directory transport). Tested by tests/archive/dir_image_test.cc.
#include "archive/dir_image.h"

#include <string>
#include <utility>

#include "archive/docker.h"
#include "archive/oci_walk.h"
#include "crypto/hash.h"
#include "oci/media_types.h"
#include "util/bytes.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using util::Json;
using util::Quoted;
using util::StrCat;

constexpr std::string_view kVersionLine = "Directory Transport Version: 1.";
constexpr std::size_t kMaxVersionBytes = 1024;

class DirNames : public TreeNames {
 public:
  explicit DirNames(Digest root) : root_(std::move(root)) {}
  std::string Manifest(const Digest& digest) const override {
    if (digest == root_) return std::string(kDockerManifestName);
    return StrCat(digest.hex(), ".manifest.json");
  }
  std::string Blob(const Digest& digest) const override { return std::string(digest.hex()); }

 private:
  Digest root_;
};

Status CheckVersion(Contents& contents) {
  const std::string name(kDirVersionName);
  if (contents.Look(name) == Contents::Presence::kAbsent) return Ok();
  const std::string text = TRY(contents.ReadDocument(name, kMaxVersionBytes));
  if (text.starts_with(kVersionLine)) return Ok();
  return Error(Code::kBadInput,
               StrCat(name, ": it does not say \"", kVersionLine, "\", but ", Quoted(text)));
}

// What the document says that it is. One of OCI may leave it out (image-spec manifest.md,
// "mediaType").
Result<std::string> MediaTypeOf(const Json& json) {
  const std::optional<std::string> declared = TRY(json.OptionalString("mediaType"));
  if (declared && !declared->empty()) {
    if (oci::KindOf(*declared) != oci::ManifestKind::kOther) return *declared;
    return Error(Code::kBadInput, StrCat("it has the unknown media type ", Quoted(*declared)));
  }
  if (json.FindNonNull("manifests") != nullptr) return std::string(oci::kOciIndex);
  const Json* const config = json.FindNonNull("config");
  const Json* const type = config == nullptr ? nullptr : config->FindNonNull("mediaType");
  const bool docker = type != nullptr && type->text() == oci::kDockerConfig;
  return std::string(docker ? oci::kDockerManifest : oci::kOciManifest);
}

Result<OciRoot> ReadRoot(Contents& contents, const std::string& text) {
  const Json json = TRY(Json::Parse(text, {.bytes = kMaxManifestBytes}));
  if (!json.is_object()) return Error(Code::kBadInput, "it is no object, as that of `dir:` is");
  std::string media_type = TRY(MediaTypeOf(json));
  const Descriptor root{.media_type = std::move(media_type),
                        .digest = crypto::Sha256(util::AsBytes(text)),
                        .size = text.size()};
  DocumentBudget budget;
  OciTree tree = TRY(WalkOciTree(contents, DirNames(root.digest), root, budget));
  return OciRoot{.digest = root.digest, .names = {}, .tree = std::move(tree)};
}

}  // namespace

Contents::Presence LookForDirImage(Contents& contents) {
  if (contents.Look(kDirVersionName) == Contents::Presence::kAbsent) {
    return Contents::Presence::kAbsent;
  }
  // What cannot be read here is not read elsewhere either, and refused there.
  const Result<std::string> text =
      contents.ReadDocument(std::string(kDockerManifestName), kMaxDockerManifestBytes);
  if (!text.ok()) return Contents::Presence::kAbsent;
  const std::size_t start = text.value().find_first_of("{[");
  const bool object = start != std::string::npos && text.value()[start] == '{';
  return object ? Contents::Presence::kThere : Contents::Presence::kAbsent;
}

Result<OciRoot> ReadDirImage(Contents& contents) {
  TRY(CheckVersion(contents));
  const std::string name(kDockerManifestName);
  const std::string text = TRY(contents.ReadDocument(name, kMaxManifestBytes));
  auto root = ReadRoot(contents, text);
  if (!root.ok()) return std::move(root).error().While(name);
  return root;
}

}  // namespace ociship::archive
