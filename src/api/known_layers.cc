// SPDX-License-Identifier: Apache-2.0
// Where a push learns what need not be sent. Tested by push_test.cc.
#include "api/known_layers.h"

#include <algorithm>

#include "api/impl.h"
#include "api/signer.h"
#include "ociship/verify.h"
#include "util/try.h"

namespace ociship::api {
namespace {

constexpr std::size_t kMaxTeachers = 2;

// Tags that name no image: signatures, attestations, lists of referrers.
bool NamesAnImage(const std::string& tag) { return !tag.starts_with("sha256-"); }

std::vector<std::string> Teachers(const std::vector<std::string>& existing,
                                  const std::vector<Tag>& wanted) {
  std::vector<std::string> teachers;
  for (const Tag& tag : wanted) {
    if (teachers.size() < kMaxTeachers && std::ranges::binary_search(existing, tag.text())) {
      teachers.push_back(tag.text());
    }
  }
  if (!teachers.empty()) return teachers;
  if (std::ranges::binary_search(existing, "latest")) return {"latest"};
  const auto last = std::find_if(existing.rbegin(), existing.rend(), NamesAnImage);
  if (last != existing.rend()) teachers.push_back(*last);
  return teachers;
}

Status LearnFrom(Store& destination, const std::string& name, const Signer* signer,
                 transfer::KnownLayers& known) {
  const Tag tag = TRY(Tag::Parse(name));
  const Descriptor image = TRY(destination.Resolve(tag));
  if (signer != nullptr) {
    const VerifyPolicy policy = TRY(PolicyOf(*signer->impl().key));
    TRY(VerifyImage(destination, image.digest, policy));
  }
  return known.Learn(destination, image.digest);
}

}  // namespace

transfer::KnownLayers LearnKnownLayers(Store& destination, const std::vector<std::string>& existing,
                                       const std::vector<Tag>& wanted, const Signer* signer) {
  transfer::KnownLayers known;
  if (signer != nullptr && !signer->impl().key) return known;
  for (const std::string& teacher : Teachers(existing, wanted)) {
    // Not to know a layer costs time and nothing else, so no failure here ends the push.
    const Status learnt = LearnFrom(destination, teacher, signer, known);
    if (!learnt.ok() && learnt.error().code() == Code::kInterrupted) break;
  }
  return known;
}

}  // namespace ociship::api
