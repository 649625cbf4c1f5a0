// SPDX-License-Identifier: Apache-2.0
#include "registry/upload_session.h"

#include <doctest/doctest.h>

#include <string>

#include "crypto/hash.h"
#include "fixture.h"
#include "util/bytes.h"

using namespace ociship;
using namespace ociship::registry;

namespace {

Reply Opened(std::string location) { return {.status = 202, .headers = {{"Location", location}}}; }

UploadSession Open(Fixture& fixture) {
  fixture.transport.On("POST blobs/uploads/", Opened("u?s=1"));
  return UploadSession::Start(fixture.client).value();
}

}  // namespace

TEST_CASE("UploadSession: POST opens it, the Location is resolved and its query kept") {
  Fixture fixture;
  fixture.transport.On("POST blobs/uploads/", Opened("/v2/acme/app/blobs/uploads/7?_state=a%3D"));
  const auto session = UploadSession::Start(fixture.client);
  REQUIRE(session.ok());
  CHECK(session.value().location().text() ==
        "https://registry.example/v2/acme/app/blobs/uploads/7?_state=a%3D");
}

TEST_CASE("UploadSession: POST is tried again after a break") {
  Fixture fixture;
  fixture.transport.On("POST blobs/uploads/", {.error = Lost()})
      .On("POST blobs/uploads/", {.status = 500})
      .On("POST blobs/uploads/", Opened("u"));
  CHECK(UploadSession::Start(fixture.client).ok());
}

TEST_CASE("UploadSession: a refusal is the error of the registry") {
  Fixture fixture;
  fixture.transport.On("POST blobs/uploads/",
                       {.status = 403, .body = ErrorsJson("DENIED", "read only")});
  const auto session = UploadSession::Start(fixture.client);
  REQUIRE_FALSE(session.ok());
  CHECK(session.error().code() == Code::kUnauthorized);
  CHECK(session.error().message() ==
        "registry.example answered 403 to POST a blob upload of acme/app: DENIED read only");
}

TEST_CASE("UploadSession: without a Location, or with one that is refused, it does not open") {
  for (const Reply& reply : {Reply{.status = 202}, Opened("http://s.example/u"),
                             Opened("https://10.0.0.1/u"), Opened("gopher://s.example/u")}) {
    Fixture fixture;
    fixture.transport.On("POST blobs/uploads/", reply);
    CHECK_FALSE(UploadSession::Start(fixture.client).ok());
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("UploadSession: the status tells the bytes and the next Location") {
  Fixture fixture;
  UploadSession session = Open(fixture);
  fixture.transport.On("GET blobs/uploads/u?s=1",
                       {.status = 204, .headers = {{"Range", "0-99"}, {"Location", "u?s=2"}}});
  CHECK(session.Stored(0, 1000).value() == 100);
  CHECK(session.location().query == "s=2");
}

TEST_CASE("UploadSession: a status without a Location keeps the old one") {
  Fixture fixture;
  UploadSession session = Open(fixture);
  fixture.transport.On("GET blobs/uploads/u?s=1", {.status = 204, .headers = {{"Range", "0-9"}}});
  CHECK(session.Stored(0, 5).value() == 5);
  CHECK(session.location().query == "s=1");
}

TEST_CASE("UploadSession: a session that is gone, or whose status is not told, begins anew") {
  for (const Reply& reply :
       {Reply{.status = 404}, Reply{.status = 405}, Reply{.status = 400}, Reply{.status = 204},
        Reply{.status = 204, .headers = {{"Range", "nonsense"}}}}) {
    Fixture fixture;
    UploadSession session = Open(fixture);
    fixture.transport.On("GET blobs/uploads/u?s=1", reply);
    const auto stored = session.Stored(0, 1000);
    REQUIRE(stored.ok());
    CHECK_FALSE(stored.value().has_value());
  }
}

TEST_CASE("UploadSession: a status that needs a login, or is not answered, is an error") {
  for (const int status : {401, 403, 307}) {
    Fixture fixture;
    UploadSession session = Open(fixture);
    fixture.transport.On("GET blobs/uploads/u?s=1", {.status = status});
    CHECK_FALSE(session.Stored(0, 1000).ok());
  }
}

TEST_CASE("UploadSession: the closing PUT has the digest behind the query") {
  Fixture fixture;
  const UploadSession session = Open(fixture);
  const Digest digest = crypto::Sha256(util::AsBytes("x"));
  const Call call = session.CloseCall(digest);
  CHECK(call.method == http::Method::kPut);
  CHECK(call.url.query == "s=1&digest=sha256%3A" + std::string(digest.hex()));
  CHECK(call.content.empty());
}

TEST_CASE("UploadSession: abandoning deletes it, a refusal is ignored") {
  for (const int status : {204, 404, 403, 500}) {
    Fixture fixture;
    UploadSession session = Open(fixture);
    fixture.transport.On("DELETE blobs/uploads/u?s=1", {.status = status});
    session.Abandon();
    CHECK(fixture.transport.done());
  }
}

TEST_CASE("UploadSession: abandoning asks for the new Location where the old one is too old") {
  Fixture fixture;
  UploadSession session = Open(fixture);
  fixture.transport.On("DELETE blobs/uploads/u?s=1", {.status = 416})
      .On("GET blobs/uploads/u?s=1", {.status = 204, .headers = {{"Location", "u?s=2"}}})
      .On("DELETE blobs/uploads/u?s=2", {.status = 204});
  session.Abandon();
  CHECK(fixture.transport.done());
}

TEST_CASE("UploadSession: abandoning does not wait for a registry that does not answer") {
  Fixture fixture;
  UploadSession session = Open(fixture);
  fixture.transport.On("DELETE blobs/uploads/u?s=1", {.stall = true});
  session.Abandon();
  CHECK(fixture.transport.done());
}
