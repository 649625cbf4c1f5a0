// SPDX-License-Identifier: Apache-2.0
// Arguments that several commands take. Tested by tests/e2e/test_cli.py.
#include "cli/arguments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <limits>
#include <system_error>

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

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::uint64_t kBinary = 1024;
constexpr std::uint64_t kDecimal = 1000;
constexpr std::array<Unit, 14> kUnits = {{
    {"", 1},
    {"B", 1},
    {"K", kBinary},
    {"KiB", kBinary},
    {"kB", kDecimal},
    {"KB", kDecimal},
    {"M", kBinary* kBinary},
    {"MiB", kBinary* kBinary},
    {"MB", kDecimal* kDecimal},
    {"G", kBinary* kBinary* kBinary},
    {"GiB", kBinary* kBinary* kBinary},
    {"GB", kDecimal* kDecimal* kDecimal},
    {"TiB", kBinary* kBinary* kBinary* kBinary},
    {"TB", kDecimal* kDecimal* kDecimal* kDecimal},
}};

}  // namespace

Result<std::uint64_t> ParseSize(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, problem] = std::from_chars(text.data(), end, number);
  const std::string_view name(after, static_cast<std::size_t>(end - after));
  const auto unit = std::ranges::find(kUnits, name, &Unit::name);
  if (problem != std::errc() || unit == kUnits.end() ||
      number > std::numeric_limits<std::uint64_t>::max() / unit->bytes) {
    return Error(Code::kUsage,
                 util::StrCat(util::Quoted(text), " is no size, as in 500MB or 20GiB"));
  }
  return number * unit->bytes;
}

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

Result<std::chrono::seconds> ParseDuration(std::string_view text) {
  constexpr std::uint32_t kMostDigits = 6;  // so that no product is too large
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, problem] = std::from_chars(text.data(), end, number);
  const std::string_view unit(after, static_cast<std::size_t>(end - after));
  if (problem == std::errc() && text.size() - unit.size() <= kMostDigits) {
    if (unit.empty() || unit == "s") return std::chrono::seconds(number);
    if (unit == "m") return std::chrono::seconds(std::chrono::minutes(number));
    if (unit == "h") return std::chrono::seconds(std::chrono::hours(number));
  }
  return Error(Code::kUsage, util::StrCat(util::Quoted(text), " is no time, as in 30s or 2m"));
}

Status CheckFolderOf(std::string_view flag, const std::string& path) {
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  std::error_code problem;
  if (std::filesystem::is_directory(folder, problem)) return Ok();
  return Error(Code::kBadInput,
               util::StrCat("the folder of ", flag, " ", util::Quoted(path), " does not exist"));
}

std::string_view FormatText(SignatureFormat format) {
  switch (format) {
    case SignatureFormat::kBundle:
      return "bundle";
    case SignatureFormat::kLegacy:
      return "legacy";
  }
  return "";
}

std::string OpenedImage::Name() const {
  return util::StrCat(store->repository().text(), "@", image.digest.text());
}

Result<OpenedImage> OpenImage(const std::string& text, const StoreOptions& options,
                              const Context& context) {
  Reference reference = TRY(Reference::Parse(text));
  std::unique_ptr<Store> store = TRY(OpenStore(reference.repository(), context.effects, options));
  Descriptor image = TRY(Resolve(*store, reference));
  return OpenedImage{std::move(reference), std::move(store), std::move(image)};
}

}  // namespace ociship::cli
