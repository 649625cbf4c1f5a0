// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_FAKE_ARCHIVE_H_
#define OCISHIP_TESTS_SUPPORT_FAKE_ARCHIVE_H_

#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "archive/archive.h"
#include "crypto/hash.h"
#include "util/bytes.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::testing {

// A small tar with one member, and the two zero blocks at its end.
inline std::string TarOf(std::string_view name, std::string_view content) {
  std::string header(512, '\0');
  const auto put = [&header](std::size_t offset, std::string_view text) {
    header.replace(offset, text.size(), text);
  };
  char size[12];
  std::snprintf(size, sizeof size, "%011zo", content.size());
  put(0, name);
  put(100, "0000644");
  put(124, std::string_view(size, 11));
  put(148, "        ");
  put(156, "0");
  put(257, std::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (const char byte : header) sum += static_cast<unsigned char>(byte);
  char checksum[8];
  std::snprintf(checksum, sizeof checksum, "%06o", sum);
  put(148, std::string_view(checksum, 7));
  std::string tar = header + std::string(content);
  tar.resize((tar.size() + 511) / 512 * 512 + 1024, '\0');
  return tar;
}

inline Digest DigestOf(std::string_view content) { return crypto::Sha256(util::AsBytes(content)); }

// An Archive whose members and images a test has chosen.
class FakeArchive : public archive::Archive {
 public:
  FakeArchive(Shape shape, std::vector<std::pair<std::string, std::string>> members,
              std::vector<archive::Image> images)
      : shape_(shape), members_(std::move(members)), images_(std::move(images)) {}

  // The members that were taken, or opened and read to their end, in order.
  const std::vector<std::string>& read() const { return read_; }

  // Like a compressed archive in a regular file.
  void set_repeatable(Repeatable repeatable) { repeatable_ = repeatable; }

  Shape shape() const override { return shape_; }
  Repeatable repeatable() const override { return repeatable_; }

  Status Drain(archive::BlobIntake& intake) override {
    if (drained_ && repeatable_ == Repeatable::kNo) {
      return Error(Code::kFailure, "it was drained already");
    }
    drained_ = true;
    for (const auto& [name, content] : members_) {
      read_.push_back(name);
      util::MemoryReader reader(util::AsBytes(content));
      const Digest digest = TRY(intake.Take(name, content.size(), reader));
      crypto::Hasher hasher(archive::BlobAlgorithm(name));
      hasher.Update(util::AsBytes(content));
      if (digest != hasher.Finish()) return Error(Code::kFailure, "Take gave a wrong digest");
    }
    return Ok();
  }

  Result<std::vector<archive::Image>> Images() override { return images_; }

  Result<std::unique_ptr<util::Reader>> OpenBlob(const std::string& member) override {
    for (const auto& [name, content] : members_) {
      if (name != member) continue;
      return std::unique_ptr<util::Reader>(std::make_unique<CountingReader>(*this, name, content));
    }
    return Error(Code::kBadInput, util::StrCat("no member ", member));
  }

  Result<std::uint64_t> BlobSize(const std::string& member) override {
    for (const auto& [name, content] : members_) {
      if (name == member) return std::uint64_t{content.size()};
    }
    return Error(Code::kBadInput, util::StrCat("no member ", member));
  }

 private:
  class CountingReader : public util::Reader {
   public:
    CountingReader(FakeArchive& archive, std::string name, std::string_view content)
        : archive_(archive), name_(std::move(name)), content_(util::AsBytes(content)) {}
    Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
      const std::size_t got = TRY(content_.Read(buffer));
      if (got > 0) return got;
      const std::lock_guard lock(archive_.mutex_);
      archive_.read_.push_back(name_);
      return got;
    }

   private:
    FakeArchive& archive_;
    std::string name_;
    util::MemoryReader content_;
  };

  Shape shape_;
  Repeatable repeatable_ = Repeatable::kNo;
  bool drained_ = false;
  std::vector<std::pair<std::string, std::string>> members_;
  std::vector<archive::Image> images_;
  std::mutex mutex_;
  std::vector<std::string> read_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_FAKE_ARCHIVE_H_
