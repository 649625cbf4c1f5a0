// SPDX-License-Identifier: Apache-2.0
#include "oci/manifest.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "oci/media_types.h"
#include "util/json.h"
#include "util/text.h"

namespace ociship::oci {
namespace {

using util::StrCat;

const std::string kHex(64, 'a');
const std::string kDigest = "sha256:" + kHex;
// "{}" and its digest.
constexpr std::string_view kEmptyDigest =
    "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

std::string DescriptorText(std::string_view more = "", std::string_view size = "7") {
  return StrCat(R"({"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":)", size,
                R"(,"digest":")", kDigest, "\"", more, "}");
}

Result<Descriptor> Parse(std::string_view text) {
  auto json = util::Json::Parse(text);
  REQUIRE(json.ok());
  return ParseDescriptor(json.value());
}

template <typename T>
void CheckRefused(const Result<T>& result, std::string_view part) {
  REQUIRE_FALSE(result.ok());
  CAPTURE(result.error().message());
  CHECK(result.error().code() == Code::kBadInput);
  CHECK(result.error().message().find(part) != std::string::npos);
}

TEST_CASE("ParseDescriptor: all fields are read") {
  const auto parsed = Parse(DescriptorText(
      R"(,"annotations":{"b":"2","a":"1"},"artifactType":"text/plain; charset=utf-8",
          "urls":["https://x.test/l"],"unknown":[1.5,null],
          "platform":{"os":"linux","architecture":"arm","variant":"v7","os.version":"10","os.features":["x"]})"));
  REQUIRE(parsed.ok());
  const Descriptor& descriptor = parsed.value();
  CHECK(descriptor.media_type == kOciLayerGzip);
  CHECK(descriptor.digest.text() == kDigest);
  CHECK(descriptor.size == 7);
  CHECK(descriptor.annotations.size() == 2);
  CHECK(descriptor.annotations.at("a") == "1");
  CHECK(descriptor.artifact_type == "text/plain; charset=utf-8");
  CHECK(descriptor.urls == std::vector<std::string>{"https://x.test/l"});
  CHECK(descriptor.platform == Platform{.os = "linux",
                                        .architecture = "arm",
                                        .variant = "v7",
                                        .os_version = "10",
                                        .os_features = {"x"}});
  CHECK_FALSE(descriptor.data.has_value());
}

TEST_CASE("ParseDescriptor: null is the same as missing for what is optional") {
  const auto parsed = Parse(DescriptorText(
      R"(,"annotations":null,"artifactType":null,"urls":null,"platform":null,"data":null)"));
  REQUIRE(parsed.ok());
  CHECK(parsed.value() == Parse(DescriptorText()).value());
}

TEST_CASE("ParseDescriptor: a size is an integer from 0 to 2^63-1") {
  CHECK(Parse(DescriptorText("", "0")).value().size == 0);
  CHECK(Parse(DescriptorText("", "9223372036854775807")).value().size == 9223372036854775807U);
  for (const std::string_view size : {"9223372036854775808", "18446744073709551616", "-1", "2048.5",
                                      "1e3", "2.0", "\"7\"", "null", "true", "[7]"}) {
    CAPTURE(size);
    CheckRefused(Parse(DescriptorText("", size)), "size");
  }
}

TEST_CASE("ParseDescriptor: what is missing or of another type is refused") {
  CheckRefused(Parse("[]"), "object");
  CheckRefused(Parse("null"), "object");
  CheckRefused(Parse(StrCat(R"({"size":1,"digest":")", kDigest, "\"}")), "mediaType");
  CheckRefused(Parse(StrCat(R"({"mediaType":"","size":1,"digest":")", kDigest, "\"}")),
               "mediaType");
  CheckRefused(Parse(R"({"mediaType":"a/b","size":1})"), "digest");
  CheckRefused(Parse(StrCat(R"({"mediaType":"a/b","digest":")", kDigest, "\"}")), "size");
  CheckRefused(Parse(DescriptorText(R"(,"annotations":[])")), "annotations");
  CheckRefused(Parse(DescriptorText(R"(,"annotations":{"a":1})")), "\"a\"");
  CheckRefused(Parse(DescriptorText(R"(,"artifactType":1)")), "artifactType");
  CheckRefused(Parse(DescriptorText(R"(,"platform":"linux")")), "platform");
  CheckRefused(Parse(DescriptorText(R"(,"platform":{"os":1})")), "os");
  CheckRefused(Parse(DescriptorText(R"(,"urls":"x")")), "urls");
  CheckRefused(Parse(DescriptorText(R"(,"urls":[1])")), "urls");
}

TEST_CASE("ParseDescriptor: a digest that is not one is refused") {
  for (const std::string_view digest :
       {"sha256:abc", "sha256:/etc/passwd", "md5:d41d8cd98f00b204e9800998ecf8427e", ""}) {
    CAPTURE(digest);
    CheckRefused(Parse(StrCat(R"({"mediaType":"a/b","size":1,"digest":")", digest, "\"}")),
                 "digest");
  }
}

TEST_CASE("ParseDescriptor: a media type is printable ASCII up to 255") {
  const auto with = [](std::string_view type) {
    return Parse(StrCat(R"({"mediaType":")", type, R"(","size":1,"digest":")", kDigest, "\"}"));
  };
  CHECK(with(std::string(255, 'a')).ok());
  CheckRefused(with(std::string(256, 'a')), "mediaType");
  CheckRefused(with("a/b\\r\\nX-Evil: 1"), "mediaType");
  CheckRefused(with("a/b "), "mediaType");
  CheckRefused(with("a/\xc3\xa4"), "mediaType");
  CheckRefused(with("a/\\u0000b"), "mediaType");
}

TEST_CASE("ParseDescriptor: inline data must have digest and size") {
  const auto with = [](std::string_view digest, std::string_view size, std::string_view data) {
    return Parse(StrCat(R"({"mediaType":"a/b","size":)", size, R"(,"digest":")", digest,
                        R"(","data":")", data, "\"}"));
  };
  const auto good = with(kEmptyDigest, "2", "e30=");
  REQUIRE(good.ok());
  CHECK(good.value().data == "{}");
  CheckRefused(with(kEmptyDigest, "3", "e30="), "data");
  CheckRefused(with(kDigest, "2", "e30="), "data");
  CheckRefused(with(kEmptyDigest, "2", "e30"), "data");
  CheckRefused(with(kEmptyDigest, "2", "e3 0="), "data");
}

std::string ManifestText(std::string_view layers, std::string_view more = "",
                         std::string_view version = "2") {
  return StrCat(R"({"schemaVersion":)", version, R"(,"config":)", DescriptorText(), R"(,"layers":)",
                layers, more, "}");
}

TEST_CASE("ParseImageManifest: OCI and Docker are read alike") {
  for (const std::string_view type : {kOciManifest, kDockerManifest}) {
    const auto parsed = ParseImageManifest(
        ManifestText(StrCat("[", DescriptorText(), ",", DescriptorText("", "8"), "]"),
                     StrCat(R"(,"mediaType":")", type, R"(","annotations":{"k":"v"},"subject":)",
                            DescriptorText("", "9"), R"(,"artifactType":"a/b")")));
    REQUIRE(parsed.ok());
    CHECK(parsed.value().media_type == type);
    CHECK(parsed.value().config.size == 7);
    REQUIRE(parsed.value().layers.size() == 2);
    CHECK(parsed.value().layers[1].size == 8);
    REQUIRE(parsed.value().subject.has_value());
    CHECK(parsed.value().subject->size == 9);
    CHECK(parsed.value().annotations.at("k") == "v");
    CHECK(parsed.value().artifact_type == "a/b");
  }
}

TEST_CASE("ParseImageManifest: no layers, as null or missing, is an image without layers") {
  CHECK(ParseImageManifest(ManifestText("null")).value().layers.empty());
  CHECK(ParseImageManifest(ManifestText("[]")).value().layers.empty());
  CHECK(ParseImageManifest(StrCat(R"({"schemaVersion":2,"config":)", DescriptorText(), "}"))
            .value()
            .layers.empty());
}

TEST_CASE("ParseImageManifest: documents of another kind, or of two, are refused") {
  CheckRefused(ParseImageManifest("[]"), "object");
  CheckRefused(ParseImageManifest("{"), "");
  CheckRefused(ParseImageManifest("{}"), "schemaVersion");
  CheckRefused(ParseImageManifest(ManifestText("[]", "", "1")), "schemaVersion");
  CheckRefused(ParseImageManifest(ManifestText("[]", "", "2.0")), "schemaVersion");
  CheckRefused(ParseImageManifest(R"({"schemaVersion":2,"layers":[]})"), "config");
  CheckRefused(ParseImageManifest(R"({"schemaVersion":2,"config":{},"layers":[]})"), "config");
  CheckRefused(ParseImageManifest(ManifestText("{}")), "layers");
  CheckRefused(ParseImageManifest(ManifestText(StrCat("[", DescriptorText(), ",{}]"))),
               "\"layers\"[1]");
  CheckRefused(ParseImageManifest(ManifestText("[]", R"(,"manifests":[])")), "manifests");
  CheckRefused(ParseImageManifest(ManifestText("[]", R"(,"fsLayers":[])")), "fsLayers");
  CheckRefused(ParseImageManifest(ManifestText("[]", StrCat(R"(,"mediaType":")", kOciIndex, "\""))),
               "mediaType");
  CheckRefused(ParseImageManifest(ManifestText("[]", R"(,"layers":[])")), "layers");
  CheckRefused(ParseImageManifest(ManifestText("[]", R"(,"subject":{})")), "subject");
}

TEST_CASE("ParseImageManifest: over the caps is refused") {
  std::string layers = "[" + DescriptorText();
  for (std::size_t i = 1; i < kMaxDescriptors; ++i) layers += "," + DescriptorText();
  CHECK(ParseImageManifest(ManifestText(layers + "]")).value().layers.size() == kMaxDescriptors);
  CheckRefused(ParseImageManifest(ManifestText(layers + "," + DescriptorText() + "]")), "10000");
  CheckRefused(ParseImageManifest(ManifestText("[]") + std::string(kMaxManifestBytes, ' ')), "");
}

TEST_CASE("ParseImageIndex: entries with platforms are read") {
  const auto parsed = ParseImageIndex(StrCat(
      R"({"schemaVersion":2,"mediaType":")", kDockerManifestList, R"(","manifests":[)",
      DescriptorText(R"(,"platform":{"os":"linux","architecture":"amd64"})"), R"(],"subject":)",
      DescriptorText(), R"(,"artifactType":"a/b","annotations":{"k":"v"}})"));
  REQUIRE(parsed.ok());
  REQUIRE(parsed.value().manifests.size() == 1);
  CHECK(parsed.value().manifests[0].platform == Platform{.os = "linux", .architecture = "amd64"});
  CHECK(parsed.value().subject.has_value());
  CHECK(parsed.value().artifact_type == "a/b");
  CHECK(parsed.value().annotations.at("k") == "v");
}

TEST_CASE("ParseImageIndex: documents of another kind, or of two, are refused") {
  CHECK(ParseImageIndex(R"({"schemaVersion":2,"manifests":null})").value().manifests.empty());
  CheckRefused(ParseImageIndex(R"({"schemaVersion":1,"manifests":[]})"), "schemaVersion");
  CheckRefused(ParseImageIndex(R"({"schemaVersion":2,"manifests":{}})"), "manifests");
  CheckRefused(ParseImageIndex(R"({"schemaVersion":2,"manifests":[],"config":{}})"), "config");
  CheckRefused(ParseImageIndex(R"({"schemaVersion":2,"manifests":[],"layers":[]})"), "layers");
  CheckRefused(ParseImageIndex(StrCat(R"({"schemaVersion":2,"mediaType":")", kOciManifest,
                                      R"(","manifests":[]})")),
               "mediaType");
}

TEST_CASE("ParseImageConfig: platform and diff IDs are read") {
  const std::string sha512 = "sha512:" + std::string(128, 'b');
  const auto parsed = ParseImageConfig(
      StrCat(R"({"os":"linux","architecture":"arm64","variant":"v8","os.version":"1","history":null,
                 "rootfs":{"type":"layers","diff_ids":[")",
             kDigest, "\",\"", sha512, "\"]}}"));
  REQUIRE(parsed.ok());
  CHECK(parsed.value().platform ==
        Platform{.os = "linux", .architecture = "arm64", .variant = "v8", .os_version = "1"});
  REQUIRE(parsed.value().diff_ids.size() == 2);
  CHECK(parsed.value().diff_ids[0].text() == kDigest);
  CHECK(parsed.value().diff_ids[1].text() == sha512);
}

TEST_CASE("ParseImageConfig: no diff IDs, as null or missing, are none") {
  for (const std::string_view text :
       {"{}", R"({"rootfs":null})", R"({"rootfs":{}})", R"({"rootfs":{"diff_ids":null}})",
        R"({"rootfs":{"type":"layers","diff_ids":[]}})"}) {
    CAPTURE(text);
    const auto parsed = ParseImageConfig(text);
    REQUIRE(parsed.ok());
    CHECK(parsed.value().diff_ids.empty());
    CHECK(parsed.value().platform == Platform{});
  }
}

TEST_CASE("ParseImageConfig: a config that is none is refused") {
  CheckRefused(ParseImageConfig("[]"), "object");
  CheckRefused(ParseImageConfig("null"), "object");
  CheckRefused(ParseImageConfig("{\"os\":\"linux\""), "");
  CheckRefused(ParseImageConfig(R"({"os":1})"), "os");
  CheckRefused(ParseImageConfig(R"({"rootfs":[]})"), "rootfs");
  CheckRefused(ParseImageConfig(R"({"rootfs":{"diff_ids":{}}})"), "diff_ids");
  CheckRefused(ParseImageConfig(R"({"rootfs":{"diff_ids":[1]}})"), "diff_ids");
  CheckRefused(ParseImageConfig(R"({"rootfs":{"diff_ids":["sha256:abc"]}})"), "diff_ids");
  CheckRefused(
      ParseImageConfig(R"({"rootfs":{"diff_ids":["md5:d41d8cd98f00b204e9800998ecf8427e"]}})"),
      "diff_ids");
}

TEST_CASE("A key that is another one but for the case of its letters is refused everywhere") {
  const std::string descriptor = DescriptorText();
  const auto upper = [](std::string text, std::string_view key) {
    const std::size_t at = text.find(StrCat("\"", key, "\""));
    REQUIRE(at != std::string::npos);
    text[at + 1] = static_cast<char>(text[at + 1] - ('a' - 'A'));
    return text;
  };
  const std::string image = StrCat(R"({"schemaVersion":2,"config":)", descriptor,
                                   R"(,"layers":[],"annotations":{"Layers":"x"}})");
  REQUIRE(ParseImageManifest(image).ok());
  CheckRefused(ParseImageManifest(upper(image, "layers")), "layers");
  CheckRefused(ParseImageManifest(upper(image, "digest")), "digest");
  const std::string index = R"({"schemaVersion":2,"manifests":[]})";
  CheckRefused(ParseImageIndex(upper(index, "manifests")), "manifests");
  const std::string config = R"({"os":"linux","rootfs":{"diff_ids":[]},"config":{"Os":"x"}})";
  REQUIRE(ParseImageConfig(config).ok());
  CheckRefused(ParseImageConfig(upper(config, "rootfs")), "rootfs");
  CheckRefused(ParseImageConfig(upper(config, "diff_ids")), "diff_ids");
}

TEST_CASE("ParseSubject: of an image and of an index") {
  const std::string with = StrCat(R"({"schemaVersion":2,"subject":)", DescriptorText(), "}");
  const auto subject = ParseSubject(NewManifest(with, kOciIndex));
  REQUIRE(subject.ok());
  REQUIRE(subject.value().has_value());
  CHECK(subject.value()->digest.text() == kDigest);
  CHECK_FALSE(ParseSubject(NewManifest("{}", kOciManifest)).value().has_value());
  CheckRefused(ParseSubject(NewManifest(R"({"subject":{}})", kOciManifest)), "subject");
  CheckRefused(ParseSubject(NewManifest("[]", kOciManifest)), "object");
}

}  // namespace
}  // namespace ociship::oci
