// SPDX-License-Identifier: Apache-2.0
// Flags and environment as StoreOptions and KeychainOptions. Tested by
// tests/e2e/test_credentials.py.
#include "cli/registry_options.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "registry/credential_file.h"
#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

using util::StrCat;
using MaybeCredential = std::optional<Credential>;

constexpr std::uint64_t kMinChunkBytes = 64 << 10;
constexpr std::uint64_t kMaxChunkBytes = 64 << 20;  // each blob on its way keeps one in memory
constexpr std::chrono::seconds kMinTimeout{1};
constexpr std::chrono::seconds kMaxTimeout{3600};

Error Usage(std::string_view why) { return Error(Code::kUsage, std::string(why)); }

// A variable that is set to nothing counts as one that is not set.
std::string Variable(const util::Environment& environment, const std::string& name) {
  return environment.Get(name).value_or("");
}

// A folder that a variable names; empty unless it is absolute, since a relative one means another
// folder wherever the program is started.
std::string Folder(const util::Environment& environment, const std::string& name) {
  std::string folder = Variable(environment, name);
  return folder.starts_with('/') ? folder : std::string();
}

std::string Below(const std::string& folder, std::string_view path) {
  return folder.empty() ? std::string() : StrCat(folder, "/", path);
}

// --- Credentials ---------------------------------------------------------------------------------

Status CheckCredentialFlags(const RegistryFlags& flags) {
  const bool has_token = !flags.registry_token.empty();
  const bool has_user = !flags.username.empty();
  if (flags.password_stdin && !has_user) return Usage("--password-stdin needs --username");
  if (has_user && !flags.password_stdin) {
    return Usage("--username needs --password-stdin; or set OCISHIP_USERNAME and OCISHIP_PASSWORD");
  }
  if (has_token && has_user) return Usage("--registry-token and --username exclude each other");
  if (!flags.authfile.empty() && (has_token || has_user)) {
    return Usage(
        StrCat("--authfile is not looked at with ", has_token ? "--registry-token" : "--username"));
  }
  return Ok();
}

Result<Credential> TokenCredential(std::string token, std::string_view origin) {
  if (!registry::CheckRegistryToken(token).ok()) {
    return Usage(StrCat(origin, " has characters that no token can have"));
  }
  return Credential{.registry_token = std::move(token)};
}

Result<MaybeCredential> EnvironmentCredential(const util::Environment& environment) {
  MaybeCredential login = TRY(EnvironmentLogin(environment));
  std::string token = Variable(environment, "OCISHIP_REGISTRY_TOKEN");
  if (token.empty()) return login;
  if (login) return Usage("OCISHIP_REGISTRY_TOKEN and OCISHIP_USERNAME are both set: unset one");
  Credential credential = TRY(TokenCredential(std::move(token), "OCISHIP_REGISTRY_TOKEN"));
  return MaybeCredential(std::move(credential));
}

// What is named on the command line comes before the environment.
Result<MaybeCredential> GivenCredential(const RegistryFlags& flags, StandardInput input,
                                        const Context& context) {
  TRY(CheckCredentialFlags(flags));
  if (!flags.registry_token.empty()) {
    Credential credential = TRY(TokenCredential(flags.registry_token, "--registry-token"));
    return MaybeCredential(std::move(credential));
  }
  if (!flags.username.empty()) {
    std::string password = TRY(ReadRegistryPassword(input));
    return MaybeCredential({.username = flags.username, .password = std::move(password)});
  }
  if (!flags.authfile.empty()) return MaybeCredential();
  return EnvironmentCredential(context.environment);
}

std::string ExclusiveFile(const RegistryFlags& flags, const util::Environment& environment) {
  return flags.authfile.empty() ? Variable(environment, "REGISTRY_AUTH_FILE") : flags.authfile;
}

std::string DockerConfig(const util::Environment& environment) {
  const std::string folder = Variable(environment, "DOCKER_CONFIG");
  if (!folder.empty()) return Below(folder, "config.json");
  return Below(Folder(environment, "HOME"), ".docker/config.json");
}

// Of the present user, without XDG_RUNTIME_DIR (containers-auth.json(5)). Empty where only root may
// know whether it is there.
std::string RuntimeAuthFile() {
  std::string path = StrCat("/run/containers/", ::getuid(), "/auth.json");
  struct stat there {};
  if (::stat(path.c_str(), &there) != 0 && errno == EACCES) path.clear();
  return path;
}

std::vector<std::string> PodmanFiles(const util::Environment& environment) {
  constexpr std::string_view kName = "containers/auth.json";
  const std::string home = Folder(environment, "HOME");
  const std::string run = Folder(environment, "XDG_RUNTIME_DIR");
  const std::string config = Folder(environment, "XDG_CONFIG_HOME");
  std::vector<std::string> files = {run.empty() ? RuntimeAuthFile() : Below(run, kName),
                                    Below(config.empty() ? Below(home, ".config") : config, kName)};
  std::erase(files, "");
  return files;
}

// --- TLS -----------------------------------------------------------------------------------------

Status CheckTlsFlags(const RegistryFlags& flags) {
  if (flags.client_cert.empty() != flags.client_key.empty()) {
    return Usage("--client-cert and --client-key are needed together");
  }
  if (flags.insecure_skip_tls_verify && !flags.cacert.empty()) {
    return Usage("--cacert has no use with --insecure-skip-tls-verify");
  }
  const bool has_tls =
      flags.insecure_skip_tls_verify || !flags.cacert.empty() || !flags.client_cert.empty();
  if (flags.plain_http && has_tls) {
    return Usage(
        "--plain-http speaks no TLS: leave out --insecure-skip-tls-verify, --cacert and "
        "--client-cert");
  }
  return Ok();
}

// A file that cannot be read is told now, and not as a handshake that failed.
Status CheckReadable(const std::string& path) {
  if (!path.empty()) TRY(util::File::Open(path));
  return Ok();
}

Result<TlsOptions> ReadTlsOptions(const RegistryFlags& flags,
                                  const util::Environment& environment) {
  TRY(CheckTlsFlags(flags));
  for (const std::string* path : {&flags.cacert, &flags.client_cert, &flags.client_key}) {
    TRY(CheckReadable(*path));
  }
  TlsOptions tls{.extra_roots_file = flags.cacert,
                 .certificate_file = flags.client_cert,
                 .key_file = flags.client_key};
  if (flags.insecure_skip_tls_verify) tls.verify = TlsOptions::Verify::kNo;
  tls.roots_file = Variable(environment, "SSL_CERT_FILE");
  if (tls.roots_file.empty()) tls.roots_file = Variable(environment, "NIX_SSL_CERT_FILE");
  const std::string own = Below(Folder(environment, "HOME"), ".config/containers/certs.d");
  if (!own.empty()) tls.certs_folders.push_back(own);
  tls.certs_folders.insert(tls.certs_folders.end(),
                           {"/etc/containers/certs.d", "/etc/docker/certs.d"});
  return tls;
}

// --- registries.conf -----------------------------------------------------------------------------

bool Exists(const std::string& path) {
  struct stat there {};
  return !path.empty() && ::stat(path.c_str(), &there) == 0;
}

// The files NAME.conf of a folder by their names; none where there is no such folder.
Status AddDropIns(const std::string& folder, std::vector<std::string>& files) {
  if (!Exists(folder)) return Ok();
  std::error_code failed;
  std::vector<std::string> found;
  std::filesystem::directory_iterator at(folder, failed);
  for (; !failed && at != std::filesystem::directory_iterator(); at.increment(failed)) {
    std::error_code unknown;
    if (at->path().native().ends_with(".conf") && !at->is_directory(unknown)) {
      found.push_back(at->path().native());
    }
  }
  if (failed) {
    return Error(Code::kBadInput,
                 StrCat("cannot read the folder ", util::Quoted(folder), ": ", failed.message()));
  }
  std::ranges::sort(found);
  files.insert(files.end(), found.begin(), found.end());
  return Ok();
}

// containers-registries.conf(5): one main file, then the drop-ins. Who has a file of his own gets
// nothing of the system's, as with podman.
Result<std::vector<std::string>> RegistriesFiles(const util::Environment& environment) {
  const std::string own = Below(Folder(environment, "HOME"), ".config/containers/registries.conf");
  const std::string system = "/etc/containers/registries.conf";
  const std::string named = Variable(environment, "CONTAINERS_REGISTRIES_CONF");
  const bool is_own = named.empty() && Exists(own);
  std::vector<std::string> files;
  if (!named.empty()) {
    files.push_back(named);  // and it must be there
  } else if (is_own) {
    files.push_back(own);
  } else if (Exists(system)) {
    files.push_back(system);
  }
  if (!is_own) TRY(AddDropIns(StrCat(system, ".d"), files));
  if (!own.empty()) TRY(AddDropIns(StrCat(own, ".d"), files));
  return files;
}

// --- Transfer ------------------------------------------------------------------------------------

Result<std::chrono::seconds> ReadTimeout(const std::string& text) {
  const std::chrono::seconds timeout = TRY(ParseDuration(text));
  if (timeout < kMinTimeout || timeout > kMaxTimeout) {
    return Usage(StrCat("--timeout ", util::Quoted(text), " is not between 1s and 1h"));
  }
  return timeout;
}

Result<std::uint64_t> ReadChunkSize(const std::string& text) {
  const std::uint64_t bytes = TRY(ParseSize(text));
  if (bytes < kMinChunkBytes || bytes > kMaxChunkBytes) {
    return Usage(StrCat("--chunk-size ", util::Quoted(text), " is not between 64KiB and 64MiB"));
  }
  return bytes;
}

}  // namespace

Result<MaybeCredential> EnvironmentLogin(const util::Environment& environment) {
  std::string username = Variable(environment, "OCISHIP_USERNAME");
  std::string password = Variable(environment, "OCISHIP_PASSWORD");
  if (username.empty() && password.empty()) return MaybeCredential();
  if (username.empty() || password.empty()) {
    return Usage(StrCat(username.empty() ? "OCISHIP_PASSWORD" : "OCISHIP_USERNAME",
                        " is set without ",
                        username.empty() ? "OCISHIP_USERNAME" : "OCISHIP_PASSWORD"));
  }
  return MaybeCredential({.username = std::move(username), .password = std::move(password)});
}

Result<KeychainOptions> ReadKeychainOptions(const RegistryFlags& flags, StandardInput input,
                                            const Context& context) {
  const util::Environment& environment = context.environment;
  KeychainOptions options;
  options.given = TRY(GivenCredential(flags, input, context));
  options.exclusive_file = ExclusiveFile(flags, environment);
  options.inline_config = Variable(environment, "DOCKER_AUTH_CONFIG");
  options.docker_config = DockerConfig(environment);
  options.auth_files = PodmanFiles(environment);
  options.legacy_file = Below(Folder(environment, "HOME"), ".dockercfg");
  return options;
}

Result<StoreOptions> ReadStoreOptions(const RegistryFlags& flags, StoreOptions::Access access,
                                      const util::Environment& environment) {
  StoreOptions options{.access = access, .cache_folder = CacheFolder(environment)};
  if (flags.plain_http) options.plain_http = StoreOptions::PlainHttp::kAnywhere;
  if (flags.mirrors) options.mirrors = StoreOptions::Mirrors::kUsed;
  options.tls = TRY(ReadTlsOptions(flags, environment));
  options.registries_files = TRY(RegistriesFiles(environment));
  options.retries = flags.retries.value_or(options.retries);
  if (!flags.timeout.empty()) options.timeout = TRY(ReadTimeout(flags.timeout));
  if (!flags.chunk_size.empty()) options.chunk_bytes = TRY(ReadChunkSize(flags.chunk_size));
  return options;
}

Result<RegistrySettings> ReadRegistrySettings(const RegistryFlags& flags,
                                              StoreOptions::Access access, StandardInput input,
                                              const Context& context) {
  RegistrySettings settings;
  settings.store = TRY(ReadStoreOptions(flags, access, context.environment));
  KeychainOptions keychain = TRY(ReadKeychainOptions(flags, input, context));
  settings.keychain = NewKeychain(keychain);
  settings.store.keychain = settings.keychain.get();
  // A login that was given for one registry is nothing for the mirrors that a file names.
  keychain.given.reset();
  settings.mirror_keychain = NewKeychain(std::move(keychain));
  settings.store.mirror_keychain = settings.mirror_keychain.get();
  return settings;
}

StandardInput InputAfter(const RegistryFlags& flags) {
  return flags.password_stdin ? StandardInput::kRegistryPassword : StandardInput::kFree;
}

Result<std::string> LoginFile(const RegistryFlags& flags, const util::Environment& environment) {
  std::string file = ExclusiveFile(flags, environment);
  if (file.empty()) file = DockerConfig(environment);
  if (file.empty()) return Usage("where is the login kept? Set HOME, or give --authfile FILE");
  return file;
}

std::string CacheFolder(const util::Environment& environment) {
  // A relative path there is invalid, the specification says.
  const std::string cache = Folder(environment, "XDG_CACHE_HOME");
  if (!cache.empty()) return Below(cache, "ociship");
  return Below(Folder(environment, "HOME"), ".cache/ociship");
}

}  // namespace ociship::cli
