// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_CONTEXT_H_
#define OCISHIP_CLI_CONTEXT_H_

#include <string_view>

#include "cli/output.h"
#include "ociship/core.h"
#include "util/environment.h"

namespace ociship::cli {

// Everything that a command may touch outside of itself.
struct Context {
  const util::Environment& environment;
  Effects effects;
  Output& output;
};

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_CONTEXT_H_
