// SPDX-License-Identifier: Apache-2.0
#include "registry/blob_writer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "content.h"
#include "crypto/hash.h"
#include "fixture.h"
#include "oci/write_blob.h"
#include "util/bytes.h"

using namespace ociship;
using namespace ociship::registry;

namespace {

constexpr std::size_t kMuch = 5'000'000;  // more than may be on its way

Reply At(int status, std::string location) {
  return {.status = status, .headers = {{"Location", std::move(location)}}};
}
Reply StatusIs(std::string range, std::string location) {
  Reply reply = At(204, std::move(location));
  reply.headers.emplace_back("Range", std::move(range));
  return reply;
}

// Writes all of it as the contract of BlobWriter says.
struct Upload : Fixture {
  explicit Upload(std::string text, RegistryOptions options = {.whole_blob_bytes = 0})
      : Fixture(options), content(std::move(text)) {}

  // The upload to the end; the writer is dropped afterwards.
  Status Run() {
    auto writer = NewBlobWriter(client);
    if (!writer.ok()) return std::move(writer).error();
    Status written = oci::WriteFrom(0, content, *writer.value());
    if (!written.ok()) return written;
    return oci::CommitBlob(content.digest(), content, *writer.value());
  }
  // Opens the session at blobs/uploads/u1.
  Upload& Opened() {
    transport.On("POST blobs/uploads/", At(202, "u1"));
    return *this;
  }

  Content content;
};

}  // namespace

TEST_CASE("BlobWriter: POST, one PATCH and PUT, each at the newest Location") {
  Upload upload("the layer");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", At(202, "u2?s=1"))
      .On(upload.content.PutLine("u2?s=1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(1).body == "the layer");
}

TEST_CASE("BlobWriter: a blob of several pieces is one PATCH") {
  Upload upload(std::string(kMuch, 'x'));
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 202})
      .On(upload.content.PutLine("u1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(1).body.size() == kMuch);
}

TEST_CASE("BlobWriter: an empty blob has no PATCH") {
  Upload upload("");
  upload.Opened().transport.On(upload.content.PutLine("u1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
}

TEST_CASE(
    "BlobWriter: 200, 201 and 204 of PATCH and PUT are successes, a wrong Range is no matter") {
  for (const int status : {200, 201, 204}) {
    Upload upload("abc");
    upload.Opened()
        .transport.On("PATCH blobs/uploads/u1", {.status = status, .headers = {{"Range", "0-0"}}})
        .On(upload.content.PutLine("u1"), {.status = status});
    CHECK(upload.Run().ok());
    CHECK(upload.transport.done());
  }
}

TEST_CASE("BlobWriter: after a break it goes on behind what the registry has") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.error = Lost(), .read = 6})
      .On("GET blobs/uploads/u1", StatusIs("0-3", "u2"))
      .On("PATCH blobs/uploads/u2", At(202, "u3"))
      .On(upload.content.PutLine("u3"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(3).body == "456789");
  CHECK(upload.transport.seen(3).headers.Get("Content-Range") == "4-9");
  CHECK(upload.clock.sleeps().size() == 1);
}

TEST_CASE("BlobWriter: a break while a large blob is written gives the smaller offset from Write") {
  Upload upload(std::string(kMuch, 'x'));
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.error = Lost(), .read = 1000})
      .On("GET blobs/uploads/u1", StatusIs("0-499", "u2"))
      .On("DELETE blobs/uploads/u2", {.status = 204});
  {
    auto writer = NewBlobWriter(upload.client).value();
    CHECK(writer->Write(0, util::AsBytes(std::string(kMuch, 'x'))).value() == 500);
    CHECK(writer->settled() == 0);
  }
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: statuses that may pass, 404 and 416 are breaks too") {
  for (const int status : {408, 429, 499, 500, 502, 503, 504, 404, 416}) {
    CAPTURE(status);
    Upload upload("0123456789");
    upload.Opened()
        .transport.On("PATCH blobs/uploads/u1", {.status = status})
        .On("GET blobs/uploads/u1", StatusIs("0-9", "u2"))
        .On(upload.content.PutLine("u2"), {.status = 201});
    CHECK(upload.Run().ok());
    CHECK(upload.transport.done());
  }
}

TEST_CASE("BlobWriter: 400 is a break only with a code about the upload") {
  Upload upload("abc");
  upload.Opened()
      .transport
      .On("PATCH blobs/uploads/u1",
          {.status = 400, .body = ErrorsJson("BLOB_UPLOAD_INVALID", "other secret")})
      .On("GET blobs/uploads/u1", {.status = 404})
      .On("POST blobs/uploads/", At(202, "v1"))
      .On("PATCH blobs/uploads/v1", {.status = 202})
      .On(upload.content.PutLine("v1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());

  Upload refused("abc");
  refused.Opened()
      .transport
      .On("PATCH blobs/uploads/u1", {.status = 400, .body = ErrorsJson("SIZE_INVALID", "no")})
      .On("DELETE blobs/uploads/u1", {.status = 204});
  const Status status = refused.Run();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kFailure);
  CHECK(refused.transport.done());
}

TEST_CASE("BlobWriter: refusals of a PATCH end the blob and the session is deleted") {
  for (const int http_status : {401, 403}) {
    Upload upload("abc");
    upload.Opened()
        .transport.On("PATCH blobs/uploads/u1", {.status = http_status, .read = 1})
        .On("DELETE blobs/uploads/u1", {.status = 204});
    const Status status = upload.Run();
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code() == Code::kUnauthorized);
    CHECK(upload.transport.done());
  }
}

TEST_CASE("BlobWriter: a body that is too large goes on in chunks, which is remembered") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 413, .read = 4})
      .On("GET blobs/uploads/u1", StatusIs("0-0", "u2"))
      .On("PATCH blobs/uploads/u2", At(202, "u3"))
      .On(upload.content.PutLine("u3"), {.status = 201})
      .On("POST blobs/uploads/", At(202, "v1"))
      .On("PATCH blobs/uploads/v1", {.status = 202})
      .On(upload.content.PutLine("v1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(3).headers.Get("Content-Range") == "0-9");
  CHECK(upload.transport.seen(6).headers.Get("Content-Range") == "0-9");
  CHECK(upload.clock.sleeps().empty());
}

TEST_CASE("BlobWriter: a few bytes that are too large are refused for good") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 413, .read = 4})
      .On("GET blobs/uploads/u1", StatusIs("0-0", "u2"))
      .On("PATCH blobs/uploads/u2", {.status = 413})
      .On("DELETE blobs/uploads/u2", {.status = 204});
  CHECK(upload.Run().error().code() == Code::kFailure);
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: chunks of the size that was asked for, no smaller than the registry wants") {
  constexpr std::size_t kAsked = 64 << 10;
  Upload upload(std::string(2 * kAsked + 1, 'x'), {.chunk_bytes = kAsked});
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", At(202, "u2"))
      .On("PATCH blobs/uploads/u2", At(201, "u3"))
      .On("PATCH blobs/uploads/u3", At(202, "u4"))
      .On(upload.content.PutLine("u4"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(2).headers.Get("Content-Range") == "65536-131071");
  CHECK(upload.transport.seen(3).headers.Get("Content-Range") == "131072-131072");

  Upload other(std::string(2 * kAsked + 1, 'x'), {.chunk_bytes = kAsked});
  Reply opened = At(202, "u1");
  opened.headers.emplace_back("OCI-Chunk-Min-Length", "100000");
  other.transport.On("POST blobs/uploads/", opened)
      .On("PATCH blobs/uploads/u1", At(202, "u2"))
      .On("PATCH blobs/uploads/u2", At(202, "u3"))
      .On(other.content.PutLine("u3"), {.status = 201});
  CHECK(other.Run().ok());
  CHECK(other.transport.done());
  CHECK(other.transport.seen(1).headers.Get("Content-Range") == "0-99999");
}

TEST_CASE("BlobWriter: chunks that exceed a limit of the registry become smaller") {
  constexpr std::size_t kAsked = 128 << 10;
  Upload upload(std::string(kAsked, 'x'), {.chunk_bytes = kAsked});
  upload.Opened()
      .transport
      .On("PATCH blobs/uploads/u1",
          {.status = 416,
           .body = ErrorsJson("RANGE_INVALID", "exceeds the maximum permissible limit of 4.00MiB")})
      .On("PATCH blobs/uploads/u1", At(202, "u2"))
      .On("PATCH blobs/uploads/u2", At(202, "u3"))
      .On(upload.content.PutLine("u3"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(2).headers.Get("Content-Range") == "0-65535");
  CHECK(upload.clock.sleeps().empty());
}

TEST_CASE("BlobWriter: a registry that takes no second chunk gets one body, and no chunk again") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.error = Lost(), .read = 6})
      .On("GET blobs/uploads/u1", StatusIs("0-3", "u2"))
      .On("PATCH blobs/uploads/u2", {.status = 405})
      .On("POST blobs/uploads/", At(202, "v1"))
      .On("PATCH blobs/uploads/v1", {.error = Lost(), .read = 6})
      .On("POST blobs/uploads/", At(202, "w1"))
      .On("PATCH blobs/uploads/w1", {.status = 202})
      .On(upload.content.PutLine("w1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK_FALSE(upload.transport.seen(5).headers.Get("Content-Range").has_value());
  CHECK(upload.transport.seen(7).body == "0123456789");
}

TEST_CASE("BlobWriter: chunks that do not add up to the blob are followed by one body") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.error = Lost(), .read = 6})
      .On("GET blobs/uploads/u1", StatusIs("0-3", "u2"))
      .On("PATCH blobs/uploads/u2", {.status = 202})
      .On(upload.content.PutLine("u2"),
          {.status = 400, .body = ErrorsJson("DIGEST_INVALID", "did not match")})
      .On("POST blobs/uploads/", At(202, "v1"))
      .On("PATCH blobs/uploads/v1", {.status = 202})
      .On(upload.content.PutLine("v1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: a body of unknown length that is refused goes in chunks") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 411, .read = 0})
      .On("GET blobs/uploads/u1", StatusIs("0-0", "u1"))
      .On("PATCH blobs/uploads/u1", {.status = 202})
      .On(upload.content.PutLine("u1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(3).size == 10);
}

TEST_CASE("BlobWriter: a session that is gone begins anew from the first byte") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.error = Lost(), .read = 6})
      .On("GET blobs/uploads/u1", {.status = 404})
      .On("POST blobs/uploads/", At(202, "v1"))
      .On("PATCH blobs/uploads/v1", {.status = 202})
      .On(upload.content.PutLine("v1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(4).body == "0123456789");
}

TEST_CASE("BlobWriter: 0-0 after a break is taken for nothing stored") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.error = Lost(), .read = 6})
      .On("GET blobs/uploads/u1", StatusIs("0-0", "u2"))
      .On("PATCH blobs/uploads/u2", {.status = 202})
      .On(upload.content.PutLine("u2"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(3).body == "0123456789");
}

TEST_CASE("BlobWriter: a registry that claims more than was sent is not believed") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.error = Lost(), .read = 4})
      .On("GET blobs/uploads/u1", StatusIs("0-8", "u2"))
      .On("PATCH blobs/uploads/u2", {.status = 202})
      .On(upload.content.PutLine("u2"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(3).body == "456789");
}

TEST_CASE("BlobWriter: a registry that lost what it had confirmed begins anew") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.error = Lost(), .read = 8})
      .On("GET blobs/uploads/u1", StatusIs("0-5", "u2"))
      .On("PATCH blobs/uploads/u2", {.error = Lost(), .read = 1})
      .On("GET blobs/uploads/u2", StatusIs("0-2", "u3"))
      .On("POST blobs/uploads/", At(202, "v1"))
      .On("PATCH blobs/uploads/v1", {.status = 202})
      .On(upload.content.PutLine("v1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(6).body == "0123456789");
}

TEST_CASE("BlobWriter: a success that comes before the end of the body is a break") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 202, .read = 4})
      .On("GET blobs/uploads/u1", StatusIs("0-3", "u2"))
      .On("PATCH blobs/uploads/u2", {.status = 202})
      .On(upload.content.PutLine("u2"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(3).body == "456789");
}

TEST_CASE("BlobWriter: Retry-After of a break is obeyed") {
  Upload upload("abc");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 429, .headers = {{"Retry-After", "20"}}})
      .On("GET blobs/uploads/u1", StatusIs("0-2", "u2"))
      .On(upload.content.PutLine("u2"), {.status = 201});
  CHECK(upload.Run().ok());
  REQUIRE(upload.clock.sleeps().size() == 1);
  CHECK(upload.clock.sleeps()[0] >= std::chrono::seconds(20));
}

TEST_CASE("BlobWriter: after the last break it gives up, with the number of them") {
  Upload upload("0123456789", {.retries = 2, .whole_blob_bytes = 0});
  upload.Opened();
  for (int i = 0; i < 2; ++i) {
    upload.transport.On("PATCH blobs/uploads/u1", {.error = Lost(), .read = 2})
        .On("GET blobs/uploads/u1", StatusIs("0-0", "u1"));
  }
  upload.transport.On("PATCH blobs/uploads/u1", {.error = Lost(), .read = 2});
  const Status status = upload.Run();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kUnavailable);
  CHECK(status.error().message() == "gave up after 3 breaks: connection lost to registry.example");
  CHECK(upload.transport.done());  // also: no DELETE to somebody who cannot be reached
}

TEST_CASE("BlobWriter: a PUT whose answer was lost is found done") {
  Upload upload("abc");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 202})
      .On(upload.content.PutLine("u1"), {.error = Lost()})
      .On(upload.content.HeadLine(), {.headers = {{"Content-Length", "3"}}});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: a PUT to a session that is gone is found done") {
  Upload upload("abc");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 202})
      .On(upload.content.PutLine("u1"), {.status = 404})
      .On(upload.content.HeadLine(), {.headers = {{"Content-Length", "3"}}});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: a PUT that failed is repeated where the session still has everything") {
  Upload upload("abc");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 202})
      .On(upload.content.PutLine("u1"), {.status = 500})
      .On(upload.content.HeadLine(), {.status = 404})
      .On("GET blobs/uploads/u1", StatusIs("0-2", "u2"))
      .On(upload.content.PutLine("u2"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: a PUT of one byte that failed is repeated although 0-0 is two-faced") {
  Upload upload("a");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 202})
      .On(upload.content.PutLine("u1"), {.status = 500})
      .On(upload.content.HeadLine(), {.status = 404})
      .On("GET blobs/uploads/u1", StatusIs("0-0", "u2"))
      .On(upload.content.PutLine("u2"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: a blob of another size under the digest does not count as done") {
  Upload upload("abc");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 202})
      .On(upload.content.PutLine("u1"), {.error = Lost()})
      .On(upload.content.HeadLine(), {.headers = {{"Content-Length", "2"}}})
      .On("GET blobs/uploads/u1", {.status = 404})
      .On("POST blobs/uploads/", At(202, "v1"))
      .On("PATCH blobs/uploads/v1", {.status = 202})
      .On(upload.content.PutLine("v1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: an empty blob whose PUT failed is repeated in a new session") {
  Upload upload("");
  upload.Opened()
      .transport.On(upload.content.PutLine("u1"), {.status = 503})
      .On(upload.content.HeadLine(), {.status = 404})
      .On("GET blobs/uploads/u1", {.status = 404})
      .On("POST blobs/uploads/", At(202, "v1"))
      .On(upload.content.PutLine("v1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: another digest is bad input") {
  Upload upload("abc");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 202})
      .On(upload.content.PutLine("u1"), {.status = 400, .body = ErrorsJson("DIGEST_INVALID", "no")})
      .On("DELETE blobs/uploads/u1", {.status = 404});
  const Status status = upload.Run();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kBadInput);
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: another digest after a resumption is tried once more from the first byte") {
  Upload upload("0123456789");
  const Reply invalid{.status = 400, .body = ErrorsJson("DIGEST_INVALID", "no")};
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.error = Lost(), .read = 6})
      .On("GET blobs/uploads/u1", StatusIs("0-3", "u2"))
      .On("PATCH blobs/uploads/u2", {.status = 202})
      .On(upload.content.PutLine("u2"), invalid)
      .On("POST blobs/uploads/", At(202, "v1"))
      .On("PATCH blobs/uploads/v1", {.status = 202})
      .On(upload.content.PutLine("v1"), invalid)
      .On("DELETE blobs/uploads/v1", {.status = 204});
  const Status status = upload.Run();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kBadInput);
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: refusals of a PUT end the blob") {
  Upload upload("abc");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 202})
      .On(upload.content.PutLine("u1"), {.status = 403})
      .On("DELETE blobs/uploads/u1", {.status = 204});
  const Status status = upload.Run();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kUnauthorized);
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: a Location on another server without TLS is refused after a PATCH too") {
  Upload upload("abc");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", At(202, "http://s.example/u"))
      .On("DELETE blobs/uploads/u1", {.status = 204});
  CHECK_FALSE(upload.Run().ok());
  CHECK(upload.transport.done());
}

// What the body of a request was.
std::string BodyOf(const Upload& upload, std::string_view line) {
  const Lines lines = upload.transport.lines();
  const auto found = std::ranges::find(lines, line);
  if (found == lines.end()) return "no such request";
  return upload.transport.seen(static_cast<std::size_t>(found - lines.begin())).body;
}

TEST_CASE("BlobWriter: a small blob is POST and a PUT with its bytes") {
  Upload upload("the layer", {});
  upload.Opened().transport.On(upload.content.PutLine("u1"), {.status = 201});
  REQUIRE(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(BodyOf(upload, upload.content.PutLine("u1")) == "the layer");
}

TEST_CASE("BlobWriter: a blob that grows beyond small is streamed from its first byte") {
  const std::string text(100, 'x');
  Upload upload(text, {.whole_blob_bytes = 99});
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", At(202, "u2"))
      .On(upload.content.PutLine("u2"), {.status = 201});
  REQUIRE(upload.Run().ok());
  CHECK(BodyOf(upload, "PATCH blobs/uploads/u1") == text);
}

TEST_CASE("BlobWriter: where a PUT with a body is not taken the blob is streamed") {
  for (const int status : {400, 405, 411, 415, 501}) {
    Upload upload("the layer", {});
    upload.Opened()
        .transport.On(upload.content.PutLine("u1"), {.status = status})
        .On("POST blobs/uploads/", At(202, "u2"))
        .On("PATCH blobs/uploads/u2", At(202, "u3"))
        .On(upload.content.PutLine("u3"), {.status = 201});
    REQUIRE(upload.Run().ok());
    CHECK(BodyOf(upload, "PATCH blobs/uploads/u2") == "the layer");
  }
}

TEST_CASE("BlobWriter: after a PUT with a body that broke the blob is streamed") {
  for (const Reply& reply : {Reply{.status = 502}, Reply{.error = Lost()}}) {
    Upload upload("the layer", {});
    upload.Opened()
        .transport.On(upload.content.PutLine("u1"), reply)
        .On(upload.content.HeadLine(), {.status = 404})
        .On("POST blobs/uploads/", At(202, "u2"))
        .On("PATCH blobs/uploads/u2", At(202, "u3"))
        .On(upload.content.PutLine("u3"), {.status = 201});
    REQUIRE(upload.Run().ok());
    CHECK(BodyOf(upload, "PATCH blobs/uploads/u2") == "the layer");
  }
}

TEST_CASE("BlobWriter: a PUT with the blob whose answer was lost is found done") {
  Upload upload("the layer", {});
  upload.Opened()
      .transport.On(upload.content.PutLine("u1"), {.error = Lost()})
      .On(upload.content.HeadLine(), {.status = 200, .headers = {{"Content-Length", "9"}}});
  CHECK(upload.Run().ok());
}

TEST_CASE("BlobWriter: a PUT with the blob that is refused for good ends it") {
  for (const int status : {401, 403, 404, 413}) {
    Upload upload("the layer", {.retries = 0});
    upload.Opened().transport.On(upload.content.PutLine("u1"), {.status = status});
    CHECK_FALSE(upload.Run().ok());
  }
}

TEST_CASE("BlobWriter: a PUT with a blob that is too large is followed by chunks, also next time") {
  const std::string text(100'000, 'x');
  Upload upload(text, {});
  upload.Opened()
      .transport.On(upload.content.PutLine("u1"), {.status = 413, .read = 9})
      .On("POST blobs/uploads/", At(202, "v1"))
      .On("PATCH blobs/uploads/v1", At(202, "v2"))
      .On("PATCH blobs/uploads/v2", At(202, "v3"))
      .On(upload.content.PutLine("v3"), {.status = 201})
      .On("POST blobs/uploads/", At(202, "w1"))
      .On("PATCH blobs/uploads/w1", At(202, "w2"))
      .On("PATCH blobs/uploads/w2", At(202, "w3"))
      .On(upload.content.PutLine("w3"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.transport.seen(3).headers.Get("Content-Range") == "0-65535");
  CHECK(upload.client.memory().Get().body_limit == 65536);
}

TEST_CASE("BlobWriter: a PUT whose body was not looked at has another digest, and is streamed") {
  Upload upload("the layer", {});
  upload.Opened()
      .transport
      .On(upload.content.PutLine("u1"), {.status = 400, .body = ErrorsJson("DIGEST_INVALID", "no")})
      .On("POST blobs/uploads/", At(202, "v1"))
      .On("PATCH blobs/uploads/v1", {.status = 202})
      .On(upload.content.PutLine("v1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.client.memory().Get().refuses_whole_blobs == HostFacts::Seen::kYes);
}

TEST_CASE("BlobWriter: a blob that is refused in every way leaves nothing to be remembered") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 411, .read = 0})
      .On("GET blobs/uploads/u1", StatusIs("0-0", "u1"))
      .On("PATCH blobs/uploads/u1", {.status = 405})
      .On("DELETE blobs/uploads/u1", {.status = 204});
  CHECK_FALSE(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK(upload.client.memory().Get() == HostFacts());
}

TEST_CASE("BlobWriter: chunks that were refused once are tried where bodies are too large") {
  Upload upload("0123456789");
  upload.client.memory().Learn(
      [](HostFacts& facts) { facts.refuses_chunks = HostFacts::Seen::kYes; });
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 413, .read = 4})
      .On("GET blobs/uploads/u1", StatusIs("0-0", "u2"))
      .On("PATCH blobs/uploads/u2", At(202, "u3"))
      .On(upload.content.PutLine("u3"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  const HostFacts facts = upload.client.memory().Get();
  CHECK(facts.refuses_chunks == HostFacts::Seen::kNo);
  CHECK(facts.body_limit.has_value());
}

TEST_CASE("BlobWriter: bodies that were too large once are tried where chunks are refused") {
  Upload upload("0123456789");
  upload.client.memory().Learn([](HostFacts& facts) {
    facts.body_limit = 1 << 20;
    facts.refuses_streams = HostFacts::Seen::kYes;
  });
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 405})
      .On("POST blobs/uploads/", At(202, "v1"))
      .On("PATCH blobs/uploads/v1", {.status = 202})
      .On(upload.content.PutLine("v1"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
  CHECK_FALSE(upload.transport.seen(3).headers.Get("Content-Range").has_value());
  const HostFacts facts = upload.client.memory().Get();
  CHECK_FALSE(facts.body_limit.has_value());
  CHECK(facts.refuses_streams == HostFacts::Seen::kNo);
}

TEST_CASE("BlobWriter: streams that are refused where no chunk fits are refused for good") {
  for (const int status : {411, 413}) {
    CAPTURE(status);
    Upload upload("0123456789");
    Reply opened = At(202, "u1");
    opened.headers.emplace_back("OCI-Chunk-Min-Length", "1000000000000");
    upload.transport.On("POST blobs/uploads/", opened)
        .On("PATCH blobs/uploads/u1", {.status = status, .read = 0});
    if (status == 411) {
      upload.transport.On("GET blobs/uploads/u1", StatusIs("0-0", "u1"))
          .On("PATCH blobs/uploads/u1", {.status = status, .read = 0});
    }
    upload.transport.On("DELETE blobs/uploads/u1", {.status = 204});
    CHECK_FALSE(upload.Run().ok());
    CHECK(upload.transport.done());
    CHECK(upload.client.memory().Get() == HostFacts());
  }
}

TEST_CASE("BlobWriter: a place that is refused although the session names it is left") {
  Upload upload("0123456789");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.error = Lost(), .read = 1})
      .On("GET blobs/uploads/u1", StatusIs("0-0", "u2"))
      .On("PATCH blobs/uploads/u2", {.status = 416})
      .On("GET blobs/uploads/u2", StatusIs("0-0", "u2"))
      .On("POST blobs/uploads/", At(202, "v1"))
      .On("PATCH blobs/uploads/v1", At(202, "v2"))
      .On(upload.content.PutLine("v2"), {.status = 201});
  CHECK(upload.Run().ok());
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: one that is dropped gives the upload up and deletes the session") {
  Upload upload("abc");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.stall = true})
      .On("DELETE blobs/uploads/u1", {.status = 204});
  {
    auto writer = NewBlobWriter(upload.client).value();
    REQUIRE(writer->Write(0, util::AsBytes("abc")).value() == 3);
    // The POST and the PATCH are under way.
    for (int i = 0; i < 5000 && upload.transport.lines().size() < 2; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: one that was never written to deletes its session") {
  Upload upload("abc");
  upload.Opened().transport.On("DELETE blobs/uploads/u1", {.status = 204});
  { const auto writer = NewBlobWriter(upload.client).value(); }
  CHECK(upload.transport.done());
}

TEST_CASE("BlobWriter: a cancel ends the wait of Write and of Commit") {
  Upload upload("abc");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.read = 0, .stall = true})
      .On("DELETE blobs/uploads/u1", {.status = 204});
  auto writer = NewBlobWriter(upload.client).value();
  REQUIRE(writer->Write(0, util::AsBytes("abc")).ok());
  upload.cancel.Request();
  const auto committed = writer->Commit(upload.content.digest(), 3);
  REQUIRE_FALSE(committed.ok());
  CHECK(committed.error().code() == Code::kInterrupted);
  const auto written = writer->Write(3, util::AsBytes("d"));
  REQUIRE_FALSE(written.ok());
  CHECK(written.error().code() == Code::kInterrupted);
}

TEST_CASE("BlobWriter: bytes at another offset than the wanted one are refused") {
  Upload upload("abc");
  upload.Opened()
      .transport.On("PATCH blobs/uploads/u1", {.status = 202})
      .On("DELETE blobs/uploads/u1", {.status = 204});
  auto writer = NewBlobWriter(upload.client).value();
  CHECK_FALSE(writer->Write(1, util::AsBytes("bc")).ok());
  REQUIRE(writer->Write(0, util::AsBytes("a")).value() == 1);
  CHECK_FALSE(writer->Write(0, util::AsBytes("a")).ok());
  CHECK_FALSE(writer->Commit(upload.content.digest(), 3).ok());
}

TEST_CASE("BlobWriter: a registry that opens no upload gives no writer") {
  Upload upload("abc");
  upload.transport.On("POST blobs/uploads/", {.status = 404});
  const auto writer = NewBlobWriter(upload.client);
  REQUIRE_FALSE(writer.ok());
  CHECK(writer.error().code() == Code::kNotFound);
}
