// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_COSIGN_GATHER_H_
#define OCISHIP_COSIGN_GATHER_H_

#include <optional>
#include <string>
#include <vector>

#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/store.h"

// Collects what might be signatures of an image, in both formats. This is the last that asks the
// Store: what is gathered is judged by cosign/verify.h without it.
namespace ociship::cosign {

// Caps on what is gathered. What lies beyond is recorded as unread.
inline constexpr std::size_t kMaxReferrersRead = 1000;
inline constexpr std::uint64_t kMaxGatheredBytes = 32 << 20;

// A layer of the signature image.
struct LegacyCandidate {
  Descriptor manifest;    // of the signature image
  std::string payload;    // the exact bytes of the layer
  std::string signature;  // the annotation: base64
  // The other annotations, as they are.
  std::optional<std::string> certificate = {};
  std::optional<std::string> log_entry = {};
  std::optional<std::string> timestamp = {};
};

// The candidate of a layer whose payload was read; nullopt when it carries no signature.
std::optional<LegacyCandidate> CandidateOf(const Descriptor& manifest, const Descriptor& layer,
                                           std::string payload);

// A bundle that a referrer carries.
struct BundleCandidate {
  Descriptor manifest;  // of the referrer
  std::string bundle;   // the exact bytes of its layer
};

// Something that may be a signature, or hold some, and could not be read.
struct Unread {
  std::string what;  // "referrer sha256:...", "the list of referrers"
  Error error;
};

struct Gathered {
  std::vector<BundleCandidate> bundles;
  std::vector<LegacyCandidate> legacy;
  std::vector<Unread> unread;
};

// The bundles that refer to `image`: one request for the list, one for each manifest, one for each
// bundle. A referrer counts when its manifest names `image` as subject and has exactly one layer,
// a bundle; one that says itself that it is an attestation of another type is passed over. An Error
// when the list could not be had, or the caller cancelled.
Result<Gathered> GatherBundles(Store& store, const Digest& image);

// The layers of the signature image that carry a signature: the tag is resolved once, then one
// request for the manifest and one for each payload, which layers may share. An Error when it could
// not be found out whether there is such an image, or the caller cancelled.
Result<Gathered> GatherLegacy(Store& store, const Digest& image);

// What both gave, where one that failed is an unread candidate. The error of the first when both
// failed: then nothing at all was found out.
Result<Gathered> Join(Result<Gathered> bundles, Result<Gathered> legacy);

// Both formats.
Result<Gathered> Gather(Store& store, const Digest& image);

}  // namespace ociship::cosign

#endif  // OCISHIP_COSIGN_GATHER_H_
