// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>

#include "fixed_effects.h"
#include "ociship/store.h"
#include "temp_folder.h"
#include "util/file.h"

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

TEST_CASE("OpenStore: a blocked registry is kFailure, for a login too") {
  const TempFolder folder;
  const std::string file = folder / "registries.conf";
  REQUIRE(
      util::WriteNewFile(file, "[[registry]]\nprefix = 'a.invalid'\nblocked = true\n", 0600).ok());
  FixedEffects fixed;
  const StoreOptions options{.registries_files = {file}};
  const auto store = OpenStore(Named("a.invalid/app"), fixed.effects, options);
  REQUIRE_FALSE(store.ok());
  CHECK(store.error().code() == Code::kFailure);
  const Status login = CheckLogin("a.invalid", {}, fixed.effects, options);
  REQUIRE_FALSE(login.ok());
  CHECK(login.error().code() == Code::kFailure);
  CHECK(OpenStore(Named("b.invalid/app"), fixed.effects, options).ok());
}

TEST_CASE("OpenStore: a mirror that is blocked itself is kFailure, if mirrors are used") {
  const TempFolder folder;
  const std::string file = folder / "registries.conf";
  REQUIRE(util::WriteNewFile(file,
                             "[[registry]]\nprefix = 'a.invalid'\n"
                             "[[registry.mirror]]\nlocation = 'b.invalid'\n"
                             "[[registry]]\nprefix = 'b.invalid'\nblocked = true\n",
                             0600)
              .ok());
  FixedEffects fixed;
  StoreOptions options{.registries_files = {file}};
  CHECK(OpenStore(Named("a.invalid/app"), fixed.effects, options).ok());
  options.mirrors = StoreOptions::Mirrors::kUsed;
  const auto store = OpenStore(Named("a.invalid/app"), fixed.effects, options);
  REQUIRE_FALSE(store.ok());
  CHECK(store.error().code() == Code::kFailure);
  CHECK(OpenStore(Named("c.invalid/app"), fixed.effects, options).ok());
}

TEST_CASE("OpenStore: a registries.conf that is broken or missing is kBadInput") {
  const TempFolder folder;
  const std::string file = folder / "registries.conf";
  FixedEffects fixed;
  const StoreOptions options{.registries_files = {file}};
  const auto missing = OpenStore(Named("a.invalid/app"), fixed.effects, options);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code() == Code::kBadInput);
  REQUIRE(util::WriteNewFile(file, "[[registry", 0600).ok());
  const auto broken = OpenStore(Named("a.invalid/app"), fixed.effects, options);
  REQUIRE_FALSE(broken.ok());
  CHECK(broken.error().code() == Code::kBadInput);
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
