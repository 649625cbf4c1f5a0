// SPDX-License-Identifier: Apache-2.0
// TUF metadata: read or refused, and never verified unless its keys signed it. Run by scripts/fuzz.
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz.h"
#include "tuf/canonical_json.h"
#include "tuf/metadata.h"
#include "tuf/search.h"
#include "tuf/update.h"
#include "tuf/verify.h"
#include "util/json.h"

namespace ociship::fuzz {
namespace {

template <typename T>
void RequireRefusal(const Result<T>& result) {
  if (result.ok()) return;
  Require(result.error().code() == Code::kTrustMaterial);
  Require(result.error().reason().starts_with("tuf-"));
  RequirePrintable(result.error().message());
}

// Canonical JSON has nothing but its strings in which a blank could stand.
void CheckCanonical(const util::Json& json) {
  const auto canonical = tuf::CanonicalJson(json);
  RequireRefusal(canonical);
  if (!canonical.ok()) return;
  const auto again = util::Json::Parse(canonical.value());
  if (again.ok()) Require(tuf::CanonicalJson(again.value()).value() == canonical.value());
}

void CheckTargets(const tuf::Targets& targets, std::string_view path) {
  Require(targets.common.version >= 1);
  Require(targets.targets.size() <= tuf::kMaxTargets);
  for (const tuf::Delegation& delegation : targets.delegations) {
    Require(delegation.keys.threshold >= 1 && !delegation.name.empty());
    Require(delegation.paths.empty() || delegation.hash_prefixes.empty());
    const auto match = delegation.Matches(path);
    if (delegation.paths == std::vector<std::string>{std::string(path)}) {
      Require(match == tuf::Delegation::Match::kYes);
    }
    for (const auto& [name, file] : targets.targets) static_cast<void>(delegation.Matches(name));
    RequireRefusal(targets.delegated_keys.CheckThreshold(delegation.keys, {}, path, "role"));
  }
}

void CheckBodies(const util::Json& body, std::string_view text) {
  const auto root = tuf::Root::Parse(body);
  RequireRefusal(root);
  if (root.ok()) Require(root.value().root.threshold >= 1);
  const auto timestamp = tuf::Timestamp::Parse(body);
  RequireRefusal(timestamp);
  const auto snapshot = tuf::Snapshot::Parse(body);
  RequireRefusal(snapshot);
  const auto targets = tuf::Targets::Parse(body);
  RequireRefusal(targets);
  if (targets.ok()) CheckTargets(targets.value(), text.substr(0, 64));
}

// The text is every file that the workflow asks for.
void CheckUpdate(std::string_view text) {
  const std::chrono::sys_seconds now{std::chrono::seconds(1'700'000'000)};
  auto update = tuf::Update::Start(text, now, tuf::Mode::kRefresh);
  RequireRefusal(update);
  if (!update.ok()) return;
  // A root that is its own successor would have another version.
  RequireRefusal(update.value().Give(text));
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship::fuzz;
  const std::string_view text = TextOf(data, size);
  CheckUpdate(text);
  const auto json = ociship::util::Json::Parse(text);
  if (!json.ok()) return 0;
  CheckCanonical(json.value());
  CheckBodies(json.value(), text);
  const ociship::util::Json* body = json.value().Find("signed");
  if (body != nullptr) CheckBodies(*body, text);
  return 0;
}
