// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_COMMANDS_H_
#define OCISHIP_CLI_COMMANDS_H_

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/registry_flags.h"
#include "cli/signing_options.h"
#include "cli/trust_options.h"
#include "cli/verify_options.h"
#include "ociship/core.h"

// One function a command, each in a file of its own: it gets what the command line said, calls the
// library and prints. The flags are declared in command_line.cc.
namespace ociship::cli {

enum class Format { kText, kJson };

// How a push tells what it does.
enum class ProgressStyle { kAuto, kBars, kPlain, kJson, kNone };

struct PushFlags {
  std::vector<std::string> sources_and_destination;
  std::vector<std::string> executables;
  std::string image;
  bool all = false;
  std::vector<std::string> platforms;
  bool sparse = false;
  std::vector<std::string> tags;
  std::optional<std::string> semver;
  std::optional<std::string> git_folder;
  std::string compression = "gzip";
  std::string manifest_format;
  std::vector<std::string> annotations;
  std::optional<std::string> git_annotations_folder;
  std::string max_layer_size;
  unsigned jobs = 0;  // 0: chosen
  bool no_cache = false;
  bool dry_run = false;
  bool sign = false;
  SigningFlags signing;
  std::string signature_format = "auto";
  std::string digest_file;
  ProgressStyle progress = ProgressStyle::kAuto;
  Format format = Format::kText;
  RegistryFlags registry;
};
// What is read of the sources, and how it is written.
void AddSourceFlags(FlagSet& set, PushFlags& flags);
void AddManifestFlags(FlagSet& set, PushFlags& flags);
Status RunPush(const PushFlags& flags, const Context& context);

struct SignFlags {
  std::vector<std::string> references;
  SigningFlags signing;
  bool recursive = false;
  bool force = false;
  std::string signature_format = "auto";
  std::vector<std::string> annotations;
  std::string identity;
  Format format = Format::kText;
  RegistryFlags registry;
};
void AddSignFlags(FlagSet& set, SignFlags& flags);
Status RunSign(const SignFlags& flags, const Context& context);

struct SignBlobFlags {
  std::vector<std::string> files;
  std::string bundle;
  bool in_toto = false;
  SigningFlags signing;
  Format format = Format::kText;
};
void AddSignBlobFlags(FlagSet& set, SignBlobFlags& flags);
Status RunSignBlob(const SignBlobFlags& flags, const Context& context);

struct VerifyFlags {
  std::vector<std::string> references;
  SignerFlags signer;
  Format format = Format::kText;
  RegistryFlags registry;
};
Status RunVerify(const VerifyFlags& flags, const Context& context);

struct VerifyBlobFlags {
  std::string file;
  std::string bundle;
  std::string attestation_type;
  SignerFlags signer;
  Format format = Format::kText;
};
Status RunVerifyBlob(const VerifyBlobFlags& flags, const Context& context);

struct InspectFlags {
  std::vector<std::string> targets;
  Format format = Format::kText;
  RegistryFlags registry;
};
Status RunInspect(const InspectFlags& flags, const Context& context);

struct LoginFlags {
  std::string host;
  RegistryFlags registry;
};
Status RunLogin(const LoginFlags& flags, const Context& context);

struct LogoutFlags {
  std::string host;
  RegistryFlags registry;
};
Status RunLogout(const LogoutFlags& flags, const Context& context);

struct AuthExplainFlags {
  std::string reference;
  Format format = Format::kText;
  RegistryFlags registry;
};
Status RunAuthExplain(const AuthExplainFlags& flags, const Context& context);

struct GenerateKeyPairFlags {
  std::string output_prefix = "cosign";
};
Status RunGenerateKeyPair(const GenerateKeyPairFlags& flags, const Context& context);

struct TrustCommandFlags {
  TrustFlags trust;
  Format format = Format::kText;
};
Status RunTrustUpdate(const TrustCommandFlags& flags, const Context& context);
Status RunTrustShow(const TrustCommandFlags& flags, const Context& context);

// The words of tuf-conformance's CLIENT-CLI.md.
struct TufFlags {
  std::string metadata_dir;
  std::string metadata_url;
  std::string target_base_url;
  std::string target_dir;
  std::vector<std::string> target_names;
  std::string trusted_root;
};
Status RunTufInit(const TufFlags& flags, const Context& context);
Status RunTufRefresh(const TufFlags& flags, const Context& context);
Status RunTufDownload(const TufFlags& flags, const Context& context);

Status RunVersion(const Context& context);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_COMMANDS_H_
