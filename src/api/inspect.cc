// SPDX-License-Identifier: Apache-2.0
// What is in an archive or a Store, as their own documents say (ociship/push.h, Inspect). Tested by
// inspect_test.cc.
#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include "api/source.h"
#include "archive/tar_header.h"
#include "codec/compression.h"
#include "crypto/hash.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "ociship/push.h"
#include "util/bytes.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

// A member of an archive, as far as its content was seen.
struct Seen {
  std::optional<Digest> digest = {};
  std::uint64_t size = 0;
  codec::Compression compression = codec::Compression::kNone;
};

// Hashes what passes and stores nothing.
class HashingIntake : public archive::BlobIntake {
 public:
  Result<Digest> Take(const std::string& member, std::uint64_t size,
                      util::Reader& content) override {
    util::Bytes buffer(kReadBytes);
    crypto::Hasher hasher(archive::BlobAlgorithm(member));
    Seen seen{.size = size};
    std::size_t got = TRY(util::ReadFull(content, buffer));
    seen.compression = archive::CompressionOf(ByteView(buffer).first(got));
    while (got > 0) {
      hasher.Update(ByteView(buffer).first(got));
      got = TRY(content.Read(buffer));
    }
    const Digest digest = hasher.Finish();
    seen.digest = digest;
    seen_.insert_or_assign(member, std::move(seen));
    return digest;
  }

  const Seen* Find(const std::string& member) const {
    const auto found = seen_.find(member);
    return found == seen_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, Seen> seen_;
};

// A layer of an archive in which members can be opened: its beginning is enough.
Result<Seen> LookAtLayer(archive::Archive& archive, const archive::DockerLayer& layer) {
  const archive::MemberForm form = TRY(archive::LookAt(archive, layer.member));
  Seen seen{.size = form.size, .compression = form.compression};
  if (seen.compression == codec::Compression::kNone) seen.digest = layer.diff_id;
  return seen;
}

Result<ImageInfo> DescribeDocker(const archive::DockerImage& image, archive::Archive& archive,
                                 const HashingIntake& intake) {
  ImageInfo info{.config_digest = crypto::Sha256(util::AsBytes(image.config)),
                 .config = image.config};
  const oci::ImageConfig config = TRY(oci::ParseImageConfig(image.config));
  info.platform = config.platform;
  for (const archive::DockerLayer& layer : image.layers) {
    const Seen* const taken = intake.Find(layer.member);
    Seen looked;
    if (taken == nullptr) looked = TRY(LookAtLayer(archive, layer));
    const Seen& seen = taken == nullptr ? looked : *taken;
    info.layers.push_back({.digest = seen.digest,
                           .size = seen.size,
                           .compression = std::string(codec::Name(seen.compression)),
                           .diff_id = layer.diff_id});
  }
  return info;
}

// By the last part of the media type (image-spec media-types.md).
std::string CompressionOf(std::string_view media_type) {
  for (const auto& [suffix, name] :
       {std::pair("+gzip", "gzip"), std::pair(".tar.gzip", "gzip"), std::pair("+zstd", "zstd"),
        std::pair(".tar.zstd", "zstd"), std::pair(".tar", "none")}) {
    if (media_type.ends_with(suffix)) return name;
  }
  return {};
}

using ReadConfig = std::function<Result<std::string>(const Descriptor&)>;

Result<ImageInfo> DescribeManifest(const Manifest& manifest,
                                   const std::optional<Platform>& platform,
                                   const ReadConfig& read_config) {
  const oci::ImageManifest image = TRY(oci::ParseImageManifest(manifest.bytes));
  ImageInfo info{.digest = manifest.descriptor.digest,
                 .media_type = manifest.descriptor.media_type,
                 .platform = platform,
                 .config_digest = image.config.digest,
                 .annotations = image.annotations};
  std::vector<Digest> diff_ids;
  if (oci::IsImageConfig(image.config.media_type)) {
    info.config = TRY(read_config(image.config));
    oci::ImageConfig config = TRY(oci::ParseImageConfig(info.config));
    if (!info.platform) info.platform = config.platform;
    diff_ids = std::move(config.diff_ids);
  }
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    const Descriptor& layer = image.layers[i];
    info.layers.push_back({.digest = layer.digest,
                           .size = layer.size,
                           .compression = CompressionOf(layer.media_type),
                           .media_type = layer.media_type});
    if (diff_ids.size() == image.layers.size()) info.layers.back().diff_id = diff_ids[i];
  }
  return info;
}

// Where the manifests of an index come from. kNotFound for one that is absent.
using ReadManifest = std::function<Result<Manifest>(const Descriptor&)>;

// Below one root, every manifest once, indexes opened.
class Describer {
 public:
  Describer(ReadManifest read_manifest, ReadConfig read_config)
      : read_manifest_(std::move(read_manifest)), read_config_(std::move(read_config)) {}

  Result<Inspection> Describe(const Manifest& root) {
    inspection_.digest = root.descriptor.digest;
    inspection_.media_type = root.descriptor.media_type;
    TRY(Add(root, std::nullopt, 0));
    return std::move(inspection_);
  }

 private:
  Status Add(const Manifest& manifest, const std::optional<Platform>& platform, int depth) {
    if (oci::KindOf(manifest.descriptor.media_type) != oci::ManifestKind::kIndex) {
      ImageInfo info = TRY(DescribeManifest(manifest, platform, read_config_));
      inspection_.images.push_back(std::move(info));
      return Ok();
    }
    if (depth > kMaxDepth) return Error(Code::kBadInput, "indexes are nested too deeply");
    const oci::ImageIndex index = TRY(oci::ParseImageIndex(manifest.bytes));
    if (depth == 0) inspection_.annotations = index.annotations;
    for (const Descriptor& child : index.manifests) {
      if (!seen_.insert(child.digest).second) continue;
      if (oci::KindOf(child.media_type) == oci::ManifestKind::kOther) continue;
      const Result<Manifest> read = read_manifest_(child);
      if (read.ok()) {
        TRY(Add(read.value(), child.platform, depth + 1));
      } else if (read.error().code() == Code::kNotFound) {
        inspection_.absent.push_back(child.digest);
      } else {
        return read.error();
      }
    }
    return Ok();
  }

  static constexpr int kMaxDepth = 8;

  ReadManifest read_manifest_;
  ReadConfig read_config_;
  std::set<Digest> seen_;
  Inspection inspection_;
};

Result<Inspection> DescribeOci(const archive::OciImage& image) {
  const ReadManifest read_manifest = [&](const Descriptor& wanted) -> Result<Manifest> {
    for (const Manifest& manifest : image.manifests) {
      if (manifest.descriptor.digest == wanted.digest) return manifest;
    }
    return Error(Code::kNotFound, util::StrCat("manifest ", wanted.digest.text(), " is absent"));
  };
  const ReadConfig read_config = [&](const Descriptor& wanted) -> Result<std::string> {
    for (const archive::OciBlob& blob : image.blobs) {
      if (blob.descriptor.digest == wanted.digest) return blob.content;
    }
    return Error(Code::kBadInput, util::StrCat("config ", wanted.digest.text(), " is absent"));
  };
  return Describer(read_manifest, read_config).Describe(image.manifests.back());
}

}  // namespace

Result<std::vector<Inspection>> InspectSource(std::string_view source, const Effects& effects) {
  const api::OpenedSource opened = TRY(api::OpenSource(source, {}, effects.cancel));
  archive::Archive& archive = *opened.archive;
  HashingIntake intake;
  if (archive.shape() == archive::Archive::Shape::kStreamed) TRY(archive.Drain(intake));
  const std::vector<archive::Image> images = TRY(archive.Images());
  std::vector<Inspection> inspections;
  for (const archive::Image& image : images) {
    if (!opened.image.empty() &&
        std::ranges::find(image.names, opened.image) == image.names.end()) {
      continue;
    }
    Inspection inspection;
    if (const auto* oci = std::get_if<archive::OciImage>(&image.content)) {
      inspection = TRY(DescribeOci(*oci));
    } else {
      ImageInfo info =
          TRY(DescribeDocker(std::get<archive::DockerImage>(image.content), archive, intake));
      inspection.images.push_back(std::move(info));
    }
    inspection.names = image.names;
    inspections.push_back(std::move(inspection));
  }
  if (inspections.empty()) {
    return Error(Code::kNotFound,
                 util::StrCat("the archive has no image ", util::Quoted(opened.image)));
  }
  return inspections;
}

Result<Inspection> InspectImage(Store& store, const Digest& digest) {
  const Manifest root = TRY(store.ReadManifest(digest));
  const ReadManifest read_manifest = [&](const Descriptor& wanted) {
    return store.ReadManifest(wanted.digest);
  };
  const ReadConfig read_config = [&](const Descriptor& wanted) -> Result<std::string> {
    util::StringSink text(oci::kMaxConfigBytes);
    TRY(store.ReadBlob(wanted, text));
    return std::move(text.text());
  };
  Inspection inspection = TRY(Describer(read_manifest, read_config).Describe(root));
  inspection.names = TRY(store.Tags());
  return inspection;
}

}  // namespace ociship
