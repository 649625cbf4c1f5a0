// SPDX-License-Identifier: Apache-2.0
// ociship verify. Tested by tests/e2e/test_sign_verify.py.
#include "ociship/verify.h"

#include <utility>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/registry_options.h"
#include "util/file.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

constexpr std::size_t kMaxPublicKeyBytes = 64 << 10;

Result<VerifyPolicy> ReadPolicy(const VerifyFlags& flags) {
  std::map<std::string, std::string> annotations = TRY(ParseAnnotations(flags.annotations));
  Result<std::string> pem = util::ReadFile(flags.key, kMaxPublicKeyBytes);
  if (!pem.ok()) return std::move(pem).error().As(Code::kBadInput);
  Result<VerifyPolicy> policy = VerifyPolicy::WithKey(pem.value(), std::move(annotations));
  if (!policy.ok()) return std::move(policy).error().While(flags.key);
  return policy;
}

struct VerifiedImage {
  std::string name;  // NAME@sha256:...
  Verification verification;
};

// What was shown, and what was not asked: a reader must not take one for the other.
void Explain(const VerifiedImage& image, const VerifyFlags& flags, Output& output) {
  output.Say(util::StrCat("verified ", image.name));
  for (const VerifiedSignature& signature : image.verification.signatures()) {
    output.Say(
        util::StrCat("  ", FormatText(signature.format), " signature ", signature.manifest.text()));
    output.Say(util::StrCat("    made with the key ", flags.key, ", over this digest"));
    for (const auto& [key, value] : signature.annotations) {
      output.Say(util::StrCat("    signed annotation ", util::Printable(key), "=",
                              util::Printable(value)));
    }
    if (signature.has_unchecked_log_entries) {
      output.Say("    has entries of a transparency log, which were not looked at");
    }
  }
  output.Say("  the key is the policy: no transparency log was asked");
  for (const std::string& note : image.verification.notes()) output.Note(note);
}

void WriteSignature(util::JsonWriter& json, const VerifiedSignature& signature) {
  json.BeginObject().Key("format").String(FormatText(signature.format));
  json.Key("manifest").String(signature.manifest.text());
  json.Key("type").String(signature.type);
  json.Key("identity").String(signature.identity);
  json.Key("annotations").BeginObject();
  for (const auto& [key, value] : signature.annotations) json.Key(key).String(value);
  json.EndObject();
  json.Key("uncheckedLogEntries").Boolean(signature.has_unchecked_log_entries);
  json.Key("payload").Raw(signature.payload).EndObject();
}

std::string FormatJson(const std::vector<VerifiedImage>& images) {
  util::JsonWriter json;
  json.BeginObject().Key("schema").String("ociship/verify/v1").Key("images").BeginArray();
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
                                const VerifyPolicy& policy, const Context& context) {
  Result<OpenedImage> opened = OpenImage(text, registry, context);
  if (!opened.ok()) {
    // What does not exist is a verdict here, with an exit code of its own.
    if (opened.error().code() != Code::kNotFound) return std::move(opened).error();
    return Error(Code::kNoReference, util::StrCat(text, " does not exist"));
  }
  const OpenedImage& image = opened.value();
  Result<Verification> verified = VerifyImage(*image.store, image.image.digest, policy);
  if (!verified.ok()) return std::move(verified).error().While(image.reference.text());
  return VerifiedImage{image.Name(), std::move(verified).value()};
}

}  // namespace

Status RunVerify(const VerifyFlags& flags, const Context& context) {
  const VerifyPolicy policy = TRY(ReadPolicy(flags));
  for (const std::string& text : flags.references) TRY(Reference::Parse(text));
  RegistryNotes notes(context.output);
  RegistrySettings settings = TRY(ReadRegistrySettings(flags.registry, StoreOptions::Access::kRead,
                                                       StandardInput::kFree, context));
  settings.store.observer = &notes;
  std::vector<VerifiedImage> images;
  for (const std::string& text : flags.references) {
    VerifiedImage image = TRY(VerifyOne(text, settings.store, policy, context));
    Explain(image, flags, context.output);
    images.push_back(std::move(image));
  }
  // The answer is given only when every image is verified: half of it would be taken for all.
  if (flags.format == Format::kJson) {
    context.output.Answer(FormatJson(images));
  } else {
    for (const VerifiedImage& image : images) context.output.Answer(image.name);
  }
  return Ok();
}

}  // namespace ociship::cli
