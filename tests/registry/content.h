// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_REGISTRY_CONTENT_H_
#define OCISHIP_TESTS_REGISTRY_CONTENT_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/hash.h"
#include "util/bytes.h"
#include "util/io.h"

namespace ociship::registry {

// A blob to be written, in memory.
class Content : public util::RandomReader {
 public:
  explicit Content(std::string text) : text_(std::move(text)) {}
  std::uint64_t size() const override { return text_.size(); }
  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<std::uint8_t> buffer) override {
    const std::string_view rest = std::string_view(text_).substr(offset);
    const std::size_t count = std::min(rest.size(), buffer.size());
    std::copy_n(rest.begin(), count, buffer.begin());
    return count;
  }
  const std::string& text() const { return text_; }
  Digest digest() const { return crypto::Sha256(util::AsBytes(text_)); }
  // The request that closes its upload, and the one that looks for it.
  std::string PutLine(std::string_view location) const {
    const char joint = location.find('?') == std::string_view::npos ? '?' : '&';
    return "PUT blobs/uploads/" + std::string(location) + joint + "digest=sha256%3A" +
           std::string(digest().hex());
  }
  std::string HeadLine() const { return "HEAD blobs/" + digest().text(); }

 private:
  const std::string text_;
};

}  // namespace ociship::registry

#endif  // OCISHIP_TESTS_REGISTRY_CONTENT_H_
