// SPDX-License-Identifier: Apache-2.0
// ociship sign. Tested by tests/e2e/test_sign.py.
#include "ociship/sign.h"

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/password.h"
#include "cli/progress.h"
#include "cli/registry_options.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

std::string_view StateText(SignatureRecord::State state) {
  switch (state) {
    case SignatureRecord::State::kWritten:
      return "written";
    case SignatureRecord::State::kWasThere:
      return "was there";
  }
  return "";
}

struct SignedImage {
  std::string name;  // NAME@sha256:...
  SignResult result;
};

std::string FormatJson(const std::vector<SignedImage>& images) {
  util::JsonWriter json;
  json.BeginObject().Key("schema").String("ociship/sign/v1").Key("images").BeginArray();
  for (const SignedImage& image : images) {
    json.BeginObject().Key("image").String(image.name).Key("signatures").BeginArray();
    for (const SignatureRecord& signature : image.result.signatures) {
      json.BeginObject().Key("format").String(FormatText(signature.format));
      json.Key("manifest").String(signature.manifest.digest.text());
      json.Key("state").String(StateText(signature.state)).EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  return json.text();
}

Result<SignedImage> SignOne(const std::string& text, const StoreOptions& registry,
                            const SigningKey& key, const SignOptions& options,
                            const Context& context) {
  const OpenedImage opened = TRY(OpenImage(text, registry, context));
  SignResult result = TRY(SignImage(*opened.store, opened.image, key, options));
  for (const SignatureRecord& signature : result.signatures) {
    context.output.Say(util::StrCat(FormatText(signature.format), " signature ",
                                    StateText(signature.state), ": ",
                                    signature.manifest.digest.text()));
  }
  return SignedImage{opened.Name(), std::move(result)};
}

}  // namespace

Status RunSign(const SignFlags& flags, const Context& context) {
  SignOptions options{.identity = flags.identity, .now = context.effects.clock.Now()};
  options.formats = TRY(ParseSignatureFormats(flags.signature_format));
  options.annotations = TRY(ParseAnnotations(flags.annotations));
  for (const std::string& text : flags.references) TRY(Reference::Parse(text));
  RegistryNotes notes(context.output);
  RegistrySettings settings = TRY(ReadRegistrySettings(flags.registry, StoreOptions::Access::kWrite,
                                                       StandardInput::kFree, context));
  settings.store.observer = &notes;
  const std::string password = TRY(ReadPassword(context, InputAfter(flags.registry)));
  const SigningKey key = TRY(SigningKey::FromFile(flags.key, password));
  std::vector<SignedImage> images;
  for (const std::string& text : flags.references) {
    SignedImage image = TRY(SignOne(text, settings.store, key, options, context));
    if (flags.format == Format::kText) context.output.Answer(image.name);
    images.push_back(std::move(image));
  }
  if (flags.format == Format::kJson) context.output.Answer(FormatJson(images));
  return Ok();
}

}  // namespace ociship::cli
