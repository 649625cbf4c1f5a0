// SPDX-License-Identifier: Apache-2.0
// Arguments that several commands take. Tested by tests/e2e/test_cli.py.
#include "cli/arguments.h"

#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

Result<Descriptor> Resolve(Store& store, const Reference& reference) {
  if (!reference.tag() && !reference.digest()) {
    return Error(Code::kUsage,
                 util::StrCat("which image of ", reference.text(),
                              "? Add a tag or a digest, as in ", reference.text(), ":1.0"));
  }
  if (!reference.tag()) return store.Resolve(*reference.digest());
  Descriptor image = TRY(store.Resolve(*reference.tag()));
  if (reference.digest() && image.digest != *reference.digest()) {
    return Error(Code::kNotFound,
                 util::StrCat(reference.text(), ": the tag names ", image.digest.text()));
  }
  return image;
}

}  // namespace

Result<std::map<std::string, std::string>> ParseAnnotations(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> annotations;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error(Code::kUsage,
                   util::StrCat("annotation ", util::Quoted(text), " is not KEY=VALUE"));
    }
    if (!annotations.emplace(text.substr(0, equals), text.substr(equals + 1)).second) {
      return Error(Code::kUsage, util::StrCat("annotation ", util::Quoted(text.substr(0, equals)),
                                              " is given twice"));
    }
  }
  return annotations;
}

StoreOptions::PlainHttp PlainHttp(const RegistryFlags& flags) {
  return flags.plain_http ? StoreOptions::PlainHttp::kAnywhere : StoreOptions::PlainHttp::kLoopback;
}

std::string_view FormatText(SignatureFormats format) {
  switch (format) {
    case SignatureFormats::kBundle:
      return "bundle";
    case SignatureFormats::kLegacy:
      return "legacy";
    case SignatureFormats::kBoth:
      return "both";
  }
  return "";
}

std::string OpenedImage::Name() const {
  return util::StrCat(store->repository().text(), "@", image.digest.text());
}

Result<OpenedImage> OpenImage(const std::string& text, const RegistryFlags& flags,
                              const Context& context) {
  Reference reference = TRY(Reference::Parse(text));
  std::unique_ptr<Store> store =
      TRY(OpenStore(reference.repository(), context.effects, {.plain_http = PlainHttp(flags)}));
  Descriptor image = TRY(Resolve(*store, reference));
  return OpenedImage{std::move(reference), std::move(store), std::move(image)};
}

}  // namespace ociship::cli
