// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_PRIVATE_FOLDER_H_
#define OCISHIP_SERVICES_PRIVATE_FOLDER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"

// Folders and files that nobody else may have written: what is in them is believed. Whatever is
// refused is kTrustMaterial with the reason tuf-cache, and says what to do.
namespace ociship::services {

// One name of a file for every name of a role, target or repository. A '%' is encoded too, so that
// a hash that stands for a long name is nobody else's name.
std::string FileNameOf(std::string_view name);

// Makes the folder and those above it, where they are missing, for their owner alone. kFailure.
Status MakePrivateFolder(const std::string& path);

// Whether there is such a folder, which then is a real one that is the user's or root's, and that
// nobody else may write to.
enum class Presence { kAbsent, kPresent };
Result<Presence> CheckPrivateFolder(const std::string& path);

// A file with the same demands; nullopt when it is not there or larger than `max_bytes`. Never
// waits for a pipe.
Result<std::optional<std::string>> ReadPrivateFile(const std::string& path, std::size_t max_bytes);

// Writes `bytes` through to the disk, readable for its owner alone, as a new file.
Status WritePrivateFile(const std::string& path, std::string_view bytes);

// The names of the regular files in a folder; none when it can not be read.
std::vector<std::string> FilesIn(const std::string& folder);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_PRIVATE_FOLDER_H_
