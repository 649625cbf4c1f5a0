// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_ARCHIVE_ARCHIVE_H_
#define OCISHIP_ARCHIVE_ARCHIVE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "codec/compression.h"
#include "crypto/hash.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/store.h"
#include "util/file.h"
#include "util/io.h"

namespace ociship::archive {

// A layer of an image that docker, podman or Nix wrote: named by its diff ID, stored in any
// compression, and with no manifest that would have to be kept.
struct DockerLayer {
  std::string member;  // for Archive::OpenBlob, and the key that BlobIntake saw
  Digest diff_id;      // SHA-256 of the uncompressed tar, as the config says
};

// An image whose manifest is made when it is pushed (manifest.json of `docker save`).
struct DockerImage {
  std::string config;  // the exact bytes
  std::vector<DockerLayer> layers;
};

// A blob that an OCI manifest names.
struct OciBlob {
  Descriptor descriptor;          // as the manifest has it
  std::optional<Digest> diff_id;  // of a layer of an image
  std::string member;             // empty: the content is in `content`
  std::string content;            // small JSON documents: configs, inline data
};

// A manifest or index that is passed on byte for byte, with everything that it names.
struct OciImage {
  std::vector<Manifest> manifests;  // children before parents; the last one is what is pushed
  std::vector<OciBlob> blobs;       // each digest once; foreign layers are not among them
  // What the indexes among `manifests` name and the archive does not have, each digest once, in
  // their order: manifests that are absent, and image manifests that are there without all of their
  // blobs. Neither they nor blobs of theirs alone are above. Not empty: the image is sparse.
  std::vector<Descriptor> absent;
  // Whether manifest.json of `docker save` describes images of the same archive.
  enum class Halves { kOne, kBoth } halves = Halves::kOne;
};

// Why a sparse image cannot be pushed as a whole, and what can be done: kBadInput.
// `image.absent` is not empty.
Error SparseError(const OciImage& image);

struct Image {
  // What the archive calls it: "app:1.0", "1.0", "docker.io/library/app:1.0"; possibly none.
  std::vector<std::string> names;
  std::variant<DockerImage, OciImage> content;
};

// The algorithm by which a member is named, and so the one that its content has to be hashed with:
// SHA-512 below "blobs/sha512/" (OCI image-spec image-layout.md, "blobs"), else SHA-256.
crypto::HashAlgorithm BlobAlgorithm(std::string_view member);

// Gets the members of a streamed archive that may be layers, in the order in which they come.
class BlobIntake {
 public:
  virtual ~BlobIntake() = default;
  // Reads `content`, which has `size` bytes, to its end, and gives the digest of these bytes, by
  // the algorithm that BlobAlgorithm names. `member` may come again: an archive can hold one name
  // twice, and can be drained again.
  virtual Result<Digest> Take(const std::string& member, std::uint64_t size,
                              util::Reader& content) = 0;
};

// An archive or layout folder that somebody built. The content decides what it is, never the name.
//
//   indexed   a folder, or an uncompressed archive in a regular file. Only headers and small JSON
//             documents are read; layers are opened when they are wanted, in any order.
//   streamed  a pipe, or an archive that is compressed as a whole. Drain reads it from front to
//             back: once, or again where repeatable() says so.
//
//   auto archive = TRY(Archive::Open(std::move(file), {}));
//   if (archive->shape() == Archive::Shape::kStreamed) TRY(archive->Drain(intake));
//   std::vector<Image> images = TRY(archive->Images());
//
// Every error is kBadInput and names the member, except that a file which is not there says so.
// Member names are map keys and never paths: nothing outside the archive is ever opened.
class Archive {
 public:
  enum class Shape { kIndexed, kStreamed };
  // kDocker and kOci decide for one half of an archive that has both. kDir is what skopeo and
  // podman call `dir:`; like kOci it may be a folder or an archive of one.
  enum class Format { kAny, kDocker, kOci, kDir };
  struct OpenOptions {
    Format format = Format::kAny;
    codec::ExpansionLimit limit = {};  // of the compression around an archive
  };

  static Result<std::unique_ptr<Archive>> Open(std::unique_ptr<util::File> file,
                                               const OpenOptions& options);
  // With kDocker a folder that `docker save` could have written, unpacked.
  static Result<std::unique_ptr<Archive>> OpenFolder(const std::string& folder,
                                                     const OpenOptions& options);

  virtual ~Archive() = default;
  virtual Shape shape() const = 0;

  // Streamed archives: reads everything, hands every member to `intake` that is no document which
  // is kept. After the first success it may be called again if repeatable() is kYes: then the same
  // members are handed over again, and what Images() says stays; kBadInput when the file has
  // changed in between. kFailure where it may not be called.
  virtual Status Drain(BlobIntake& intake) = 0;

  // kYes for a streamed archive in a regular file.
  enum class Repeatable { kYes, kNo };
  virtual Repeatable repeatable() const { return Repeatable::kNo; }

  // The images, in the order of the archive; at least one. Streamed archives: after Drain.
  virtual Result<std::vector<Image>> Images() = 0;

  // Indexed archives: the bytes of a member that an Image names. Thread-safe.
  virtual Result<std::unique_ptr<util::Reader>> OpenBlob(const std::string& member) = 0;
  virtual Result<std::uint64_t> BlobSize(const std::string& member) = 0;
};

// How a member of an indexed archive lies there, as its first bytes tell. Thread-safe.
struct MemberForm {
  std::uint64_t size = 0;  // bytes, compressed
  codec::Compression compression = codec::Compression::kNone;
};
Result<MemberForm> LookAt(Archive& archive, const std::string& member);

}  // namespace ociship::archive

#endif  // OCISHIP_ARCHIVE_ARCHIVE_H_
