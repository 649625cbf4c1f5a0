// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_PERSON_H_
#define OCISHIP_CLI_PERSON_H_

#include <string>
#include <string_view>

#include "cli/context.h"
#include "services/oidc_login.h"

namespace ociship::cli {

// The person at the terminal. Nobody is there when standard input or standard error is none. A
// browser can be opened on macOS and where DISPLAY or WAYLAND_DISPLAY is set.
class TerminalPerson : public services::Person {
 public:
  explicit TerminalPerson(const Context& context);
  // The same for somebody whose reach is known.
  TerminalPerson(const Context& context, Reach reach);

  Reach reach() const override { return reach_; }
  void Say(std::string_view line) override;
  Opened Open(const std::string& url) override;
  // In GitHub Actions (GITHUB_ACTIONS is "true") the runner is told to keep it out of all logs.
  void Hide(std::string_view secret) override;

 private:
  Context context_;
  Reach reach_;
};

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_PERSON_H_
