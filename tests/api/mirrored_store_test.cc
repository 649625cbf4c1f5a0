// SPDX-License-Identifier: Apache-2.0
#include "api/mirrored_store.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "memory_store.h"
#include "oci/manifest.h"

namespace ociship {
namespace {

using testing::MemoryStore;
using Pull = registry::Mirror::Pull;
using Calls = std::vector<std::string>;

Tag TagOf(std::string_view text) { return Tag::Parse(text).value(); }

Manifest SomeManifest() {
  return oci::NewManifest("application/vnd.oci.image.manifest.v1+json", R"({"schemaVersion":2})");
}

class Collector : public ByteSink {
 public:
  Status Write(ByteView bytes) override {
    text += util::AsText(bytes);
    return Ok();
  }
  std::string text;
};

// Two mirrors, the registry itself, and where its location leads if that is asked for.
struct Places {
  enum class Location { kNone, kElsewhere };

  explicit Places(Pull first_pull = Pull::kAll, Location elsewhere = Location::kNone) {
    MirroredPlaces places;
    places.named = Make("registry.test/app", named);
    places.mirrors.push_back({.store = Make("m1.test/app", first), .pull = first_pull});
    places.mirrors.push_back({.store = Make("m2.test/app", second), .pull = Pull::kAll});
    if (elsewhere == Location::kElsewhere) places.location = Make("moved.test/app", location);
    store = NewMirroredStore(std::move(places));
  }

  static std::unique_ptr<Store> Make(std::string_view name, MemoryStore*& place) {
    auto made = std::make_unique<MemoryStore>(name);
    place = made.get();
    return made;
  }

  MemoryStore* named = nullptr;
  MemoryStore* first = nullptr;
  MemoryStore* second = nullptr;
  MemoryStore* location = nullptr;
  std::unique_ptr<Store> store;
};

void Fail(MemoryStore* place, Code code) {
  place->FailWhen([code](const std::string&) { return std::optional(Error(code, "told to")); });
}

TEST_CASE("MirroredStore: it goes by the name of the registry itself") {
  const Places places;
  CHECK(places.store->repository().text() == "registry.test/app");
}

TEST_CASE("MirroredStore: the first mirror that has it answers, and nobody else is asked") {
  const Places places;
  const Manifest manifest = SomeManifest();
  places.second->AddManifest(manifest);
  places.second->AddTag("1.0", manifest.descriptor.digest);
  CHECK(places.store->Resolve(TagOf("1.0")).value() == manifest.descriptor);
  CHECK(places.store->Resolve(manifest.descriptor.digest).value() == manifest.descriptor);
  CHECK(places.store->ReadManifest(manifest.descriptor.digest).value().bytes == manifest.bytes);
  CHECK(places.store->Tags().value() == Calls{"1.0"});
  CHECK(places.first->calls().size() == 4);
  CHECK(places.named->calls().empty());
}

TEST_CASE("MirroredStore: what no mirror has comes from the registry itself") {
  const Places places;
  const Manifest manifest = SomeManifest();
  places.named->AddManifest(manifest);
  const Digest blob = places.named->AddBlob("content");
  CHECK(places.store->ReadManifest(manifest.descriptor.digest).ok());
  CHECK(places.store->BlobSize(blob).value() == std::optional<std::uint64_t>(7));
  Collector sink;
  CHECK(places.store->ReadBlob({.digest = blob, .size = 7}, sink).ok());
  CHECK(sink.text == "content");
  const auto missing = places.store->Resolve(TagOf("none"));
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code() == Code::kNotFound);
}

TEST_CASE("MirroredStore: a mirror that cannot be reached or wants a login is asked once") {
  for (const Code code : {Code::kUnavailable, Code::kUnauthorized, Code::kRateLimited}) {
    const Places places;
    const Manifest manifest = SomeManifest();
    places.named->AddManifest(manifest);
    Fail(places.first, code);
    CHECK(places.store->Resolve(manifest.descriptor.digest).ok());
    CHECK(places.store->Resolve(manifest.descriptor.digest).ok());
    CHECK(places.first->calls().size() == 1);
    CHECK(places.second->calls().size() == 2);  // which only does not have it
  }
}

TEST_CASE("MirroredStore: any other failure of a mirror is the answer") {
  for (const Code code : {Code::kBadInput, Code::kInterrupted, Code::kFailure}) {
    const Places places;
    const Manifest manifest = SomeManifest();
    places.named->AddManifest(manifest);
    places.named->AddTag("1.0", manifest.descriptor.digest);
    Fail(places.first, code);
    const auto by_digest = places.store->Resolve(manifest.descriptor.digest);
    REQUIRE_FALSE(by_digest.ok());
    CHECK(by_digest.error().code() == code);
    CHECK_FALSE(places.store->Resolve(TagOf("1.0")).ok());
    CHECK(places.named->calls().empty());
  }
}

TEST_CASE("MirroredStore: the failure of the registry itself is the answer when no mirror has it") {
  const Places places;
  Fail(places.named, Code::kUnavailable);
  const auto referrers = places.store->Referrers(SomeManifest().descriptor.digest);
  REQUIRE_FALSE(referrers.ok());  // and not an empty list
  CHECK(referrers.error().code() == Code::kUnavailable);
}

TEST_CASE("MirroredStore: a blob that a mirror began is not begun again elsewhere") {
  const Places places;
  const Digest blob = places.named->AddBlob("content");
  places.first->ReplaceBlob(blob, "CONTENT");
  Collector sink;
  const Status status = places.store->ReadBlob({.digest = blob, .size = 7}, sink);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kBadInput);
  CHECK(sink.text == "CONTENT");
  CHECK(places.second->calls().empty());
}

TEST_CASE("MirroredStore: a mirror for digests is not asked for tags") {
  const Places places(Pull::kDigestOnly);
  const Manifest manifest = SomeManifest();
  for (MemoryStore* place : {places.first, places.second}) {
    place->AddManifest(manifest);
    place->AddTag("1.0", manifest.descriptor.digest);
  }
  CHECK(places.store->Resolve(TagOf("1.0")).ok());
  CHECK(places.store->Tags().ok());
  CHECK(places.first->calls().empty());
  CHECK(places.store->ReadManifest(manifest.descriptor.digest).ok());
  CHECK(places.first->calls().size() == 1);
}

TEST_CASE("MirroredStore: a mirror for tags is asked for content only after it resolved one") {
  const Places places(Pull::kTagOnly);
  const Manifest manifest = SomeManifest();
  for (MemoryStore* place : {places.first, places.second}) {
    place->AddManifest(manifest);
    place->AddTag("1.0", manifest.descriptor.digest);
  }
  CHECK(places.store->ReadManifest(manifest.descriptor.digest).ok());
  CHECK(places.first->calls().empty());
  CHECK(places.store->Resolve(TagOf("1.0")).ok());
  places.second->ClearCalls();
  CHECK(places.store->ReadManifest(manifest.descriptor.digest).ok());
  CHECK(places.second->calls().empty());
}

TEST_CASE("MirroredStore: where a location leads is read instead of the registry itself") {
  const Places places(Pull::kAll, Places::Location::kElsewhere);
  const Manifest manifest = SomeManifest();
  places.named->AddManifest(manifest);
  CHECK_FALSE(places.store->Resolve(manifest.descriptor.digest).ok());
  places.location->AddManifest(manifest);
  CHECK(places.store->Resolve(manifest.descriptor.digest).ok());
  CHECK(places.named->calls().empty());
}

TEST_CASE("MirroredStore: everything is written to the registry itself and to nobody else") {
  const Places places(Pull::kAll, Places::Location::kElsewhere);
  const Manifest manifest = SomeManifest();
  places.named->AddManifest(manifest);
  CHECK(places.store->WriteBlob().ok());
  CHECK(places.store->SetTag(manifest, TagOf("1.0")).ok());
  const std::vector<Tag> tags = {TagOf("2.0"), TagOf("3.0")};
  CHECK(places.store->SetTags(manifest, tags).ok());
  CHECK_FALSE(places.store->WriteManifest({manifest.descriptor, "other"}).ok());
  CHECK_FALSE(places.store->MountBlob(manifest.descriptor.digest).value().has_value());
  CHECK(places.store->Settle().ok());
  CHECK(places.named->tags().size() == 3);
  for (const MemoryStore* place : {places.first, places.second, places.location}) {
    CHECK(place->calls().empty());
  }
}

}  // namespace
}  // namespace ociship
