// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_ENVIRONMENT_H_
#define OCISHIP_UTIL_ENVIRONMENT_H_

#include <optional>
#include <string>

namespace ociship::util {

// The environment as an effect. Only cli makes the real one.
class Environment {
 public:
  virtual ~Environment() = default;
  // nullopt when the variable is not set; a set and empty one is "".
  virtual std::optional<std::string> Get(const std::string& name) const = 0;
};

class ProcessEnvironment : public Environment {
 public:
  std::optional<std::string> Get(const std::string& name) const override;
};

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_ENVIRONMENT_H_
