// SPDX-License-Identifier: Apache-2.0
// Bodies of log entries: hashedrekord, dsse and intoto of Rekor 1, hashedrekord and dsse of
// Rekor 2. Tested by tests/sigstore/deployment_test.cc.
#include "deployment/entry_body.h"

#include "util/encoding.h"
#include "util/text.h"

namespace ociship::deployment {
namespace {

HashType HashOf(KeyType type) {
  return type == KeyType::kP384 ? HashType::kSha384 : HashType::kSha256;
}

std::string Base64(std::string_view text) { return util::Base64Encode(util::AsBytes(text)); }

// {"algorithm":"sha256","value":"HEX"}.
std::string HashedBy(HashType type, ByteView bytes) {
  return util::StrCat(R"({"algorithm":")", RekorName(type), R"(","value":")",
                      util::HexEncode(Hash(type, bytes)), "\"}");
}

std::string HashedPayload(const Plan& plan, const SignedContent& content) {
  const bool other = plan.Has(Fault::kEntryOtherPayload);
  return HashedBy(HashType::kSha256, util::AsBytes(other ? "other" : content.payload));
}

// For the hash of what was uploaded, which nobody can make again.
std::string EnvelopeText(const SignedContent& content) {
  return util::StrCat(R"({"payloadType":")", content.payload_type, R"(","payload":")",
                      Base64(content.payload), R"(","signatures":[{"sig":")",
                      util::Base64Encode(content.signature), R"("}]})");
}

std::string Document(std::string_view kind, std::string_view version, std::string_view spec) {
  return util::StrCat(R"({"apiVersion":")", version, R"(","kind":")", kind, R"(","spec":)", spec,
                      "}");
}

LogEntry Hashedrekord001(const SignedContent& content) {
  const std::string message = content.content == Content::kMessage
                                  ? content.artifact
                                  : PreAuthEncoding(content.payload_type, content.payload);
  const std::string spec = util::StrCat(
      R"({"data":{"hash":)", HashedBy(HashOf(content.key_type), util::AsBytes(message)),
      R"(},"signature":{"content":")", util::Base64Encode(content.signature),
      R"(","publicKey":{"content":")", Base64(content.VerifierPem()), "\"}}}");
  return {
      .kind = "hashedrekord", .version = "0.0.1", .body = Document("hashedrekord", "0.0.1", spec)};
}

LogEntry Dsse001(const Plan& plan, const SignedContent& content) {
  const std::string signature =
      util::StrCat(R"({"signature":")", util::Base64Encode(content.signature), R"(","verifier":")",
                   Base64(content.VerifierPem()), "\"}");
  const std::string more =
      plan.Has(Fault::kEntryTwoSignatures) ? util::StrCat(",", signature) : std::string();
  const std::string spec = util::StrCat(
      R"({"envelopeHash":)", HashedBy(HashType::kSha256, util::AsBytes(EnvelopeText(content))),
      R"(,"payloadHash":)", HashedPayload(plan, content), R"(,"signatures":[)", signature, more,
      "]}");
  return {.kind = "dsse", .version = "0.0.1", .body = Document("dsse", "0.0.1", spec)};
}

LogEntry Intoto002(const Plan& plan, const SignedContent& content) {
  const std::string once = util::Base64Encode(content.signature);
  const std::string sig = plan.Has(Fault::kEntryIntotoOnceEncoded) ? once : Base64(once);
  const std::string spec = util::StrCat(
      R"({"content":{"envelope":{"payloadType":")", content.payload_type,
      R"(","signatures":[{"publicKey":")", Base64(content.VerifierPem()), R"(","sig":")", sig,
      R"("}]},"hash":)", HashedBy(HashType::kSha256, util::AsBytes(EnvelopeText(content))),
      R"(,"payloadHash":)", HashedPayload(plan, content), "}}");
  return {.kind = "intoto", .version = "0.0.2", .body = Document("intoto", "0.0.2", spec)};
}

// Has no signature: the hash of the envelope, as Rekor's client wrote it, stands for it.
LogEntry Intoto001(const Plan& plan, const SignedContent& content) {
  std::string envelope = EnvelopeText(content);
  if (plan.Has(Fault::kEntryIntoto001OfOtherEnvelope)) {
    envelope = Replaced(envelope, "\"sig\":\"", "\"sig\":\"A");
  }
  const std::string spec =
      util::StrCat(R"({"content":{"hash":)", HashedBy(HashType::kSha256, util::AsBytes(envelope)),
                   R"(,"payloadHash":)", HashedPayload(plan, content), R"(},"publicKey":")",
                   Base64(content.VerifierPem()), "\"}");
  return {.kind = "intoto", .version = "0.0.1", .body = Document("intoto", "0.0.1", spec)};
}

std::string SignatureV2(const Plan& plan, const SignedContent& content) {
  const bool key = content.certificate.empty();
  const KeyType shown =
      plan.Has(Fault::kEntryKeyDetailsOther) ? KeyType::kRsa2048 : content.key_type;
  return util::StrCat(R"({"content":")", util::Base64Encode(content.signature),
                      R"(","verifier":{"keyDetails":")", KeyDetails(shown), R"(",")",
                      key ? "publicKey" : "x509Certificate", R"(":{"rawBytes":")",
                      util::Base64Encode(key ? content.spki : content.certificate), R"("}}})");
}

LogEntry Hashedrekord002(const Plan& plan, const SignedContent& content) {
  const std::string spec = util::StrCat(R"({"hashedRekordV002":{"data":{"algorithm":")",
                                        ProtoName(HashOf(content.key_type)), R"(","digest":")",
                                        util::Base64Encode(content.digest), R"("},"signature":)",
                                        SignatureV2(plan, content), "}}");
  return {
      .kind = "hashedrekord", .version = "0.0.2", .body = Document("hashedrekord", "0.0.2", spec)};
}

LogEntry Dsse002(const Plan& plan, const SignedContent& content) {
  const bool other = plan.Has(Fault::kEntryDsse002OtherPayload);
  const Bytes hash = Sha256(util::AsBytes(other ? "other" : content.payload));
  const std::string spec = util::StrCat(
      R"({"dsseV002":{"payloadHash":{"algorithm":"SHA2_256","digest":")", util::Base64Encode(hash),
      R"("},"signatures":[)", SignatureV2(plan, content), "]}}");
  return {.kind = "dsse", .version = "0.0.2", .body = Document("dsse", "0.0.2", spec)};
}

LogEntry UsualBody(const Plan& plan, const LogInstance& log, const SignedContent& content) {
  if (plan.Has(Fault::kEntryMessageForEnvelope)) return Hashedrekord001(content);
  switch (plan.entry) {
    case EntryKind::kIntoto002:
      return Intoto002(plan, content);
    case EntryKind::kIntoto001:
      return Intoto001(plan, content);
    case EntryKind::kDsse002:
      return Dsse002(plan, content);
    case EntryKind::kUsual:
      break;
  }
  if (log.kind == LogKind::kV2) return Hashedrekord002(plan, content);
  return content.content == Content::kMessage ? Hashedrekord001(content) : Dsse001(plan, content);
}

}  // namespace

LogEntry BodyOf(const Plan& plan, const LogInstance& log, const SignedContent& content) {
  LogEntry entry = UsualBody(plan, log, content);
  if (plan.Has(Fault::kEntryKindVersionOther)) {
    entry.kind = entry.kind == "dsse" ? "intoto" : "dsse";
    entry.version = entry.kind == "intoto" ? "0.0.2" : entry.version;
  }
  if (plan.Has(Fault::kEntryVersionNewer)) {
    entry.body = Replaced(entry.body, util::StrCat("\"", entry.version, "\""), "\"0.0.9\"");
    entry.version = "0.0.9";
  }
  if (plan.Has(Fault::kEntryKindUnknown)) {
    entry.body = Replaced(entry.body, util::StrCat("\"", entry.kind, "\""), "\"rekord\"");
    entry.kind = "rekord";
  }
  if (plan.Has(Fault::kEntryDuplicateKey)) {
    entry.body = Replaced(entry.body, "{", "{\"kind\":\"dsse\",");
  }
  return entry;
}

}  // namespace ociship::deployment
