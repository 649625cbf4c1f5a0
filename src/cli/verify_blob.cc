// SPDX-License-Identifier: Apache-2.0
// ociship verify-blob. Tested by tests/e2e/test_verify_blob.py.
#include <sys/stat.h>

#include <utility>

#include "cli/commands.h"
#include "cli/evidence_report.h"
#include "util/file.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

constexpr std::size_t kMaxBundleBytes = 16 << 20;

bool Exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

// Whoever can put a file here must not choose whether a digest is one.
Result<Blob> OpenBlob(const std::string& text) {
  if (text == "-") return Blob::OfFile("/dev/stdin");
  Result<Digest> digest = Digest::Parse(text);
  if (!digest.ok()) return Blob::OfFile(text);
  if (Exists(text)) {
    return Error(Code::kUsage, util::StrCat(text,
                                            " is a digest, and there is a file of that name: "
                                            "write ./",
                                            text, " for the file"));
  }
  return Blob::OfDigest(digest.value());
}

// "If no bundle is given, INPUT.sigstore.json, then INPUT.sigstore" (client-spec.md section 4.1.1).
Result<std::string> FindBundle(const VerifyBlobFlags& flags) {
  if (!flags.bundle.empty()) return flags.bundle;
  for (const char* suffix : {".sigstore.json", ".sigstore"}) {
    const std::string path = flags.file + suffix;
    if (Exists(path)) return path;
  }
  return Error(Code::kUsage, util::StrCat("--bundle FILE is missing, and there is no ",
                                          util::Printable(flags.file), ".sigstore.json"));
}

Result<BlobContent> ContentOf(const VerifyBlobFlags& flags) {
  if (flags.attestation_type.empty()) return BlobContent{};
  if (flags.attestation_type == "any") {
    return BlobContent{.attestation = BlobContent::Attestation::kAny};
  }
  return BlobContent{.attestation = BlobContent::Attestation::kOfType,
                     .type = flags.attestation_type};
}

// Which file it was, and what can be done about it.
Error Advise(Error error, const VerifyBlobFlags& flags) {
  const bool attestation = error.reason() == "content-kind" && flags.attestation_type.empty();
  Error named = std::move(error).While(util::Printable(flags.file));
  if (!attestation) return named;
  return Error(named.code(), util::StrCat(named.message(),
                                          "; --attestation-type TYPE (or any) takes attestations"))
      .Because(named.reason());
}

std::string FormatJson(const std::string& file, const BlobVerification& verified,
                       const VerifyTask& task) {
  util::JsonWriter json;
  json.BeginObject().Key("schema").String("ociship/verify-blob/v1");
  WriteTask(json, task);
  json.Key("file").String(file);
  json.Key("predicateType").String(verified.predicate_type());
  WriteEvidence(json, verified.evidence());
  json.EndObject();
  return json.text();
}

}  // namespace

Status RunVerifyBlob(const VerifyBlobFlags& flags, const Context& context) {
  TRY(CheckSignerFlags(flags.signer));
  const BlobContent content = TRY(ContentOf(flags));
  const Blob blob = TRY(OpenBlob(flags.file));
  const std::string path = TRY(FindBundle(flags));
  const std::string bundle = TRY(util::ReadInputFile(path, kMaxBundleBytes));
  // What lies here is read before anybody elsewhere is asked.
  const VerifyTask task = TRY(ReadVerifyTask(flags.signer, context));
  Result<BlobVerification> verified =
      VerifyBlob(blob, bundle, task.policy, task.circumstances, content);
  if (!verified.ok()) return Advise(std::move(verified).error(), flags);
  context.output.Say(util::StrCat("Verified OK: ", util::Printable(flags.file)));
  if (!verified.value().predicate_type().empty()) {
    context.output.Say(
        util::StrCat("  attestation of type ", util::Printable(verified.value().predicate_type())));
  }
  for (const std::string& line : DescribeEvidence(verified.value().evidence(), task)) {
    context.output.Say(util::StrCat("  ", line));
  }
  for (const std::string& line : DescribeTask(flags.signer, task)) {
    context.output.Say(util::StrCat("  ", line));
  }
  if (flags.format == Format::kJson) {
    context.output.Answer(FormatJson(flags.file, verified.value(), task));
  }
  return Ok();
}

}  // namespace ociship::cli
