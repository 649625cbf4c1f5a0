// SPDX-License-Identifier: Apache-2.0
// What trust material consists of, in words and as JSON. Tested by tests/e2e/test_trust.py.
#include "cli/trust_report.h"

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "crypto/hash.h"
#include "sigstore/trust_root.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/time.h"

namespace ociship::cli {
namespace {

using util::StrCat;

// One log, CA or timestamp authority.
struct Entry {
  std::string_view kind;
  std::string url;
  std::string operated_by;
  std::string id;  // of a log: its ID; of an authority: the SHA-256 of its root certificate
  sigstore::Validity validity;
};

std::string FingerprintOf(const crypto::Certificate& certificate) {
  return std::string(crypto::Sha256(certificate.der()).hex());
}

std::vector<Entry> Entries(const sigstore::TrustRoot& root) {
  std::vector<Entry> entries;
  const auto add_logs = [&](std::string_view kind, const std::vector<sigstore::Log>& logs) {
    for (const sigstore::Log& log : logs) {
      entries.push_back({.kind = kind,
                         .url = log.base_url,
                         .operated_by = log.operated_by,
                         .id = util::HexEncode(log.id),
                         .validity = log.validity});
    }
  };
  add_logs("transparency-log", root.logs());
  for (const sigstore::CertificateAuthority& authority : root.certificate_authorities()) {
    entries.push_back({.kind = "certificate-authority",
                       .url = authority.uri,
                       .operated_by = authority.operated_by,
                       .id = FingerprintOf(authority.anchor),
                       .validity = authority.validity});
  }
  add_logs("certificate-log", root.certificate_logs());
  for (const sigstore::TimestampAuthority& authority : root.timestamp_authorities()) {
    entries.push_back({.kind = "timestamp-authority",
                       .url = authority.uri,
                       .operated_by = authority.operated_by,
                       .id = FingerprintOf(authority.chain.root),
                       .validity = authority.validity});
  }
  return entries;
}

std::string TimeText(const std::optional<util::Micros>& time, std::string_view open) {
  if (!time) return std::string(open);
  return util::FormatRfc3339(*time);
}

using Role = std::pair<std::string_view, services::TufRoleStatus>;

std::vector<Role> Roles(const services::TufStatus& tuf) {
  return {{"root", tuf.root},
          {"timestamp", tuf.timestamp},
          {"snapshot", tuf.snapshot},
          {"targets", tuf.targets}};
}

void WriteTuf(const services::TufStatus& tuf, util::JsonWriter& json) {
  json.Key("tuf").BeginObject();
  json.Key("mirror").String(tuf.mirror);
  json.Key("cache").String(tuf.folder);
  json.Key("refreshed").String(util::FormatRfc3339(tuf.refreshed));
  for (const auto& [name, role] : Roles(tuf)) {
    json.Key(name).BeginObject().Key("version").Integer(role.version);
    json.Key("expires").String(util::FormatRfc3339(role.expires)).EndObject();
  }
  json.EndObject();
}

void WriteEntry(const Entry& entry, util::JsonWriter& json) {
  json.BeginObject().Key("kind").String(entry.kind).Key("url").String(entry.url);
  json.Key("operator").String(entry.operated_by).Key("id").String(entry.id);
  if (entry.validity.start) json.Key("start").String(TimeText(entry.validity.start, ""));
  if (entry.validity.end) json.Key("end").String(TimeText(entry.validity.end, ""));
  json.EndObject();
}

}  // namespace

std::vector<std::string> DescribeTrust(const services::LoadedTrust& trust) {
  std::vector<std::string> lines = {StrCat("from ", trust.origin)};
  if (trust.expires) lines.push_back(StrCat("until ", util::FormatRfc3339(*trust.expires)));
  if (trust.tuf) {
    lines.push_back(StrCat("kept in ", trust.tuf->folder));
    for (const auto& [name, role] : Roles(*trust.tuf)) {
      lines.push_back(StrCat("  ", name, " version ", role.version, ", expires ",
                             util::FormatRfc3339(role.expires)));
    }
  }
  for (const Entry& entry : Entries(trust.root)) {
    lines.push_back(StrCat(entry.kind, " ", util::Printable(entry.url)));
    if (!entry.operated_by.empty()) {
      lines.push_back(StrCat("  operator ", util::Printable(entry.operated_by)));
    }
    lines.push_back(StrCat("  id ", entry.id));
    lines.push_back(StrCat("  trusted from ", TimeText(entry.validity.start, "ever"), " to ",
                           TimeText(entry.validity.end, "now on")));
  }
  return lines;
}

std::string FormatTrustJson(const services::LoadedTrust& trust) {
  util::JsonWriter json;
  json.BeginObject().Key("schema").String("ociship/trust/v1");
  json.Key("origin").String(trust.origin);
  if (trust.expires) json.Key("expires").String(util::FormatRfc3339(*trust.expires));
  if (trust.tuf) WriteTuf(*trust.tuf, json);
  json.Key("entries").BeginArray();
  for (const Entry& entry : Entries(trust.root)) WriteEntry(entry, json);
  json.EndArray().Key("notes").BeginArray();
  for (const std::string& note : trust.notes) json.String(note);
  json.EndArray().EndObject();
  return json.text();
}

}  // namespace ociship::cli
