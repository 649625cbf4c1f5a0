// SPDX-License-Identifier: Apache-2.0
// ociship version. Tested by tests/e2e/test_cli.py.
#include "cli/commands.h"

namespace ociship::cli {

Status RunVersion(const Context& context) {
  context.output.Answer("ociship " OCISHIP_VERSION);
  return Ok();
}

}  // namespace ociship::cli
