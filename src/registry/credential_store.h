// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_CREDENTIAL_STORE_H_
#define OCISHIP_REGISTRY_CREDENTIAL_STORE_H_

#include <string>
#include <string_view>

#include "ociship/core.h"
#include "ociship/store.h"

namespace ociship::registry {

// Where a credential is kept: in a helper that the file names, or in the file.
struct CredentialPlace {
  std::string file;
  std::string helper;  // NAME; empty: in the file

  // "helper NAME" or the path: for people.
  std::string text() const;
};

// What logging out did.
enum class Erased { kErased, kWasNotThere };
struct Erasure {
  CredentialPlace place;
  Erased erased = Erased::kWasNotThere;
};

// Keeps user name and password for a host as `docker login` does: in the helper that `file` names
// for it, else in `file`. Everything else in the file stays; it is made where it is missing, has
// the mode 0600 afterwards, is replaced in one step wherever links lead, and is locked meanwhile
// (beside it, FILE.lock). kBadInput for a file that is none, or a credential that it cannot hold.
Result<CredentialPlace> StoreCredential(const std::string& file, const std::string& host,
                                        const Credential& credential);

// Forgets the credential of a host, in the helper and in the file. Entries of namespaces stay.
Result<Erasure> EraseCredential(const std::string& file, const std::string& host);

// The text of a file in which `auths` has `entry`, a JSON object, for the host, and no other entry
// for it; without any where `entry` is empty. All other values keep their text but for white space,
// which becomes what docker writes. kBadInput when `text` is no credential file.
Result<std::string> WithEntry(std::string_view text, const std::string& host,
                              std::string_view entry);

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_CREDENTIAL_STORE_H_
