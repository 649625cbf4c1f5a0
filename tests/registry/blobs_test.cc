// SPDX-License-Identifier: Apache-2.0
#include "registry/blobs.h"

#include <doctest/doctest.h>

#include <string>

#include "crypto/hash.h"
#include "fixture.h"
#include "util/bytes.h"
#include "util/io.h"

using namespace ociship;
using namespace ociship::registry;

namespace {

const std::string kContent = "the layer";

Descriptor BlobOf(std::string_view content) {
  return {.media_type = "application/x",
          .digest = crypto::Sha256(util::AsBytes(content)),
          .size = content.size()};
}
std::string Head() { return "HEAD blobs/" + BlobOf(kContent).digest.text(); }
std::string Get() { return "GET blobs/" + BlobOf(kContent).digest.text(); }

struct Read {
  Status status;
  std::string text;
};
Read ReadContent(Fixture& fixture) {
  util::StringSink sink(1000);
  Status status = ReadBlob(fixture.client, BlobOf(kContent), sink);
  return {std::move(status), sink.text()};
}

}  // namespace

TEST_CASE("BlobSize: the Content-Length of a blob that is there") {
  Fixture fixture;
  fixture.transport.On(Head(), {.headers = {{"Content-Length", "9"}}});
  CHECK(BlobSize(fixture.client, BlobOf(kContent).digest).value() == 9);
}

TEST_CASE("BlobSize: nothing for 404, and for a size that is not told") {
  Fixture fixture;
  fixture.transport.On(Head(), {.status = 404})
      .On(Head(), {})
      .On(Head(), {.headers = {{"Content-Length", "9x"}}});
  for (int i = 0; i < 3; ++i) {
    const auto size = BlobSize(fixture.client, BlobOf(kContent).digest);
    REQUIRE(size.ok());
    CHECK_FALSE(size.value().has_value());
  }
}

TEST_CASE("BlobSize: any other status is an error and not an absence") {
  for (const auto& [status, code] :
       {std::pair{401, Code::kUnauthorized}, {410, Code::kFailure}, {501, Code::kUnavailable}}) {
    Fixture fixture;
    fixture.transport.On(Head(), {.status = status});
    const auto size = BlobSize(fixture.client, BlobOf(kContent).digest);
    REQUIRE_FALSE(size.ok());
    CHECK(size.error().code() == code);
  }
}

TEST_CASE("BlobSize: a registry that refuses HEAD has nothing, so that it is sent") {
  for (const int status : {400, 403, 405}) {
    Fixture fixture;
    fixture.transport.On(Head(), {.status = status});
    const auto size = BlobSize(fixture.client, BlobOf(kContent).digest);
    REQUIRE(size.ok());
    CHECK_FALSE(size.value().has_value());
  }
}

TEST_CASE("ReadBlob: the content arrives when size and digest are right") {
  Fixture fixture;
  fixture.transport.On(Get(), {.body = kContent});
  const Read read = ReadContent(fixture);
  CHECK(read.status.ok());
  CHECK(read.text == kContent);
}

TEST_CASE("ReadBlob: an empty blob") {
  Fixture fixture;
  const Descriptor empty = BlobOf("");
  fixture.transport.On("GET blobs/" + empty.digest.text(), {});
  util::StringSink sink(10);
  CHECK(ReadBlob(fixture.client, empty, sink).ok());
}

TEST_CASE("ReadBlob: a redirect to storage is followed") {
  Fixture fixture;
  fixture.transport
      .On(Get(), {.status = 307, .headers = {{"Location", "https://s.example/b?sig=1"}}})
      .On("GET https://s.example/b?sig=1", {.body = kContent});
  CHECK(ReadContent(fixture).text == kContent);
}

TEST_CASE("ReadBlob: other bytes, fewer and more are bad input") {
  for (const char* body : {"the lawyer", "the layes", "the laye", ""}) {
    CAPTURE(body);
    Fixture fixture;
    fixture.transport.On(Get(), {.body = body});
    const Read read = ReadContent(fixture);
    REQUIRE_FALSE(read.status.ok());
    CHECK(read.status.error().code() == Code::kBadInput);
    CHECK(read.text.size() <= kContent.size());
  }
}

TEST_CASE("ReadBlob: a break before the first byte is survived") {
  Fixture fixture;
  fixture.transport.On(Get(), {.error = Lost()})
      .On(Get(), {.status = 503})
      .On(Get(), {.body = kContent});
  const Read read = ReadContent(fixture);
  CHECK(read.status.ok());
  CHECK(read.text == kContent);
}

TEST_CASE("ReadBlob: a refusal is the error of the registry") {
  Fixture fixture;
  fixture.transport.On(Get(), {.status = 404, .body = ErrorsJson("BLOB_UNKNOWN", "gone")});
  const Read read = ReadContent(fixture);
  REQUIRE_FALSE(read.status.ok());
  CHECK(read.status.error().code() == Code::kNotFound);
  CHECK(read.status.error().message().ends_with(": BLOB_UNKNOWN gone"));
}

TEST_CASE("ReadBlob: the error of the sink ends it without another try") {
  Fixture fixture;
  fixture.transport.On(Get(), {.body = kContent});
  util::StringSink sink(3);
  const Status status = ReadBlob(fixture.client, BlobOf(kContent), sink);
  REQUIRE_FALSE(status.ok());
  CHECK(fixture.transport.lines().size() == 1);
}

TEST_CASE("ReadBlob: a break inside the content is an error, nothing is sent twice to the sink") {
  Fixture fixture;
  fixture.transport.On(Get(), {.body = "the", .error = Lost()});
  const Read read = ReadContent(fixture);
  REQUIRE_FALSE(read.status.ok());
  CHECK(read.status.error().code() == Code::kUnavailable);
  CHECK(read.text == "the");
  CHECK(fixture.transport.done());
}
