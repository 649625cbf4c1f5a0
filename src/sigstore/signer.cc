// SPDX-License-Identifier: Apache-2.0
// Whether a key could speak for its owner when it signed (client-spec.md section 4.3; RFC 5280;
// RFC 6962). Covered by tests/sigstore/deployment_test.cc
// and tests/services/fulcio_test.cc.
#include "sigstore/signer.h"

#include <algorithm>
#include <set>

#include "crypto/chain.h"
#include "sigstore/reason.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

// "Verify that the timestamp is within the validity period of the certificate" (client-spec.md
// section 4.3), to the fraction of a second.
Status CheckLeafWindow(const crypto::Certificate& leaf, util::Micros time) {
  if (leaf.not_before() <= time && time <= leaf.not_after()) return Ok();
  return Refuse(
      Reason::kTimeOutsideSigner,
      util::StrCat("the certificate was valid from ", util::FormatRfc3339(leaf.not_before()),
                   " to ", util::FormatRfc3339(leaf.not_after()), ", not at ",
                   util::FormatRfc3339(time)));
}

// The chain to one of the authorities that are trusted at this time.
Result<crypto::VerifiedChain> ChainAt(const crypto::Certificate& leaf, const TrustRoot& root,
                                      util::Micros time) {
  TRY(CheckLeafWindow(leaf, time));
  Error nearest =
      Refuse(Reason::kCertificateAuthority,
             util::StrCat("no certificate authority is trusted at ", util::FormatRfc3339(time)));
  for (const CertificateAuthority& authority : root.certificate_authorities()) {
    if (!authority.validity.Contains(time)) continue;
    Result<crypto::VerifiedChain> chain = crypto::VerifyChain(
        leaf, authority.intermediates, authority.anchor, crypto::Purpose::kCodeSigning,
        std::chrono::floor<std::chrono::seconds>(time));
    if (chain.ok()) return chain;
    // Other authorities have nothing to do with it; the one that issued it has the better reason.
    const bool issued = chain.error().reason() != crypto::kCertificateChain;
    if (issued || nearest.reason() == Word(Reason::kCertificateAuthority)) nearest = chain.error();
  }
  return nearest;
}

Status CheckSctWindow(const crypto::VerifiedSct& sct, const TrustRoot& root) {
  if (TrustInLog(root.certificate_logs(), sct.log_id(), sct.time()) == Trust::kTrusted) return Ok();
  return Refuse(Reason::kSctWindow, util::StrCat("the certificate log is not trusted at ",
                                                 util::FormatRfc3339(sct.time())));
}

// Counts the certificate logs that vouch. One of an unknown log does not count; one of a known log
// that does not verify refuses the whole.
Result<std::size_t> CountLogs(const crypto::VerifiedChain& chain,
                              const std::optional<crypto::Sct>& detached, const TrustRoot& root) {
  std::set<std::string> vouchers;
  const std::vector<crypto::Sct> embedded = TRY(crypto::EmbeddedScts(chain.leaf()));
  for (const crypto::Sct& sct : embedded) {
    const Log* log = FindLog(root.certificate_logs(), sct.log_id);
    if (log == nullptr) continue;
    const crypto::VerifiedSct verified = TRY(crypto::VerifyEmbeddedSct(sct, chain, log->key));
    TRY(CheckSctWindow(verified, root));
    vouchers.insert(VoucherOf(*log));
  }
  const Log* log = detached ? FindLog(root.certificate_logs(), detached->log_id) : nullptr;
  if (log != nullptr) {
    const crypto::VerifiedSct verified = TRY(crypto::VerifyDetachedSct(*detached, chain, log->key));
    TRY(CheckSctWindow(verified, root));
    vouchers.insert(VoucherOf(*log));
  }
  if (embedded.empty() && !detached) {
    return Refuse(Reason::kSctMissing, "the certificate carries no proof of a certificate log");
  }
  return vouchers.size();
}

Result<std::size_t> VerifyCertificateLogs(const crypto::VerifiedChain& chain,
                                          const Threshold& threshold,
                                          const std::optional<crypto::Sct>& detached,
                                          const TrustRoot& root) {
  if (threshold.ignored()) return std::size_t{0};
  Result<std::size_t> count = CountLogs(chain, detached, root);
  const bool required = threshold.demand == Threshold::Demand::kRequire;
  if (!count.ok()) {
    if (!required && count.error().reason() == Word(Reason::kSctMissing)) return std::size_t{0};
    return count;
  }
  if (!required || count.value() >= threshold.count) return count;
  return Refuse(Reason::kSctThreshold,
                util::StrCat(threshold.count, " known certificate log",
                             threshold.count == 1 ? "" : "s of different operators",
                             " must vouch for the certificate, ", count.value(), " do"));
}

// "Verify that each timestamp is within the validity period of the key" (client-spec.md 4.3).
Status CheckKeyWindow(const KeySigner& signer, const TrustedTimes& times) {
  for (const TrustedTime& time : times.all()) {
    if (signer.validity.Contains(time.time)) continue;
    return Refuse(Reason::kTimeOutsideSigner,
                  util::StrCat("the key is not trusted at ", util::FormatRfc3339(time.time)));
  }
  return Ok();
}

}  // namespace

Result<VerifiedSigner> VerifySigner(ClaimedSigner claimed, const Policy& policy,
                                    const std::optional<crypto::Sct>& detached,
                                    const TrustRoot& root, const TrustedTimes& times) {
  if (const auto* key = std::get_if<KeySigner>(&policy.signer)) {
    TRY(CheckKeyWindow(*key, times));
    return VerifiedSigner(std::move(claimed), 0);
  }
  if (!claimed.certificate || times.all().empty()) {
    return Refuse(Reason::kTimeMissing, "no time is known at which to judge the certificate");
  }
  std::optional<crypto::VerifiedChain> chain;
  for (const TrustedTime& time : times.all()) {
    // "If there are several timestamps, all of them": the latest or earliest alone could be chosen
    // by whoever made the bundle.
    chain = TRY(ChainAt(*claimed.certificate, root, time.time));
  }
  const std::size_t logs = TRY(VerifyCertificateLogs(
      *chain, std::get<CertificateSigner>(policy.signer).certificate_logs, detached, root));
  return VerifiedSigner(std::move(claimed), logs);
}

Result<VerifiedSigner> VerifyIssued(const crypto::Certificate& certificate,
                                    const Threshold& certificate_logs,
                                    const std::optional<crypto::Sct>& detached,
                                    const TrustRoot& root, util::Micros time) {
  if (certificate_logs.demand == Threshold::Demand::kUnsaid) {
    return Error(Code::kUsage, "it is not said how many certificate logs must vouch")
        .Because(Word(Reason::kPolicySilent));
  }
  const crypto::VerifiedChain chain = TRY(ChainAt(certificate, root, time));
  const std::size_t logs = TRY(VerifyCertificateLogs(chain, certificate_logs, detached, root));
  ClaimedSigner claimed{.key = certificate.public_key(), .certificate = certificate};
  return VerifiedSigner(std::move(claimed), logs);
}

}  // namespace ociship::sigstore
