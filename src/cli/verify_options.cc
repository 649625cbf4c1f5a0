// SPDX-License-Identifier: Apache-2.0
// Who must have signed, as the flags say it. Tested by tests/e2e/test_verify_keyless.py.
#include "cli/verify_options.h"

#include <array>
#include <utility>

#include "api/trust.h"
#include "cli/arguments.h"
#include "cli/registry_options.h"
#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

constexpr std::size_t kMaxPublicKeyBytes = 64 << 10;
constexpr std::size_t kMaxSctBytes = 64 << 10;

Error Usage(std::string message) { return Error(Code::kUsage, std::move(message)); }

bool NamesIdentity(const SignerFlags& flags) {
  return !flags.identity.empty() || !flags.identity_regexp.empty() || !flags.issuer.empty() ||
         !flags.issuer_regexp.empty();
}

bool NamesWorkflow(const SignerFlags& flags) {
  return !flags.workflow_trigger.empty() || !flags.workflow_sha.empty() ||
         !flags.workflow_name.empty() || !flags.workflow_repository.empty() ||
         !flags.workflow_ref.empty();
}

Status CheckSigner(const SignerFlags& flags) {
  const bool certificate = NamesIdentity(flags) || NamesWorkflow(flags) || !flags.github.empty() ||
                           flags.insecure_any_identity;
  if (!flags.key.empty() && certificate) {
    return Usage("--key and the flags for a certificate's identity exclude each other");
  }
  if (flags.key.empty() && !certificate) {
    return Usage(
        "say who must have signed: --key FILE, --github OWNER/REPO, or --certificate-identity and "
        "--certificate-oidc-issuer");
  }
  if (flags.insecure_any_identity && (NamesIdentity(flags) || !flags.github.empty())) {
    return Usage("--insecure-any-identity and the flags for an identity exclude each other");
  }
  if (flags.insecure_any_identity && NamesWorkflow(flags)) {
    return Usage("--insecure-any-identity looks at no --certificate-github-workflow-*");
  }
  if (!flags.key.empty() &&
      (flags.insecure_ignore_sct || flags.sct_threshold || !flags.sct.empty())) {
    return Usage("a signature with a key has no certificate, and so no SCT");
  }
  return Ok();
}

// Either a number is demanded, or the whole is ignored.
Status CheckDemands(const SignerFlags& flags) {
  if (flags.insecure_ignore_tlog && (flags.require_tlog || flags.tlog_threshold)) {
    return Usage("--insecure-ignore-tlog excludes --require-tlog and --tlog-threshold");
  }
  if (flags.insecure_ignore_sct && (flags.sct_threshold || !flags.sct.empty())) {
    return Usage("--insecure-ignore-sct excludes --sct-threshold and --sct");
  }
  const std::array<std::pair<std::optional<unsigned>, std::string_view>, 3> thresholds = {
      {{flags.tlog_threshold, "--tlog-threshold"},
       {flags.timestamp_threshold, "--timestamp-threshold"},
       {flags.sct_threshold, "--sct-threshold"}}};
  for (const auto& [threshold, name] : thresholds) {
    if (threshold && *threshold == 0) return Usage(util::StrCat(name, " must be at least 1"));
  }
  return Ok();
}

Result<VerifyDemands> ReadDemands(const SignerFlags& flags) {
  VerifyDemands demands;
  demands.annotations = TRY(ParseAnnotations(flags.annotations));
  demands.log_entries = flags.tlog_threshold;
  if (flags.require_tlog && !demands.log_entries) demands.log_entries = 1;
  if (flags.insecure_ignore_tlog) demands.log_entries = 0;
  demands.timestamps = flags.timestamp_threshold;
  if (flags.use_signed_timestamps && !demands.timestamps) demands.timestamps = 1;
  demands.certificate_logs = flags.sct_threshold;
  if (flags.insecure_ignore_sct) demands.certificate_logs = 0;
  return demands;
}

// Numbers below 1.3.6.1.4.1.57264.1 (Fulcio, docs/oid-info.md).
std::map<int, std::string> WorkflowExtensions(const SignerFlags& flags) {
  const std::array<std::pair<int, const std::string&>, 5> values = {{{2, flags.workflow_trigger},
                                                                     {3, flags.workflow_sha},
                                                                     {4, flags.workflow_name},
                                                                     {5, flags.workflow_repository},
                                                                     {6, flags.workflow_ref}}};
  std::map<int, std::string> extensions;
  for (const auto& [number, value] : values) {
    if (!value.empty()) extensions.emplace(number, value);
  }
  return extensions;
}

std::vector<AcceptedIdentity> ReadIdentities(const SignerFlags& flags) {
  std::vector<AcceptedIdentity> identities;
  const std::map<int, std::string> extensions = WorkflowExtensions(flags);
  if (NamesIdentity(flags) || flags.github.empty()) {
    identities.push_back({.identity = flags.identity,
                          .identity_regexp = flags.identity_regexp,
                          .issuer = flags.issuer,
                          .issuer_regexp = flags.issuer_regexp,
                          .extensions = extensions});
  }
  for (const std::string& github : flags.github) {
    identities.push_back({.github = github, .extensions = extensions});
  }
  return identities;
}

Status CheckIdentity(const SignerFlags& flags) {
  if (!NamesIdentity(flags) && !(flags.github.empty() && NamesWorkflow(flags))) return Ok();
  if (flags.identity.empty() && flags.identity_regexp.empty()) {
    return Usage(
        "--certificate-identity or --certificate-identity-regexp is missing: an issuer alone is "
        "everybody who has an account there");
  }
  if (flags.issuer.empty() && flags.issuer_regexp.empty()) {
    return Usage(
        "--certificate-oidc-issuer or --certificate-oidc-issuer-regexp is missing: who is somebody "
        "depends on who says so");
  }
  return Ok();
}

Result<VerifyPolicy> ReadPolicy(const SignerFlags& flags, VerifyDemands demands) {
  if (flags.insecure_any_identity) return VerifyPolicy::WithUnsafeAnyIdentity(std::move(demands));
  if (flags.key.empty()) {
    TRY(CheckIdentity(flags));
    return VerifyPolicy::WithIdentities(ReadIdentities(flags), std::move(demands));
  }
  const std::string pem = TRY(util::ReadInputFile(flags.key, kMaxPublicKeyBytes));
  Result<VerifyPolicy> policy = VerifyPolicy::WithKey(pem, std::move(demands));
  if (!policy.ok()) return std::move(policy).error().While(flags.key);
  return policy;
}

// The key alone is judged without anybody else's word.
bool NeedsTrust(const SignerFlags& flags) {
  return flags.key.empty() || flags.require_tlog || flags.tlog_threshold ||
         flags.use_signed_timestamps || flags.timestamp_threshold;
}

Status AddTrust(const SignerFlags& flags, const Context& context, VerifyTask& task) {
  const services::TrustRequest request = TRY(ReadTrust(flags.trust, context));
  if (!NeedsTrust(flags)) {
    // Who names trust material may expect that it is used.
    if (NamesTrust(flags.trust)) {
      context.output.Note(
          "with --key alone no trust material is looked at; --require-tlog demands a log entry");
    }
    return Ok();
  }
  const StoreOptions store =
      TRY(ReadStoreOptions({}, StoreOptions::Access::kRead, context.environment));
  const services::LoadedTrust trust = TRY(LoadTrust(request, store.tls, context.effects));
  for (const std::string& note : trust.notes) context.output.Note(note);
  task.circumstances.root = MakeTrustRoot(trust.root);
  task.trust_origin = trust.origin;
  return Ok();
}

std::string DescribeSigner(const SignerFlags& flags) {
  if (!flags.key.empty()) return util::StrCat("the key ", flags.key);
  if (flags.insecure_any_identity) return "a certificate of anybody (--insecure-any-identity)";
  return "a certificate";
}

}  // namespace

void AddIdentityFlags(FlagSet& set, SignerFlags& flags) {
  set.Text("--key", flags.key, "public key file", "FILE");
  set.List("--github", flags.github,
           "signed by a workflow of this repository on GitHub\n(repeatable: any of them)",
           "OWNER/REPO[/WORKFLOW][@REF]");
  set.Text("--certificate-identity,--cert-identity", flags.identity,
           "who signed: URI, e-mail address or user name", "TEXT");
  set.Text("--certificate-identity-regexp,--cert-identity-regexp", flags.identity_regexp,
           "the same as an expression (RE2) that the whole must match", "EXPRESSION");
  set.Text("--certificate-oidc-issuer,--cert-oidc-issuer", flags.issuer,
           "the identity provider that says so", "URL");
  set.Text("--certificate-oidc-issuer-regexp,--cert-oidc-issuer-regexp", flags.issuer_regexp,
           "the same as an expression that the whole must match", "EXPRESSION");
  const std::pair<std::string, std::string&> workflow[] = {
      {"trigger", flags.workflow_trigger},
      {"sha", flags.workflow_sha},
      {"name", flags.workflow_name},
      {"repository", flags.workflow_repository},
      {"ref", flags.workflow_ref}};
  for (const auto& [name, value] : workflow) {
    set.Text(util::StrCat("--certificate-github-workflow-", name), value,
             util::StrCat("the workflow's ", name, ", as the certificate has it"), "TEXT");
  }
  set.Switch("--insecure-any-identity", flags.insecure_any_identity,
             "accept a certificate of anybody");
}

void AddEvidenceFlags(FlagSet& set, SignerFlags& flags) {
  set.Switch("--require-tlog", flags.require_tlog,
             "demand an entry in a transparency log also with --key");
  set.Switch("--insecure-ignore-tlog,--private-infrastructure", flags.insecure_ignore_tlog,
             "look at no transparency log");
  set.Switch("--insecure-ignore-sct", flags.insecure_ignore_sct, "look at no certificate log");
  set.Switch("--use-signed-timestamps", flags.use_signed_timestamps,
             "demand a timestamp of an authority");
  set.Number("--tlog-threshold", flags.tlog_threshold,
             "entries in so many logs of different operators");
  set.Number("--timestamp-threshold", flags.timestamp_threshold,
             "timestamps of so many authorities of different operators");
  set.Number("--sct-threshold", flags.sct_threshold,
             "certificate logs of so many different operators");
  set.Text("--sct", flags.sct, "the certificate log's answer, where no certificate has it", "FILE");
  set.List("-a,--annotations", flags.annotations, "KEY=VALUE that must be signed (repeatable)",
           "KEY=VALUE");
}

Status CheckSignerFlags(const SignerFlags& flags) {
  TRY(CheckSigner(flags));
  return CheckDemands(flags);
}

Result<VerifyTask> ReadVerifyTask(const SignerFlags& flags, const Context& context) {
  TRY(CheckSignerFlags(flags));
  VerifyDemands demands = TRY(ReadDemands(flags));
  VerifyPolicy policy = TRY(ReadPolicy(flags, std::move(demands)));
  VerifyTask task{.policy = std::move(policy),
                  .circumstances = {.now = context.effects.clock.Now()},
                  .signer = DescribeSigner(flags),
                  .trust_origin = {},
                  .ignored = {}};
  TRY(AddTrust(flags, context, task));
  if (!flags.sct.empty()) {
    task.circumstances.detached_sct = TRY(util::ReadInputFile(flags.sct, kMaxSctBytes));
  }
  if (flags.insecure_any_identity) task.ignored.push_back("identity");
  if (flags.insecure_ignore_tlog) task.ignored.push_back("transparency log");
  if (flags.insecure_ignore_sct) task.ignored.push_back("certificate log");
  return task;
}

}  // namespace ociship::cli
