// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_COSIGN_SIGN_H_
#define OCISHIP_COSIGN_SIGN_H_

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "cosign/endorser.h"
#include "cosign/signer.h"
#include "ociship/core.h"
#include "ociship/store.h"

namespace ociship::cosign {

enum class Formats { kBundle, kLegacy, kBoth };

// How often the legacy tag is written when others write it at the same time.
inline constexpr int kMaxTagAttempts = 5;

struct SignRequest {
  Descriptor subject;    // the image, as the Store resolved it
  std::string identity;  // the docker-reference of the legacy payload: the repository, no tag
  std::map<std::string, std::string> annotations;
  Formats formats = Formats::kBoth;
  std::chrono::sys_seconds now;  // for the creation time of the referrer
  // Whether an equal signature that is there does.
  enum class Again { kUnlessThere, kAlways } again = Again::kUnlessThere;
};

// How often it is looked whether a Store shows what was written.
inline constexpr int kMaxLooks = 3;

// What happened to one format: whether it was written, and the manifest that carries the signature.
enum class Outcome { kWritten, kWasThere };
struct FormatOutcome {
  Outcome outcome;
  Descriptor manifest;
};

// Without a value where a format was not asked for.
struct SignOutcome {
  std::optional<FormatOutcome> bundle;
  std::optional<FormatOutcome> legacy;
};

// Signs an image and stores the signature in the formats that are asked for, as cosign 3 does.
//
// A format that has a signature of this endorser with the same annotations (and identity, in the
// legacy format) is left alone. Everything is signed, verified as a verifier would do it, and
// formatted before the first write; then blobs, manifests, and the legacy tag last. Layers that the
// legacy image has are kept. The tag is looked at right before and after it is written, and written
// again when another signer was faster, up to kMaxTagAttempts times; then kTagConflict. Two writers
// that do not look, like cosign, may still lose a signature to each other: the bundle format has no
// such race. Store::Settle is for the caller to do, once for all that he signs.
//
// kUsage when annotations or identity are no UTF-8, or too large, or the subject has a SHA-512
// digest and the legacy format is asked for; kSigningService when what was signed does not verify;
// errors of endorser and Store keep their codes.
Result<SignOutcome> Sign(Store& store, const SignRequest& request, Endorser& endorser);
// The same with a key and nobody else's word.
Result<SignOutcome> Sign(Store& store, const SignRequest& request, Signer& signer);

// Finds in the Store what Sign wrote, as a verifier would find it, and verifies it. kUnknown when
// the Store does not show it.
Status ConfirmStored(Store& store, const SignRequest& request, const SignOutcome& outcome,
                     Endorser& endorser);

}  // namespace ociship::cosign

#endif  // OCISHIP_COSIGN_SIGN_H_
