// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TUF_VERIFY_H_
#define OCISHIP_TUF_VERIFY_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "ociship/core.h"
#include "tuf/metadata.h"

namespace ociship::tuf {

// Metadata of the kind `Body` that a threshold of its role's keys signed: only the functions below
// make one. It says nothing about expiry or versions; update.h does. Immutable, cheap to copy, safe
// to share between threads.
template <typename Body>
class Verified {
 public:
  const Body& operator*() const { return *body_; }
  const Body* operator->() const { return body_.get(); }

 private:
  friend struct Verifier;
  explicit Verified(Body body) : body_(std::make_shared<const Body>(std::move(body))) {}
  std::shared_ptr<const Body> body_;
};

// The largest documents that are looked at, in bytes, where nothing signed says how large they are.
inline constexpr std::size_t kMaxRootBytes = 512'000;
inline constexpr std::size_t kMaxTimestampBytes = 16'384;
inline constexpr std::size_t kMaxSnapshotBytes = 2'000'000;
inline constexpr std::size_t kMaxTargetsBytes = 5'000'000;

// All refusals are kTrustMaterial with tuf-format or tuf-threshold.

// Section 5.2: "Load the trusted root metadata file", which came with the program or from the
// person. It must be signed by itself.
Result<Verified<Root>> VerifyFirstRoot(std::string_view bytes);

// Section 5.3.4: signed by "(1) a threshold of keys specified in the trusted root metadata file
// (version N), and (2) a threshold of keys specified in the new root metadata file being
// validated".
Result<Verified<Root>> VerifyNextRoot(std::string_view bytes, const Verified<Root>& trusted);

// Sections 5.4.2, 5.5.3 and 5.6.3: "signed by a threshold of keys specified in the trusted root
// metadata file".
Result<Verified<Timestamp>> VerifyTimestamp(std::string_view bytes, const Verified<Root>& root);
Result<Verified<Snapshot>> VerifySnapshot(std::string_view bytes, const Verified<Root>& root);
Result<Verified<Targets>> VerifyTargets(std::string_view bytes, const Verified<Root>& root);

// Section 5.6.3 for a delegated role: its keys are those that the delegating role names.
// `delegation` is one of `delegator`.
Result<Verified<Targets>> VerifyDelegated(std::string_view bytes,
                                          const Verified<Targets>& delegator,
                                          const Delegation& delegation);

}  // namespace ociship::tuf

#endif  // OCISHIP_TUF_VERIFY_H_
