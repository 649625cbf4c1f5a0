// SPDX-License-Identifier: Apache-2.0
// Whole archives, as a file, from a pipe, and out of a gzip that is read twice: what is accepted in
// one shape and in the other is the same. Run by scripts/fuzz.
#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "archive/archive.h"
#include "check_images.h"
#include "compress.h"
#include "fuzz.h"
#include "load.h"
#include "tar_builder.h"
#include "util/try.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace ociship::fuzz {
namespace {

using archive::Archive;
using archive::Image;

constexpr std::size_t kTarBlock = 512;
constexpr std::size_t kChecksumOffset = 148;
constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kMagicOffset = 257;
constexpr std::string_view kMagic = "ustar";
// A pipe takes no more at once.
constexpr std::size_t kMaxPipeBytes = 1 << 20;
// A sparse member of a few bytes may have gigabytes.
constexpr std::uint64_t kMaxMemberBytes = 1 << 20;
constexpr codec::ExpansionLimit kLimit = {.max_bytes = 4 << 20};

// Hashes what it gets, and gives up on what would take too long.
class Intake : public archive::BlobIntake {
 public:
  Result<Digest> Take(const std::string& member, std::uint64_t size,
                      util::Reader& content) override {
    if (size > kMaxMemberBytes) return Error(Code::kBadInput, "too large to be tried");
    Digest digest = TRY(hashing_.Take(member, size, content));
    return digest;
  }
  const std::map<std::string, Digest>& taken() const { return hashing_.taken; }
  const std::vector<std::string>& order() const { return hashing_.order; }

 private:
  archive::HashingIntake hashing_;
};

std::unique_ptr<util::File> PipeWith(ByteView bytes) {
  int ends[2];
  Require(pipe2(ends, O_CLOEXEC) == 0);
  util::Fd from(ends[0]);
  const util::Fd to(ends[1]);
  Require(fcntl(to.get(), F_SETPIPE_SZ, kMaxPipeBytes) >= 0);
  Require(write(to.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  return util::File::Adopt(std::move(from), "sample.tar").value();
}

struct Loaded {
  std::unique_ptr<Archive> archive;
  std::vector<Image> images;
  std::map<std::string, Digest> taken;
};

Result<Loaded> Load(std::unique_ptr<util::File> file) {
  Loaded loaded;
  loaded.archive = TRY(Archive::Open(std::move(file), {.limit = kLimit}));
  if (loaded.archive->shape() == Archive::Shape::kStreamed) {
    Intake intake;
    TRY(loaded.archive->Drain(intake));
    if (loaded.archive->repeatable() == Archive::Repeatable::kYes) {
      Intake again;
      Require(loaded.archive->Drain(again).ok());
      Require(again.order() == intake.order() && again.taken() == intake.taken());
    }
    loaded.taken = intake.taken();
  }
  loaded.images = TRY(loaded.archive->Images());
  return loaded;
}

void RequireSame(const archive::DockerImage& a, const archive::DockerImage& b) {
  Require(a.config == b.config && a.layers.size() == b.layers.size());
  for (std::size_t i = 0; i < a.layers.size(); ++i) {
    Require(a.layers[i].member == b.layers[i].member && a.layers[i].diff_id == b.layers[i].diff_id);
  }
}

void RequireSame(const archive::OciImage& a, const archive::OciImage& b) {
  Require(a.absent == b.absent && a.halves == b.halves);
  Require(a.manifests.size() == b.manifests.size() && a.blobs.size() == b.blobs.size());
  for (std::size_t i = 0; i < a.manifests.size(); ++i) {
    Require(a.manifests[i].bytes == b.manifests[i].bytes);
  }
  for (std::size_t i = 0; i < a.blobs.size(); ++i) {
    Require(a.blobs[i].descriptor == b.blobs[i].descriptor);
    Require(a.blobs[i].diff_id == b.blobs[i].diff_id);
  }
}

void RequireSame(const std::vector<Image>& a, const std::vector<Image>& b) {
  Require(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    Require(a[i].names == b[i].names && a[i].content.index() == b[i].content.index());
    if (const auto* docker = std::get_if<archive::DockerImage>(&a[i].content)) {
      RequireSame(*docker, std::get<archive::DockerImage>(b[i].content));
    } else {
      RequireSame(std::get<archive::OciImage>(a[i].content),
                  std::get<archive::OciImage>(b[i].content));
    }
  }
}

// The digest of a member of an indexed archive; nullopt of one that cannot be read, or is too
// large.
std::optional<Digest> MemberDigest(Archive& archive, const std::string& member) {
  const auto size = archive.BlobSize(member);
  auto reader = archive.OpenBlob(member);
  RequireBadInput(size);
  RequireBadInput(reader);
  if (!size.ok() || !reader.ok() || size.value() > kMaxMemberBytes) return std::nullopt;
  const auto content = util::ReadAll(*reader.value(), kMaxMemberBytes, member);
  RequireBadInput(content);
  if (!content.ok()) return std::nullopt;
  crypto::Hasher hasher(archive::BlobAlgorithm(member));
  hasher.Update(util::AsBytes(content.value()));
  return hasher.Finish();
}

// Opens whatever the images name. With `taken` it is what went by in the other shape.
void CheckMembers(Archive& archive, const std::vector<Image>& images,
                  const std::map<std::string, Digest>* taken) {
  const auto check = [&](const std::string& member) {
    if (member.empty()) return;
    const std::optional<Digest> digest = MemberDigest(archive, member);
    if (taken == nullptr || !taken->contains(member)) return;
    Require(digest == taken->at(member));
  };
  for (const Image& image : images) {
    if (const auto* docker = std::get_if<archive::DockerImage>(&image.content)) {
      for (const archive::DockerLayer& layer : docker->layers) check(layer.member);
    } else {
      for (const archive::OciBlob& blob : std::get<archive::OciImage>(image.content).blobs) {
        check(blob.member);
      }
    }
  }
}

void Check(const Result<Loaded>& loaded) {
  RequireBadInput(loaded);
  if (loaded.ok()) {
    CheckImages(loaded.value().images);
  } else {
    RequirePrintable(loaded.error().message());
  }
}

}  // namespace
}  // namespace ociship::fuzz

// Gives every header block the checksum that it needs to be looked at.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int) {
  using namespace ociship::fuzz;
  size = LLVMFuzzerMutate(data, size, max_size);
  for (std::size_t at = 0; size - at >= kTarBlock; at += kTarBlock) {
    std::uint8_t* const block = data + at;
    if (TextOf(block + kMagicOffset, kMagic.size()) != kMagic) continue;
    const std::string summed =
        ociship::testing::TarBuilder::Summed(std::string(TextOf(block, kTarBlock)));
    std::copy_n(summed.begin() + kChecksumOffset, kChecksumBytes, block + kChecksumOffset);
  }
  return size;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship;
  using namespace ociship::fuzz;
  const ByteView bytes(data, size);
  if (size > kMaxPipeBytes) return 0;
  const Result<Loaded> file = Load(archive::MemoryFile(TextOf(data, size)));
  const Result<Loaded> pipe = Load(PipeWith(bytes));
  Check(file);
  Check(pipe);
  // A stream is read to its end, and so finds more that is wrong.
  if (pipe.ok()) {
    Require(file.ok());
    RequireSame(file.value().images, pipe.value().images);
  }
  if (file.ok() && file.value().archive->shape() == Archive::Shape::kIndexed) {
    CheckMembers(*file.value().archive, file.value().images,
                 pipe.ok() ? &pipe.value().taken : nullptr);
  }
  if (size > codec::kBlockBytes) return 0;
  if (codec::SniffCompression(bytes) != codec::Compression::kNone) return 0;
  const Result<Loaded> gzip = Load(archive::MemoryFile(testing::GzipOf(TextOf(data, size))));
  Check(gzip);
  Require(gzip.ok() == pipe.ok());
  if (gzip.ok()) {
    RequireSame(gzip.value().images, pipe.value().images);
    Require(gzip.value().taken == pipe.value().taken);
  }
  return 0;
}
