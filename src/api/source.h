// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_API_SOURCE_H_
#define OCISHIP_API_SOURCE_H_

#include <memory>
#include <string>
#include <string_view>

#include "archive/archive.h"
#include "codec/compression.h"
#include "ociship/core.h"
#include "util/process.h"

namespace ociship::api {

// A SOURCE of push that is open, and the image that its text chooses, if it does.
struct OpenedSource {
  std::string name;  // for messages
  // The program that prints the archive, if one does. It outlives the archive, which reads from it.
  std::unique_ptr<util::RunningProgram> program = {};
  std::unique_ptr<archive::Archive> archive = {};
  std::string image = {};
};

// Opens what ociship/push.h, "WHAT IS READ", describes. kBadInput when it is not there. Reading a
// pipe ends with kInterrupted once `cancel` is requested, which outlives the archive.
Result<OpenedSource> OpenSource(std::string_view text, const codec::ExpansionLimit& limit,
                                const Cancel& cancel);
// Runs a program that prints an archive (PushRequest::executables).
Result<OpenedSource> OpenExecutable(const std::string& path, const codec::ExpansionLimit& limit,
                                    const Cancel& cancel);

// Closes a source that was read to its end. kFailure, with its last words, when it was a program
// that failed: what it printed is not to be trusted then.
Status CloseSource(OpenedSource source, const Cancel& cancel);
// The reason why reading a source failed: of a program that failed itself, its own.
Error ExplainFailure(OpenedSource source, Error error, const Cancel& cancel);

}  // namespace ociship::api

#endif  // OCISHIP_API_SOURCE_H_
