// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_STORE_H_
#define OCISHIP_STORE_H_

// Store: one repository, wherever it is. A registry is a Store, an OCI layout folder is a Store;
// push, sign and verify are written once, against this interface.
//
// READING
//   A tag is used once: Resolve(tag) gives the Descriptor, and from there on everything is asked
//   for by digest. What a Store hands out has been compared with its digest.
//
//     Result<Descriptor> image = store.Resolve(tag);       // kNotFound: no such tag
//     Result<Manifest> manifest = store.ReadManifest(image.value().digest);
//
// WRITING A BLOB whose length and digest are known only at its end
//     auto writer = store.WriteBlob();
//     std::uint64_t at = 0;
//     while (at < size) {
//       auto next = writer.value()->Write(at, BytesFrom(at));   // blocks while the peer is slow
//       at = next.value();                                      // usually at + n; less after a
//       break
//     }
//     auto again = writer.value()->Commit(digest, size);        // nullopt: it is stored
//   The caller keeps the bytes from settled() on until Commit says that they are stored, since
//   after a broken connection the other side may want them again from an offset that it names. A
//   writer that is destroyed without a successful Commit leaves nothing behind that has a name.
//
// ORDER
//   Blobs, then manifests, then tags: a Store accepts a manifest only by digest, and Tag() is a
//   separate step, so a tag never names something that is not there.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/reference.h"

namespace ociship {

// What a manifest is for (OCI image-spec, image-index.md, "platform").
struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;
  std::string os_version;
  std::vector<std::string> os_features = {};

  friend bool operator==(const Platform&, const Platform&) = default;
};

// A typed, sized pointer to content (OCI image-spec, descriptor.md).
struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;  // bytes
  std::map<std::string, std::string> annotations = {};
  std::string artifact_type = {};
  std::optional<Platform> platform = {};
  std::vector<std::string> urls = {};    // where foreign layers are fetched from
  std::optional<std::string> data = {};  // the content itself, decoded

  friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

// The exact bytes of an image manifest or index, and the Descriptor that they have: media type,
// digest and size always agree with `bytes` when it came from a Store or from oci::NewManifest.
struct Manifest {
  Descriptor descriptor;
  std::string bytes;
};

// The two families of media types that manifests come in.
enum class ManifestFormat { kOci, kDocker };

// Takes the bytes of content in pieces. Called from one thread.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // An error ends the transfer and is what the caller of the transfer gets.
  virtual Status Write(ByteView bytes) = 0;
};

// One blob on its way into a Store. Not thread-safe; several writers may be open at once, each used
// by one thread.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;

  // Takes `bytes`, which stand at `offset` of the blob, and blocks while the peer is slow. Gives
  // the offset that it wants next: offset + bytes.size(), or less when the other side lost some
  // after a broken connection; then the caller sends again from there. `offset` must be the one
  // that was wanted. An error is final for this writer.
  virtual Result<std::uint64_t> Write(std::uint64_t offset, ByteView bytes) = 0;

  // Ends the blob of `size` bytes, all of which were written. nullopt when it is stored under
  // `digest`; an offset when the bytes from there on are wanted again, followed by another Commit.
  // kBadInput when the other side computed another digest.
  virtual Result<std::optional<std::uint64_t>> Commit(const Digest& digest, std::uint64_t size) = 0;

  // What stands before this offset is never wanted again, so the caller may forget it.
  virtual std::uint64_t settled() const { return 0; }
};

// One repository. Safe to use from several threads at once.
class Store {
 public:
  virtual ~Store() = default;

  // "ghcr.io/acme/app" or "oci:DIR": as it is printed.
  virtual const Repository& repository() const = 0;

  // What a tag names now. kNotFound when the repository or the tag is not there.
  virtual Result<Descriptor> Resolve(const Tag& tag) = 0;
  // Media type and size of a manifest by its digest. kNotFound when it is not there.
  virtual Result<Descriptor> Resolve(const Digest& digest) = 0;

  // The manifest with this digest, at most kMaxManifestBytes; compared with the digest.
  virtual Result<Manifest> ReadManifest(const Digest& digest) = 0;

  // The size of a blob that is there, nullopt when it is not. Manifests are no blobs.
  virtual Result<std::optional<std::uint64_t>> BlobSize(const Digest& digest) = 0;
  // Feeds the content to `sink`, at most `blob.size` bytes. The sink has seen the right bytes only
  // if the Status is a success: size and digest are compared at the end.
  virtual Status ReadBlob(const Descriptor& blob, ByteSink& sink) = 0;
  // Begins a blob.
  virtual Result<std::unique_ptr<BlobWriter>> WriteBlob() = 0;

  // Stores a manifest by its digest. One with a subject becomes a referrer of it, by the API of the
  // registry or by the fallback tag (distribution-spec, "Pushing Manifests with Subject").
  virtual Status WriteManifest(const Manifest& manifest) = 0;

  // Makes `tag` name `manifest`, which is stored already.
  virtual Status SetTag(const Manifest& manifest, const Tag& tag) = 0;
  // All tags, sorted bytewise; none when the repository does not exist yet.
  virtual Result<std::vector<std::string>> Tags() = 0;

  // The descriptors of the manifests whose subject is said to be `subject`. They are claims: read
  // the manifest and compare its subject.
  virtual Result<std::vector<Descriptor>> Referrers(const Digest& subject) = 0;
};

// How a Store is opened.
struct StoreOptions {
  // kCreate makes the folder of a layout where it is missing, at the first write.
  enum class Mode { kExisting, kCreate } mode = Mode::kExisting;
  // Without TLS: to loopback addresses only, or to any.
  enum class PlainHttp { kLoopback, kAnywhere } plain_http = PlainHttp::kLoopback;
  int retries = 4;  // of a request or of a blob, after breaks and busy answers
};

// The Store of a repository. kNotFound for a layout that does not exist. A registry is not asked
// anything yet.
Result<std::unique_ptr<Store>> OpenStore(const Repository& repository, const Effects& effects,
                                         const StoreOptions& options);

// The largest manifest or index that is read (distribution-spec: registries should take 4 MiB).
inline constexpr std::uint64_t kMaxManifestBytes = 4 << 20;

}  // namespace ociship

#endif  // OCISHIP_STORE_H_
