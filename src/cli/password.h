// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_PASSWORD_H_
#define OCISHIP_CLI_PASSWORD_H_

#include <string>
#include <string_view>

#include "cli/context.h"
#include "ociship/core.h"

namespace ociship::cli {

// Whether standard input is free for a password, or what comes from it already.
enum class StandardInput { kFree, kArchive, kRegistryPassword };

// The password of a key file, from where cosign takes it: COSIGN_PASSWORD if that is set, even to
// nothing; else a prompt on a terminal; else all of standard input.
Result<std::string> ReadPassword(const Context& context, StandardInput input);
// The same for a new key: asked twice on a terminal.
Result<std::string> ReadNewPassword(const Context& context);

// The password of a registry: all of standard input without its last line end, as docker reads it.
// kUsage when that is not free, or empty.
Result<std::string> ReadRegistryPassword(StandardInput input);

// Whether there is somebody to be asked.
enum class Asking { kPossible, kNobodyThere };
Asking Terminal();
// Ask on the terminal, with and without showing what is typed. kUsage for an empty answer.
Result<std::string> AskUser(const Context& context, std::string_view question);
Result<std::string> AskSecret(const Context& context, std::string_view question);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_PASSWORD_H_
