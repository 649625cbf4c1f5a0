// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_REGISTRIES_CONF_H_
#define OCISHIP_REGISTRY_REGISTRIES_CONF_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "ociship/reference.h"

namespace ociship::registry {

// The largest registries.conf that is read, and how many of them.
inline constexpr std::size_t kMaxRegistriesFileBytes = 1 << 20;
inline constexpr std::size_t kMaxRegistriesFiles = 256;

// Another place that has what a repository has.
struct Mirror {
  enum class Pull { kAll, kDigestOnly, kTagOnly };

  Repository repository;
  Pull pull = Pull::kAll;  // what it is asked for
};

// What registries.conf and its drop-ins say (containers-registries.conf(5), version 2, and the
// blocked registries of version 1). Immutable. `insecure` and everything about short names is
// passed over: the one because only the person may give up TLS, the other because names are whole
// here.
class RegistriesConf {
 public:
  struct File {
    std::string path;  // for messages
    std::string text;
  };

  // The files in their order: an entry takes the place of an earlier one with the same prefix.
  // kBadInput with path and reason for a file that is none.
  static Result<RegistriesConf> Parse(const std::vector<File>& files);

  // kFailure when the entry with the longest prefix of the repository, or of a registry, is
  // blocked; the message names the file. Layouts are always allowed.
  Status CheckAllowed(const Repository& repository) const;
  Status CheckHostAllowed(std::string_view host) const;

  // What is asked before the place itself when a repository is read, in this order. kBadInput when
  // a mirror is no place of a registry.
  Result<std::vector<Mirror>> MirrorsFor(const Repository& repository) const;
  // The place itself: where `location` moves the reading of a repository, else the repository.
  // kBadInput when that is no place of a registry.
  Result<Repository> LocationOf(const Repository& repository) const;

 private:
  struct MirrorEntry {
    std::string location;
    Mirror::Pull pull;
  };
  struct Entry {
    enum class Access { kAllowed, kBlocked };

    std::string location;  // empty: nowhere else
    Access access = Access::kAllowed;
    std::vector<MirrorEntry> mirrors;
    std::string file;
  };
  // An entry and how many bytes of the name its prefix stands for.
  struct Match {
    const Entry* entry = nullptr;
    std::string_view prefix;
    std::size_t matched = 0;
  };
  // Reads the documents.
  struct Reader;

  Match Find(std::string_view name) const;
  Status CheckName(std::string_view name) const;

  std::map<std::string, Entry, std::less<>> entries_;  // by prefix
};

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_REGISTRIES_CONF_H_
