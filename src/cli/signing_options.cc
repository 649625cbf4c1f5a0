// SPDX-License-Identifier: Apache-2.0
// Who signs and who vouches, as the flags say it. Tested by tests/e2e/test_keyless.py.
#include "cli/signing_options.h"

#include <string_view>
#include <utility>

#include "api/tokens.h"
#include "api/trust.h"
#include "cli/person.h"
#include "sigstore/signing_config.h"
#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

Error Usage(std::string_view why) { return Error(Code::kUsage, std::string(why)); }

enum class Tlog { kUnsaid, kWrite, kNone };

// Of flags that were checked.
Tlog TlogOf(const SigningFlags& flags) {
  if (flags.no_tlog || flags.tlog_upload == "false") return Tlog::kNone;
  if (flags.tlog || flags.tlog_upload == "true" || !flags.rekor_url.empty()) return Tlog::kWrite;
  return Tlog::kUnsaid;
}

bool NamesToken(const IdentityFlags& flags) {
  return !flags.token.empty() || !flags.provider.empty() || flags.disable_ambient_providers ||
         !flags.issuer.empty() || !flags.client_id.empty() || !flags.client_secret_file.empty() ||
         !flags.redirect_url.empty() || !flags.auth_flow.empty();
}

bool ByKey(const SigningFlags& flags) { return !flags.key.empty(); }

SigningServices::Logging LoggingOf(const SigningFlags& flags) {
  const Tlog tlog = TlogOf(flags);
  // With a key the key is the policy: nobody else is asked unless somebody says so.
  const bool wanted = tlog == Tlog::kWrite || (tlog == Tlog::kUnsaid && !ByKey(flags));
  return wanted ? SigningServices::Logging::kWanted : SigningServices::Logging::kNone;
}

// Whether a key's signature has any other word beside it.
bool AsksServices(const SigningFlags& flags) {
  return !ByKey(flags) || LoggingOf(flags) == SigningServices::Logging::kWanted ||
         !flags.signing_config.empty() || !flags.timestamp_server_url.empty();
}

// Whether URLs and files name all services that are needed, so that no TUF repository is asked
// whom to ask.
bool NamesServices(const SigningFlags& flags) {
  if (!flags.signing_config.empty()) return true;
  const bool logging = LoggingOf(flags) == SigningServices::Logging::kWanted;
  return (ByKey(flags) || !flags.fulcio_url.empty()) && (!logging || !flags.rekor_url.empty());
}

// Whoever names a certificate authority of his own has a deployment of his own: what it certifies
// must not end up in a public log because another flag was forgotten, nor the reverse.
Status CheckUrls(const SigningFlags& flags) {
  if (ByKey(flags) || !flags.signing_config.empty()) return Ok();
  if (!flags.fulcio_url.empty() && flags.rekor_url.empty() &&
      LoggingOf(flags) == SigningServices::Logging::kWanted) {
    return Usage(
        "--fulcio-url is given, and no log: add --rekor-url, --signing-config or --no-tlog");
  }
  if (!flags.rekor_url.empty() && flags.fulcio_url.empty()) {
    return Usage("--rekor-url is given, and no Fulcio: add --fulcio-url or --signing-config");
  }
  return Ok();
}

Status CheckTlog(const SigningFlags& flags) {
  if (!flags.tlog_upload.empty() && flags.tlog_upload != "true" && flags.tlog_upload != "false") {
    return Usage("--tlog-upload is true or false");
  }
  const bool wanted = flags.tlog || flags.tlog_upload == "true";
  const bool unwanted = flags.no_tlog || flags.tlog_upload == "false";
  if (wanted && unwanted) return Usage("--tlog and --no-tlog exclude each other");
  if (unwanted && !flags.rekor_url.empty()) {
    return Usage("--rekor-url names a log, and --no-tlog asks for no entry in it");
  }
  if (flags.rekor_version && flags.rekor_url.empty()) {
    return Usage("--rekor-version is the version of what --rekor-url names");
  }
  if (flags.rekor_version && *flags.rekor_version != 1 && *flags.rekor_version != 2) {
    return Usage("--rekor-version is 1 or 2");
  }
  return Ok();
}

// The signing config that a flag names, of which each word can be read; empty where none does.
Result<std::string> ReadConfigFile(const SigningFlags& flags) {
  if (flags.signing_config.empty()) return std::string();
  std::string text =
      TRY(util::ReadInputFile(flags.signing_config, sigstore::kMaxSigningConfigBytes));
  const auto read = sigstore::SigningConfig::Parse(text);
  if (!read.ok()) return read.error().While(flags.signing_config);
  return text;
}

// That of a TUF repository, where URLs do not say it all.
Result<std::string> ConfigOf(const SigningFlags& flags, const services::LoadedTrust& trust) {
  if (NamesServices(flags)) return std::string();
  if (!trust.signing_config_json.empty()) return trust.signing_config_json;
  return Error(Code::kUsage,
               util::StrCat("nobody says whom to ask for signatures: ", trust.origin,
                            " has no signing config; give --signing-config, or --fulcio-url and "
                            "--rekor-url"));
}

Result<SigningServices> ReadServices(const SigningFlags& flags, const Context& context) {
  const std::string config = TRY(ReadConfigFile(flags));
  services::TrustRequest request = TRY(ReadTrust(flags.trust, context));
  if (!NamesServices(flags)) {
    request.signing_config = services::TrustRequest::SigningConfig::kWanted;
  }
  const services::LoadedTrust trust = TRY(LoadTrust(request, {}, context.effects));
  for (const std::string& note : trust.notes) context.output.Note(note);
  SigningServices services{.certificate_authority_url = flags.fulcio_url,
                           .log_url = flags.rekor_url,
                           .log_version = flags.rekor_version.value_or(1),
                           .timestamp_authority_url = flags.timestamp_server_url,
                           .root = MakeTrustRoot(trust.root),
                           .logging = LoggingOf(flags)};
  services.signing_config = config;
  if (config.empty()) services.signing_config = TRY(ConfigOf(flags, trust));
  if (flags.insecure_ignore_sct) {
    services.certificate_logs = SigningServices::CertificateLogs::kIgnored;
  }
  return services;
}

Result<SigningKey> ReadKey(const SigningFlags& flags, StandardInput input, const Context& context) {
  const std::string password = TRY(ReadPassword(context, input));
  return SigningKey::FromFile(flags.key, password);
}

Result<Signer> ReadKeyless(const SigningFlags& flags, StandardInput input, const Context& context) {
  services::IdentityRequest identity = TRY(ReadIdentity(flags.identity, input, context));
  SigningServices services = TRY(ReadServices(flags, context));
  services.audience = identity.audience;
  if (flags.identity.issuer.empty()) {
    identity.oidc.issuer =
        TRY(IdentityProviderOf(services.signing_config, context.effects.clock.Now()));
  }
  TokenProvider tokens = TRY(NewTokenProvider(std::move(identity), services.tls, context.effects,
                                              std::make_unique<TerminalPerson>(context)));
  return Signer::Keyless(std::move(tokens), services, context.effects);
}

Result<Signer> ReadKeyed(const SigningFlags& flags, StandardInput input, const Context& context) {
  if (!AsksServices(flags)) {
    const SigningKey key = TRY(ReadKey(flags, input, context));
    return Signer(key);
  }
  const SigningServices services = TRY(ReadServices(flags, context));
  const SigningKey key = TRY(ReadKey(flags, input, context));
  return Signer::WithKey(key, services, context.effects);
}

std::string Alternatives(const std::vector<std::string>& urls) {
  std::string text;
  for (const std::string& url : urls) {
    text += util::StrCat(text.empty() ? "" : " or ", util::Printable(url));
  }
  return text;
}

// What everybody will read for good, in one sentence; empty when it is nothing.
std::string PublicationText(const Publication& publication) {
  std::string text;
  const bool certified = !publication.certificate_authorities.empty();
  if (certified) {
    text = util::StrCat("a certificate for ", util::Quoted(publication.identity), " (issuer ",
                        util::Quoted(publication.issuer), ") is made by ",
                        Alternatives(publication.certificate_authorities),
                        " and stands in a public log of certificates");
  }
  if (publication.logs.empty()) return text;
  const std::string_view what =
      certified
          ? "; with the digest and the signature of what is signed it is written into "
          : "the public key, the digest and the signature of what is signed are written into ";
  return util::StrCat(text, what, Alternatives(publication.logs),
                      ", where anybody can read it and nobody can remove it");
}

}  // namespace

void AddSigningFlags(FlagSet& set, SigningFlags& flags) {
  set.Text("--key", flags.key, "private key file; without it an identity token signs", "FILE");
  AddIdentityTokenFlags(set, flags.identity);
  set.Switch("-y,--yes", flags.yes, "do not ask whether to write into public logs");
}

void AddServiceFlags(FlagSet& set, SigningFlags& flags) {
  set.Text("--signing-config", flags.signing_config,
           "which services are asked; default: what TUF says", "FILE");
  set.Text("--fulcio-url", flags.fulcio_url, "the certificate authority", "URL");
  set.Text("--rekor-url", flags.rekor_url, "the transparency log", "URL");
  set.Number("--rekor-version", flags.rekor_version, "of that log: 1 (default) or 2");
  set.Text("--timestamp-server-url", flags.timestamp_server_url, "the timestamp authority", "URL");
  set.Switch("--tlog", flags.tlog, "with --key: write a log entry too");
  set.Switch("--no-tlog", flags.no_tlog, "write no log entry");
  set.Text("--tlog-upload", flags.tlog_upload, "the same as --tlog or --no-tlog", "true|false");
  set.Switch("--insecure-ignore-sct", flags.insecure_ignore_sct,
             "take a certificate that no certificate log has seen");
  set.Text("--trusted-root", flags.trust.trusted_root, "whose answers count", "FILE|embedded");
  AddRepositoryFlags(set, flags.trust);
}

bool NamesSigner(const SigningFlags& flags) {
  return ByKey(flags) || NamesToken(flags.identity) || TlogOf(flags) != Tlog::kUnsaid ||
         !flags.signing_config.empty() || !flags.fulcio_url.empty() ||
         !flags.timestamp_server_url.empty() || flags.insecure_ignore_sct || flags.yes ||
         NamesTrust(flags.trust);
}

Status CheckSigningFlags(const SigningFlags& flags) {
  TRY(CheckTlog(flags));
  TRY(CheckUrls(flags));
  if (ByKey(flags) && NamesToken(flags.identity)) {
    return Usage("--key and the flags for identity tokens exclude each other");
  }
  if (ByKey(flags) && !flags.fulcio_url.empty()) {
    return Usage("--key and --fulcio-url exclude each other: a key needs no certificate");
  }
  if (ByKey(flags) && flags.insecure_ignore_sct) {
    return Usage("a signature with a key has no certificate, and so no SCT");
  }
  if (!AsksServices(flags) && NamesTrust(flags.trust)) {
    return Usage("a key alone needs no trust material: add --tlog or --timestamp-server-url");
  }
  return Ok();
}

Result<Signer> ReadSigner(const SigningFlags& flags, StandardInput input, const Context& context) {
  TRY(CheckSigningFlags(flags));
  return ByKey(flags) ? ReadKeyed(flags, input, context) : ReadKeyless(flags, input, context);
}

Status CheckFormats(const Signer& signer, SignatureFormats wanted, Output& output) {
  const SignatureFormats formats = TRY(signer.Formats(wanted));
  if (wanted == SignatureFormats::kAuto && formats == SignatureFormats::kBundle) {
    output.Note(
        "the signature is written in the bundle format alone: the legacy one needs a log of Rekor "
        "v1, and there is none to ask");
  }
  return Ok();
}

Status Announce(const Signer& signer, SignatureFormats wanted, const SigningFlags& flags,
                StandardInput input, const Context& context) {
  const SignatureFormats formats = TRY(signer.Formats(wanted));
  TRY(signer.Prepare());
  const std::string text = PublicationText(signer.publication(formats));
  if (text.empty()) return Ok();
  context.output.Note(text);
  if (flags.yes || input != StandardInput::kFree || Terminal() == Asking::kNobodyThere) return Ok();
  Result<std::string> answer = AskUser(context, "Is that wanted? [y/N] ");
  if (answer.ok() && (answer.value() == "y" || answer.value() == "Y" || answer.value() == "yes")) {
    return Ok();
  }
  return Error(Code::kUsage, "nothing was signed: answer y, or give --yes");
}

}  // namespace ociship::cli
