// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_REGISTRY_CREDENTIAL_FIXTURE_H_
#define OCISHIP_TESTS_REGISTRY_CREDENTIAL_FIXTURE_H_

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "ociship/reference.h"
#include "temp_folder.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/file.h"
#include "util/text.h"

namespace ociship::registry {

inline Repository RepositoryOf(std::string_view text) {
  return Reference::Parse(text).value().repository();
}

inline std::string Base64(std::string_view text) { return util::Base64Encode(util::AsBytes(text)); }

// {"auth": "..."} for USER:PASSWORD.
inline std::string AuthEntry(std::string_view pair) {
  return util::StrCat(R"({"auth":")", Base64(pair), R"("})");
}

// A folder for files and, first in PATH, for credential helpers, which are scripts of the shell.
class CredentialFolder {
 public:
  CredentialFolder() : path_before_(::getenv("PATH")) {
    ::setenv("PATH", util::StrCat(folder_.path(), ":", path_before_).c_str(), 1);
  }
  ~CredentialFolder() { ::setenv("PATH", path_before_.c_str(), 1); }
  CredentialFolder(const CredentialFolder&) = delete;
  CredentialFolder& operator=(const CredentialFolder&) = delete;

  std::string operator/(std::string_view name) const { return folder_ / name; }
  const std::string& path() const { return folder_.path(); }

  std::string Write(std::string_view name, std::string_view content) const {
    const std::string path = folder_ / name;
    REQUIRE(util::WriteFileAtomically(path, content, 0600).ok());
    return path;
  }
  std::string Read(std::string_view name) const {
    return util::ReadFile(folder_ / name, 1 << 20).value();
  }
  bool Has(std::string_view name) const { return std::filesystem::exists(folder_ / name); }

  // In `script` the action is "$1", and $in what was on standard input; each call is a line
  // "ACTION INPUT" in the file `calls`.
  void AddHelper(std::string_view name, std::string_view script) const {
    const std::string path = folder_ / util::StrCat("docker-credential-", name);
    const std::string text =
        util::StrCat("#!/bin/sh\nin=$(cat)\nprintf '%s %s\\n' \"$1\" \"$in\" >>", folder_.path(),
                     "/calls\n", script, "\n");
    REQUIRE(util::WriteFileAtomically(path, text, 0700).ok());
  }

 private:
  std::string path_before_;
  testing::TempFolder folder_;
};

// What scripts of helpers do.
inline std::string Answer(std::string_view user, std::string_view secret) {
  return util::StrCat(R"(printf '{"ServerURL":"x","Username":")", user, R"(","Secret":")", secret,
                      R"("}')");
}
inline constexpr std::string_view kHasNone =
    "echo credentials not found in native keychain; exit 1";

inline bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace ociship::registry

#endif  // OCISHIP_TESTS_REGISTRY_CREDENTIAL_FIXTURE_H_
