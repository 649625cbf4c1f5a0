// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>

#include "fixed_effects.h"
#include "ociship/store.h"
#include "temp_folder.h"

namespace ociship {
namespace {

using testing::FixedEffects;
using testing::TempFolder;

Repository Named(const std::string& text) { return Reference::Parse(text).value().repository(); }

TEST_CASE("OpenStore: a registry is opened without asking it anything") {
  FixedEffects fixed;
  const auto store = OpenStore(Named("registry.invalid/app"), fixed.effects, {});
  REQUIRE(store.ok());
  CHECK(store.value()->repository().text() == "registry.invalid/app");
}

TEST_CASE("OpenStore: a layout that is not there is kNotFound, unless it may be made") {
  const TempFolder folder;
  const Repository repository = Named("oci:" + (folder / "layout"));
  FixedEffects fixed;
  const auto missing = OpenStore(repository, fixed.effects, {});
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code() == Code::kNotFound);
  const auto made = OpenStore(repository, fixed.effects, {.mode = StoreOptions::Mode::kCreate});
  REQUIRE(made.ok());
  CHECK(made.value()->Tags().value().empty());
  CHECK_FALSE(std::filesystem::exists(folder / "layout"));  // nothing was written yet
}

}  // namespace
}  // namespace ociship
