// SPDX-License-Identifier: Apache-2.0
#include "release/apply_tags.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "memory_store.h"
#include "oci/manifest.h"
#include "oci/media_types.h"

namespace ociship::release {
namespace {

using testing::MemoryStore;

const std::optional<Tag> kVersion = Tag::Parse("1.4.2").value();

std::vector<Tag> Tags(const std::vector<std::string_view>& names) {
  std::vector<Tag> tags;
  for (const std::string_view name : names) tags.push_back(Tag::Parse(name).value());
  return tags;
}

Manifest PutImage(MemoryStore& store, std::string_view config) {
  const Digest digest = store.AddBlob(config);
  const oci::ImageManifest image{.config = {.media_type = std::string(oci::kOciConfig),
                                            .digest = digest,
                                            .size = config.size()}};
  Manifest manifest = oci::NewManifest(oci::FormatImageManifest(image), oci::kOciManifest);
  store.AddManifest(manifest);
  return manifest;
}

std::vector<std::string> TagCalls(const Manifest& manifest, const std::vector<std::string>& names) {
  std::vector<std::string> calls;
  for (const std::string& name : names) {
    calls.push_back("tag " + name + " " + manifest.descriptor.digest.text());
  }
  return calls;
}

TEST_CASE("ApplyTags: all are set in their order, each once") {
  MemoryStore store;
  const Manifest image = PutImage(store, "{}");
  REQUIRE(ApplyTags(store, image, Tags({"1.4.2", "1.4", "1.4", "1", "1.4.2", "latest"}), kVersion)
              .ok());
  CHECK(store.changes() == TagCalls(image, {"1.4.2", "1.4", "1", "latest"}));
}

TEST_CASE("ApplyTags: none is a success") {
  MemoryStore store;
  CHECK(ApplyTags(store, PutImage(store, "{}"), {}, {}).ok());
  CHECK(store.calls().empty());
}

TEST_CASE("ApplyTags: only the version is looked up, and not what merely looks like one") {
  MemoryStore store;
  const Manifest image = PutImage(store, "{}");
  REQUIRE(ApplyTags(store, image, Tags({"latest", "1.4.2", "v1.4.2", "2.0.0"}), kVersion).ok());
  std::vector<std::string> lookups;
  for (const std::string& call : store.calls()) {
    if (call.starts_with("resolve ")) lookups.push_back(call);
  }
  CHECK(lookups == std::vector<std::string>{"resolve 1.4.2"});
}

TEST_CASE("ApplyTags: without a version every tag moves") {
  MemoryStore store;
  const Manifest old_image = PutImage(store, "{}");
  const Manifest image = PutImage(store, R"({"os":"linux"})");
  store.AddTag("1.4.2", old_image.descriptor.digest);
  REQUIRE(ApplyTags(store, image, Tags({"1.4.2"}), std::nullopt).ok());
  CHECK(store.tags().at("1.4.2") == image.descriptor.digest);
}

TEST_CASE("ApplyTags: a version with another image is a conflict, and nothing is set") {
  MemoryStore store;
  const Manifest old_image = PutImage(store, "{}");
  const Manifest image = PutImage(store, R"({"os":"linux"})");
  store.AddTag("1.4.2", old_image.descriptor.digest);
  const Status status =
      ApplyTags(store, image, Tags({"stable", "1.4.3", "1.4.2", "latest"}), kVersion);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kTagConflict);
  CHECK(status.error().message().find("\"1.4.2\"") != std::string::npos);
  CHECK(status.error().message().find(old_image.descriptor.digest.text()) != std::string::npos);
  CHECK(store.changes().empty());
  CHECK(store.tags().size() == 1);
}

TEST_CASE("ApplyTags: a version with this image is not written again") {
  MemoryStore store;
  const Manifest image = PutImage(store, "{}");
  store.AddTag("1.4.2", image.descriptor.digest);
  store.AddTag("latest", PutImage(store, "[]").descriptor.digest);
  REQUIRE(ApplyTags(store, image, Tags({"1.4.2", "latest"}), kVersion).ok());
  CHECK(store.changes() == TagCalls(image, {"latest"}));
}

TEST_CASE("ApplyTags: a look-up that fails is no free tag") {
  MemoryStore store;
  const Manifest image = PutImage(store, "{}");
  store.FailWhen([](const std::string& call) -> std::optional<Error> {
    if (call == "resolve 1.4.2") return Error(Code::kUnavailable, "broken");
    return std::nullopt;
  });
  const Status status = ApplyTags(store, image, Tags({"stable", "1.4.2"}), kVersion);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kUnavailable);
  CHECK(store.changes().empty());
}

TEST_CASE("ApplyTags: a failure ends it and names the tag") {
  MemoryStore store;
  const Manifest image = PutImage(store, "{}");
  store.FailWhen([](const std::string& call) -> std::optional<Error> {
    if (call.starts_with("tag 1.4 ")) return Error(Code::kTagConflict, "immutable");
    return std::nullopt;
  });
  const Status status = ApplyTags(store, image, Tags({"1.4.2", "1.4", "latest"}), kVersion);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kTagConflict);
  CHECK(status.error().message().find("\"1.4\"") != std::string::npos);
  CHECK(store.tags().size() == 1);
  CHECK(store.tags().contains("1.4.2"));
}

}  // namespace
}  // namespace ociship::release
