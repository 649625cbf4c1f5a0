// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_PASSWORD_H_
#define OCISHIP_CLI_PASSWORD_H_

#include <string>

#include "cli/context.h"
#include "ociship/core.h"

namespace ociship::cli {

// Whether standard input is free for a password, or is the archive that is pushed.
enum class StandardInput { kFree, kTaken };

// The password of a key file, from where cosign takes it: COSIGN_PASSWORD if that is set, even to
// nothing; else a prompt on a terminal; else all of standard input.
Result<std::string> ReadPassword(const Context& context, StandardInput input);
// The same for a new key: asked twice on a terminal.
Result<std::string> ReadNewPassword(const Context& context);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_PASSWORD_H_
