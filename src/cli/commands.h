// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_COMMANDS_H_
#define OCISHIP_CLI_COMMANDS_H_

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "ociship/core.h"

// One function a command, each in a file of its own: it gets what the command line said, calls the
// library and prints. The flags are declared in command_line.cc.
namespace ociship::cli {

enum class Format { kText, kJson };

// How a push tells what it does.
enum class ProgressStyle { kAuto, kBars, kPlain, kJson, kNone };

// Flags of every command that opens a repository.
struct RegistryFlags {
  std::string username;
  bool password_stdin = false;
  std::string registry_token;
  std::string authfile;
  std::string cacert;
  std::string client_cert;
  std::string client_key;
  bool plain_http = false;
  bool insecure_skip_tls_verify = false;
  std::optional<int> retries;
  std::string timeout;
  std::string chunk_size;
  bool mirrors = false;
};

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
  std::string key;
  std::string signature_format = "both";
  std::string digest_file;
  ProgressStyle progress = ProgressStyle::kAuto;
  Format format = Format::kText;
  RegistryFlags registry;
};
Status RunPush(const PushFlags& flags, const Context& context);

struct SignFlags {
  std::vector<std::string> references;
  std::string key;
  std::string signature_format = "both";
  std::vector<std::string> annotations;
  std::string identity;
  Format format = Format::kText;
  RegistryFlags registry;
};
Status RunSign(const SignFlags& flags, const Context& context);

struct VerifyFlags {
  std::vector<std::string> references;
  std::string key;
  std::vector<std::string> annotations;
  Format format = Format::kText;
  RegistryFlags registry;
};
Status RunVerify(const VerifyFlags& flags, const Context& context);

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

Status RunVersion(const Context& context);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_COMMANDS_H_
