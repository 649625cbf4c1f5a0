// SPDX-License-Identifier: Apache-2.0
// Chooses one image of an archive. Tested by select_image_test.cc.
#include "transfer/select_image.h"

#include <algorithm>
#include <optional>
#include <string>

#include "util/text.h"

namespace ociship::transfer {
namespace {

constexpr std::size_t kListedImages = 20;

std::string ListImages(const std::vector<archive::Image>& images) {
  std::string list;
  for (std::size_t i = 0; i < images.size() && i < kListedImages; ++i) {
    list += util::StrCat(i == 0 ? "" : ", ", "@", i);
    for (const std::string& name : images[i].names) list += util::StrCat(" ", util::Quoted(name));
  }
  if (images.size() > kListedImages) {
    list += util::StrCat(" and ", images.size() - kListedImages, " more");
  }
  return list;
}

std::optional<std::uint64_t> ParseIndex(std::string_view selector) {
  if (!selector.starts_with('@')) return std::nullopt;
  return util::ParseUnsigned(selector.substr(1));
}

bool HasName(const archive::Image& image, std::string_view name) {
  return std::ranges::find(image.names, name) != image.names.end();
}

}  // namespace

Result<std::vector<archive::Image>> SelectImages(std::vector<archive::Image> images,
                                                 PushRequest::Images which,
                                                 std::string_view selector) {
  if (which == PushRequest::Images::kAll) return images;
  if (selector.empty()) {
    if (images.size() == 1) return images;
    return Error(Code::kUsage,
                 util::StrCat("the archive has ", images.size(),
                              " images, choose one with --image, or --all: ", ListImages(images)));
  }
  if (const std::optional<std::uint64_t> index = ParseIndex(selector)) {
    if (*index < images.size()) return std::vector{std::move(images[*index])};
  } else {
    const auto named = [&](const archive::Image& image) { return HasName(image, selector); };
    const auto found = std::ranges::find_if(images, named);
    if (found != images.end()) return std::vector{std::move(*found)};
  }
  return Error(Code::kUsage, util::StrCat("the archive has no image ", util::Quoted(selector),
                                          ", it has: ", ListImages(images)));
}

}  // namespace ociship::transfer
