// SPDX-License-Identifier: Apache-2.0
// Verification of transparency log entries (client-spec.md section 4.4; rekor-v2-spec.md; Rekor,
// pkg/verify). Covered by tests/sigstore/deployment_test.cc.
#include "sigstore/log.h"

#include <algorithm>
#include <array>
#include <set>

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "sigstore/checkpoint.h"
#include "sigstore/entry_body.h"
#include "sigstore/key_algorithm.h"
#include "sigstore/merkle.h"
#include "sigstore/reason.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::sigstore {
namespace {

using crypto::HashAlgorithm;

// What a promise signs (Rekor, pkg/verify/verify.go VerifySignedEntryTimestamp): these four members
// in RFC 8785 form, which needs no escapes here. The index is that of the log as a whole.
std::string PromisedText(const LogEntry& entry) {
  const auto seconds = entry.integrated_time->time_since_epoch().count();
  util::JsonWriter json;
  json.BeginObject().Key("body").String(util::Base64Encode(util::AsBytes(entry.body)));
  json.Key("integratedTime").Integer(seconds);
  json.Key("logID").String(util::HexEncode(entry.log_id));
  json.Key("logIndex").Unsigned(entry.index).EndObject();
  return json.text();
}

// The forms in which Go programs write an envelope, and so what intoto 0.0.1 has the hash of: a
// bundle does not keep the text.
std::array<std::string, 2> EnvelopeTexts(const Envelope& envelope) {
  const std::string payload = util::Base64Encode(util::AsBytes(envelope.payload));
  const std::string signature = util::Base64Encode(envelope.signature);
  util::JsonWriter with_key_id;
  with_key_id.BeginObject().Key("payloadType").String(envelope.payload_type);
  with_key_id.Key("payload").String(payload).Key("signatures").BeginArray().BeginObject();
  with_key_id.Key("keyid").String("").Key("sig").String(signature);
  with_key_id.EndObject().EndArray().EndObject();
  util::JsonWriter without;
  without.BeginObject().Key("payloadType").String(envelope.payload_type);
  without.Key("payload").String(payload).Key("signatures").BeginArray().BeginObject();
  without.Key("sig").String(signature).EndObject().EndArray().EndObject();
  return {with_key_id.text(), without.text()};
}

bool HasEnvelopeDigest(const Envelope& envelope, const util::Bytes& digest) {
  const std::array<std::string, 2> texts = EnvelopeTexts(envelope);
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
    return crypto::HashBytes(HashAlgorithm::kSha256, util::AsBytes(text)) == digest;
  });
}

}  // namespace

std::string VerifiedLogEntry::log_name() const {
  if (!log_.name.empty()) return log_.name;
  return util::StrCat("log ", util::HexEncode(log_.id));
}

// Judges the entries of one signature. Each step returns what it refuses for.
class LogJudge {
 public:
  LogJudge(const Material& material, const Artifact& artifact, const ClaimedSigner& signer,
           const TrustRoot& root)
      : content_(material.content), artifact_(artifact), signer_(signer), root_(root) {}

  // `log` is the one with the entry's log ID.
  Result<VerifiedLogEntry> Verify(const LogEntry& entry, const Log& log) const {
    const EntryClaims claims = TRY(ParseEntryBody(entry));
    TRY(CheckGeneration(entry, claims));
    if (entry.promise) TRY(CheckPromise(entry, log));
    if (entry.proof) TRY(CheckProof(entry, log, claims.generation));
    TRY(CheckContent(claims));
    TRY(CheckSignature(claims));
    TRY(CheckSigner(claims));
    const auto promised_time = entry.promise ? entry.integrated_time : std::nullopt;
    // Without a promise nobody signed the number that an entry has over all trees of a v1 log.
    const bool numbered = entry.promise || claims.generation == LogGeneration::kRekor2;
    return VerifiedLogEntry(log, numbered ? std::optional(entry.index) : std::nullopt,
                            promised_time);
  }

 private:
  // What each generation of Rekor gives: v1 a promise, a proof or both; v2 a proof alone, and no
  // time ("integratedTime MUST NOT be set", rekor-v2-spec.md section 6).
  static Status CheckGeneration(const LogEntry& entry, const EntryClaims& claims) {
    if (claims.generation == LogGeneration::kRekor2) {
      if (!entry.proof)
        return Refuse(Reason::kLogProofMissing, "the log entry has no inclusion proof");
      if (entry.promise || entry.integrated_time) {
        return Refuse(Reason::kLogPromise, "the log entry has a time, which its log never gives");
      }
      return Ok();
    }
    if (!entry.promise && !entry.proof) {
      return Refuse(Reason::kLogProofMissing,
                    "the log entry has no promise and no inclusion proof");
    }
    return Ok();
  }

  // "Verify the SignedEntryTimestamp ... and that integratedTime is within the validity period of
  // the log's key" (client-spec.md section 4.4).
  Status CheckPromise(const LogEntry& entry, const Log& log) const {
    if (!entry.integrated_time) {
      return Refuse(Reason::kLogPromise, "the promise of the log is about no time");
    }
    const std::string text = PromisedText(entry);
    const auto verified =
        crypto::Verify(log.key, util::AsBytes(text), *entry.promise, HashAlgorithm::kSha256);
    if (!verified.ok()) {
      return Refuse(Reason::kLogPromise,
                    util::StrCat("the log ", log.name, " did not sign the promise of the entry"));
    }
    if (TrustInLog(root_.logs(), log.id, *entry.integrated_time) == Trust::kTrusted) return Ok();
    return Refuse(Reason::kLogTime, util::StrCat("the log ", log.name, " is not trusted at ",
                                                 util::FormatRfc3339(*entry.integrated_time)));
  }

  // "Verify the inclusion proof against the checkpoint's root hash", which the log signed: the root
  // and size beside the proof are the word of whoever made the bundle, and must agree.
  static Status CheckProof(const LogEntry& entry, const Log& log, LogGeneration generation) {
    const InclusionProof& proof = *entry.proof;
    const Checkpoint checkpoint = TRY(ParseCheckpoint(proof.checkpoint));
    const VerifiedCheckpoint verified = TRY(VerifyCheckpoint(checkpoint, log, generation));
    if (proof.root != verified.root() || proof.tree_size != verified.size()) {
      return Refuse(Reason::kCheckpointRoot,
                    "the inclusion proof is for another tree than the checkpoint");
    }
    // Entries of v1 are numbered over all of its trees, the proof's index is the place in one. In
    // v2 both are the same.
    if (generation == LogGeneration::kRekor2 && proof.index != entry.index) {
      return Refuse(Reason::kLogProof, "the inclusion proof is for another entry");
    }
    const util::Bytes leaf = LeafHash(util::AsBytes(entry.body));
    const util::Bytes root = TRY(RootFromPath(leaf, proof.index, verified.size(), proof.hashes));
    if (root != verified.root()) {
      return Refuse(Reason::kLogProof,
                    "the inclusion proof does not lead to the checkpoint's root");
    }
    return Ok();
  }

  // The hash of what the entry is about, by the content that is being verified; nullopt when it is
  // not known.
  std::optional<util::Bytes> HashFor(const EntryClaims& claims) const {
    if (claims.about != EntryClaims::About::kPayload) {
      return HashOfSignedBytes(content_, artifact_, claims.algorithm);
    }
    const std::string& payload = std::get<Envelope>(content_).payload;
    return crypto::HashBytes(claims.algorithm, util::AsBytes(payload));
  }

  // "Verify that the digest in the entry is the digest of the artifact" (client-spec.md 4.4).
  Status CheckContent(const EntryClaims& claims) const {
    const bool envelope = std::holds_alternative<Envelope>(content_);
    if (claims.about != EntryClaims::About::kSignedBytes &&
        envelope != (claims.about == EntryClaims::About::kPayload)) {
      return Refuse(Reason::kEntryDigest, "the log entry is about another kind of content");
    }
    const std::optional<util::Bytes> expected = HashFor(claims);
    if (!expected) {
      return Refuse(Reason::kSignatureAlgorithm,
                    "the log entry has another kind of digest than the one that was given: the "
                    "content itself is needed");
    }
    if (*expected != claims.digest) {
      return Refuse(Reason::kEntryDigest, "the log entry is about other content");
    }
    return Ok();
  }

  // "Verify that the signature in the entry is the signature of the bundle".
  Status CheckSignature(const EntryClaims& claims) const {
    if (claims.signature) {
      if (*claims.signature == SignatureOf(content_)) return Ok();
      return Refuse(Reason::kEntrySignature, "the log entry is about another signature");
    }
    const auto* envelope = std::get_if<Envelope>(&content_);
    if (envelope != nullptr && claims.envelope_digest &&
        HasEnvelopeDigest(*envelope, *claims.envelope_digest)) {
      return Ok();
    }
    return Refuse(Reason::kEntrySignature, "the log entry is about another envelope");
  }

  // "Verify that the public key or certificate in the entry is that of the bundle".
  Status CheckSigner(const EntryClaims& claims) const {
    const bool certificate = signer_.certificate.has_value();
    const util::Bytes& expected = certificate ? signer_.certificate->der() : signer_.key.der();
    const bool same_form =
        certificate == (claims.signer_form == EntryClaims::SignerForm::kCertificate);
    if (!same_form || claims.signer != expected) {
      return Refuse(Reason::kEntryKey, "the log entry is about another certificate or key");
    }
    if (claims.generation == LogGeneration::kRekor1) return Ok();
    const bool algorithm_fits =
        std::any_of(kKeyAlgorithms.begin(), kKeyAlgorithms.end(), [&](const KeyAlgorithm& known) {
          return known.type == signer_.key.type() && known.details == claims.key_details &&
                 (claims.about == EntryClaims::About::kPayload || known.hash == claims.algorithm);
        });
    if (algorithm_fits) return Ok();
    return Refuse(Reason::kEntryKey, "the log entry names another algorithm than that of the key");
  }

  const SignedContent& content_;
  const Artifact& artifact_;
  const ClaimedSigner& signer_;
  const TrustRoot& root_;
};

namespace {

// "Duplicate entries MUST be rejected" (client-spec.md section 4.4).
Status CheckDuplicates(const std::vector<LogEntry>& entries) {
  std::set<std::pair<std::string, std::uint64_t>> seen;
  for (const LogEntry& entry : entries) {
    if (!seen.emplace(util::AsText(entry.log_id), entry.index).second) {
      return Refuse(Reason::kLogEntryDuplicate, "two log entries are the same");
    }
  }
  return Ok();
}

std::size_t CountVouchers(const std::vector<VerifiedLogEntry>& entries) {
  std::set<std::string> vouchers;
  for (const VerifiedLogEntry& entry : entries) vouchers.insert(VoucherOf(entry.log()));
  return vouchers.size();
}

Status CheckLogThreshold(const Threshold& threshold, const std::vector<VerifiedLogEntry>& verified,
                         std::size_t unknown) {
  if (threshold.demand != Threshold::Demand::kRequire) return Ok();
  const std::size_t vouchers = CountVouchers(verified);
  if (vouchers >= threshold.count) return Ok();
  return Refuse(Reason::kLogThreshold,
                util::StrCat("entries in ", threshold.count, " transparency log",
                             threshold.count == 1 ? "" : "s of different operators",
                             " are needed, there are ", vouchers, " of known logs and ", unknown,
                             " of others"));
}

}  // namespace

Result<VerifiedLogEntries> VerifyLogEntries(const Material& material, const Artifact& artifact,
                                            const ClaimedSigner& signer, const Policy& policy,
                                            const TrustRoot& root) {
  const std::vector<LogEntry>& entries = material.log_entries;
  if (policy.log_entries.ignored()) return VerifiedLogEntries({}, entries.size());
  TRY(CheckDuplicates(entries));
  const LogJudge judge(material, artifact, signer, root);
  std::vector<VerifiedLogEntry> verified;
  std::size_t unknown = 0;
  for (const LogEntry& entry : entries) {
    const Log* log = FindLog(root.logs(), entry.log_id);
    if (log == nullptr) {
      ++unknown;
      continue;
    }
    VerifiedLogEntry evidence = TRY(judge.Verify(entry, *log));
    verified.push_back(std::move(evidence));
  }
  TRY(CheckLogThreshold(policy.log_entries, verified, unknown));
  return VerifiedLogEntries(std::move(verified), unknown);
}

}  // namespace ociship::sigstore
