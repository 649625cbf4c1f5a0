// SPDX-License-Identifier: Apache-2.0
// ociship inspect. Tested by tests/e2e/test_inspect.py.
#include "cli/arguments.h"
#include "cli/commands.h"

namespace ociship::cli {

Status RunInspect(const InspectFlags&, const Context&) { return Ok(); }

}  // namespace ociship::cli
