// SPDX-License-Identifier: Apache-2.0
// ociship inspect. Tested by tests/e2e/test_inspect.py.
#include <sys/stat.h>

#include <algorithm>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/inspect_report.h"
#include "cli/progress.h"
#include "cli/registry_options.h"
#include "ociship/push.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

bool Exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

// A word that can only be a path, or a text with a prefix that says so.
bool IsSource(const std::string& text) {
  if (text == "-" || text.starts_with('/') || text.starts_with("./") || text.starts_with("../")) {
    return true;
  }
  constexpr std::string_view kPrefixes[] = {"docker-archive:", "oci-archive:", "dir:"};
  constexpr std::string_view kSuffixes[] = {".tar", ".tgz", ".gz", ".zst", ".xz", ".bz2"};
  return std::ranges::any_of(kPrefixes, [&](auto part) { return text.starts_with(part); }) ||
         std::ranges::any_of(kSuffixes, [&](auto part) { return text.ends_with(part); }) ||
         Exists(text);
}

// What a layout folder has under a tag or digest, or all of it.
bool NamesWholeLayout(const Reference& reference) {
  return reference.repository().kind() == Repository::Kind::kLayout && !reference.tag() &&
         !reference.digest();
}

Result<std::vector<Inspection>> Inspect(const std::string& target, const StoreOptions& registry,
                                        const Context& context) {
  if (IsSource(target)) return InspectSource(target, context.effects);
  const Reference reference = TRY(Reference::Parse(target));
  if (NamesWholeLayout(reference)) return InspectSource(target, context.effects);
  const OpenedImage image = TRY(OpenImage(target, registry, context));
  Inspection inspection = TRY(InspectImage(*image.store, image.image.digest));
  return std::vector<Inspection>{std::move(inspection)};
}

}  // namespace

Status RunInspect(const InspectFlags& flags, const Context& context) {
  const bool is_piped = std::ranges::find(flags.targets, "-") != flags.targets.end();
  RegistryNotes notes(context.output);
  RegistrySettings settings =
      TRY(ReadRegistrySettings(flags.registry, StoreOptions::Access::kRead,
                               is_piped ? StandardInput::kArchive : StandardInput::kFree, context));
  settings.store.observer = &notes;
  std::vector<Inspected> all;
  for (const std::string& target : flags.targets) {
    auto inspections = Inspect(target, settings.store, context);
    if (!inspections.ok()) return std::move(inspections).error().While(target);
    all.push_back({target, std::move(inspections).value()});
  }
  context.output.Answer(flags.format == Format::kJson ? InspectionJson(all) : InspectionText(all));
  return Ok();
}

}  // namespace ociship::cli
