// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_FUZZ_FUZZ_H_
#define OCISHIP_TESTS_FUZZ_FUZZ_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ociship/core.h"
#include "util/bytes.h"

// What every fuzzer defines. The bytes are read-only and live as long as the call.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace ociship::fuzz {

// A property that must hold for every input. Ends the process, which makes the input a finding.
inline void Require(bool holds) {
  if (!holds) std::abort();
}

// Bytes from outside are refused with this code and no other.
template <typename T>
void RequireBadInput(const Result<T>& result) {
  Require(result.ok() || result.error().code() == Code::kBadInput);
}
// What a person typed.
template <typename T>
void RequireUsage(const Result<T>& result) {
  Require(result.ok() || result.error().code() == Code::kUsage);
}

// Messages go to a terminal: no control characters, whatever the input was.
inline void RequirePrintable(std::string_view message) {
  Require(std::ranges::none_of(message, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  }));
}

inline std::string_view TextOf(const std::uint8_t* data, std::size_t size) {
  return util::AsText(ByteView(data, size));
}

// Takes what stands before the first `separator`, or everything, from the front.
inline std::string_view TakePart(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

}  // namespace ociship::fuzz

#endif  // OCISHIP_TESTS_FUZZ_FUZZ_H_
