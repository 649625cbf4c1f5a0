// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_PROGRESS_JSON_H_
#define OCISHIP_CLI_PROGRESS_JSON_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/progress_state.h"
#include "ociship/core.h"
#include "ociship/push.h"

// The lines of --progress json (docs/push.md, "Progress"). Each is one object without line ends,
// with "v", the version of the format, and "event".
namespace ociship::cli {

std::string BlobStartEvent(BlobId id, std::string_view name, std::optional<std::uint64_t> total);
std::string BlobProgressEvent(BlobId id, const ProgressTracker::Blob& blob);
// Without an id: a blob that was not even read.
enum class Purpose { kPush, kPlan };
std::string BlobDoneEvent(std::optional<BlobId> id, const Digest& digest, std::uint64_t size,
                          LayerState state, Purpose purpose);
std::string BlobEndEvent(BlobId id);
std::string LayersEvent(std::size_t count);
std::string RetryEvent(std::string_view what, std::string_view why, int attempt, int most,
                       std::chrono::milliseconds delay);
std::string WaitingEvent(WaitsFor what);
std::string NoticeEvent(std::string_view text);
std::string WarningEvent(std::string_view text);
std::string ManifestEvent(const Digest& digest);
std::string TagEvent(const Tag& tag, const Digest& digest);
std::string ErrorEvent(const Error& error);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_PROGRESS_JSON_H_
