// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_COMMAND_LINE_H_
#define OCISHIP_CLI_COMMAND_LINE_H_

#include "cli/context.h"

namespace ociship::cli {

// Reads the command line, runs the command that it names, and gives the exit code. Help goes to
// standard output, everything that is wrong to standard error.
int RunCommandLine(int argc, char** argv, const Context& context);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_COMMAND_LINE_H_
