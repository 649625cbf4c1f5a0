// SPDX-License-Identifier: Apache-2.0
// The text of a SOURCE (ociship/push.h, "WHAT IS READ"). Tested by source_test.cc.
#include "api/source.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::api {
namespace {

using Format = archive::Archive::Format;

constexpr std::string_view kStandardInput = "-";

// PATH[:REF] behind a prefix, cut at the first colon as skopeo does.
struct PathAndImage {
  std::string path;
  std::string image;
};

std::optional<PathAndImage> AfterPrefix(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return PathAndImage{std::string(text), ""};
  return PathAndImage{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

Result<std::unique_ptr<util::File>> OpenFile(const std::string& path) {
  if (path != kStandardInput) return util::File::Open(path);
  const int copy = dup(STDIN_FILENO);
  if (copy < 0) return util::SystemError(Code::kBadInput, "cannot read", "standard input");
  return util::File::Adopt(util::Fd(copy), "standard input");
}

Result<OpenedSource> Open(const PathAndImage& source, Format format, const Cancel& cancel) {
  if (source.path.empty()) return Error(Code::kUsage, "the source names no file");
  std::unique_ptr<util::File> file = TRY(OpenFile(source.path));
  file->WatchCancel(cancel);
  if (file->kind() == util::File::Kind::kDirectory) {
    std::unique_ptr<archive::Archive> folder =
        TRY(archive::Archive::OpenFolder(source.path, format));
    return OpenedSource{std::move(folder), source.image};
  }
  std::unique_ptr<archive::Archive> opened = TRY(archive::Archive::Open(std::move(file), format));
  return OpenedSource{std::move(opened), source.image};
}

}  // namespace

Result<OpenedSource> OpenSource(std::string_view text, const Cancel& cancel) {
  static constexpr std::pair<std::string_view, Format> kPrefixes[] = {
      {"docker-archive:", Format::kDocker},
      {"oci-archive:", Format::kOci},
      {"oci:", Format::kOci},
  };
  for (const auto& [prefix, format] : kPrefixes) {
    if (const auto source = AfterPrefix(text, prefix)) return Open(*source, format, cancel);
  }
  return Open({std::string(text), ""}, Format::kAny, cancel);
}

}  // namespace ociship::api
