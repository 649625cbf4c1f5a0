// SPDX-License-Identifier: Apache-2.0
#include "util/environment.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace ociship::util {
namespace {

TEST_CASE("ProcessEnvironment: set, empty and unset are told apart") {
  const std::string name = "OCISHIP_ENVIRONMENT_TEST";
  const ProcessEnvironment environment;
  ::unsetenv(name.c_str());
  CHECK_FALSE(environment.Get(name).has_value());
  ::setenv(name.c_str(), "", 1);
  CHECK(environment.Get(name) == "");
  ::setenv(name.c_str(), "value", 1);
  CHECK(environment.Get(name) == "value");
  ::unsetenv(name.c_str());
}

}  // namespace
}  // namespace ociship::util
