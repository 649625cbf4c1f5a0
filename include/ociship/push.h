// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_PUSH_H_
#define OCISHIP_PUSH_H_

// Push: an image that somebody built goes from an archive into a Store, is signed there, and only
// then gets its tags.
//
// WHAT IS READ
//   path                   what it is is told by its content, never by its name: an archive of
//                          docker, podman, skopeo, buildah or Nix, an OCI archive, or the folder of
//                          an OCI layout; gzip or zstd around an archive is taken off
//   -                      the same from standard input
//   docker-archive:PATH    takes manifest.json where an archive has both it and index.json
//   oci-archive:PATH       takes index.json
//   oci:DIR                the folder of an OCI layout
//   Each of the last three may end in :REF, the name of one of several images.
//
// WHAT IS WRITTEN
//   Config bytes never change. Plain layers become gzip, the same bytes on every x86-64 machine and
//   in every run; compressed layers are passed on as they are. An OCI image or index keeps its
//   manifest and digest. Nothing that the destination has is sent.
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
//   printf("%s@%s\n", name, pushed.value().digest.text().c_str());

#include <cstdint>
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

// Is told what happens during a push. Called from several threads at once.
class PushObserver {
 public:
  virtual ~PushObserver() = default;
  // A layer or another blob of the image is stored: its digest and size in bytes as stored.
  virtual void LayerStored(const Digest& digest, std::uint64_t size, LayerState state) = 0;
  // One sentence that the person should read; nothing failed.
  virtual void Notice(std::string_view text) = 0;
};

struct PushRequest {
  // At least one. Several are images for different platforms and become one index.
  std::vector<std::string> sources;
  // Which image of an archive with several: a name that the archive has for it, or "@N", counted
  // from 0.
  std::string image = {};

  // The tags to set: these, those of a version, those of a commit. With none of them the tag that
  // the archive itself has, if that is exactly one.
  std::vector<Tag> tags = {};
  // "1.4.2" or "v1.4.2": 1.4.2, 1.4, 1 unless 0, latest; a pre-release sets itself alone. The
  // short ones move only forward.
  std::optional<std::string> semver = {};
  // A folder in a git work tree without changes: the commit id, and "sha-" with its first 7 digits.
  std::optional<std::string> git_folder = {};

  // Signs before the tags move.
  const SigningKey* key = nullptr;
  SignatureFormats formats = SignatureFormats::kBoth;
  std::chrono::sys_seconds now = {};  // the creation time in signatures

  // Folder for layers in flight that memory has no room for.
  std::string temporary_folder = "/tmp";
  unsigned processors = 2;  // threads that compress
};

struct PushResult {
  Digest digest;                  // of the manifest or index
  std::vector<std::string> tags;  // that name it now, in the order in which they were set
  std::optional<SignResult> signature = {};
};

// Pushes, signs if there is a key, and sets the tags. Errors: kBadInput for the archive, kUsage for
// what the request leaves open (the message lists the choices), kTagConflict before any tag moved,
// and those of the Store.
Result<PushResult> Push(Store& destination, const PushRequest& request, const Effects& effects,
                        PushObserver& observer);

}  // namespace ociship

#endif  // OCISHIP_PUSH_H_
