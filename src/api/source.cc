// SPDX-License-Identifier: Apache-2.0
// The text of a SOURCE (ociship/push.h, "WHAT IS READ"). Tested by source_test.cc.
#include "api/source.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::api {
namespace {

using Format = archive::Archive::Format;

constexpr std::string_view kStandardInput = "-";
constexpr std::string_view kDirPrefix = "dir:";

// How long a program may take to end when its output has ended, and when it is not read any more.
constexpr std::chrono::seconds kEndLimit(60);
constexpr std::chrono::seconds kFailedLimit(2);
constexpr int kSignalBase = 128;

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

Result<OpenedSource> Open(std::string_view text, const PathAndImage& source,
                          const archive::Archive::OpenOptions& options, const Cancel& cancel) {
  if (source.path.empty()) return Error(Code::kUsage, "the source names no file");
  OpenedSource opened{.name = std::string(text), .image = source.image};
  std::unique_ptr<util::File> file = TRY(OpenFile(source.path));
  file->WatchCancel(cancel);
  if (file->kind() == util::File::Kind::kDirectory) {
    opened.archive = TRY(archive::Archive::OpenFolder(source.path, options));
  } else {
    opened.archive = TRY(archive::Archive::Open(std::move(file), options));
  }
  return opened;
}

// The last lines of what a program said, as one.
std::string LastWords(std::string_view errors) {
  constexpr std::size_t kLines = 4;
  std::vector<std::string_view> lines;
  for (const std::string_view line : util::Split(errors, '\n')) {
    if (!util::Trim(line).empty()) lines.push_back(util::Trim(line));
  }
  std::string words;
  for (std::size_t i = lines.size() - std::min(lines.size(), kLines); i < lines.size(); ++i) {
    words += util::StrCat(words.empty() ? "" : "; ", lines[i]);
  }
  return words;
}

Error ProgramFailed(const std::string& name, const util::RunningProgram::Ending& ending) {
  const std::string words = util::Printable(LastWords(ending.errors));
  const std::string said = words.empty() ? std::string() : util::StrCat(": ", words);
  if (ending.exit_status > kSignalBase) {
    return Error(Code::kFailure, util::StrCat(util::Quoted(name), " was ended by signal ",
                                              ending.exit_status - kSignalBase, said));
  }
  return Error(Code::kFailure, util::StrCat(util::Quoted(name), " ended with exit status ",
                                            ending.exit_status, said));
}

// What is wrong with an archive names it already.
Error WithName(const std::string& name, Error error) {
  const std::size_t colon = name.starts_with('/') ? std::string::npos : name.find(':');
  const std::string path = colon == std::string::npos ? name : name.substr(colon + 1);
  if (path != kStandardInput && error.message().find(path) != std::string::npos) return error;
  if (path == kStandardInput && error.message().find("standard input") != std::string::npos) {
    return error;
  }
  return std::move(error).While(util::Quoted(name));
}

}  // namespace

Result<OpenedSource> OpenSource(std::string_view text, const codec::ExpansionLimit& limit,
                                const Cancel& cancel) {
  static constexpr std::pair<std::string_view, Format> kPrefixes[] = {
      {"docker-archive:", Format::kDocker},
      {"oci-archive:", Format::kOci},
      {"oci:", Format::kOci},
  };
  for (const auto& [prefix, format] : kPrefixes) {
    if (const auto source = AfterPrefix(text, prefix)) {
      return Open(text, *source, {.format = format, .limit = limit}, cancel);
    }
  }
  if (text.starts_with(kDirPrefix)) {
    const std::string folder(text.substr(kDirPrefix.size()));
    return Open(text, {folder, ""}, {.format = Format::kDir, .limit = limit}, cancel);
  }
  return Open(text, {std::string(text), ""}, {.limit = limit}, cancel);
}

Result<OpenedSource> OpenExecutable(const std::string& path, const codec::ExpansionLimit& limit,
                                    const Cancel& cancel) {
  OpenedSource opened{.name = path};
  opened.program = TRY(util::RunningProgram::Start(path));
  std::unique_ptr<util::File> output =
      TRY(util::File::Adopt(opened.program->TakeOutput(), util::StrCat("output of ", path)));
  output->WatchCancel(cancel);
  Result<std::unique_ptr<archive::Archive>> archive =
      archive::Archive::Open(std::move(output), {.limit = limit});
  if (!archive.ok()) return ExplainFailure(std::move(opened), std::move(archive).error(), cancel);
  opened.archive = std::move(archive).value();
  return opened;
}

Status CloseSource(OpenedSource source, const Cancel& cancel) {
  source.archive.reset();
  if (!source.program) return Ok();
  const util::RunningProgram::Ending ending = TRY(source.program->Wait(kEndLimit, cancel));
  if (ending.exit_status != 0) return ProgramFailed(source.name, ending);
  return Ok();
}

Error ExplainFailure(OpenedSource source, Error error, const Cancel& cancel) {
  source.archive.reset();
  error = WithName(source.name, std::move(error));
  // Whatever else went wrong is not the program's fault.
  if (!source.program || error.code() != Code::kBadInput) return error;
  const Result<util::RunningProgram::Ending> ending = source.program->Wait(kFailedLimit, cancel);
  if (!ending.ok() || ending.value().exit_status == 0) return error;
  // It wanted to go on writing when nobody read any more.
  if (ending.value().exit_status == kSignalBase + SIGPIPE) return error;
  return ProgramFailed(source.name, ending.value());
}

}  // namespace ociship::api
