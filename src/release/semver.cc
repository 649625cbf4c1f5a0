// SPDX-License-Identifier: Apache-2.0
// Versions by semver.org 2.0.0: grammar of sections 2, 9 and 10, order of section 11. Tested by
// tests/release/semver_test.cc.

#include "release/semver.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "util/text.h"
#include "util/try.h"

namespace ociship::release {
namespace {

constexpr std::size_t kMaxVersionBytes = 255;
constexpr std::size_t kCoreNumbers = 3;

using util::StrCat;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsIdentifierCharacter(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

enum class Identifier { kNumeric, kAlphanumeric, kNone };

// Section 9: a number has no leading zeros. Section 10 allows them in build metadata.
Identifier Classify(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, IsIdentifierCharacter)) return Identifier::kNone;
  if (!std::ranges::all_of(text, IsDigit)) return Identifier::kAlphanumeric;
  return text.size() > 1 && text.front() == '0' ? Identifier::kNone : Identifier::kNumeric;
}

Status CheckCore(const std::vector<std::string_view>& numbers) {
  const auto is_number = [](std::string_view text) {
    return Classify(text) == Identifier::kNumeric;
  };
  if (numbers.size() == kCoreNumbers && std::ranges::all_of(numbers, is_number)) return Ok();
  return Error(Code::kUsage, "give MAJOR.MINOR.PATCH, three numbers without leading zeros");
}

Status CheckPreRelease(const std::vector<std::string_view>& identifiers) {
  for (const std::string_view identifier : identifiers) {
    if (Classify(identifier) == Identifier::kNone) {
      return Error(Code::kUsage, StrCat(util::Quoted(identifier),
                                        " is no part of a pre-release: letters, digits and '-', "
                                        "numbers without leading zeros"));
    }
  }
  return Ok();
}

Status CheckBuild(const std::vector<std::string_view>& identifiers) {
  for (const std::string_view identifier : identifiers) {
    if (identifier.empty() || !std::ranges::all_of(identifier, IsIdentifierCharacter)) {
      return Error(Code::kUsage, StrCat(util::Quoted(identifier),
                                        " is no part of build metadata: letters, digits and '-'"));
    }
  }
  return Ok();
}

std::vector<std::string> Copies(const std::vector<std::string_view>& pieces) {
  return {pieces.begin(), pieces.end()};
}

// Numbers without leading zeros: the longer one is the larger one.
std::weak_ordering CompareNumbers(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

// Section 11.4: numbers are less than other identifiers, those are compared as ASCII.
std::weak_ordering CompareIdentifiers(const std::string& a, const std::string& b) {
  const Identifier kind = Classify(a);
  if (kind != Classify(b)) {
    return kind == Identifier::kNumeric ? std::weak_ordering::less : std::weak_ordering::greater;
  }
  return kind == Identifier::kNumeric ? CompareNumbers(a, b) : std::weak_ordering(a <=> b);
}

}  // namespace

Result<Version> Version::Parse(std::string_view text) {
  const std::string context = StrCat("version ", util::Quoted(text));
  if (text.size() > kMaxVersionBytes) {
    return Error(Code::kUsage,
                 StrCat(context, ": it has more than ", kMaxVersionBytes, " characters"));
  }
  if (text.starts_with('v')) text.remove_prefix(1);
  Version version;
  version.text_ = text;
  // Build metadata begins at the first '+', a pre-release at the first '-' before that.
  const std::size_t plus = text.find('+');
  const std::string_view front = text.substr(0, plus);
  const std::size_t minus = front.find('-');
  const std::vector<std::string_view> core = util::Split(front.substr(0, minus), '.');
  Status status = CheckCore(core);
  if (status.ok() && minus != std::string_view::npos) {
    const std::vector<std::string_view> identifiers = util::Split(front.substr(minus + 1), '.');
    status = CheckPreRelease(identifiers);
    version.pre_release_ = Copies(identifiers);
  }
  if (status.ok() && plus != std::string_view::npos) {
    status = CheckBuild(util::Split(text.substr(plus + 1), '.'));
  }
  if (!status.ok()) return std::move(status).error().While(context);
  version.core_ = Copies(core);
  return version;
}

std::string Version::MajorMinor() const { return StrCat(core_[0], ".", core_[1]); }

std::weak_ordering Version::operator<=>(const Version& other) const {
  for (std::size_t i = 0; i < kCoreNumbers; ++i) {
    const std::weak_ordering order = CompareNumbers(core_[i], other.core_[i]);
    if (order != 0) return order;
  }
  // Section 11.3: a pre-release comes before its release.
  if (pre_release_.empty() || other.pre_release_.empty()) {
    return static_cast<int>(pre_release_.empty()) <=> static_cast<int>(other.pre_release_.empty());
  }
  const std::size_t common = std::min(pre_release_.size(), other.pre_release_.size());
  for (std::size_t i = 0; i < common; ++i) {
    const std::weak_ordering order = CompareIdentifiers(pre_release_[i], other.pre_release_[i]);
    if (order != 0) return order;
  }
  return pre_release_.size() <=> other.pre_release_.size();
}

}  // namespace ociship::release
