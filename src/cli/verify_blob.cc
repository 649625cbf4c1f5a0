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

// A digest is one only where no file has that name.
Result<Blob> OpenBlob(const std::string& text) {
  if (text == "-") return Blob::OfFile("/dev/stdin");
  Result<Digest> digest = Digest::Parse(text);
  if (digest.ok() && !Exists(text)) return Blob::OfDigest(digest.value());
  return Blob::OfFile(text);
}

// "If no bundle is given, INPUT.sigstore.json, then INPUT.sigstore" (client-spec.md section 4.1.1).
Result<std::string> FindBundle(const VerifyBlobFlags& flags) {
  if (!flags.bundle.empty()) return flags.bundle;
  for (const char* suffix : {".sigstore.json", ".sigstore"}) {
    const std::string path = flags.file + suffix;
    if (Exists(path)) return path;
  }
  return Error(Code::kUsage, util::StrCat("--bundle FILE is missing, and there is no ", flags.file,
                                          ".sigstore.json"));
}

Result<BlobContent> ContentOf(const VerifyBlobFlags& flags) {
  if (flags.attestation_type.empty()) return BlobContent{};
  if (flags.attestation_type == "any") {
    return BlobContent{.attestation = BlobContent::Attestation::kAny};
  }
  return BlobContent{.attestation = BlobContent::Attestation::kOfType,
                     .type = flags.attestation_type};
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
  const BlobContent content = TRY(ContentOf(flags));
  const std::string path = TRY(FindBundle(flags));
  const VerifyTask task = TRY(ReadVerifyTask(flags.signer, context));
  Result<std::string> bundle = util::ReadFile(path, kMaxBundleBytes);
  if (!bundle.ok()) return std::move(bundle).error().As(Code::kBadInput);
  const Blob blob = TRY(OpenBlob(flags.file));
  Result<BlobVerification> verified =
      VerifyBlob(blob, bundle.value(), task.policy, task.circumstances, content);
  if (!verified.ok()) return std::move(verified).error().While(flags.file);
  context.output.Say(util::StrCat("Verified OK: ", flags.file));
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
