// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_TEMP_FOLDER_H_
#define OCISHIP_TESTS_SUPPORT_TEMP_FOLDER_H_

#include <stdlib.h>

#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

namespace ociship::testing {

// A new folder that is removed with everything in it.
class TempFolder {
 public:
  TempFolder() : path_((std::filesystem::temp_directory_path() / "ociship-test-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  // How many entries it has.
  std::ptrdiff_t Count() const {
    return std::distance(std::filesystem::directory_iterator(path_),
                         std::filesystem::directory_iterator());
  }

 private:
  std::string path_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_TEMP_FOLDER_H_
