// SPDX-License-Identifier: Apache-2.0
#include "oci/layout_index.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "oci/manifest.h"
#include "util/text.h"

namespace ociship::oci {
namespace {

using util::StrCat;

const std::string kDigest = "sha256:" + std::string(64, 'a');

std::string Entry(std::string_view more = "") {
  return StrCat(R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")", kDigest,
                R"(","size":7)", more, "}");
}

template <typename T>
void CheckRefused(const Result<T>& result, std::string_view part) {
  REQUIRE_FALSE(result.ok());
  CAPTURE(result.error().message());
  CHECK(result.error().code() == Code::kBadInput);
  CHECK(result.error().message().find(part) != std::string::npos);
}

TEST_CASE("CheckLayoutFile: version 1 is accepted") {
  CHECK(CheckLayoutFile(R"({"imageLayoutVersion": "1.0.0"})").ok());
  CHECK(CheckLayoutFile(R"({"imageLayoutVersion":"1.1.0","x":1})").ok());
  CHECK(CheckLayoutFile(FormatLayoutFile()).ok());
  CHECK(FormatLayoutFile() == R"({"imageLayoutVersion":"1.0.0"})");
}

TEST_CASE("CheckLayoutFile: everything else is refused") {
  CheckRefused(CheckLayoutFile(""), "");
  CheckRefused(CheckLayoutFile("[]"), "imageLayoutVersion");
  CheckRefused(CheckLayoutFile("{}"), "imageLayoutVersion");
  CheckRefused(CheckLayoutFile(R"({"imageLayoutVersion":1})"), "imageLayoutVersion");
  CheckRefused(CheckLayoutFile(R"({"imageLayoutVersion":"2.0.0"})"), "imageLayoutVersion");
  CheckRefused(CheckLayoutFile(R"({"imageLayoutVersion":"10.0.0"})"), "imageLayoutVersion");
}

TEST_CASE("ParseLayoutIndex: entries are read and kept as they were written") {
  const std::string foreign = Entry(R"(,
      "x": 1.0e5, "annotations": {"org.opencontainers.image.ref.name": "1.0", "a": "\u003c"})");
  const auto parsed = ParseLayoutIndex(
      StrCat(R"({"schemaVersion": 2, "annotations" : {"z":"1", "a":"2"}, "manifests": [ )", foreign,
             " , ", Entry(), R"( ], "y":[{"b" : 1.50}]})"));
  REQUIRE(parsed.ok());
  const LayoutIndex& index = parsed.value();
  REQUIRE(index.entries.size() == 2);
  CHECK(RefName(index.entries[0].descriptor) == "1.0");
  CHECK(RefName(index.entries[1].descriptor) == "");
  CHECK(index.entries[0].raw == foreign);
  CHECK(FormatLayoutIndex(index) ==
        StrCat(R"({"schemaVersion":2,"annotations":{"z":"1", "a":"2"},"y":[{"b" : 1.50}],)",
               R"("manifests":[)", foreign, ",", Entry(), "]}"));
}

TEST_CASE("FormatLayoutIndex: a new index is one that other tools read") {
  LayoutIndex index;
  CHECK(
      FormatLayoutIndex(index) ==
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]})");
  index.entries.push_back(
      {.descriptor = {.media_type = "a/b",
                      .digest = Digest::Parse(kDigest).value(),
                      .size = 3,
                      .annotations = {{std::string(kRefNameAnnotation), "1"}}}});
  const auto again = ParseLayoutIndex(FormatLayoutIndex(index));
  REQUIRE(again.ok());
  REQUIRE(again.value().entries.size() == 1);
  CHECK(again.value().entries[0].descriptor == index.entries[0].descriptor);
}

TEST_CASE("ParseLayoutIndex: no manifests, as null or missing, are none") {
  CHECK(ParseLayoutIndex(R"({"schemaVersion":2})").value().entries.empty());
  CHECK(ParseLayoutIndex(R"({"schemaVersion":2,"manifests":null})").value().entries.empty());
}

TEST_CASE("ParseLayoutIndex: what is no index is refused") {
  CheckRefused(ParseLayoutIndex(""), "");
  CheckRefused(ParseLayoutIndex("[]"), "object");
  CheckRefused(ParseLayoutIndex("{}"), "schemaVersion");
  CheckRefused(ParseLayoutIndex(R"({"schemaVersion":1,"manifests":[]})"), "schemaVersion");
  CheckRefused(ParseLayoutIndex(R"({"schemaVersion":2,"manifests":{}})"), "manifests");
  CheckRefused(ParseLayoutIndex(R"({"schemaVersion":2,"manifests":[{}]})"), "\"manifests\"[0]");
  CheckRefused(ParseLayoutIndex(R"({"schemaVersion":2,"manifests":[)"), "");
  CheckRefused(ParseLayoutIndex(R"({"schemaVersion":2,"manifests":[],"manifests":[]})"),
               "manifests");
  CheckRefused(
      ParseLayoutIndex(
          R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"})"),
      "mediaType");
}

TEST_CASE("ParseLayoutIndex: over the caps is refused") {
  std::string entries = Entry();
  for (std::size_t i = 1; i < kMaxDescriptors; ++i) entries += "," + Entry();
  const auto text = [](std::string_view all) {
    return StrCat(R"({"schemaVersion":2,"manifests":[)", all, "]}");
  };
  CHECK(ParseLayoutIndex(text(entries)).value().entries.size() == kMaxDescriptors);
  CheckRefused(ParseLayoutIndex(text(entries + "," + Entry())), "10000");
  CheckRefused(ParseLayoutIndex(text("") + std::string(kMaxLayoutIndexBytes, ' ')), "");
}

}  // namespace
}  // namespace ociship::oci
