// SPDX-License-Identifier: Apache-2.0
// What verify and verify-blob say of a signature. Tested by
// tests/e2e/test_verify_keyless.py and test_verify_blob.py.
#include "cli/evidence_report.h"

#include "util/text.h"
#include "util/time.h"

namespace ociship::cli {
namespace {

// What people ask for first; all of them stand in the JSON answer.
constexpr int kShownExtensions[] = {12, 14, 13, 18};

}  // namespace

std::vector<std::string> DescribeEvidence(const Evidence& evidence, const VerifyTask& task) {
  std::vector<std::string> lines;
  if (!evidence.signer) lines.push_back(util::StrCat("made with ", task.signer));
  if (evidence.signer) {
    lines.push_back(util::StrCat("made by ", util::Printable(evidence.signer->subject)));
    lines.push_back(util::StrCat("as ", util::Printable(evidence.signer->issuer), " says"));
    for (const int extension : kShownExtensions) {
      const auto found = evidence.signer->extensions.find(extension);
      if (found == evidence.signer->extensions.end()) continue;
      lines.push_back(
          util::StrCat(SignerExtensionName(extension), ": ", util::Printable(found->second)));
    }
    lines.push_back(util::StrCat("certificate seen by ", evidence.certificate_logs,
                                 evidence.certificate_logs == 1 ? " log" : " logs"));
  }
  for (const SignedAt& time : evidence.times) {
    const std::string source =
        time.said_by.empty() ? "the clock of this machine, now" : util::Printable(time.said_by);
    lines.push_back(util::StrCat("at ", util::FormatRfc3339(time.time), ", by ", source));
  }
  for (const LoggedAt& entry : evidence.log_entries) {
    const std::string entry_name =
        entry.index ? util::StrCat("entry ", *entry.index) : std::string("an entry");
    lines.push_back(util::StrCat(entry_name, " of the log ", util::Printable(entry.log)));
  }
  if (evidence.unchecked_log_entries > 0) {
    lines.push_back("has entries of a transparency log, which were not looked at");
  }
  return lines;
}

std::vector<std::string> DescribeTask(const SignerFlags& flags, const VerifyTask& task) {
  std::vector<std::string> lines;
  if (!task.trust_origin.empty()) {
    lines.push_back(util::StrCat("trust: ", task.trust_origin));
  } else if (!flags.insecure_ignore_tlog) {
    lines.push_back("the key is the policy: no transparency log was asked");
  }
  if (flags.insecure_any_identity) {
    lines.push_back("WARNING: --insecure-any-identity: anybody may have signed this");
  }
  if (flags.insecure_ignore_tlog) {
    lines.push_back("WARNING: --insecure-ignore-tlog: no transparency log was asked");
  }
  if (flags.insecure_ignore_sct) {
    lines.push_back("WARNING: --insecure-ignore-sct: no certificate log was asked");
  }
  return lines;
}

void WriteEvidence(util::JsonWriter& json, const Evidence& evidence) {
  json.Key("certificate");
  if (evidence.signer) {
    json.BeginObject().Key("subject").String(evidence.signer->subject);
    json.Key("issuer").String(evidence.signer->issuer);
    json.Key("extensions").BeginObject();
    for (const auto& [number, value] : evidence.signer->extensions) {
      json.Key(util::StrCat("1.3.6.1.4.1.57264.1.", number)).String(value);
    }
    json.EndObject().EndObject();
  } else {
    json.Null();
  }
  json.Key("times").BeginArray();
  for (const SignedAt& time : evidence.times) {
    json.BeginObject().Key("time").String(util::FormatRfc3339(time.time));
    json.Key("saidBy").String(time.said_by).EndObject();
  }
  json.EndArray().Key("logEntries").BeginArray();
  for (const LoggedAt& entry : evidence.log_entries) {
    json.BeginObject().Key("log").String(entry.log);
    json.Key("index");
    if (entry.index) json.Unsigned(*entry.index);
    if (!entry.index) json.Null();
    json.EndObject();
  }
  json.EndArray().Key("certificateLogs").Unsigned(evidence.certificate_logs);
  json.Key("uncheckedLogEntries").Boolean(evidence.unchecked_log_entries > 0);
}

void WriteTask(util::JsonWriter& json, const VerifyTask& task) {
  json.Key("trust").String(task.trust_origin).Key("ignored").BeginArray();
  for (const std::string& what : task.ignored) json.String(what);
  json.EndArray();
}

}  // namespace ociship::cli
