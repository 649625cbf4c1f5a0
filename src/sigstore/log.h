// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_LOG_H_
#define OCISHIP_SIGSTORE_LOG_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ociship/core.h"
#include "sigstore/bundle.h"
#include "sigstore/claimed_signer.h"
#include "sigstore/content.h"
#include "sigstore/log_entry.h"
#include "sigstore/policy.h"
#include "sigstore/trust_root.h"

namespace ociship::sigstore {

// Proof that a log of the trusted root has this signature of this signer: only VerifyLogEntries
// makes one.
class VerifiedLogEntry {
 public:
  // The host of the log, or its ID where that is not known.
  std::string log_name() const;
  // In the log as a whole; nothing where the log did not sign it.
  const std::optional<std::uint64_t>& index() const { return index_; }
  // When the log took it, by a promise that it signed. Nothing where it promised none.
  const std::optional<std::chrono::sys_seconds>& promised_time() const { return promised_time_; }
  const Log& log() const { return log_; }

 private:
  friend class LogJudge;
  VerifiedLogEntry(Log log, std::optional<std::uint64_t> index,
                   std::optional<std::chrono::sys_seconds> promised_time)
      : log_(std::move(log)), index_(index), promised_time_(promised_time) {}

  Log log_;
  std::optional<std::uint64_t> index_;
  std::optional<std::chrono::sys_seconds> promised_time_;
};

// Proof that as many logs vouch as the policy demands.
class VerifiedLogEntries {
 public:
  const std::vector<VerifiedLogEntry>& all() const { return all_; }
  // Entries that were there and not looked at, or of logs that are not known.
  std::size_t unchecked() const { return unchecked_; }

 private:
  friend Result<VerifiedLogEntries> VerifyLogEntries(const Material&, const Artifact&,
                                                     const ClaimedSigner&, const Policy&,
                                                     const TrustRoot&);
  VerifiedLogEntries(std::vector<VerifiedLogEntry> all, std::size_t unchecked)
      : all_(std::move(all)), unchecked_(unchecked) {}

  std::vector<VerifiedLogEntry> all_;
  std::size_t unchecked_;
};

// Verifies every entry of a log that the trusted root knows: the promise, the inclusion proof and
// its checkpoint, whatever of them is there and one of them at least, and that the entry is about
// this signature, of this content, by this signer. Entries of other logs do not count; one that
// fails refuses the whole. As many as the policy demands must count, each of another operator.
// kNoMatch: log-*, checkpoint-*, entry-*.
Result<VerifiedLogEntries> VerifyLogEntries(const Material& material, const Artifact& artifact,
                                            const ClaimedSigner& signer, const Policy& policy,
                                            const TrustRoot& root);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_LOG_H_
