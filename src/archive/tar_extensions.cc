// SPDX-License-Identifier: Apache-2.0
// Looks into the extended headers of a tar (POSIX.1-2017, pax, "pax Extended Header"; GNU tar
// manual, "Basic Tar Format"). Tested by tests/archive/tar_test.cc.
#include "archive/tar_extensions.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "archive/tar_header.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

constexpr std::size_t kSizeOffset = 124;
constexpr std::size_t kSizeBytes = 12;
constexpr std::size_t kTypeOffset = 156;

Error Malformed() { return Error(Code::kBadInput, "its extended header is malformed"); }

// The size of an extended header: octal, or base 256 when the first bit is set.
std::optional<std::uint64_t> HeaderSize(ByteView header) {
  ByteView field = header.subspan(kSizeOffset, kSizeBytes);
  std::uint64_t value = 0;
  if ((field[0] & 0x80) != 0) {
    if (field[0] != 0x80) return std::nullopt;
    for (const std::uint8_t byte : field.subspan(1)) {
      if (value >> 56 != 0) return std::nullopt;
      value = value << 8 | byte;
    }
    return value;
  }
  while (!field.empty() && field[0] == ' ') field = field.subspan(1);
  for (const std::uint8_t byte : field) {
    if (byte < '0' || byte > '7') break;
    value = value << 3 | static_cast<std::uint64_t>(byte - '0');
  }
  return value;
}

// For one member, or for all that follow.
enum class Scope { kMember, kGlobal };

bool NamesSomething(std::string_view key) {
  return key == "path" || key == "linkpath" || key == "GNU.sparse.name";
}

// "%d %s=%s\n": the length of the whole record in decimal, keyword and value.
Status InspectPax(std::string_view body, Scope scope, TarHeaderFacts& facts) {
  while (!body.empty()) {
    std::size_t length = 0;
    const auto [after, error] = std::from_chars(body.data(), body.data() + body.size(), length);
    const auto digits = static_cast<std::size_t>(after - body.data());
    if (error != std::errc() || length > body.size() || length < digits + 3 ||
        body[digits] != ' ' || body[length - 1] != '\n') {
      return Malformed();
    }
    const std::string_view record = body.substr(digits + 1, length - digits - 2);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0) return Malformed();
    const std::string_view key = record.substr(0, equals);
    if (key.find('\0') != std::string_view::npos) return Malformed();
    if (NamesSomething(key) && record.find('\0') != std::string_view::npos) {
      return Error(Code::kBadInput, "its name or link has a NUL inside");
    }
    const bool sparse = key.starts_with("GNU.sparse.");
    if (scope == Scope::kGlobal && (NamesSomething(key) || sparse || key == "size")) {
      return Error(Code::kBadInput,
                   "a global extended header gives all members one name, link or size");
    }
    if (sparse) facts.storage = Storage::kSparse;
    if (key == "path") facts.path = record.substr(equals + 1);
    if (key == "linkpath") facts.link = record.substr(equals + 1);
    body.remove_prefix(length);
  }
  return Ok();
}

// A GNU long name ends with a NUL, or several.
Status InspectLongName(std::string_view body) {
  const std::size_t end = body.find('\0');
  if (end == std::string_view::npos) return Ok();
  if (body.find_first_not_of('\0', end) == std::string_view::npos) return Ok();
  return Error(Code::kBadInput, "its name or link has a NUL inside");
}

}  // namespace

Result<TarHeaderFacts> InspectTarHeader(ByteView header) {
  TarHeaderFacts facts;
  while (header.size() >= kTarBlockBytes) {
    const char type = static_cast<char>(header[kTypeOffset]);
    const bool pax = type == 'x' || type == 'X' || type == 'g';
    const bool long_name = type == 'L' || type == 'K';
    if (!pax && !long_name && type != 'V') {
      facts.type = type;
      if (type == 'S') facts.storage = Storage::kSparse;
      return facts;
    }
    const std::optional<std::uint64_t> size = HeaderSize(header);
    header = header.subspan(kTarBlockBytes);
    if (!size || *size > header.size()) return Malformed();
    const auto length = static_cast<std::size_t>(*size);
    const std::string_view body = util::AsText(header.first(length));
    if (long_name) TRY(InspectLongName(body));
    if (pax) TRY(InspectPax(body, type == 'g' ? Scope::kGlobal : Scope::kMember, facts));
    const std::size_t padded = (length + kTarBlockBytes - 1) / kTarBlockBytes * kTarBlockBytes;
    header = header.subspan(std::min(padded, header.size()));
  }
  return facts;
}

}  // namespace ociship::archive
