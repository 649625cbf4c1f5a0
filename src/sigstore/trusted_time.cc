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

// How far the judgement of a token came, so that the message speaks of the authority that nearly
// made it and not of those that have nothing to do with it.
std::size_t Progress(const Error& error) {
  static const std::array<std::string_view, 7> kOrder = {
      crypto::kTimestampSigner,      crypto::kTimestampSignature, crypto::kTimestampImprint,
      crypto::kTimestampChain,       crypto::kTimestampUsage,     crypto::kCertificateExpired,
      Word(Reason::kTimestampWindow)};
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
                               util::FormatRfc3339(verified.time())));
  }
  Vouched vouched;
  vouched.time.time = verified.time();
  vouched.time.source = TrustedTime::Source::kTimestamp;
  vouched.time.said_by = authority.uri.empty() ? "a timestamp authority" : authority.uri;
  vouched.by = VoucherOf(authority);
  return vouched;
}

// Of the authorities that do not vouch, gives the reason of the one that nearly did.
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
  if (!required || operators >= threshold.count) return Ok();
  // Nothing at all verified: why not says more than the number.
  if (operators == 0 && refused) return *refused;
  return Refuse(Reason::kTimestampThreshold,
                util::StrCat(threshold.count, " timestamps of different operators are needed, ",
                             operators, " verify"));
}

// The same token twice is a mistake, or an attempt to be counted twice.
Status CheckDuplicates(const std::vector<util::Bytes>& tokens) {
  std::set<std::string_view> distinct;
  for (const util::Bytes& token : tokens) distinct.insert(util::AsText(token));
  if (distinct.size() == tokens.size()) return Ok();
  return Refuse(Reason::kTimestampDuplicate, "two timestamps are the same");
}

// Adds the times of the tokens that count; gives why the first that does not is none.
Result<std::optional<Error>> AddTimestamps(const std::vector<util::Bytes>& tokens,
                                           const util::Bytes& signature, const Policy& policy,
                                           const TrustRoot& root, std::vector<TrustedTime>& times) {
  if (policy.timestamps.ignored()) return std::optional<Error>();
  TRY(CheckDuplicates(tokens));
  std::set<std::string> operators;
  std::optional<Error> refused;
  for (const util::Bytes& der : tokens) {
    const crypto::TimestampToken token = TRY(crypto::TimestampToken::Parse(der));
    Result<Vouched> vouched = VerifyToken(token, signature, root);
    if (!vouched.ok()) {
      // A token of nobody who is known does not count; one of somebody known must be right.
      const bool unknown = vouched.error().reason() == crypto::kTimestampSigner ||
                           vouched.error().reason() == Word(Reason::kTimestampThreshold);
      if (!unknown && policy.timestamps.demand == Threshold::Demand::kAccept) {
        return std::move(vouched).error();
      }
      // Where no authority is known at all there is nothing to say of this one.
      if (!refused && !root.timestamp_authorities().empty()) refused = vouched.error();
      continue;
    }
    operators.insert(vouched.value().by);
    times.push_back(vouched.value().time);
  }
  TRY(CheckTimestampThreshold(policy.timestamps, operators.size(), refused));
  return refused;
}

Status CheckLogWindow(const VerifiedLogEntry& entry, const TrustRoot& root, util::Micros time) {
  if (TrustInLog(root.logs(), entry.log().id, time) == Trust::kTrusted) return Ok();
  return Refuse(Reason::kLogTime, util::StrCat("the log ", entry.log_name(), " is not trusted at ",
                                               util::FormatRfc3339(time)));
}

// A log that promised no time is trusted when the signature was made, by the times of others; where
// nobody says when that was, it is trusted now.
Status CheckLogWindows(const VerifiedLogEntries& entries, const TrustRoot& root,
                       const std::vector<TrustedTime>& times, std::chrono::sys_seconds now) {
  for (const VerifiedLogEntry& entry : entries.all()) {
    if (entry.promised_time()) continue;
    if (times.empty()) TRY(CheckLogWindow(entry, root, now));
    for (const TrustedTime& time : times) TRY(CheckLogWindow(entry, root, time.time));
  }
  return Ok();
}

// Whether the signer was one for a time only, so that it must be known when the signature was made.
enum class Need { kNone, kTime };
Need NeedOf(const Policy& policy) {
  const auto* key = std::get_if<KeySigner>(&policy.signer);
  const bool open = key != nullptr && !key->validity.start && !key->validity.end;
  return open ? Need::kNone : Need::kTime;
}

}  // namespace

Result<TrustedTimes> CollectTimes(const std::vector<util::Bytes>& tokens,
                                  const util::Bytes& signature, const VerifiedLogEntries& entries,
                                  const Policy& policy, const TrustRoot& root,
                                  std::chrono::sys_seconds now) {
  std::vector<TrustedTime> times;
  const std::optional<Error> refused = TRY(AddTimestamps(tokens, signature, policy, root, times));
  for (const VerifiedLogEntry& entry : entries.all()) {
    if (!entry.promised_time()) continue;
    times.push_back({.time = *entry.promised_time(),
                     .source = TrustedTime::Source::kLog,
                     .said_by = entry.log_name()});
  }
  if (times.empty() && NeedOf(policy) == Need::kTime && policy.log_entries.ignored()) {
    // Whatever is valid now was signed while it was valid, or not at all.
    times.push_back({.time = now, .source = TrustedTime::Source::kVerifier, .said_by = {}});
  }
  if (!times.empty() || NeedOf(policy) == Need::kNone) {
    TRY(CheckLogWindows(entries, root, times, now));
    return TrustedTimes(std::move(times));
  }
  if (refused) return *refused;
  return Refuse(Reason::kTimeMissing,
                "no trusted time says when the signature was made: neither a timestamp of a known "
                "authority nor a promise of a known log");
}

}  // namespace ociship::sigstore
