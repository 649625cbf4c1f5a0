// SPDX-License-Identifier: Apache-2.0
#include "layout/entries.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "oci/manifest.h"
#include "oci/media_types.h"

namespace ociship::layout {
namespace {

using oci::LayoutEntry;
using oci::LayoutIndex;

Digest D(char digit) { return Digest::Parse("sha256:" + std::string(64, digit)).value(); }
Tag T(std::string_view text) { return Tag::Parse(text).value(); }

LayoutEntry Named(char digit, std::string_view name, std::string raw = "") {
  LayoutEntry entry{
      .descriptor = {.media_type = std::string(oci::kOciManifest), .digest = D(digit), .size = 1},
      .raw = std::move(raw)};
  if (!name.empty()) entry.descriptor.annotations.emplace(oci::kRefNameAnnotation, name);
  return entry;
}

// A manifest without a subject.
Manifest Plain(char digit) { return {.descriptor = Named(digit, "").descriptor, .bytes = "{}"}; }

// "digit=name" of each entry.
std::vector<std::string> Shown(const LayoutIndex& index) {
  std::vector<std::string> shown;
  for (const LayoutEntry& entry : index.entries) {
    shown.push_back(std::string(entry.descriptor.digest.hex().substr(0, 1)) + "=" +
                    std::string(oci::RefName(entry.descriptor)));
  }
  return shown;
}
using Entries = std::vector<std::string>;

oci::ImageManifest Image() {
  return {.config = {.media_type = std::string(oci::kOciConfig), .digest = D('c'), .size = 2}};
}
Manifest ImageOf(const oci::ImageManifest& image) {
  return oci::NewManifest(oci::FormatImageManifest(image), oci::kOciManifest);
}

TEST_CASE("FindTag: a name that is the tag") {
  const LayoutIndex index{.entries = {Named('1', "1.0"), Named('2', ""), Named('3', "1")}};
  REQUIRE(FindTag(index, T("1")).ok());
  CHECK(FindTag(index, T("1")).value()->descriptor.digest == D('3'));
  CHECK(FindTag(index, T("2")).value() == nullptr);
}

TEST_CASE("FindTag: a full reference that ends in the tag, unless one has the tag alone") {
  LayoutIndex index{.entries = {Named('1', "docker.io/library/app:1.0"), Named('2', "x:5/app")}};
  CHECK(FindTag(index, T("1.0")).value()->descriptor.digest == D('1'));
  CHECK(FindTag(index, T("0")).value() == nullptr);
  CHECK(FindTag(index, T("app")).value() == nullptr);
  index.entries.push_back(Named('3', "1.0"));
  CHECK(FindTag(index, T("1.0")).value()->descriptor.digest == D('3'));
}

TEST_CASE("FindTag: one name for two digests is refused, for one digest it is not") {
  for (const std::string_view name : {"1", "docker.io/library/app:1"}) {
    const LayoutIndex same{.entries = {Named('1', name), Named('1', name)}};
    CHECK(FindTag(same, T("1")).value()->descriptor.digest == D('1'));
    const LayoutIndex other{.entries = {Named('1', name), Named('1', name), Named('2', name)}};
    const auto found = FindTag(other, T("1"));
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().code() == Code::kBadInput);
  }
}

TEST_CASE("TagNames: sorted, each once, full references by their tag") {
  const LayoutIndex index{.entries = {Named('1', "b"), Named('2', "a"), Named('3', "b"),
                                      Named('4', "ghcr.io/acme/app:c"), Named('5', ""),
                                      Named('6', "ghcr.io:5000/app"), Named('7', "not a tag")}};
  CHECK(TagNames(index) == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("AddManifest: an image without a tag has one untagged entry") {
  LayoutIndex index;
  const Manifest image = ImageOf(Image());
  CHECK(AddManifest(index, image).value() == Change::kMade);
  REQUIRE(index.entries.size() == 1);
  CHECK(index.entries[0].descriptor == image.descriptor);
  CHECK(AddManifest(index, image).value() == Change::kNone);
  CHECK(index.entries.size() == 1);
}

TEST_CASE("AddManifest: an image that has a tag gets no entry beside it") {
  LayoutIndex index;
  const Manifest image = ImageOf(Image());
  REQUIRE(SetTag(index, image, T("1")).ok());
  CHECK(AddManifest(index, image).value() == Change::kNone);
  CHECK(index.entries.size() == 1);
}

TEST_CASE("AddManifest: a referrer has artifact type and annotations, also beside a tag") {
  oci::ImageManifest image = Image();
  image.artifact_type = "a/b";
  image.subject = Descriptor{.media_type = "x/y", .digest = D('5'), .size = 5};
  image.annotations = {{"k", "v"}, {std::string(oci::kRefNameAnnotation), "evil"}};
  const Manifest referrer = ImageOf(image);
  LayoutIndex index;
  REQUIRE(SetTag(index, referrer, T("1")).ok());
  CHECK(AddManifest(index, referrer).value() == Change::kMade);
  REQUIRE(index.entries.size() == 2);
  const Descriptor& entry = index.entries[1].descriptor;
  CHECK(entry.digest == referrer.descriptor.digest);
  CHECK(entry.artifact_type == "a/b");
  // A name in a manifest's annotations must not become a tag.
  CHECK(entry.annotations == std::map<std::string, std::string>{{"k", "v"}});
  CHECK(AddManifest(index, referrer).value() == Change::kNone);
}

TEST_CASE("AddManifest: an index takes the plain entries of its children away and no others") {
  const Manifest child = ImageOf(Image());
  oci::ImageIndex parent;
  parent.manifests.push_back(child.descriptor);
  const Manifest made = oci::NewManifest(oci::FormatImageIndex(parent), oci::kOciIndex);

  LayoutIndex index{.entries = {Named('1', "")}};
  REQUIRE(AddManifest(index, child).ok());
  REQUIRE(SetTag(index, child, T("amd64")).ok());
  index.entries.push_back({.descriptor = child.descriptor});
  LayoutEntry noted{.descriptor = child.descriptor};
  noted.descriptor.annotations = {{"k", "v"}};
  index.entries.push_back(noted);
  REQUIRE(index.entries.size() == 4);

  CHECK(AddManifest(index, made).value() == Change::kMade);
  REQUIRE(index.entries.size() == 4);
  CHECK(index.entries[0].descriptor.digest == D('1'));
  CHECK(oci::RefName(index.entries[1].descriptor) == "amd64");
  CHECK(index.entries[2].descriptor == noted.descriptor);
  CHECK(index.entries[3].descriptor == made.descriptor);
  CHECK(AddManifest(index, made).value() == Change::kNone);
}

TEST_CASE("AddManifest: a document that can not be read changes nothing") {
  LayoutIndex index;
  CHECK_FALSE(AddManifest(index, oci::NewManifest("[]", oci::kOciManifest)).ok());
  CHECK_FALSE(AddManifest(index, oci::NewManifest(R"({"manifests":1})", oci::kOciIndex)).ok());
  CHECK(index.entries.empty());
}

TEST_CASE("SetTag: takes the place of the entry that had the name") {
  LayoutIndex index{
      .entries = {Named('1', "a", "raw1"), Named('2', "b", "raw2"), Named('3', "c", "raw3")}};
  CHECK(SetTag(index, Plain('9'), T("b")).value() == Change::kMade);
  CHECK(Shown(index) == Entries{"1=a", "9=b", "3=c"});
  CHECK(index.entries[0].raw == "raw1");
  CHECK(index.entries[1].raw.empty());
  CHECK(index.entries[1].descriptor.size == 1);
  CHECK(index.entries[2].raw == "raw3");
}

TEST_CASE("SetTag: the same digest again is no change") {
  LayoutIndex index{.entries = {Named('1', "a", "raw1")}};
  CHECK(SetTag(index, Plain('1'), T("a")).value() == Change::kNone);
  CHECK(index.entries[0].raw == "raw1");
}

TEST_CASE("SetTag: a new name comes last, and the untagged entry of the digest goes") {
  LayoutIndex index{.entries = {Named('1', ""), Named('2', "")}};
  REQUIRE(SetTag(index, Plain('1'), T("a")).ok());
  CHECK(Shown(index) == Entries{"2=", "1=a"});
  REQUIRE(SetTag(index, Plain('1'), T("b")).ok());
  CHECK(Shown(index) == Entries{"2=", "1=a", "1=b"});
}

TEST_CASE("SetTag: the untagged entry of a referrer stays, whatever it says") {
  LayoutIndex index{.entries = {Named('1', "")}};
  Manifest referrer = Plain('1');
  referrer.bytes = R"({"subject":{"mediaType":"a/b","size":1,"digest":")" + D('2').text() + "\"}}";
  REQUIRE(SetTag(index, referrer, T("a")).ok());
  CHECK(Shown(index) == Entries{"1=", "1=a"});
}

TEST_CASE("SetTag: a name that stands twice for one digest stands once afterwards") {
  LayoutIndex index{.entries = {Named('1', "a"), Named('2', "x"), Named('1', "a")}};
  REQUIRE(SetTag(index, Plain('3'), T("a")).ok());
  CHECK(Shown(index) == Entries{"3=a", "2=x"});
}

TEST_CASE("SetTag: a name that means two digests is refused, and nothing changes") {
  LayoutIndex index{.entries = {Named('1', "a"), Named('2', "a")}};
  CHECK_FALSE(SetTag(index, Plain('3'), T("a")).ok());
  CHECK(Shown(index) == Entries{"1=a", "2=a"});
}

TEST_CASE("SetTag: a full reference of another tool stays and is covered by the new name") {
  LayoutIndex index{.entries = {Named('1', "docker.io/library/app:a")}};
  REQUIRE(SetTag(index, Plain('2'), T("a")).ok());
  CHECK(Shown(index) == Entries{"1=docker.io/library/app:a", "2=a"});
  CHECK(FindTag(index, T("a")).value()->descriptor.digest == D('2'));
}

TEST_CASE("SetTag and AddManifest: no more entries than can be read again") {
  LayoutIndex index;
  for (std::size_t i = 0; i < oci::kMaxDescriptors; ++i) index.entries.push_back(Named('1', "x"));
  CHECK_FALSE(SetTag(index, Plain('2'), T("a")).ok());
  CHECK_FALSE(AddManifest(index, ImageOf(Image())).ok());
  CHECK(SetTag(index, Plain('2'), T("x")).ok());
}

}  // namespace
}  // namespace ociship::layout
