// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_REGISTRY_OPTIONS_H_
#define OCISHIP_CLI_REGISTRY_OPTIONS_H_

#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/password.h"
#include "ociship/core.h"
#include "ociship/store.h"

// What flags and environment say about registries: the one place where it is read.
namespace ociship::cli {

// How stores are opened, with the keychain that this points to. Lives longer than the stores.
struct RegistrySettings {
  StoreOptions store;
  std::unique_ptr<Keychain> keychain;
  std::unique_ptr<Keychain> mirror_keychain;  // without what was given on the command line
};

// kUsage for flags that contradict each other or have no use. Reads the password from standard
// input if the flags say so, and `input` that it is free.
Result<RegistrySettings> ReadRegistrySettings(const RegistryFlags& flags,
                                              StoreOptions::Access access, StandardInput input,
                                              const Context& context);

// The same without credentials.
Result<StoreOptions> ReadStoreOptions(const RegistryFlags& flags, StoreOptions::Access access,
                                      const util::Environment& environment);

// Where credentials are looked for.
Result<KeychainOptions> ReadKeychainOptions(const RegistryFlags& flags, StandardInput input,
                                            const Context& context);

// User name and password of OCISHIP_USERNAME and OCISHIP_PASSWORD, nullopt when neither is set.
// kUsage when only one is.
Result<std::optional<Credential>> EnvironmentLogin(const util::Environment& environment);

// What is left of standard input once the flags have taken the registry's password from it.
StandardInput InputAfter(const RegistryFlags& flags);

// The file that login writes: --authfile, REGISTRY_AUTH_FILE, docker's. kUsage where there is no
// home for it.
Result<std::string> LoginFile(const RegistryFlags& flags, const util::Environment& environment);

// Where programs keep what they can do without (XDG Base Directory Specification). Empty: nowhere.
std::string CacheFolder(const util::Environment& environment);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_REGISTRY_OPTIONS_H_
