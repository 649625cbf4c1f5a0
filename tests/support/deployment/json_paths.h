// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_JSON_PATHS_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_JSON_PATHS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ociship::deployment {

// Which field each byte of a JSON text belongs to: "a.list[0].b". A member's name belongs to the
// member, brackets and commas to what they are around. A checkpoint is cut further, into
// "envelope(text)", "envelope(log)" for the line of the log, "envelope(others)" for those of
// others, and "envelope(same name)" for all lines of the log where it has several.
//
// The text must be valid JSON.
class JsonPaths {
 public:
  explicit JsonPaths(std::string_view text);

  const std::string& At(std::size_t offset) const { return names_[of_byte_[offset]]; }

 private:
  void SkipSpace();
  std::string_view String();
  void Value(const std::string& path);
  void Members(const std::string& path);
  void Elements(const std::string& path);
  void Checkpoint(const std::string& path, std::size_t from);
  void Mark(std::size_t from, std::size_t to, const std::string& path);

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::size_t> of_byte_;
  std::vector<std::string> names_;
};

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_JSON_PATHS_H_
