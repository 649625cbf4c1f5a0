// SPDX-License-Identifier: Apache-2.0
// The commands and their flags, declared once, for CLI11. The only file that includes it. Tested by
// tests/e2e/test_cli.py.
#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "cli/commands.h"
#include "cli/flag_set.h"
#include "cli/registry_flags.h"
#include "util/text.h"

namespace ociship::cli {
namespace {

using Run = std::function<Status(const Context&)>;

// The command that the command line names.
struct Chosen {
  Run run;
};

constexpr const char* kExitCodes =
    "Exit codes: 0 done or verified, 1 other failure, 2 usage, 10 no signature, 11 no such\n"
    "reference (verify), 12 no signature matches, 13 no certificate, 20 not authorised, 21 not\n"
    "found, 22 tag conflict, 23 rate limited, 24 network or server, 25 bad input, 30 signing\n"
    "service, 31 trust material, 41 could not find out, 130 interrupted.";

// The heading of the help under which they stand.
constexpr const char* kRegistryGroup = "Registry";
constexpr const char* kOptionsGroup = "Options";
constexpr int kMostRetries = 20;
constexpr int kMostJobs = 64;

// FlagSet on a command of CLI11.
class CommandFlags : public FlagSet {
 public:
  CommandFlags(CLI::App& app, const char* group) : app_(app), group_(group) {}

  void Text(const std::string& names, std::string& value, const std::string& what,
            const std::string& placeholder) override {
    app_.add_option(names, value, what)->option_text(placeholder)->group(group_);
  }
  void List(const std::string& names, std::vector<std::string>& values, const std::string& what,
            const std::string& placeholder) override {
    app_.add_option(names, values, what)
        ->allow_extra_args(false)
        ->option_text(placeholder)
        ->group(group_);
  }
  void Number(const std::string& names, std::optional<unsigned>& value,
              const std::string& what) override {
    app_.add_option(names, value, what)->option_text("N")->group(group_);
  }
  void Switch(const std::string& names, bool& value, const std::string& what) override {
    app_.add_flag(names, value, what)->group(group_);
  }

 private:
  CLI::App& app_;
  const char* group_;
};

// Who must have signed, what must be shown of it, and whose word counts.
void AddSignerFlags(CLI::App& app, SignerFlags& flags) {
  CommandFlags signer(app, "Signer");
  AddIdentityFlags(signer, flags);
  CommandFlags evidence(app, "Evidence");
  AddEvidenceFlags(evidence, flags);
  CommandFlags trust(app, "Trust");
  AddTrustFlags(trust, flags.trust);
}

// Who signs, and whose services are asked.
void AddSignerFlags(CLI::App& app, SigningFlags& flags) {
  CommandFlags signer(app, "Signer");
  AddSigningFlags(signer, flags);
  CommandFlags services(app, "Services");
  AddServiceFlags(services, flags);
}

void AddAuthFileFlag(CLI::App& app, RegistryFlags& flags) {
  CommandFlags set(app, kRegistryGroup);
  AddAuthFileFlag(set, flags);
}

void AddLoginFlags(CLI::App& app, RegistryFlags& flags) {
  CommandFlags set(app, kRegistryGroup);
  AddLoginFlags(set, flags);
}

void AddConnectionFlags(CLI::App& app, RegistryFlags& flags) {
  CommandFlags set(app, kRegistryGroup);
  AddConnectionFlags(set, flags);
  app.add_option("--retries", flags.retries, "how often a request is tried again (default: 4)")
      ->check(CLI::Range(0, kMostRetries))
      ->option_text("0-20")
      ->group(kRegistryGroup);
}

void AddRegistryFlags(CLI::App& app, RegistryFlags& flags) {
  CommandFlags set(app, kRegistryGroup);
  AddLoginFlags(set, flags);
  AddTokenFlag(set, flags);
  AddAuthFileFlag(set, flags);
  AddConnectionFlags(app, flags);
}

void AddChunkFlag(CLI::App& app, RegistryFlags& flags) {
  CommandFlags set(app, kRegistryGroup);
  set.Text("--chunk-size", flags.chunk_size,
           "send blobs in requests of at most this size, as in 64MiB", "SIZE");
}

void AddMirrorsFlag(CLI::App& app, RegistryFlags& flags) {
  CommandFlags set(app, kRegistryGroup);
  set.Switch("--mirrors", flags.mirrors, "read from the mirrors and locations of registries.conf");
}

void AddOutputFlag(CLI::App& app, Format& format) {
  app.add_option("-o,--output", format, "text, or json for one document on standard output")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Format>{{"text", Format::kText}, {"json", Format::kJson}}))
      ->option_text("text|json");
}

void AddProgressFlag(CLI::App& app, ProgressStyle& style) {
  app.add_option("--progress", style,
                 "what is said meanwhile: bars (default on a terminal), plain lines (default\n"
                 "elsewhere), json events, or none")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, ProgressStyle>{{"auto", ProgressStyle::kAuto},
                                               {"bars", ProgressStyle::kBars},
                                               {"plain", ProgressStyle::kPlain},
                                               {"json", ProgressStyle::kJson},
                                               {"none", ProgressStyle::kNone}}))
      ->option_text("auto|bars|plain|json|none");
}

void AddPush(CLI::App& app, Chosen& chosen) {
  CLI::App* push =
      app.add_subcommand("push", "Load an image archive, push it, sign it, and then set its tags");
  const auto flags = std::make_shared<PushFlags>();
  push->add_option("source", flags->sources_and_destination,
                   "SOURCE: a path, - for standard input, docker-archive:PATH[:REF],\n"
                   "oci-archive:PATH[:REF], oci:DIR[:REF] or dir:DIR; several become one index.\n"
                   "DEST: HOST[:PORT]/NAME[:TAG] or oci:DIR[:TAG]")
      ->required()
      ->option_text("SOURCE... DEST");
  CommandFlags set(*push, kOptionsGroup);
  AddSourceFlags(set, *flags);
  AddManifestFlags(set, *flags);
  push->add_flag("--git-annotations{.}", flags->git_annotations_folder,
                 "annotate revision, source, version and time of a clean work tree;\n"
                 "--git-annotations=DIR of another")
      ->option_text("[=DIR]");
  push->add_option("-t,--tag", flags->tags, "a tag to set (repeatable)")
      ->allow_extra_args(false)
      ->option_text("TAG");
  push->add_option("--semver", flags->semver,
                   "tag V, MAJOR.MINOR, MAJOR (unless 0) and latest; the short ones only forward")
      ->option_text("V");
  // A flag takes its value only after "=", so it never swallows the argument behind it.
  push->add_flag("--git{.}", flags->git_folder,
                 "tag the full commit id and sha-<7> of a clean work tree, --git=DIR of another")
      ->option_text("[=DIR]");
  set.Switch("--sign", flags->sign, "sign before the tags move, with --key or an identity token");
  AddSignerFlags(*push, flags->signing);
  set.Text("--signature-format", flags->signature_format, "auto (default), bundle, legacy or both",
           "FORMAT");
  push->add_option("--digestfile", flags->digest_file,
                   "write the digest into this file, one a line with --all")
      ->option_text("FILE");
  push->add_flag("--dry-run", flags->dry_run,
                 "write nothing, and print what would be sent and which tags would move");
  push->add_flag("--no-cache", flags->no_cache,
                 "read and compress every layer, whatever is known about it");
  AddOutputFlag(*push, flags->format);
  AddProgressFlag(*push, flags->progress);
  AddRegistryFlags(*push, flags->registry);
  AddChunkFlag(*push, flags->registry);
  push->add_option("--jobs", flags->jobs, "how many blobs are sent side by side")
      ->check(CLI::Range(1, kMostJobs))
      ->option_text("1-64")
      ->group(kRegistryGroup);
  push->callback([flags, &chosen] {
    chosen.run = [flags](const Context& context) { return RunPush(*flags, context); };
  });
}

void AddSign(CLI::App& app, Chosen& chosen) {
  CLI::App* sign = app.add_subcommand(
      "sign", "Sign images with a key or an identity, so that cosign verifies it");
  const auto flags = std::make_shared<SignFlags>();
  sign->add_option("REF", flags->references, "HOST/NAME:TAG, HOST/NAME@DIGEST or oci:DIR:TAG")
      ->required();
  CommandFlags set(*sign, kOptionsGroup);
  AddSignFlags(set, *flags);
  AddSignerFlags(*sign, flags->signing);
  AddOutputFlag(*sign, flags->format);
  AddRegistryFlags(*sign, flags->registry);
  AddChunkFlag(*sign, flags->registry);
  sign->callback([flags, &chosen] {
    chosen.run = [flags](const Context& context) { return RunSign(*flags, context); };
  });
}

void AddSignBlob(CLI::App& app, Chosen& chosen) {
  CLI::App* sign =
      app.add_subcommand("sign-blob", "Sign files, each with a Sigstore bundle beside it");
  const auto flags = std::make_shared<SignBlobFlags>();
  sign->add_option("FILE", flags->files, "files, or - for standard input")->required();
  CommandFlags set(*sign, kOptionsGroup);
  AddSignBlobFlags(set, *flags);
  AddSignerFlags(*sign, flags->signing);
  AddOutputFlag(*sign, flags->format);
  sign->callback([flags, &chosen] {
    chosen.run = [flags](const Context& context) { return RunSignBlob(*flags, context); };
  });
}

void AddVerify(CLI::App& app, Chosen& chosen) {
  CLI::App* verify = app.add_subcommand("verify", "Verify who signed images");
  const auto flags = std::make_shared<VerifyFlags>();
  verify->add_option("REF", flags->references, "HOST/NAME:TAG, HOST/NAME@DIGEST or oci:DIR:TAG")
      ->required();
  AddSignerFlags(*verify, flags->signer);
  AddOutputFlag(*verify, flags->format);
  AddRegistryFlags(*verify, flags->registry);
  AddMirrorsFlag(*verify, flags->registry);
  verify->callback([flags, &chosen] {
    chosen.run = [flags](const Context& context) { return RunVerify(*flags, context); };
  });
}

void AddVerifyBlob(CLI::App& app, Chosen& chosen) {
  CLI::App* verify = app.add_subcommand("verify-blob", "Verify who signed a file");
  const auto flags = std::make_shared<VerifyBlobFlags>();
  verify->add_option("FILE", flags->file, "a file, - for standard input, or sha256:HEX")
      ->required();
  verify
      ->add_option("--bundle", flags->bundle,
                   "the Sigstore bundle; default FILE.sigstore.json, then FILE.sigstore")
      ->option_text("FILE");
  verify
      ->add_option("--attestation-type", flags->attestation_type,
                   "take an attestation about the file: its predicate type, or any")
      ->option_text("TYPE|any");
  AddSignerFlags(*verify, flags->signer);
  AddOutputFlag(*verify, flags->format);
  verify->callback([flags, &chosen] {
    chosen.run = [flags](const Context& context) { return RunVerifyBlob(*flags, context); };
  });
}

void AddInspect(CLI::App& app, Chosen& chosen) {
  CLI::App* inspect = app.add_subcommand(
      "inspect", "Show what is in an archive, a layout or a registry: layers, config, platforms");
  const auto flags = std::make_shared<InspectFlags>();
  inspect
      ->add_option("target", flags->targets,
                   "a SOURCE as push takes it, or HOST/NAME:TAG, HOST/NAME@DIGEST")
      ->required()
      ->option_text("SOURCE|REF...");
  AddOutputFlag(*inspect, flags->format);
  AddRegistryFlags(*inspect, flags->registry);
  AddMirrorsFlag(*inspect, flags->registry);
  inspect->callback([flags, &chosen] {
    chosen.run = [flags](const Context& context) { return RunInspect(*flags, context); };
  });
}

void AddGenerateKeyPair(CLI::App& app, Chosen& chosen) {
  CLI::App* generate =
      app.add_subcommand("generate-key-pair",
                         "Make a key pair; the password comes from COSIGN_PASSWORD, the terminal "
                         "or standard input");
  const auto flags = std::make_shared<GenerateKeyPairFlags>();
  generate
      ->add_option("--output-key-prefix", flags->output_prefix,
                   "write PREFIX.key and PREFIX.pub (default: cosign)")
      ->option_text("PREFIX");
  generate->callback([flags, &chosen] {
    chosen.run = [flags](const Context& context) { return RunGenerateKeyPair(*flags, context); };
  });
}

void AddLogin(CLI::App& app, Chosen& chosen) {
  CLI::App* login = app.add_subcommand(
      "login", "Check a user name and password with a registry, and keep them as docker does");
  const auto flags = std::make_shared<LoginFlags>();
  login->add_option("HOST", flags->host, "a registry, as in ghcr.io")
      ->required()
      ->option_text("HOST[:PORT]");
  AddLoginFlags(*login, flags->registry);
  AddAuthFileFlag(*login, flags->registry);
  AddConnectionFlags(*login, flags->registry);
  login->callback([flags, &chosen] {
    chosen.run = [flags](const Context& context) { return RunLogin(*flags, context); };
  });
}

void AddLogout(CLI::App& app, Chosen& chosen) {
  CLI::App* logout = app.add_subcommand("logout", "Forget the credential of a registry");
  const auto flags = std::make_shared<LogoutFlags>();
  logout->add_option("HOST", flags->host, "a registry, as in ghcr.io")
      ->required()
      ->option_text("HOST[:PORT]");
  AddAuthFileFlag(*logout, flags->registry);
  logout->callback([flags, &chosen] {
    chosen.run = [flags](const Context& context) { return RunLogout(*flags, context); };
  });
}

void AddAuth(CLI::App& app, Chosen& chosen) {
  CLI::App* auth = app.add_subcommand("auth", "What is known of credentials");
  auth->require_subcommand(1);
  CLI::App* explain = auth->add_subcommand(
      "explain", "Show where the credential for a repository is looked for, and which is used");
  const auto flags = std::make_shared<AuthExplainFlags>();
  explain->add_option("REF", flags->reference, "a repository or an image in it")
      ->required()
      ->option_text("HOST/NAME");
  AddOutputFlag(*explain, flags->format);
  AddAuthFileFlag(*explain, flags->registry);
  explain->callback([flags, &chosen] {
    chosen.run = [flags](const Context& context) { return RunAuthExplain(*flags, context); };
  });
}

void AddTrust(CLI::App& app, Chosen& chosen) {
  CLI::App* trust = app.add_subcommand("trust", "Sigstore's trust material");
  trust->require_subcommand(1);
  CLI::App* update = trust->add_subcommand("update", "Ask the TUF repository for what is new");
  const auto update_flags = std::make_shared<TrustCommandFlags>();
  CommandFlags update_set(*update, "Trust");
  AddRepositoryFlags(update_set, update_flags->trust);
  AddOutputFlag(*update, update_flags->format);
  update->callback([update_flags, &chosen] {
    chosen.run = [update_flags](const Context& context) {
      return RunTrustUpdate(*update_flags, context);
    };
  });
  CLI::App* show =
      trust->add_subcommand("show", "Show whose word counts, until when, and who says so");
  const auto show_flags = std::make_shared<TrustCommandFlags>();
  CommandFlags show_set(*show, "Trust");
  AddTrustFlags(show_set, show_flags->trust);
  AddOutputFlag(*show, show_flags->format);
  show->callback([show_flags, &chosen] {
    chosen.run = [show_flags](const Context& context) {
      return RunTrustShow(*show_flags, context);
    };
  });
}

// Not among the commands that the help lists: it is for those who test TUF clients.
void AddTuf(CLI::App& app, Chosen& chosen) {
  CLI::App* tuf = app.add_subcommand("tuf", "The TUF client by itself, for tuf-conformance");
  tuf->group("");
  tuf->require_subcommand(1);
  const auto flags = std::make_shared<TufFlags>();
  tuf->add_option("--metadata-dir", flags->metadata_dir, "folder of the trusted metadata")
      ->option_text("DIR");
  tuf->add_option("--metadata-url", flags->metadata_url, "where the metadata is")
      ->option_text("URL");
  tuf->add_option("--target-base-url", flags->target_base_url, "where the targets are")
      ->option_text("URL");
  tuf->add_option("--target-dir", flags->target_dir, "folder for targets")->option_text("DIR");
  tuf->add_option("--target-name", flags->target_names, "a target (repeatable)")
      ->allow_extra_args(false)
      ->option_text("PATH");
  const auto add = [&](const char* name, const char* what,
                       Status (*run)(const TufFlags&, const Context&)) {
    CLI::App* command = tuf->add_subcommand(name, what)->group("Subcommands");
    command->callback([flags, run, &chosen] {
      chosen.run = [flags, run](const Context& context) { return run(*flags, context); };
    });
    return command;
  };
  add("init", "Trust a root", RunTufInit)
      ->add_option("ROOT", flags->trusted_root, "file with the trusted root")
      ->required();
  add("refresh", "Bring the metadata up to date", RunTufRefresh);
  add("download", "Download targets", RunTufDownload);
}

void AddVersion(CLI::App& app, Chosen& chosen) {
  CLI::App* version = app.add_subcommand("version", "Print the version");
  version->callback([&chosen] { chosen.run = RunVersion; });
}

// A variable of a script that is not set must not be a flag that was not given.
void RefuseEmptyValues(CLI::App& app) {
  const CLI::Validator not_empty(
      [](std::string& text) { return std::string(text.empty() ? "it must not be empty" : ""); },
      "");
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    for (CLI::Option* option : command->get_options()) {
      if (option->get_items_expected_max() > 0) option->check(not_empty);
    }
    RefuseEmptyValues(*command);
  }
}

bool HasCommand(const CLI::App& app, std::string_view name) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  return std::ranges::any_of(commands,
                             [&](const CLI::App* command) { return command->get_name() == name; });
}

// CLI11 shows the value that a flag has without "=" as "--git{.}", which is none of a person's
// business.
std::string HelpOf(const CLI::App& app) {
  constexpr std::string_view kShown = "{.} [=DIR]";
  constexpr std::string_view kMeant = "[=DIR]    ";
  std::string help = app.help();
  for (std::size_t at = help.find(kShown); at != std::string::npos; at = help.find(kShown)) {
    help.replace(at, kShown.size(), kMeant);
  }
  return help;
}

int Fail(const Error& error, Output& output) {
  output.Complain(error);
  return static_cast<int>(error.code());
}

}  // namespace

int RunCommandLine(int argc, char** argv, const Context& context) {
  CLI::App app("ociship: push, sign and verify container images", "ociship");
  app.require_subcommand(1);
  app.footer(kExitCodes);
  app.set_version_flag("--version", "ociship " OCISHIP_VERSION);
  Chosen chosen;
  AddPush(app, chosen);
  AddSign(app, chosen);
  AddSignBlob(app, chosen);
  AddVerify(app, chosen);
  AddVerifyBlob(app, chosen);
  AddInspect(app, chosen);
  AddGenerateKeyPair(app, chosen);
  AddLogin(app, chosen);
  AddLogout(app, chosen);
  AddAuth(app, chosen);
  AddTrust(app, chosen);
  AddTuf(app, chosen);
  AddVersion(app, chosen);
  RefuseEmptyValues(app);
  if (argc > 1 && argv[1][0] != '-' && !HasCommand(app, argv[1])) {
    return Fail(Error(Code::kUsage, util::StrCat("there is no command ", util::Quoted(argv[1]),
                                                 " (ociship --help)")),
                context.output);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    context.output.Answer(HelpOf(app));
  } catch (const CLI::CallForVersion& version) {
    context.output.Answer(version.what());
  } catch (const CLI::ParseError& wrong) {
    return Fail(Error(Code::kUsage, util::StrCat(wrong.what(), " (ociship --help)")),
                context.output);
  }
  if (chosen.run) {
    const Status status = chosen.run(context);
    if (!status.ok()) return Fail(status.error(), context.output);
  }
  const Status written = context.output.Finish();
  return written.ok() ? 0 : Fail(written.error(), context.output);
}

}  // namespace ociship::cli
