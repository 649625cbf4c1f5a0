// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SERVICES_TRUST_FIXTURE_H_
#define OCISHIP_TESTS_SERVICES_TRUST_FIXTURE_H_

#include <doctest/doctest.h>

#include <string>

#include "services/embedded.h"
#include "services/trust.h"
#include "temp_folder.h"
#include "tuf_server.h"
#include "util/file.h"

namespace ociship::testing {

// A TUF repository with a trusted root, and somebody who asks for it.
struct TrustFixture : TufEffects {
  TrustFixture() {
    repository.files["trusted_root.json"] = std::string(services::embedded::kStagingTrustedRoot);
    for (TufRole* role :
         {&repository.root, &repository.timestamp, &repository.snapshot, &repository.targets}) {
      role->expires = kTufNow + 7 * kTufDay;
    }
    repository.Publish();
    request.mirror = std::string(kTufMirror);
    request.tuf_root_path = WriteFile("root.json", repository.served["1.root.json"]);
    request.cache_folder = temp / "cache";
  }

  std::string WriteFile(std::string_view name, std::string_view text) {
    const std::string path = temp / name;
    REQUIRE(util::WriteFileAtomically(path, text, 0600).ok());
    return path;
  }
  void PublishNext() {
    ++repository.timestamp.version;
    repository.Publish();
  }

  TempFolder temp;
  TufRepository repository;
  TufServer server{repository};
  services::TrustRequest request;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SERVICES_TRUST_FIXTURE_H_
