// SPDX-License-Identifier: Apache-2.0
// ociship verify. Tested by tests/e2e/test_sign.py and test_verify_keyless.py.
#include "ociship/verify.h"

#include <utility>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/evidence_report.h"
#include "cli/progress.h"
#include "cli/registry_options.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

struct VerifiedImage {
  std::string name;  // NAME@sha256:...
  Verification verification;
};

// What was shown, and what was not asked: a reader must not take one for the other.
void Explain(const VerifiedImage& image, const VerifyFlags& flags, const VerifyTask& task,
             Output& output) {
  output.Say(util::StrCat("verified ", image.name));
  for (const VerifiedSignature& signature : image.verification.signatures()) {
    output.Say(
        util::StrCat("  ", FormatText(signature.format), " signature ", signature.manifest.text()));
    for (const std::string& line : DescribeEvidence(signature.evidence, task)) {
      output.Say(util::StrCat("    ", line));
    }
    for (const auto& [key, value] : signature.annotations) {
      output.Say(util::StrCat("    signed annotation ", util::Printable(key), "=",
                              util::Printable(value)));
    }
  }
  for (const std::string& line : DescribeTask(flags.signer, task)) {
    output.Say(util::StrCat("  ", line));
  }
  for (const std::string& note : image.verification.notes()) output.Note(note);
}

void WriteSignature(util::JsonWriter& json, const VerifiedSignature& signature) {
  json.BeginObject().Key("format").String(FormatText(signature.format));
  json.Key("manifest").String(signature.manifest.text());
  json.Key("type").String(signature.type);
  json.Key("identity").String(signature.claimed_name);
  json.Key("annotations").BeginObject();
  for (const auto& [key, value] : signature.annotations) json.Key(key).String(value);
  json.EndObject();
  WriteEvidence(json, signature.evidence);
  json.Key("payload").Raw(signature.payload).EndObject();
}

std::string FormatJson(const std::vector<VerifiedImage>& images, const VerifyTask& task) {
  util::JsonWriter json;
  json.BeginObject().Key("schema").String("ociship/verify/v1");
  WriteTask(json, task);
  json.Key("images").BeginArray();
  for (const VerifiedImage& image : images) {
    json.BeginObject().Key("image").String(image.name).Key("signatures").BeginArray();
    for (const VerifiedSignature& signature : image.verification.signatures()) {
      WriteSignature(json, signature);
    }
    json.EndArray().Key("notes").BeginArray();
    for (const std::string& note : image.verification.notes()) json.String(note);
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  return json.text();
}

Result<VerifiedImage> VerifyOne(const std::string& text, const StoreOptions& registry,
                                const VerifyTask& task, const Context& context) {
  Result<OpenedImage> opened = OpenImage(text, registry, context);
  if (!opened.ok()) {
    // What does not exist is a verdict here, with an exit code of its own.
    if (opened.error().code() != Code::kNotFound) return std::move(opened).error();
    return Error(Code::kNoReference, util::StrCat(text, " does not exist"));
  }
  const OpenedImage& image = opened.value();
  Result<Verification> verified =
      VerifyImage(*image.store, image.image.digest, task.policy, task.circumstances);
  if (!verified.ok()) return std::move(verified).error().While(image.reference.text());
  return VerifiedImage{image.Name(), std::move(verified).value()};
}

}  // namespace

Status RunVerify(const VerifyFlags& flags, const Context& context) {
  for (const std::string& text : flags.references) TRY(Reference::Parse(text));
  const VerifyTask task = TRY(ReadVerifyTask(flags.signer, context));
  RegistryNotes notes(context.output);
  RegistrySettings settings = TRY(ReadRegistrySettings(flags.registry, StoreOptions::Access::kRead,
                                                       StandardInput::kFree, context));
  settings.store.observer = &notes;
  std::vector<VerifiedImage> images;
  for (const std::string& text : flags.references) {
    VerifiedImage image = TRY(VerifyOne(text, settings.store, task, context));
    Explain(image, flags, task, context.output);
    images.push_back(std::move(image));
  }
  // The answer is given only when every image is verified: half of it would be taken for all.
  if (flags.format == Format::kJson) {
    context.output.Answer(FormatJson(images, task));
  } else {
    for (const VerifiedImage& image : images) context.output.Answer(image.name);
  }
  return Ok();
}

}  // namespace ociship::cli
