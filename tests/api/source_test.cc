// SPDX-License-Identifier: Apache-2.0
#include "api/source.h"

#include <doctest/doctest.h>

#include "crypto/hash.h"
#include "fixtures.h"
#include "temp_folder.h"
#include "util/bytes.h"
#include "util/file.h"

namespace ociship::api {
namespace {

using testing::FixturePath;
using testing::TempFolder;

const Cancel kNobody;

Result<OpenedSource> OpenSource(std::string_view text) {
  return api::OpenSource(text, {}, kNobody);
}

// An executable script.
std::string Script(const TempFolder& folder, const std::string& body) {
  std::string path = folder / "script";
  REQUIRE(util::WriteNewFile(path, "#!/bin/sh\n" + body + "\n", 0755).ok());
  return path;
}

struct NoIntake : archive::BlobIntake {
  Result<Digest> Take(const std::string&, std::uint64_t, util::Reader& content) override {
    const std::string text = util::ReadAll(content, 1 << 20, "member").value();
    return crypto::Sha256(util::AsBytes(text));
  }
};

TEST_CASE("OpenSource: an archive is opened by its path, with a prefix, and with an image") {
  const std::string path = FixturePath("docker28-one.tar");
  CHECK(OpenSource(path).ok());
  CHECK(OpenSource("oci-archive:" + path).ok());
  const Result<OpenedSource> chosen = OpenSource("docker-archive:" + path + ":app:1.0");
  REQUIRE(chosen.ok());
  CHECK(chosen.value().image == "app:1.0");
}

TEST_CASE("OpenSource: what is not there, no archive, or has no path is refused") {
  CHECK(OpenSource(FixturePath("absent.tar")).error().code() == Code::kBadInput);
  CHECK(OpenSource(FixturePath("README.md")).error().code() == Code::kBadInput);
  CHECK(OpenSource(FixturePath("")).error().code() == Code::kBadInput);
  CHECK(OpenSource("docker-archive:").error().code() == Code::kUsage);
  CHECK(OpenSource("").error().code() == Code::kUsage);
}

TEST_CASE("OpenExecutable: what a program prints is read as from a pipe") {
  const TempFolder folder;
  Result<OpenedSource> source =
      OpenExecutable(Script(folder, "exec cat " + FixturePath("docker28-one.tar")), {}, kNobody);
  REQUIRE(source.ok());
  NoIntake intake;
  REQUIRE(source.value().archive->Drain(intake).ok());
  CHECK(CloseSource(std::move(source).value(), kNobody).ok());
}

TEST_CASE("CloseSource: a program that printed everything and failed is a failure") {
  const TempFolder folder;
  Result<OpenedSource> source = OpenExecutable(
      Script(folder, "cat " + FixturePath("docker28-one.tar") + "; echo why >&2; exit 3"), {},
      kNobody);
  REQUIRE(source.ok());
  NoIntake intake;
  REQUIRE(source.value().archive->Drain(intake).ok());
  const Status closed = CloseSource(std::move(source).value(), kNobody);
  REQUIRE_FALSE(closed.ok());
  CHECK(closed.error().code() == Code::kFailure);
  CHECK(closed.error().message().find("exit status 3: why") != std::string::npos);
}

TEST_CASE("ExplainFailure: a program's own failure is told, not what follows from it") {
  const TempFolder folder;
  const Result<OpenedSource> source =
      OpenExecutable(Script(folder, "echo no image >&2; exit 7"), {}, kNobody);
  REQUIRE_FALSE(source.ok());
  CHECK(source.error().code() == Code::kFailure);
  CHECK(source.error().message().find("exit status 7: no image") != std::string::npos);
}

TEST_CASE("ExplainFailure: a program that succeeds and prints no archive is bad input") {
  const TempFolder folder;
  for (const char* body : {"true", "echo text", "yes"}) {
    CAPTURE(body);
    const TempFolder own;
    const Result<OpenedSource> source = OpenExecutable(Script(own, body), {}, kNobody);
    REQUIRE_FALSE(source.ok());
    CHECK(source.error().code() == Code::kBadInput);
  }
}

}  // namespace
}  // namespace ociship::api
