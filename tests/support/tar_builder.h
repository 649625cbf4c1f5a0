// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_TAR_BUILDER_H_
#define OCISHIP_TESTS_SUPPORT_TAR_BUILDER_H_

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace ociship::testing {

// Writes a tar member by member, right or wrong as the test wants it.
class TarBuilder {
 public:
  static constexpr std::size_t kBlock = 512;

  TarBuilder& File(std::string_view name, std::string_view content) {
    return Header(name, '0', content.size()).Data(content);
  }
  TarBuilder& Symlink(std::string_view name, std::string_view target) {
    return Header(name, '2', 0, target);
  }
  TarBuilder& HardLink(std::string_view name, std::string_view target) {
    return Header(name, '1', 0, target);
  }
  TarBuilder& Folder(std::string_view name) { return Header(name, '5', 0); }

  // A header alone. The size is octal, in 11 digits.
  TarBuilder& Header(std::string_view name, char type, std::uint64_t size,
                     std::string_view target = {}) {
    char field[16];
    std::snprintf(field, sizeof field, "%011llo", static_cast<unsigned long long>(size));
    return RawHeader(name, type, std::string_view(field, 12), target);
  }
  // With a size field of 12 bytes as it is.
  TarBuilder& RawHeader(std::string_view name, char type, std::string_view size,
                        std::string_view target = {}) {
    std::string header(kBlock, '\0');
    const auto put = [&header](std::size_t offset, std::string_view text) {
      header.replace(offset, text.size(), text);
    };
    put(0, name.substr(0, 100));
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, size);
    put(136, "00000000000");
    put(148, "        ");
    put(156, std::string_view(&type, 1));
    put(157, target.substr(0, 100));
    put(257, std::string_view("ustar\00000", 8));
    unsigned sum = 0;
    for (const char byte : header) sum += static_cast<unsigned char>(byte);
    char checksum[16];
    std::snprintf(checksum, sizeof checksum, "%06o", sum & 0777777);
    put(148, std::string_view(checksum, 7));
    bytes_ += header;
    return *this;
  }
  // Content, padded to whole blocks.
  TarBuilder& Data(std::string_view content) {
    bytes_ += content;
    bytes_.resize((bytes_.size() + kBlock - 1) / kBlock * kBlock, '\0');
    return *this;
  }

  // An extended header ('x' or 'g') with these records.
  TarBuilder& Pax(std::string_view records, char type = 'x') {
    return Header("PaxHeader", type, records.size()).Data(records);
  }
  // GNU: the name ('L') or link target ('K') of the next member.
  TarBuilder& LongName(std::string_view name, char type = 'L') {
    return Header("././@LongLink", type, name.size()).Data(name);
  }
  // A record of an extended header: its own length counts.
  static std::string PaxRecord(std::string_view key, std::string_view value) {
    std::string rest = " " + std::string(key) + "=" + std::string(value) + "\n";
    std::size_t length = rest.size();
    while (std::to_string(length).size() + rest.size() != length) {
      length = std::to_string(length).size() + rest.size();
    }
    return std::to_string(length) + rest;
  }

  // A header block that was changed by hand, with the checksum that it then has: of unsigned
  // characters, or of signed ones as some old writers added them.
  enum class Sum { kUnsigned, kSigned };
  static std::string Summed(std::string header, Sum kind = Sum::kUnsigned) {
    header.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const char byte : header) {
      sum += kind == Sum::kUnsigned ? static_cast<unsigned char>(byte)
                                    : static_cast<unsigned>(static_cast<signed char>(byte));
    }
    char checksum[16];
    std::snprintf(checksum, sizeof checksum, "%06o", sum & 0777777);
    return header.replace(148, 7, std::string_view(checksum, 7));
  }
  // Bytes as they are.
  TarBuilder& Raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }

  std::size_t size() const { return bytes_.size(); }
  // So far, without the end.
  const std::string& Unfinished() const { return bytes_; }
  std::string Finish() const { return bytes_ + std::string(2 * kBlock, '\0'); }

 private:
  std::string bytes_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_TAR_BUILDER_H_
