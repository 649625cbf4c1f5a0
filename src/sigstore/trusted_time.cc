// SPDX-License-Identifier: Apache-2.0
// When a signature was made (client-spec.md section 4.2; RFC 3161). Covered by
// tests/sigstore/deployment_test.cc.
#include "sigstore/trusted_time.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "crypto/chain.h"
#include "crypto/timestamp.h"
#include "sigstore/reason.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

std::string ShowTime(util::Micros time) {
  return util::FormatRfc3339(std::chrono::floor<std::chrono::seconds>(time));
}

// How far the judgement of a token came, so that the message speaks of the authority that nearly
// made it and not of those that have nothing to do with it.
std::size_t Progress(const Error& error) {
  constexpr std::array<std::string_view, 7> kOrder = {
      crypto::kTimestampSigner, crypto::kTimestampSignature, crypto::kTimestampImprint,
      crypto::kTimestampChain,  crypto::kTimestampUsage,     crypto::kCertificateExpired,
      "timestamp-window"};
  const auto found = std::find(kOrder.begin(), kOrder.end(), error.reason());
  return static_cast<std::size_t>(found - kOrder.begin());
}

// A token that counted.
struct Vouched {
  TrustedTime time;
  // One who runs several authorities vouches once.
  std::string by;
};

Result<Vouched> VerifyBy(const TimestampAuthority& authority, const crypto::TimestampToken& token,
                         const util::Bytes& signature) {
  const crypto::VerifiedTimestamp verified =
      TRY(crypto::VerifyTimestamp(token, signature, authority.chain));
  // "Verify that the timestamp is within the validity period of the authority" (client-spec.md
  // section 4.2): both ends belong to it.
  if (!authority.validity.Contains(verified.time())) {
    return Refuse(Reason::kTimestampWindow,
                  util::StrCat("the timestamp authority ", authority.uri, " is not trusted at ",
                               ShowTime(verified.time())));
  }
  const std::string by = authority.operated_by.empty()
                             ? std::string(util::AsText(verified.signer().der()))
                             : util::StrCat("operator ", authority.operated_by);
  return Vouched{.time = {.time = verified.time(),
                          .source = TrustedTime::Source::kTimestamp,
                          .said_by = authority.uri},
                 .by = by};
}

Result<Vouched> VerifyToken(const crypto::TimestampToken& token, const util::Bytes& signature,
                            const TrustRoot& root) {
  Error nearest = Refuse(Reason::kTimestampThreshold, "no timestamp authority is known");
  bool first = true;
  for (const TimestampAuthority& authority : root.timestamp_authorities()) {
    Result<Vouched> vouched = VerifyBy(authority, token, signature);
    if (vouched.ok()) return vouched;
    if (first || Progress(vouched.error()) > Progress(nearest)) nearest = vouched.error();
    first = false;
  }
  return nearest;
}

Status CheckTimestampThreshold(const Threshold& threshold, std::size_t operators,
                               const std::optional<Error>& refused) {
  const bool required = threshold.demand == Threshold::Demand::kRequire;
  if (required ? operators >= threshold.count : operators > 0 || !refused) return Ok();
  // Nothing at all verified: why not says more than the number.
  if (operators == 0 && refused) return *refused;
  return Refuse(Reason::kTimestampThreshold,
                util::StrCat(threshold.count, " timestamps of different operators are needed, ",
                             operators, " verify"));
}

Status AddTimestamps(const std::vector<util::Bytes>& tokens, const util::Bytes& signature,
                     const Policy& policy, const TrustRoot& root, std::vector<TrustedTime>& times) {
  if (policy.timestamps.ignored()) return Ok();
  std::set<std::string> operators;
  std::optional<Error> refused;
  for (const util::Bytes& der : tokens) {
    const crypto::TimestampToken token = TRY(crypto::TimestampToken::Parse(der));
    Result<Vouched> vouched = VerifyToken(token, signature, root);
    if (!vouched.ok()) {
      if (!refused) refused = vouched.error();
      continue;
    }
    operators.insert(vouched.value().by);
    times.push_back(vouched.value().time);
  }
  const bool accepts_unknown = policy.timestamps.demand == Threshold::Demand::kAccept &&
                               root.timestamp_authorities().empty();
  if (accepts_unknown) return Ok();
  return CheckTimestampThreshold(policy.timestamps, operators.size(), refused);
}

// A log that promised no time is trusted when the signature was made, by the times of others.
Status CheckLogWindows(const VerifiedLogEntries& entries, const TrustRoot& root,
                       const std::vector<TrustedTime>& times) {
  for (const VerifiedLogEntry& entry : entries.all()) {
    if (entry.promised_time()) continue;
    for (const TrustedTime& time : times) {
      const bool trusted = std::any_of(root.logs().begin(), root.logs().end(), [&](const Log& log) {
        return log.id == entry.log().id && log.validity.Contains(time.time);
      });
      if (trusted) continue;
      return Refuse(Reason::kLogTime, util::StrCat("the log ", entry.log_name(),
                                                   " is not trusted at ", ShowTime(time.time)));
    }
  }
  return Ok();
}

}  // namespace

Result<TrustedTimes> CollectTimes(const std::vector<util::Bytes>& tokens,
                                  const util::Bytes& signature, const VerifiedLogEntries& entries,
                                  const Policy& policy, const TrustRoot& root,
                                  std::chrono::sys_seconds now) {
  std::vector<TrustedTime> times;
  TRY(AddTimestamps(tokens, signature, policy, root, times));
  for (const VerifiedLogEntry& entry : entries.all()) {
    if (!entry.promised_time()) continue;
    times.push_back({.time = *entry.promised_time(),
                     .source = TrustedTime::Source::kLog,
                     .said_by = entry.log_name()});
  }
  TRY(CheckLogWindows(entries, root, times));
  const bool needs_time = std::holds_alternative<CertificateSigner>(policy.signer) ||
                          std::get<KeySigner>(policy.signer).validity.start.has_value() ||
                          std::get<KeySigner>(policy.signer).validity.end.has_value();
  if (!times.empty() || !needs_time) return TrustedTimes(std::move(times));
  if (policy.log_entries.ignored()) {
    // Whatever is valid now was signed while it was valid, or not at all.
    times.push_back({.time = now, .source = TrustedTime::Source::kVerifier, .said_by = {}});
    return TrustedTimes(std::move(times));
  }
  return Refuse(Reason::kTimeMissing,
                "no trusted time says when the signature was made: neither a timestamp of a known "
                "authority nor a promise of a known log");
}

}  // namespace ociship::sigstore
