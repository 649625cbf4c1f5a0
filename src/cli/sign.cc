// SPDX-License-Identifier: Apache-2.0
// ociship sign. Tested by tests/e2e/test_sign.py and tests/e2e/test_keyless.py.
#include "ociship/sign.h"

#include <algorithm>

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

std::string NameOf(const ImageToSign& image) {
  return util::StrCat(image.store->repository().text(), "@", image.image.digest.text());
}

// All images of a command, each once, with the store that it is in.
Result<std::vector<ImageToSign>> ImagesOf(const std::vector<OpenedImage>& opened,
                                          const SignFlags& flags) {
  std::vector<ImageToSign> images;
  for (const OpenedImage& one : opened) {
    std::vector<Descriptor> named = {one.image};
    if (flags.recursive) named = TRY(ListImages(*one.store, one.image));
    for (Descriptor& image : named) {
      ImageToSign next{.store = one.store.get(), .image = std::move(image)};
      // One image may be named twice, by two tags or by an index too.
      const bool known = std::ranges::any_of(
          images, [&](const ImageToSign& there) { return NameOf(there) == NameOf(next); });
      if (!known) images.push_back(std::move(next));
    }
  }
  return images;
}

// Signs, and says of each image what became of it.
Status SignAll(const std::vector<ImageToSign>& images, const Signer& signer,
               const SignOptions& options, const SignFlags& flags, Output& output) {
  std::vector<SignedImage> done;
  const Status status =
      SignImages(images, signer, options, [&](std::size_t i, const SignResult& result) {
        done.push_back({NameOf(images[i]), result});
        for (const SignatureRecord& signature : result.signatures) {
          output.Say(util::StrCat(done.back().name, ": ", FormatText(signature.format),
                                  " signature ", StateText(signature.state), ": ",
                                  signature.manifest.digest.text()));
        }
      });
  // Standard output has the answer, and there is none where something failed.
  if (!status.ok()) return status;
  if (flags.format == Format::kJson) {
    output.Answer(FormatJson(done));
  } else {
    for (const SignedImage& image : done) output.Answer(image.name);
  }
  return Ok();
}

Result<SignOptions> ReadOptions(const SignFlags& flags, const Context& context) {
  SignOptions options{.identity = flags.identity, .now = context.effects.clock.Now()};
  options.formats = TRY(ParseSignatureFormats(flags.signature_format));
  options.annotations = TRY(ParseAnnotations(flags.annotations));
  if (flags.force) options.again = SignOptions::Again::kAlways;
  return options;
}

}  // namespace

void AddSignFlags(FlagSet& set, SignFlags& flags) {
  set.Text("--format", flags.signature_format,
           "auto (default: both, where both can be verified later), bundle, legacy or both",
           "FORMAT");
  set.List("-a,--annotations", flags.annotations, "KEY=VALUE to sign too (repeatable)",
           "KEY=VALUE");
  set.Text("--sign-container-identity", flags.identity,
           "how the signature calls the image, instead of the repository", "NAME");
  set.Switch("-r,--recursive", flags.recursive, "of an index, sign all that it names too");
  set.Switch("--force", flags.force, "sign again where an equal signature is there");
}

Status RunSign(const SignFlags& flags, const Context& context) {
  SignOptions options = TRY(ReadOptions(flags, context));
  TRY(CheckSigningFlags(flags.signing));
  for (const std::string& text : flags.references) TRY(Reference::Parse(text));
  RegistryNotes notes(context.output);
  RegistrySettings settings = TRY(ReadRegistrySettings(flags.registry, StoreOptions::Access::kWrite,
                                                       StandardInput::kFree, context));
  settings.store.observer = &notes;
  // All are looked up first: what is not there is no reason to publish a name.
  std::vector<OpenedImage> opened;
  for (const std::string& text : flags.references) {
    OpenedImage image = TRY(OpenImage(text, settings.store, context));
    opened.push_back(std::move(image));
  }
  const std::vector<ImageToSign> images = TRY(ImagesOf(opened, flags));
  const StandardInput input = InputAfter(flags.registry);
  const Signer signer = TRY(ReadSigner(flags.signing, input, context));
  TRY(CheckFormats(signer, options.formats, context.output));
  TRY(Announce(signer, options.formats, flags.signing, input, context));
  return SignAll(images, signer, options, flags, context.output);
}

}  // namespace ociship::cli
