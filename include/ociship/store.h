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
//       at = next.value();                                      // less after a broken connection
//     }
//     auto again = writer.value()->Commit(digest, size);        // nullopt: it is stored
//   The caller keeps the bytes from settled() on until Commit says that they are stored, since
//   after a broken connection the other side may want them again from an offset that it names. A
//   writer that is destroyed without a successful Commit leaves nothing behind that has a name.
//
// ORDER
//   Blobs, then manifests, then tags: a Store accepts a manifest only by digest, and Tag() is a
//   separate step, so a tag never names something that is not there.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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
  // Takes a blob over from another repository of the same place, without sending it, where that is
  // possible: its size then, else nullopt.
  virtual Result<std::optional<std::uint64_t>> MountBlob(const Digest&) {
    return std::optional<std::uint64_t>();
  }
  // Begins a blob.
  virtual Result<std::unique_ptr<BlobWriter>> WriteBlob() = 0;

  // Stores a manifest by its digest. One with a subject becomes a referrer of it, by the API of the
  // registry or by the fallback tag (distribution-spec, "Pushing Manifests with Subject").
  virtual Status WriteManifest(const Manifest& manifest) = 0;

  // Makes `tag` name `manifest`, which is stored already.
  virtual Status SetTag(const Manifest& manifest, const Tag& tag) = 0;
  // The same with several, in their order, or all at once where the other side knows how. When it
  // fails, the message names a tag, and those before it are set.
  virtual Status SetTags(const Manifest& manifest, std::span<const Tag> tags) {
    for (const Tag& tag : tags) {
      Status status = SetTag(manifest, tag);
      if (!status.ok()) return std::move(status).error().While("tag \"" + tag.text() + "\"");
    }
    return Ok();
  }
  // All tags, sorted bytewise; none when the repository does not exist yet.
  virtual Result<std::vector<std::string>> Tags() = 0;

  // The descriptors of the manifests whose subject is said to be `subject`. They are claims: read
  // the manifest and compare its subject.
  virtual Result<std::vector<Descriptor>> Referrers(const Digest& subject) = 0;

  // To be called when the last referrer is written: waits until they are sure to stay listed, where
  // clients keep the lists themselves and overwrite each other. At least a second then.
  virtual Status Settle() { return Ok(); }
};

// What a registry is logged in to with: one of user name with password, identity token, registry
// token; without any of them nobody.
struct Credential {
  std::string username = {};
  std::string password = {};
  std::string identity_token = {};  // an OAuth2 refresh token, exchanged for access tokens
  std::string registry_token = {};  // sent as a bearer token as it is
};

// Finds the credential for a repository: flags, environment, the files of docker and podman, their
// helpers. Safe to use from several threads.
class Keychain {
 public:
  virtual ~Keychain() = default;
  // nullopt: there is none, and the registry is asked without. An error where there is one that
  // cannot be read: nothing else is tried then.
  virtual Result<std::optional<Credential>> Find(const Repository& repository) = 0;
};

// Where a Keychain looks, in the order of the members; the longest prefix of a repository in one
// file comes before the next file. Contents and paths, since the library does not look at the
// environment.
struct KeychainOptions {
  std::optional<Credential> given = {};      // for every registry; nothing else is looked at then
  std::string exclusive_file = {};           // --authfile, REGISTRY_AUTH_FILE: the only file then
  std::string inline_config = {};            // the JSON of DOCKER_AUTH_CONFIG
  std::string docker_config = {};            // docker's config.json, with its helpers
  std::vector<std::string> auth_files = {};  // podman's auth.json files
  std::string legacy_file = {};              // ~/.dockercfg
};
std::unique_ptr<Keychain> NewKeychain(KeychainOptions options);

// How TLS is spoken with a registry.
struct TlsOptions {
  enum class Verify { kYes, kNo } verify = Verify::kYes;
  std::string roots_file = {};        // PEM, instead of the roots of the system
  std::string extra_roots_file = {};  // PEM, besides those
  // PEM, for the registry itself and nobody whom it sends a request to. Both or none.
  std::string certificate_file = {};
  std::string key_file = {};
  // Folders with a folder HOST or HOST:PORT for some registries: *.crt there are more roots,
  // NAME.cert with NAME.key is a client certificate (containers-certs.d(5)).
  std::vector<std::string> certs_folders = {};
};

// Is told what a Store waits for. Called from several threads at once.
class StoreObserver {
 public:
  virtual ~StoreObserver() = default;
  // A request, or the rest of a blob, is tried again after `delay`, for the time `attempt` of at
  // most `most`. `what` is what it is about, `why` what happened.
  virtual void Retrying(std::string_view what, std::string_view why, int attempt, int most,
                        std::chrono::milliseconds delay) = 0;
  // What the registry says to the person (RFC 9111 section 5.5, "Warning: 299"), once each.
  virtual void Warning(std::string_view text) = 0;
};

// How a Store is opened.
struct StoreOptions {
  // kCreate makes the folder of a layout where it is missing, at the first write.
  enum class Mode { kExisting, kCreate } mode = Mode::kExisting;
  // What a registry is asked to allow, in the first request for a token already.
  enum class Access { kRead, kWrite } access = Access::kRead;
  // Without TLS: to loopback addresses only, or to any.
  enum class PlainHttp { kLoopback, kAnywhere } plain_http = PlainHttp::kLoopback;
  TlsOptions tls = {};
  Keychain* keychain = nullptr;  // not owned; nullptr: nobody is logged in
  // Files of registries.conf (containers-registries.conf(5)), in the order in which a later one
  // takes the place of what an earlier one says. A registry that is blocked in them is not spoken
  // to: kFailure. kBadInput for one that cannot be read.
  std::vector<std::string> registries_files = {};
  // Whether `location` and `mirror` of these files count when something is read. What is written
  // goes to the registry that is named, always.
  enum class Mirrors { kIgnored, kUsed } mirrors = Mirrors::kIgnored;
  // For the places that only these files name, which get no client certificate either: what is
  // meant for the registry that a person named is not theirs. Not owned; nullptr: nobody.
  Keychain* mirror_keychain = nullptr;
  StoreObserver* observer = nullptr;
  int retries = 4;                   // of a request or of a blob, after breaks and busy answers
  std::chrono::seconds timeout{60};  // without a byte in either direction
  // Blobs go in requests of at most this size; without it in one each, or as was learnt.
  std::optional<std::uint64_t> chunk_bytes = {};
  // Where it is remembered what registries cannot do; empty: nowhere.
  std::string cache_folder = {};
};

// Whether a registry takes a credential (distribution-spec, end-1). kUnauthorized when not,
// kFailure when it is blocked.
Status CheckLogin(const std::string& host, const Credential& credential, const Effects& effects,
                  const StoreOptions& options);

// The Store of a repository. kNotFound for a layout that does not exist, kFailure for a registry
// that is blocked. A registry is not asked anything yet.
Result<std::unique_ptr<Store>> OpenStore(const Repository& repository, const Effects& effects,
                                         const StoreOptions& options);

// The largest manifest or index that is read (distribution-spec: registries should take 4 MiB).
inline constexpr std::uint64_t kMaxManifestBytes = 4 << 20;

}  // namespace ociship

#endif  // OCISHIP_STORE_H_
