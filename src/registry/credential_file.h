// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_CREDENTIAL_FILE_H_
#define OCISHIP_REGISTRY_CREDENTIAL_FILE_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "ociship/reference.h"
#include "ociship/store.h"

namespace ociship::registry {

// What whose file it is. They differ in what of it counts.
enum class CredentialFormat {
  kDocker,      // docker's config.json: auths, credHelpers, credsStore
  kContainers,  // podman's auth.json (containers-auth.json(5)): no credsStore
  kLegacy,      // ~/.dockercfg: the map of auths itself
};

// The largest credential file that is read.
inline constexpr std::size_t kMaxCredentialFileBytes = 1 << 20;

// A member of `auths`, not yet decoded.
struct CredentialEntry {
  std::string written_key;  // as it stands in the file
  std::string key;          // HOST[:PORT][/PATH], normalised
  std::string auth;         // base64 of USER:PASSWORD
  Credential credential;    // of the members that are not encoded

  // Whether it says anything; what docker leaves for a helper does not.
  bool is_marker() const;
  // kBadInput when what it says cannot be used; the message has nothing of it.
  Result<Credential> Decode() const;
};

// The credentials in a file of docker or podman. Immutable.
class CredentialFile {
 public:
  // Of nothing: an empty file. kBadInput with the reason, never with content, for text that is no
  // such file. Entries are only decoded when they are used, so that one that is broken does no harm
  // to the others.
  static Result<CredentialFile> Parse(std::string_view text, CredentialFormat format);

  // The helper for a host, NAME of docker-credential-NAME: that of `credHelpers`, else of
  // `credsStore`. Empty when there is none. Not checked yet.
  const std::string& HelperFor(std::string_view host) const;

  // The entry with the longest prefix of the repository, of those that are no markers: a namespace
  // before the host. nullptr when there is none.
  const CredentialEntry* Find(const Repository& repository) const;

  const std::vector<CredentialEntry>& entries() const { return entries_; }

 private:
  std::vector<CredentialEntry> entries_;
  std::map<std::string, std::string, std::less<>> helpers_;  // by host
  std::string store_;                                        // credsStore
};

// A key of `auths` as HOST[:PORT][/PATH] in one form: without scheme, and with it without path; the
// names of Docker Hub as docker.io.
std::string NormalisedKey(std::string_view key, CredentialFormat format);

// How docker's files and helpers call a host: https://index.docker.io/v1/ for docker.io.
std::string ServerKey(std::string_view host);

// Which of the parts of a credential is used, and nothing of it but the user's name: for people.
std::string DescribeCredential(const Credential& credential);

// kBadInput unless a registry token can stand in a header: printable ASCII without spaces.
Status CheckRegistryToken(std::string_view token);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_CREDENTIAL_FILE_H_
