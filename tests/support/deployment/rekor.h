// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_REKOR_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_REKOR_H_

#include <optional>
#include <string>
#include <vector>

#include "deployment/content.h"

namespace ociship::deployment {

struct InclusionProof {
  std::uint64_t index = 0;
  std::uint64_t size = 0;
  Bytes root;
  std::vector<Bytes> hashes;
  std::optional<std::string> checkpoint;
};

// An entry as a bundle carries it.
struct LogEntry {
  std::uint64_t index = 0;
  Bytes log_id;
  std::string kind;
  std::string version;
  std::string body;
  Seconds integrated = 0;  // 0: says none
  std::optional<Bytes> promise;
  std::optional<InclusionProof> proof;
};

// The RFC 6962 tree hash of leaves, and the path from one to the root.
Bytes TreeHash(const std::vector<std::string>& leaves);
std::vector<Bytes> TreePath(std::size_t index, const std::vector<std::string>& leaves);

// What `log` signs about a tree of these leaves, with the faults of the plan.
std::string CheckpointOf(const Plan& plan, const LogInstance& log,
                         const std::vector<std::string>& leaves);

// Logs `content` in `log`, behind and before others, with the faults of the plan. `others` come
// before the entry: how often the same was logged already changes where it stands.
LogEntry LogContent(const Plan& plan, const LogInstance& log, const SignedContent& content,
                    std::size_t others = 4);

// What `log` says about any body at all; used for entries that are about something else.
LogEntry LogBody(const Plan& plan, const LogInstance& log, LogEntry entry, std::size_t others = 4);

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_REKOR_H_
