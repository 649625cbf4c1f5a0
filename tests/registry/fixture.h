// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_REGISTRY_FIXTURE_H_
#define OCISHIP_TESTS_REGISTRY_FIXTURE_H_

#include <fake_clock.h>
#include <fake_transport.h>

#include <string>
#include <string_view>
#include <vector>

#include "ociship/reference.h"
#include "registry/client.h"

namespace ociship::registry {

using testing::Lost;
using testing::Reply;
using Lines = std::vector<std::string>;

inline Repository RepositoryOf(std::string_view text) {
  return Reference::Parse(text).value().repository();
}

// A client of registry.example/acme/app over a script.
struct Fixture {
  explicit Fixture(RegistryOptions options = {})
      : client(RepositoryOf("registry.example/acme/app"), transport, clock, cancel, options) {}

  testing::FakeTransport transport{"https://registry.example/v2/acme/app/"};
  testing::FakeClock clock;
  util::Cancel cancel;
  Client client;
};

inline std::string ErrorsJson(std::string_view code, std::string_view message) {
  return std::string(R"({"errors":[{"code":")")
      .append(code)
      .append(R"(","message":")")
      .append(message)
      .append(R"("}]})");
}

}  // namespace ociship::registry

#endif  // OCISHIP_TESTS_REGISTRY_FIXTURE_H_
