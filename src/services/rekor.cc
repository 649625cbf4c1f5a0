// SPDX-License-Identifier: Apache-2.0
// Writing to transparency logs: to whichever generation a log is of, and the verification of what
// comes back. Tested by rekor_test.cc.
#include "services/rekor.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "services/failure.h"
#include "services/log_request.h"
#include "services/rekor1.h"
#include "services/rekor2.h"
#include "sigstore/log.h"
#include "sigstore/policy.h"
#include "sigstore/reason.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using sigstore::Reason;

constexpr std::int64_t kRekor1 = 1;
constexpr std::int64_t kRekor2 = 2;

Result<sigstore::LogEntry> Submit(ServiceCaller& caller, const sigstore::Service& log,
                                  const Loggable& loggable, const sigstore::TrustRoot& root) {
  if (log.api_version == kRekor1) return SubmitToRekor1(caller, log, loggable);
  if (log.api_version == kRekor2) return SubmitToRekor2(caller, log, loggable, root);
  return Error(Code::kUsage, util::StrCat(NameOfLog(log), " speaks version ", log.api_version,
                                          ", only 1 and 2 are supported"));
}

// Verifiers take more kinds of entry than are asked for.
Status CheckKind(const sigstore::Service& log, const Loggable& loggable,
                 const sigstore::LogEntry& entry) {
  const bool envelope = std::holds_alternative<sigstore::Envelope>(loggable.material.content);
  const bool first = log.api_version == kRekor1;
  const std::string_view kind = first && envelope ? "dsse" : "hashedrekord";
  const std::string_view version = first ? "0.0.1" : "0.0.2";
  if (entry.kind == kind && entry.version == version) return Ok();
  return sigstore::Refuse(Reason::kEntryKind,
                          util::StrCat("it is of kind ", util::Quoted(entry.kind), " ",
                                       util::Quoted(entry.version), ", not ", kind, " ", version));
}

// As everybody will who verifies the signature, but for times, which may come from elsewhere.
Status CheckEntry(const sigstore::Service& log, const Loggable& loggable,
                  const sigstore::LogEntry& entry, const sigstore::TrustRoot& root) {
  TRY(CheckKind(log, loggable, entry));
  const sigstore::Material material{.signer = loggable.material.signer,
                                    .content = loggable.material.content,
                                    .log_entries = {entry},
                                    .timestamps = {}};
  const sigstore::Policy policy{.signer = sigstore::KeySigner{.key = loggable.signer.key},
                                .log_entries = sigstore::Threshold::Require(1),
                                .timestamps = sigstore::Threshold::Ignore()};
  TRY(sigstore::VerifyLogEntries(material, loggable.artifact, loggable.signer, policy, root));
  return Ok();
}

}  // namespace

Result<sigstore::LogEntry> SubmitEntry(ServiceCaller& caller, const sigstore::Service& log,
                                       const Loggable& loggable, const sigstore::TrustRoot& root) {
  sigstore::LogEntry entry = TRY(Submit(caller, log, loggable, root));
  const Status verified = CheckEntry(log, loggable, entry, root);
  if (verified.ok()) return entry;
  return BadAnswer(NameOfLog(log), "an entry that does not verify", verified.error(),
                   Reason::kLogEntryMalformed);
}

}  // namespace ociship::services
