// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_ARGUMENTS_H_
#define OCISHIP_CLI_ARGUMENTS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "ociship/core.h"
#include "ociship/reference.h"
#include "ociship/sign.h"
#include "ociship/store.h"

// What several commands do with their arguments.
namespace ociship::cli {

// "KEY=VALUE" texts as a map. kUsage for another form, or a key twice.
Result<std::map<std::string, std::string>> ParseAnnotations(const std::vector<std::string>& texts);

// A number of bytes: "1500", "20GiB" or "20G", "20GB" (1000 each). kUsage otherwise.
Result<std::uint64_t> ParseSize(std::string_view text);

// A time: "30s", "2m", "1h", or a number of seconds. kUsage otherwise.
Result<std::chrono::seconds> ParseDuration(std::string_view text);

// kBadInput when the folder of a file that is to be written does not exist: no reason to have done
// all that leads to it before. `flag` is who named it.
Status CheckFolderOf(std::string_view flag, const std::string& path);

// "bundle" or "legacy".
std::string_view FormatText(SignatureFormat format);

// A reference, the Store of its repository, and what it names there. The digest of the reference,
// if it has one, must be what its tag names. kNotFound when it names nothing.
struct OpenedImage {
  Reference reference;
  std::unique_ptr<Store> store;
  Descriptor image;

  // NAME@sha256:...
  std::string Name() const;
};
Result<OpenedImage> OpenImage(const std::string& text, const StoreOptions& options,
                              const Context& context);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_ARGUMENTS_H_
