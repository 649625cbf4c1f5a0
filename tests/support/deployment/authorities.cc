// SPDX-License-Identifier: Apache-2.0
// The authorities of a deployment and the trusted root that names them.
// Tested by tests/sigstore/deployment_test.cc.
#include "deployment/authorities.h"

#include <chrono>

#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/time.h"

namespace ociship::deployment {
namespace {

// The window about one moment.
Window WindowAbout(const Plan& plan, Seconds earliest, Seconds latest) {
  switch (plan.windows) {
    case Windows::kWide:
      return {.from = kSigned - kYear, .until = std::nullopt};
    case Windows::kEndNow:
      return {.from = kSigned - kYear, .until = latest};
    case Windows::kStartNow:
      return {.from = earliest, .until = kSigned + kYear};
  }
  return {};
}

// The window with the fault that it ends before, or begins after, the moment.
Window WindowAbout(const Plan& plan, Seconds earliest, Seconds latest, Fault over, Fault ahead) {
  if (plan.Has(over)) return {.from = kSigned - kYear, .until = earliest - 1};
  if (plan.Has(ahead)) return {.from = latest + 1, .until = std::nullopt};
  return WindowAbout(plan, earliest, latest);
}

AuthorityParts PartsOf(std::string_view name, KeyType type) {
  return {.name = name,
          .key = Key::Of(type, name),
          .from = kSigned - 2 * kYear,
          .until = kSigned + 8 * kYear};
}

Authority MintCodeRoot(const Plan& plan) {
  AuthorityParts parts = PartsOf("code root", KeyType::kP384);
  if (plan.Has(Fault::kRootExpired)) parts.until = kSigned - kDay;
  if (plan.Has(Fault::kRootPathTooLong)) parts.path_length = 0;
  return MintRoot(parts);
}

Authority MintIntermediate(const Plan& plan, const Authority& root) {
  AuthorityParts parts = PartsOf("code intermediate", KeyType::kP256);
  parts.path_length = 0;
  parts.usages = {kCodeSigning};
  if (plan.Has(Fault::kIntermediateExpired)) parts.until = kSigned - 1;
  if (plan.Has(Fault::kIntermediateNotYetValid)) parts.from = kSigned + kDay;
  if (plan.Has(Fault::kIntermediateOtherUsage)) parts.usages = {kServerAuth};
  if (plan.Has(Fault::kIntermediateNotCa)) {
    parts.is_ca = IsCa::kNo;
    parts.path_length = -1;
  }
  return MintBelow(parts, root);
}

std::vector<LogInstance> MintLogs(const Plan& plan) {
  if (plan.log == LogKind::kNone) return {};
  const bool promised = plan.log == LogKind::kV1 && plan.promise == Promise::kIncluded;
  const Seconds logged = promised ? kIntegrated : kStamped;
  const Window window =
      WindowAbout(plan, logged, logged, Fault::kLogWindowOver, Fault::kLogWindowAhead);
  if (plan.log == LogKind::kV2) {
    return {{.host = "log2026.rekor.example",
             .kind = LogKind::kV2,
             .key = Key::Of(plan.log_key, "rekor 2"),
             .operated_by = "first.example",
             .window = window}};
  }
  std::vector<LogInstance> logs{{.host = "rekor.example",
                                 .tree_id = "2605736670972794746",
                                 .kind = LogKind::kV1,
                                 .key = Key::Of(KeyType::kP256, "rekor 1"),
                                 .operated_by = "first.example",
                                 .window = window}};
  if (plan.second_log != SecondLog::kNone) {
    const bool same = plan.Has(Fault::kLogsOfOneOperator);
    logs.push_back({.host = "rekor.other.example",
                    .tree_id = "77",
                    .kind = LogKind::kV1,
                    .key = Key::Of(KeyType::kP256, "rekor other"),
                    .operated_by = same ? "first.example" : "second.example",
                    .window = window});
  }
  return logs;
}

void WriteWindow(util::JsonWriter& json, const Window& window) {
  const auto format = [](Seconds time) {
    return util::FormatRfc3339(std::chrono::sys_seconds(std::chrono::seconds(time)));
  };
  json.Key("validFor").BeginObject().Key("start").String(format(window.from));
  if (window.until.has_value()) json.Key("end").String(format(*window.until));
  json.EndObject();
}

std::string_view DetailsOf(KeyType type) {
  return type == KeyType::kEd25519 ? "PKIX_ED25519" : "PKIX_ECDSA_P256_SHA_256";
}

void WriteLog(util::JsonWriter& json, std::string_view url, const Key& key, const Bytes& id,
              const Window& window, std::string_view operated_by) {
  json.BeginObject().Key("baseUrl").String(url).Key("hashAlgorithm").String("SHA2_256");
  json.Key("publicKey").BeginObject();
  json.Key("rawBytes").String(util::Base64Encode(key.spki()));
  json.Key("keyDetails").String(DetailsOf(key.type()));
  WriteWindow(json, window);
  json.EndObject();
  json.Key("logId").BeginObject().Key("keyId").String(util::Base64Encode(id)).EndObject();
  json.Key("operator").String(operated_by).EndObject();
}

void WriteChain(util::JsonWriter& json, std::string_view uri, const std::vector<Bytes>& chain,
                const Window& window, std::string_view operated_by) {
  json.BeginObject().Key("subject").BeginObject();
  json.Key("organization").String("ociship test").Key("commonName").String("test").EndObject();
  json.Key("uri").String(uri).Key("certChain").BeginObject().Key("certificates").BeginArray();
  for (const Bytes& der : chain) {
    json.BeginObject().Key("rawBytes").String(util::Base64Encode(der)).EndObject();
  }
  json.EndArray().EndObject();
  WriteWindow(json, window);
  json.Key("operator").String(operated_by).EndObject();
}

std::string Spoiled(const Plan& plan, std::string text) {
  if (plan.Has(Fault::kRootMediaTypeUnknown)) return Replaced(text, "version=0.1", "version=9.1");
  if (plan.Has(Fault::kRootDuplicateKey)) return Replaced(text, "{", "{\"tlogs\":[],");
  if (plan.Has(Fault::kRootTruncated)) text.pop_back();
  if (plan.Has(Fault::kRootBase64Broken)) {
    return Replaced(text, "\"rawBytes\":\"", "\"rawBytes\":\"*");
  }
  if (plan.Has(Fault::kRootLogWithoutStart)) {
    const std::size_t start = text.find("\"start\":\"");
    const std::size_t end = text.find('"', start + 9);
    text.erase(start, end + 1 - start);
    if (text[start] == ',') text.erase(start, 1);
  }
  return text;
}

}  // namespace

Bytes LogInstance::id() const {
  if (kind == LogKind::kV2 && key.type() == KeyType::kEd25519) {
    return NoteKeyId(host, 0x01, key.raw());
  }
  return Sha256(key.spki());
}

std::string LogInstance::origin() const {
  return kind == LogKind::kV1 ? util::StrCat(host, " - ", tree_id) : host;
}

Authority MintStampSigner(const Plan& plan, const Authority& root) {
  const Key key = Key::Of(KeyType::kP256, "stamp signer");
  CertificateParts parts{.issuer = root.name,
                         .subject = NameOf("stamp signer"),
                         .serial = 4711,
                         .from = kSigned - kYear,
                         .until = kSigned + kYear,
                         .spki = key.spki()};
  if (plan.Has(Fault::kStampSignerExpired)) parts.until = kStamped - 1;
  std::vector<std::string_view> usages{kTimeStamping};
  if (plan.Has(Fault::kStampUsageExtra)) usages.push_back(kCodeSigning);
  const bool critical = !plan.Has(Fault::kStampUsageNotCritical);
  if (!plan.Has(Fault::kStampWithoutUsage)) {
    parts.extensions.push_back(ExtendedKeyUsage(usages, critical ? Critical::kYes : Critical::kNo));
  }
  const bool is_ca = plan.Has(Fault::kStampSignerIsCa);
  parts.extensions.push_back(is_ca ? KeyUsage(0x86, 1) : DigitalSignatureUsage());
  parts.extensions.push_back(BasicConstraints(is_ca ? IsCa::kYes : IsCa::kNo));
  parts.extensions.push_back(SubjectKeyId(key));
  parts.extensions.push_back(AuthorityKeyId(root.key));
  return {.key = key,
          .name = parts.subject,
          .der = Signed(TbsOf(parts, root.key), root.key),
          .serial = parts.serial};
}

Authorities MintAuthorities(const Plan& plan) {
  const bool stamped = plan.stamps != Stamps::kNone;
  const bool promised = plan.log == LogKind::kV1 && plan.promise == Promise::kIncluded;
  const Seconds earliest = promised ? kIntegrated : kStamped;
  const Seconds latest = stamped ? kStamped : kIntegrated;
  const Authority root = MintCodeRoot(plan);
  AuthorityParts stamp_parts = PartsOf("stamp root", KeyType::kP256);
  if (plan.Has(Fault::kStampRootExpired)) stamp_parts.until = kStamped - 1;
  const Authority stamp_root = MintRoot(stamp_parts);
  return {.root = root,
          .intermediate = MintIntermediate(plan, root),
          .certificate_window = WindowAbout(plan, earliest, latest, Fault::kAuthorityWindowOver,
                                            Fault::kAuthorityWindowAhead),
          .certificate_log = Key::Of(KeyType::kP256, "certificate log"),
          .certificate_log_window =
              WindowAbout(plan, kSigned, kSigned, Fault::kSctAfterWindow, Fault::kSctBeforeWindow),
          .logs = MintLogs(plan),
          .stamp_root = stamp_root,
          .stamp_signer = MintStampSigner(plan, stamp_root),
          .stamp_window = WindowAbout(plan, kStamped, kStamped, Fault::kStampAfterWindow,
                                      Fault::kStampBeforeWindow)};
}

std::string FormatTrustRoot(const Plan& plan, const Authorities& authorities) {
  util::JsonWriter json;
  json.BeginObject();
  json.Key("mediaType").String("application/vnd.dev.sigstore.trustedroot+json;version=0.1");
  json.Key("tlogs").BeginArray();
  for (const LogInstance& log : authorities.logs) {
    if (plan.Has(Fault::kLogUnknown)) continue;
    WriteLog(json, util::StrCat("https://", log.host), log.key, log.id(), log.window,
             log.operated_by);
  }
  json.EndArray().Key("certificateAuthorities").BeginArray();
  WriteChain(json, "https://fulcio.example", {authorities.intermediate.der, authorities.root.der},
             authorities.certificate_window, "first.example");
  json.EndArray().Key("ctlogs").BeginArray();
  WriteLog(json, "https://ctfe.example/2026", authorities.certificate_log,
           Sha256(authorities.certificate_log.spki()), authorities.certificate_log_window,
           "first.example");
  json.EndArray().Key("timestampAuthorities").BeginArray();
  WriteChain(json, "https://timestamp.example/api/v1/timestamp",
             {authorities.stamp_signer.der, authorities.stamp_root.der}, authorities.stamp_window,
             "first.example");
  json.EndArray().EndObject();
  return Spoiled(plan, json.text());
}

Bytes NoteKeyId(std::string_view name, std::uint8_t type, ByteView key) {
  return Sha256(Join({Copy(util::StrCat(name, "\n")), Bytes{type}, Copy(key)}));
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  Demand(at != std::string::npos);
  text.replace(at, from.size(), to);
  return text;
}

}  // namespace ociship::deployment
