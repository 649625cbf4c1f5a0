// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_json.h"

#include <doctest/doctest.h>

#include "ociship/reference.h"
#include "util/json.h"

namespace ociship::cli {
namespace {

const std::string kDigestText =
    "sha256:ca68e786cf2549bfbb3e84d5cfe9a20d0d6122d4003f03d60577cb5eae24bf8c";

Digest SomeDigest() { return Digest::Parse(kDigestText).value(); }

TEST_CASE("events of a blob") {
  CHECK(BlobStartEvent(1, "a/layer.tar", 10) ==
        R"({"v":1,"event":"blob-start","id":1,"name":"a/layer.tar","total":10})");
  CHECK(BlobStartEvent(1, "a", std::nullopt) ==
        R"({"v":1,"event":"blob-start","id":1,"name":"a"})");
  CHECK(
      BlobProgressEvent(
          2, {.name = "a", .total = 10, .progress = {.step = BlobStep::kCompressing, .read = 5}}) ==
      R"({"v":1,"event":"blob-progress","id":2,"step":"compressing","read":5,"total":10,"sent":0})");
  CHECK(BlobProgressEvent(
            2, {.progress = {.step = BlobStep::kSending, .read = 5, .sent = 3, .size = 4}}) ==
        R"({"v":1,"event":"blob-progress","id":2,"step":"sending","read":5,"sent":3,"size":4})");
  CHECK(BlobEndEvent(3) == R"({"v":1,"event":"blob-end","id":3})");
}

TEST_CASE("BlobDoneEvent: says whether it was sent, and of a plan that it would be") {
  const auto state_of = [](std::optional<BlobId> id, LayerState state, Purpose purpose) {
    const auto json = util::Json::Parse(BlobDoneEvent(id, SomeDigest(), 7, state, purpose)).value();
    CHECK(json.String("digest").value() == kDigestText);
    CHECK(json.Integer("size").value() == 7);
    CHECK((json.Find("id") != nullptr) == id.has_value());
    return json.String("state").value();
  };
  CHECK(state_of(1, LayerState::kSent, Purpose::kPush) == "sent");
  CHECK(state_of(1, LayerState::kSent, Purpose::kPlan) == "send");
  CHECK(state_of(1, LayerState::kWasThere, Purpose::kPush) == "there");
  CHECK(state_of(std::nullopt, LayerState::kKnown, Purpose::kPlan) == "known");
}

TEST_CASE("events of the whole push") {
  CHECK(LayersEvent(9) == R"({"v":1,"event":"layers","count":9})");
  CHECK(WaitingEvent(WaitsFor::kStandardInput) == R"({"v":1,"event":"waiting","for":"stdin"})");
  CHECK(WaitingEvent(WaitsFor::kSource) == R"({"v":1,"event":"waiting","for":"source"})");
  CHECK(WaitingEvent(WaitsFor::kDestination) == R"({"v":1,"event":"waiting","for":"registry"})");
  CHECK(RetryEvent("tags", "status 503", 2, 5, std::chrono::milliseconds(8000)) ==
        R"({"v":1,"event":"retry","what":"tags","why":"status 503","attempt":2,"of":5,)"
        R"("delay_ms":8000})");
  CHECK(ManifestEvent(SomeDigest()) ==
        R"({"v":1,"event":"manifest","digest":")" + kDigestText + R"("})");
  CHECK(TagEvent(Tag::Parse("1.0").value(), SomeDigest()) ==
        R"({"v":1,"event":"tag","tag":"1.0","digest":")" + kDigestText + R"("})");
  CHECK(ErrorEvent(Error(Code::kBadInput, "no tar")) ==
        R"({"v":1,"event":"error","code":25,"message":"no tar"})");
}

TEST_CASE("texts from outside stay within one line") {
  for (const std::string& line : {NoticeEvent("a\nb\"\x1b\xff"), WarningEvent("a\nb\"\x1b\xff"),
                                  BlobStartEvent(1, "\n", 1)}) {
    CHECK(line.find_first_of("\n\x1b\xff") == std::string::npos);
    CHECK(util::Json::Parse(line).ok());
  }
}

}  // namespace
}  // namespace ociship::cli
