// SPDX-License-Identifier: Apache-2.0
#include "tuf/verify.h"

#include <doctest/doctest.h>

#include <string>

#include "tuf_client.h"
#include "tuf_repository.h"

namespace ociship::tuf {
namespace {

using testing::ReasonOf;
using testing::TufRepository;

TEST_CASE("a root that signed itself is a first root, and another one is not") {
  TufRepository repository;
  CHECK(VerifyFirstRoot(repository.RootFile()).value()->common.version == 1);
  repository.root.signers = {{7}};
  CHECK(ReasonOf(VerifyFirstRoot(repository.RootFile())) == "tuf-threshold");
  repository.root.signers = std::vector<int>();
  CHECK(ReasonOf(VerifyFirstRoot(repository.RootFile())) == "tuf-threshold");
}

TEST_CASE("a root with a threshold above its keys can not sign itself") {
  TufRepository repository;
  repository.root.threshold = 2;
  CHECK(ReasonOf(VerifyFirstRoot(repository.RootFile())) == "tuf-threshold");
}

TEST_CASE("the next root is signed by the old and by the new keys") {
  TufRepository repository;
  const Verified<Root> first = VerifyFirstRoot(repository.RootFile()).value();
  repository.root = {.keys = {10}, .version = 2, .signers = {{0, 10}}};
  CHECK(ReasonOf(VerifyNextRoot(repository.RootFile(), first)) == "ok");
  repository.root.signers = {{10}};
  CHECK(ReasonOf(VerifyNextRoot(repository.RootFile(), first)) == "tuf-threshold");
  repository.root.signers = {{0}};
  CHECK(ReasonOf(VerifyNextRoot(repository.RootFile(), first)) == "tuf-threshold");
}

TEST_CASE("bytes that are no metadata are refused") {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"signed":{}})", R"({"signed":{},"signatures":{}})",
        R"({"signed":[],"signatures":[]})", R"({"signed":{"a":1,"a":1},"signatures":[]})",
        R"({"signed":{"a":1.5},"signatures":[]})", R"({"signed":{},"signatures":[]} x)"}) {
    CAPTURE(text);
    CHECK(ReasonOf(VerifyFirstRoot(text)) == "tuf-format");
  }
}

TEST_CASE("a changed body is refused, also one that nobody reads") {
  TufRepository repository;
  repository.before_signing = [](std::string_view, std::string& body) {
    body.insert(1, R"("x-own":"value",)");
  };
  CHECK(ReasonOf(VerifyFirstRoot(repository.RootFile())) == "ok");
  repository.after_signing = [](std::string_view, std::string& file) {
    file.replace(file.find("value"), 5, "other");
  };
  CHECK(ReasonOf(VerifyFirstRoot(repository.RootFile())) == "tuf-threshold");
}

TEST_CASE("the order of members and white space do not matter") {
  TufRepository repository;
  repository.after_signing = [](std::string_view, std::string& file) {
    const std::string version = R"("version":1,)";
    file.erase(file.find(version), version.size());
    file.insert(file.find(R"({"_type")") + 1, " \"version\" : 1 ,\n");
  };
  CHECK(ReasonOf(VerifyFirstRoot(repository.RootFile())) == "ok");
}

TEST_CASE("each role is verified with its own keys") {
  TufRepository repository;
  const Verified<Root> root = VerifyFirstRoot(repository.RootFile()).value();
  CHECK(ReasonOf(VerifyTimestamp(repository.TimestampFile(), root)) == "ok");
  CHECK(ReasonOf(VerifySnapshot(repository.SnapshotFile(), root)) == "ok");
  CHECK(ReasonOf(VerifyTargets(repository.TargetsFile(), root)) == "ok");
  // Of another role, and signed by that one.
  CHECK(ReasonOf(VerifyTimestamp(repository.SnapshotFile(), root)) == "tuf-threshold");
  repository.timestamp.signers = {{2}};
  CHECK(ReasonOf(VerifyTimestamp(repository.TimestampFile(), root)) == "tuf-threshold");
}

TEST_CASE("a role of another type is refused also when the keys fit") {
  TufRepository repository;
  repository.snapshot.keys = {1};
  const Verified<Root> root = VerifyFirstRoot(repository.RootFile()).value();
  CHECK(ReasonOf(VerifyTimestamp(repository.SnapshotFile(), root)) == "tuf-format");
}

}  // namespace
}  // namespace ociship::tuf
