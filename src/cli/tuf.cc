// SPDX-License-Identifier: Apache-2.0
// ociship tuf: the TUF client by itself, with the command line that tuf-conformance drives. Tested
// by tests/e2e/test_tuf_conformance.py.
#include <filesystem>
#include <system_error>
#include <utility>

#include "api/trust.h"
#include "cli/commands.h"
#include "cli/registry_options.h"
#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

constexpr std::size_t kMaxRootFileBytes = 1 << 20;

Status Demand(const std::string& value, std::string_view flag) {
  if (!value.empty()) return Ok();
  return Error(Code::kUsage, util::StrCat(flag, " is missing"));
}

Result<TufTask> ReadTask(const TufFlags& flags, const Context& context) {
  TRY(Demand(flags.metadata_dir, "--metadata-dir"));
  TRY(Demand(flags.metadata_url, "--metadata-url"));
  StoreOptions store = TRY(ReadStoreOptions({}, StoreOptions::Access::kRead, context.environment));
  return TufTask{.metadata_folder = flags.metadata_dir,
                 .metadata_url = flags.metadata_url,
                 .targets_url = flags.target_base_url,
                 .targets_folder = flags.target_dir,
                 .targets = flags.target_names,
                 .tls = std::move(store.tls)};
}

// Whatever links and dots are in it, and whether or not it is there.
std::filesystem::path RealPath(const std::string& folder) {
  std::error_code problem;
  const std::filesystem::path whole = std::filesystem::absolute(folder, problem) / ".";
  return std::filesystem::weakly_canonical(whole, problem);
}

// A target may have the name of a file of metadata.
Status CheckFolders(const TufTask& task) {
  if (RealPath(task.metadata_folder) != RealPath(task.targets_folder)) return Ok();
  return Error(Code::kUsage, "--target-dir and --metadata-dir must not be the same folder");
}

// The protocol knows no exit code but 0 and 1.
Status AsFailure(Status status) {
  if (status.ok()) return status;
  return std::move(status).error().As(Code::kFailure);
}

}  // namespace

Status RunTufInit(const TufFlags& flags, const Context&) {
  TRY(Demand(flags.metadata_dir, "--metadata-dir"));
  const std::string root = TRY(util::ReadFile(flags.trusted_root, kMaxRootFileBytes));
  return AsFailure(InitTuf(flags.metadata_dir, root));
}

Status RunTufRefresh(const TufFlags& flags, const Context& context) {
  const TufTask task = TRY(ReadTask(flags, context));
  return AsFailure(RefreshTuf(task, context.effects));
}

Status RunTufDownload(const TufFlags& flags, const Context& context) {
  const TufTask task = TRY(ReadTask(flags, context));
  TRY(Demand(flags.target_base_url, "--target-base-url"));
  TRY(Demand(flags.target_dir, "--target-dir"));
  if (flags.target_names.empty()) return Error(Code::kUsage, "--target-name is missing");
  TRY(CheckFolders(task));
  return AsFailure(DownloadTuf(task, context.effects));
}

}  // namespace ociship::cli
