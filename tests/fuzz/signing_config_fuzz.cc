// SPDX-License-Identifier: Apache-2.0
// Signing configs: read or refused, and what was read can be chosen from by the rules. Run by
// scripts/fuzz.
#include "sigstore/signing_config.h"

#include <chrono>
#include <set>
#include <string>

#include "fuzz.h"
#include "util/url.h"

namespace ociship::fuzz {
namespace {

using sigstore::Service;

constexpr util::Micros kNow{std::chrono::seconds(1'780'000'000)};  // 2026

void CheckChoice(const Result<sigstore::ServiceChoice>& choice, std::size_t services) {
  if (!choice.ok()) {
    Require(services > 0);
    Require(choice.error().code() == Code::kTrustMaterial);
    RequirePrintable(choice.error().message());
    return;
  }
  Require(choice.value().needed <= choice.value().candidates.size());
  Require((choice.value().needed == 0) == (services == 0));
  Require(choice.value().candidates.size() <= services);
  for (const Service& service : choice.value().candidates) {
    Require(service.api_version == choice.value().candidates.front().api_version);
    Require(service.validity.Contains(kNow));
    Require(util::Url::Parse(service.url).ok());
  }
}

void CheckGroup(const sigstore::ServiceGroup& group) {
  Require(group.services.size() <= sigstore::kMaxServices);
  Require(group.services.empty() || group.selector.has_value());
  const auto choice =
      sigstore::ChooseSeveral("log", group, sigstore::kLogVersions, kNow, group.services.size());
  CheckChoice(choice, group.services.size());
  if (!choice.ok()) return;
  std::set<std::string> operators;
  for (const Service& service : choice.value().candidates) operators.insert(service.operated_by);
  Require(operators.size() == choice.value().candidates.size());
}

void CheckConfig(std::string_view text) {
  const auto config = sigstore::SigningConfig::Parse(text);
  if (!config.ok()) {
    Require(config.error().code() == Code::kTrustMaterial);
    RequirePrintable(config.error().message());
    return;
  }
  for (const auto* services :
       {&config.value().certificate_authorities(), &config.value().identity_providers()}) {
    Require(services->size() <= sigstore::kMaxServices);
    CheckChoice(
        sigstore::ChooseOne("service", *services, sigstore::kCertificateAuthorityVersions, kNow),
        services->size());
  }
  CheckGroup(config.value().logs());
  CheckGroup(config.value().timestamp_authorities());
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ociship::fuzz::CheckConfig(ociship::fuzz::TextOf(data, size));
  return 0;
}
