// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REFERENCE_H_
#define OCISHIP_REFERENCE_H_

#include <optional>
#include <string>
#include <string_view>

#include "ociship/core.h"
#include "ociship/digest.h"

namespace ociship {

// Where a repository is: on a registry, or an OCI layout folder.
//
//   registry  HOST[:PORT]/NAME   normalised as docker does: "app" is docker.io/library/app
//   layout    oci:DIR            a folder of OCI image-layout.md
class Repository {
 public:
  enum class Kind { kRegistry, kLayout };

  Kind kind() const { return kind_; }
  // "ghcr.io", "127.0.0.1:5000", "docker.io"; empty for a layout.
  const std::string& host() const { return host_; }
  // "acme/app" (distribution-spec, <name>), or the folder of a layout.
  const std::string& path() const { return path_; }
  // "ghcr.io/acme/app" or "oci:DIR": as it is printed and as it can be given again.
  std::string text() const;

  friend bool operator==(const Repository&, const Repository&) = default;

 private:
  friend class Reference;
  Repository(Kind kind, std::string host, std::string path)
      : kind_(kind), host_(std::move(host)), path_(std::move(path)) {}

  Kind kind_;
  std::string host_;
  std::string path_;
};

// A tag: 1 to 128 of [A-Za-z0-9_.-], not beginning with '.' or '-' (distribution-spec, "Pulling
// manifests").
class Tag {
 public:
  // kUsage with the rule when `text` is none.
  static Result<Tag> Parse(std::string_view text);

  const std::string& text() const { return text_; }

  friend bool operator==(const Tag&, const Tag&) = default;
  friend auto operator<=>(const Tag&, const Tag&) = default;

 private:
  explicit Tag(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// REPOSITORY[:TAG][@DIGEST], as people write it.
//
//   Reference::Parse("ghcr.io/acme/app:1.4.2")
//   Reference::Parse("oci:out/app:1.4.2@sha256:...")   // the colon after the last slash begins the
//                                                      // tag
//   Reference::Parse("ghcr.io/Acme/App")               // fails: upper case in the name
class Reference {
 public:
  // kUsage with one sentence that names the part which is wrong. Nothing is looked up.
  static Result<Reference> Parse(std::string_view text);

  const Repository& repository() const { return repository_; }
  const std::optional<Tag>& tag() const { return tag_; }
  const std::optional<Digest>& digest() const { return digest_; }
  // The normalised form, with tag and digest.
  std::string text() const;

 private:
  Reference(Repository repository, std::optional<Tag> tag, std::optional<Digest> digest)
      : repository_(std::move(repository)), tag_(std::move(tag)), digest_(std::move(digest)) {}

  Repository repository_;
  std::optional<Tag> tag_;
  std::optional<Digest> digest_;
};

}  // namespace ociship

#endif  // OCISHIP_REFERENCE_H_
