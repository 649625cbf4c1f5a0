// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_DIGEST_H_
#define OCISHIP_DIGEST_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "ociship/core.h"

namespace ociship {

// The name of content by its hash: "sha256:" and 64, or "sha512:" and 128, lower-case hexadecimal
// digits (OCI image-spec, descriptor.md, "Digests"). A Digest that exists is well-formed, so it can
// be put into a URL or a path below blobs/ without further checks. Copyable, immutable, safe to
// share between threads.
class Digest {
 public:
  // Reads the text form. kBadInput for another algorithm, another length, or another character.
  //
  //   Digest::Parse("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  //   Digest::Parse("sha256:E3B0...")   // fails: upper case
  //   Digest::Parse("md5:d41d8c...")    // fails: another algorithm
  static Result<Digest> Parse(std::string_view text);

  // A SHA-256 that was computed here.
  static Digest OfSha256(const std::array<std::uint8_t, 32>& hash);
  static Digest OfSha512(const std::array<std::uint8_t, 64>& hash);

  // "sha256:..." or "sha512:...".
  const std::string& text() const { return text_; }
  // "sha256" or "sha512".
  std::string_view algorithm() const { return std::string_view(text_).substr(0, 6); }
  // The digits after the colon.
  std::string_view hex() const { return std::string_view(text_).substr(7); }
  // "sha256:" and the first 12 digits, for people.
  std::string Short() const { return text_.substr(0, 7 + 12); }

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  explicit Digest(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace ociship

#endif  // OCISHIP_DIGEST_H_
