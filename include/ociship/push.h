// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_PUSH_H_
#define OCISHIP_PUSH_H_

// Push: an image that somebody built goes from an archive into a Store, is signed there, and only
// then gets its tags. Inspect: what is in an archive or a Store.
//
// WHAT IS READ
//   path                   what it is is told by its content, never by its name: an archive of
//                          docker, podman, skopeo, buildah, crane, jib, kaniko or Nix, an OCI
//                          archive, the folder of an OCI layout or of skopeo's `dir:`; gzip, zstd,
//                          xz or bzip2 around an archive is taken off
//   -                      the same from standard input
//   docker-archive:PATH    takes manifest.json where an archive has both it and index.json
//   oci-archive:PATH       takes index.json
//   oci:DIR                the folder of an OCI layout
//   dir:DIR                the folder of skopeo's `dir:`
//   The first three of these may end in :REF, the name of one of several images.
//
// WHAT IS WRITTEN
//   Config bytes never change. Plain layers are compressed, to the same bytes in every run on every
//   x86-64 machine; gzip and zstd layers are passed on as they are; xz and bzip2 ones, which have
//   no media type, are compressed anew. An OCI image or index keeps its manifest and digest, unless
//   annotations, a platform or another manifest format is asked for. Nothing that the destination
//   has is sent.
//
// ORDER
//   Layers, config, manifest, signature, tags. Whatever fails, no tag has moved unless everything
//   before it is there.
//
// EXAMPLE
//   auto store = OpenStore(reference.value().repository(), effects, {});
//   PushRequest request{.sources = {"result.tar.gz"}, .semver = "1.4.2"};
//   Result<PushResult> pushed = Push(*store.value(), request, effects, observer);
//   if (!pushed.ok()) return Fail(pushed.error());  // for instance kBadInput:
//                                                   // layer "ab/layer.tar" is sha256:... and not
//                                                   // the diff ID sha256:... that the config names
//   printf("%s@%s\n", name, pushed.value().images[0].digest.text().c_str());

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/reference.h"
#include "ociship/sign.h"
#include "ociship/store.h"

namespace ociship {

enum class LayerState {
  kSent,      // read and sent
  kWasThere,  // read, and found in the destination
  kKnown,     // not even compressed: the destination was known to have it
};

// What holds a blob up at the moment.
enum class BlobStep {
  kReading,      // the source
  kCompressing,  // the processors of this machine
  kSending,      // the destination, which takes bytes
  kWaiting,      // the destination, which has not answered yet
};

// How far a blob is.
struct BlobProgress {
  BlobStep step = BlobStep::kReading;
  std::uint64_t read = 0;  // bytes, as the source has them
  // Bytes that the destination took, as it gets them. Less than before when it wants some again
  // after a broken connection.
  std::uint64_t sent = 0;
  // How many it gets in all, once that is known: when everything is read and compressed.
  std::optional<std::uint64_t> size = {};
};

// A blob on its way, by the number that the observer gave it.
using BlobId = std::uint64_t;

// Is told what happens during a push. Called from several threads at once, which wait for it: it
// must not take long.
class PushObserver {
 public:
  virtual ~PushObserver() = default;
  // A layer or another blob of the image is stored: its digest and size in bytes as stored.
  virtual void LayerStored(const Digest& digest, std::uint64_t size, LayerState state) = 0;
  // One sentence that the person should read; nothing failed.
  virtual void Notice(std::string_view text) = 0;

  // A blob begins to be read: what the source calls it, and its bytes there, where that is known.
  virtual BlobId BlobStarted(std::string_view, std::optional<std::uint64_t>) { return 0; }
  // At most a few times for every 64 KiB.
  virtual void BlobProgressed(BlobId, const BlobProgress&) {}
  // It is stored: the last thing that is told of it.
  virtual void BlobStored(BlobId, const Digest& digest, std::uint64_t size, LayerState state) {
    LayerStored(digest, size, state);
  }
  // The same when nothing is stored of it: it was only compared, or something failed.
  virtual void BlobEnded(BlobId) {}

  // So many more layers will be stored; not told of an archive that comes through a pipe.
  virtual void LayersFound(std::size_t) {}
  // What is waited for from now on while no blob is on its way: a source, as the request calls it,
  // or answers of the destination.
  virtual void WaitsForSource(std::string_view) {}
  virtual void WaitsForDestination() {}
  virtual void ManifestStored(const Digest&) {}
  virtual void TagSet(const Tag&, const Digest&) {}
};

struct PushRequest {
  // At least one of both together. Several are images for different platforms and become one index.
  std::vector<std::string> sources = {};
  // Programs that print an archive, as streamLayeredImage of Nix makes them: files that are run
  // without arguments and without a shell. One that fails makes the push fail.
  std::vector<std::string> executables = {};

  // Which image of an archive with several: a name that the archive has for it, or "@N", counted
  // from 0. kAll pushes every one, each with its own tags, and takes no other.
  std::string image = {};
  enum class Images { kOne, kAll } images = Images::kOne;
  // With one source: the platforms to push of an index. With several: what each of them is, in
  // their order, whatever their configs say.
  std::vector<Platform> platforms = {};
  // What becomes of an index that names manifests which the archive does not have.
  enum class Sparse { kRefuse, kPushComplete } sparse = Sparse::kRefuse;

  // How plain layers are stored: "gzip", "gzip:0" to "gzip:9", "zstd", "zstd:1" to "zstd:19",
  // "portable" (gzip with the same bytes on every architecture), "none".
  std::string compression = "gzip";
  // Of the manifests that are made here: OCI. Asking for a format converts what has another one.
  std::optional<ManifestFormat> manifest_format = {};
  // For the manifest, or the index. Not in Docker's formats.
  std::map<std::string, std::string> annotations = {};
  // The bytes that a layer may have uncompressed. Without it: 1 TiB, and not more than 1000 times
  // what it has compressed.
  std::optional<std::uint64_t> max_layer_bytes = {};

  // The tags to set: these, those of a version, those of a commit. With none of them the tag that
  // the archive itself has, if that is exactly one.
  std::vector<Tag> tags = {};
  // "1.4.2" or "v1.4.2": 1.4.2, 1.4, 1 unless 0, latest; a pre-release sets itself alone. The
  // short ones move only forward.
  std::optional<std::string> semver = {};
  // A folder in a git work tree without changes: the commit id, and "sha-" with its first 7 digits.
  std::optional<std::string> git_folder = {};
  // The same, for the annotations org.opencontainers.image.revision, source (the remote `origin`),
  // version (of `semver`, else a tag of the commit that is one) and created (`source_date`, else
  // the time of the commit).
  std::optional<std::string> git_annotations_folder = {};
  std::optional<std::chrono::sys_seconds> source_date = {};

  // Signs before the tags move.
  const Signer* signer = nullptr;
  SignatureFormats formats = SignatureFormats::kAuto;
  std::chrono::sys_seconds now = {};  // the creation time in signatures

  // kPlan does everything but write: the result is what a push would give.
  enum class Mode { kPush, kPlan } mode = Mode::kPush;

  // Where it is remembered what layers became, between pushes; empty: nowhere. kIgnored also leaves
  // out what images in the destination say.
  std::string cache_folder = {};
  enum class Cache { kUsed, kIgnored } cache = Cache::kUsed;
  // Folder for layers in flight that memory has no room for.
  std::string temporary_folder = "/tmp";
  unsigned processors = 2;  // threads that compress
  unsigned jobs = 0;        // blobs that are sent side by side, each with 2 MB; 0: chosen
};

// A tag that was set, and in a plan what it names now.
struct TagChange {
  Tag tag;
  std::optional<Digest> before = {};
};

struct PushedImage {
  Digest digest;                // of the manifest or index
  std::vector<TagChange> tags;  // that name it now, in the order in which they were set
  std::optional<SignResult> signature = {};
};

struct PushResult {
  std::vector<PushedImage> images;  // one, unless all were asked for
};

// Pushes, signs if there is a signer, verifies that, and sets the tags. Errors: kBadInput for the
// archive, kUsage for what the request leaves open (the message lists the choices), kTagConflict
// before any tag moved, and those of the Store.
Result<PushResult> Push(Store& destination, const PushRequest& request, const Effects& effects,
                        PushObserver& observer);

// A layer, or another blob, of an image that is looked at.
struct LayerInfo {
  std::optional<Digest> digest = {};   // as stored; unknown of a layer that only a config names
  std::uint64_t size = 0;              // bytes as stored
  std::string compression = {};        // "none", "gzip", "zstd", "xz", "bzip2"; empty: unknown
  std::optional<Digest> diff_id = {};  // as the config says
  std::string media_type = {};         // empty where no manifest says
};

// One image manifest, or what manifest.json of an archive describes.
struct ImageInfo {
  std::optional<Digest> digest = {};  // of the manifest; an archive of docker has none
  std::string media_type = {};
  std::optional<Platform> platform = {};
  std::optional<Digest> config_digest = {};
  std::string config = {};  // the exact bytes; empty for what is no image
  std::vector<LayerInfo> layers = {};
  std::map<std::string, std::string> annotations = {};
};

// What one name leads to: an image, or an index with several.
struct Inspection {
  std::vector<std::string> names = {};  // what an archive calls it; of a Store all of its tags
  std::optional<Digest> digest = {};    // of the index or manifest, where there is one
  std::string media_type = {};
  std::map<std::string, std::string> annotations = {};  // of an index
  std::vector<ImageInfo> images = {};                   // attestations are among them
  std::vector<Digest> absent = {};  // manifests that an index names and that are not there
};

// The images of a source, all of them, read as Push reads them: layers of a stream are read and
// hashed, those of a file are not. Errors as of Push.
Result<std::vector<Inspection>> InspectSource(std::string_view source, const Effects& effects);
// The same of what a Store has.
Result<Inspection> InspectImage(Store& store, const Digest& digest);

}  // namespace ociship

#endif  // OCISHIP_PUSH_H_
