// SPDX-License-Identifier: Apache-2.0
// ociship sign-blob. Tested by tests/e2e/test_keyless.py.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "sigstore/statement.h"
#include "util/file.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

constexpr mode_t kFileMode = 0644;
constexpr std::string_view kStandardInput = "-";

struct SignedBlob {
  std::string file;
  std::string bundle;  // where it was written to; empty: it is the answer
};

Status CheckFiles(const SignBlobFlags& flags) {
  const bool input = std::ranges::count(flags.files, kStandardInput) > 0;
  if (flags.bundle.empty() && input) {
    return Error(Code::kUsage, "what comes from standard input needs --bundle FILE");
  }
  if (!flags.bundle.empty() && flags.files.size() > 1) {
    return Error(Code::kUsage,
                 "--bundle is the file for one bundle: without it each FILE gets "
                 "FILE.sigstore.json");
  }
  return Ok();
}

std::string PathOf(const std::string& file) { return file == kStandardInput ? "/dev/stdin" : file; }

std::string TargetOf(const SignBlobFlags& flags, const std::string& file) {
  return flags.bundle.empty() ? util::StrCat(file, ".sigstore.json") : flags.bundle;
}

bool IsFolder(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// What can not be read or written is no reason to have published something.
Status CheckPlaces(const SignBlobFlags& flags, const std::string& file) {
  const std::string path = PathOf(file);
  if (IsFolder(path))
    return Error(Code::kBadInput, util::StrCat(util::Quoted(file), " is a folder"));
  if (access(path.c_str(), R_OK) != 0) {
    return util::SystemError(Code::kBadInput, "cannot open ", file);
  }
  const std::string target = TargetOf(flags, file);
  if (target == kStandardInput) return Ok();
  if (std::ranges::find(flags.files, target) != flags.files.end()) {
    return Error(Code::kUsage, util::StrCat("the bundle would replace ", util::Quoted(target),
                                            ", which is signed"));
  }
  TRY(CheckFolderOf("the bundle", target));
  if (!IsFolder(target)) return Ok();
  return Error(Code::kBadInput, util::StrCat(util::Quoted(target), " is a folder"));
}

Result<std::string> MakeBundle(const SignBlobFlags& flags, const std::string& file,
                               const Signer& signer) {
  if (flags.in_toto) {
    const std::string statement =
        TRY(util::ReadInputFile(PathOf(file), sigstore::kMaxStatementBytes));
    return SignStatement(statement, signer);
  }
  const Blob blob = TRY(Blob::OfFile(PathOf(file)));
  return SignBlob(blob, signer);
}

Result<SignedBlob> SignOne(const SignBlobFlags& flags, const std::string& file,
                           const Signer& signer, Output& output) {
  Result<std::string> bundle = MakeBundle(flags, file, signer);
  if (!bundle.ok()) return std::move(bundle).error().While(file);
  if (flags.bundle == kStandardInput) {
    output.Answer(bundle.value());
    return SignedBlob{.file = file, .bundle = {}};
  }
  const SignedBlob signed_blob{.file = file, .bundle = TargetOf(flags, file)};
  TRY(util::WriteResultFile(signed_blob.bundle, bundle.value(), kFileMode));
  output.Say(util::StrCat("signature of ", file, " written to ", signed_blob.bundle));
  return signed_blob;
}

std::string FormatJson(const std::vector<SignedBlob>& blobs) {
  util::JsonWriter json;
  json.BeginObject().Key("schema").String("ociship/sign-blob/v1").Key("files").BeginArray();
  for (const SignedBlob& blob : blobs) {
    json.BeginObject().Key("file").String(blob.file).Key("bundle").String(blob.bundle).EndObject();
  }
  json.EndArray().EndObject();
  return json.text();
}

}  // namespace

void AddSignBlobFlags(FlagSet& set, SignBlobFlags& flags) {
  set.Text("--bundle", flags.bundle,
           "where the bundle is written to, - for standard output; default FILE.sigstore.json",
           "FILE");
  set.Switch("--in-toto", flags.in_toto, "FILE is an in-toto statement: sign it as one");
}

Status RunSignBlob(const SignBlobFlags& flags, const Context& context) {
  TRY(CheckFiles(flags));
  TRY(CheckSigningFlags(flags.signing));
  for (const std::string& file : flags.files) TRY(CheckPlaces(flags, file));
  const bool taken = std::ranges::count(flags.files, kStandardInput) > 0;
  const StandardInput input = taken ? StandardInput::kArchive : StandardInput::kFree;
  const Signer signer = TRY(ReadSigner(flags.signing, input, context));
  TRY(Announce(signer, SignatureFormats::kBundle, flags.signing, input, context));
  std::vector<SignedBlob> blobs;
  for (const std::string& file : flags.files) {
    SignedBlob blob = TRY(SignOne(flags, file, signer, context.output));
    blobs.push_back(std::move(blob));
  }
  for (const SignedBlob& blob : blobs) {
    if (flags.format == Format::kText && !blob.bundle.empty()) context.output.Answer(blob.bundle);
  }
  if (flags.format == Format::kJson) context.output.Answer(FormatJson(blobs));
  return Ok();
}

}  // namespace ociship::cli
