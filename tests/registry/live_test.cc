// SPDX-License-Identifier: Apache-2.0
// The whole Store against a real registry: only where OCISHIP_TEST_REGISTRY is HOST:PORT of one
// that takes pushes over plain http without a login.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>

#include "crypto/hash.h"
#include "fixture.h"
#include "http/curl_transport.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/write_blob.h"
#include "registry/registry_store.h"
#include "util/bytes.h"
#include "util/clock.h"

using namespace ociship;
using namespace ociship::registry;

namespace {

// Breaks the PATCH requests of a real transport after some bytes of their body.
class BreakingTransport : public http::Transport {
 public:
  BreakingTransport(http::Transport& transport, int breaks)
      : transport_(transport), breaks_(breaks) {}

  Result<http::Response> Send(const http::Request& request, const http::Receive& receive,
                              const util::Cancel& cancel) override {
    if (request.method != http::Method::kPatch || breaks_ == 0) {
      return transport_.Send(request, receive, cancel);
    }
    --breaks_;
    ShortReader reader(*request.body.reader);
    http::Request cut = request;
    cut.body.reader = &reader;
    return transport_.Send(cut, receive, cancel);
  }

 private:
  class ShortReader : public util::Reader {
   public:
    explicit ShortReader(util::Reader& reader) : reader_(reader) {}
    Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
      if (left_ == 0) return Error(Code::kUnavailable, "connection lost on purpose");
      const std::size_t got = TRY(reader_.Read(buffer.first(std::min(left_, buffer.size()))));
      left_ -= got;
      return got;
    }

   private:
    util::Reader& reader_;
    std::size_t left_ = 3'000'000;
  };

  http::Transport& transport_;
  int breaks_;
};

class Content : public util::RandomReader {
 public:
  explicit Content(std::size_t size) {
    std::mt19937_64 random(std::random_device{}());
    bytes_.resize(size);
    for (std::uint8_t& byte : bytes_) byte = static_cast<std::uint8_t>(random());
  }
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<std::uint8_t> buffer) override {
    const ByteView rest = ByteView(bytes_).subspan(offset);
    const std::size_t count = std::min(rest.size(), buffer.size());
    std::copy_n(rest.begin(), count, buffer.begin());
    return count;
  }
  Descriptor descriptor() const {
    return {.media_type = std::string(oci::kOciLayer),
            .digest = crypto::Sha256(bytes_),
            .size = bytes_.size()};
  }

 private:
  util::Bytes bytes_;
};

class CountingSink : public ByteSink {
 public:
  Status Write(ByteView bytes) override {
    count += bytes.size();
    return Ok();
  }
  std::uint64_t count = 0;
};

struct Live {
  explicit Live(const std::string& host, int breaks = 0)
      : breaking(*curl, breaks),
        store(NewRegistryStore(RepositoryOf(host + "/ociship/live"), breaking, clock, cancel, {})) {
  }

  std::unique_ptr<http::Transport> curl = http::NewCurlTransport({});
  BreakingTransport breaking;
  util::SystemClock clock;
  util::Cancel cancel;
  std::unique_ptr<Store> store;

  // Error texts in the output of a failing test.
  void Must(const Status& status) {
    INFO((status.ok() ? "" : status.error().message()));
    REQUIRE(status.ok());
  }
  void Write(Content& content) {
    auto writer = store->WriteBlob();
    REQUIRE(writer.ok());
    Must(oci::WriteFrom(0, content, *writer.value()));
    Must(oci::CommitBlob(content.descriptor().digest, content, *writer.value()));
  }
};

std::optional<std::string> LiveRegistry(const char* test) {
  const char* host = std::getenv("OCISHIP_TEST_REGISTRY");
  if (host != nullptr) return host;
  std::printf("SKIPPED: %s, OCISHIP_TEST_REGISTRY is not set\n", test);
  return std::nullopt;
}

Manifest ImageOf(const Content& layer, const std::optional<Descriptor>& subject = {}) {
  oci::ImageManifest image{.media_type = std::string(oci::kOciManifest),
                           .artifact_type = subject ? "application/x-signature" : "",
                           .config = {.media_type = std::string(oci::kOciEmpty),
                                      .digest = crypto::Sha256(util::AsBytes("{}")),
                                      .size = 2},
                           .layers = {layer.descriptor()},
                           .subject = subject,
                           .annotations = {{"made", "by a test"}}};
  return oci::NewManifest(oci::FormatImageManifest(image), oci::kOciManifest);
}

}  // namespace

TEST_CASE("live: blobs of all sizes arrive and can be read") {
  const auto host = LiveRegistry("blobs");
  if (!host) return;
  Live live(*host);
  for (const std::size_t size : {0U, 1U, 2U, 65537U, 20'000'000U}) {
    CAPTURE(size);
    Content content(size);
    live.Write(content);
    CHECK(live.store->BlobSize(content.descriptor().digest).value() == size);
    CountingSink sink;
    live.Must(live.store->ReadBlob(content.descriptor(), sink));
    CHECK(sink.count == size);
  }
  CHECK_FALSE(live.store->BlobSize(Content(10).descriptor().digest).value().has_value());
}

TEST_CASE("live: an upload survives broken connections") {
  const auto host = LiveRegistry("breaks");
  if (!host) return;
  Live live(*host, 2);
  Content content(20'000'000);
  live.Write(content);
  CountingSink sink;
  live.Must(live.store->ReadBlob(content.descriptor(), sink));
}

TEST_CASE("live: a wrong digest is refused and an upload that is dropped leaves nothing") {
  const auto host = LiveRegistry("digest");
  if (!host) return;
  Live live(*host);
  Content content(1000);
  const Digest other = Content(1000).descriptor().digest;
  {
    auto writer = live.store->WriteBlob();
    REQUIRE(writer.ok());
    live.Must(oci::WriteFrom(0, content, *writer.value()));
    // It may be sent once more, by the other way, before it is refused.
    const Status committed = oci::CommitBlob(other, content, *writer.value());
    REQUIRE_FALSE(committed.ok());
    CHECK(committed.error().code() == Code::kBadInput);
  }
  {
    auto writer = live.store->WriteBlob();
    REQUIRE(writer.ok());
    live.Must(oci::WriteFrom(0, content, *writer.value()));
  }
  CHECK_FALSE(live.store->BlobSize(content.descriptor().digest).value().has_value());
  CHECK_FALSE(live.store->BlobSize(other).value().has_value());
}

TEST_CASE("live: manifests, tags and referrers") {
  const auto host = LiveRegistry("manifests");
  if (!host) return;
  Live live(*host);
  Content layer(1000);
  live.Write(layer);
  REQUIRE(oci::WriteSmallBlob(*live.store, crypto::Sha256(util::AsBytes("{}")), "{}").ok());

  const Manifest image = ImageOf(layer);
  const Tag tag =
      Tag::Parse("t" + std::string(image.descriptor.digest.hex().substr(0, 12))).value();
  CHECK(live.store->Resolve(tag).error().code() == Code::kNotFound);
  live.Must(live.store->WriteManifest(image));
  live.Must(live.store->SetTag(image, tag));
  CHECK(live.store->Resolve(tag).value() == image.descriptor);
  CHECK(live.store->Resolve(image.descriptor.digest).value() == image.descriptor);
  CHECK(live.store->ReadManifest(image.descriptor.digest).value().bytes == image.bytes);
  const auto tags = live.store->Tags();
  REQUIRE(tags.ok());
  CHECK(std::ranges::count(tags.value(), tag.text()) == 1);

  CHECK(live.store->Referrers(image.descriptor.digest).value().empty());
  for (std::size_t count = 1; count <= 3; ++count) {
    Content payload(100 + count);
    live.Write(payload);
    const Manifest signature = ImageOf(payload, image.descriptor);
    live.Must(live.store->WriteManifest(signature));
    live.Must(live.store->WriteManifest(signature));
    const auto referrers = live.store->Referrers(image.descriptor.digest);
    REQUIRE(referrers.ok());
    REQUIRE(referrers.value().size() == count);
    const auto entry = oci::ReferrerEntry(signature);
    REQUIRE(entry.ok());
    CHECK(std::ranges::count(referrers.value(), entry.value()) == 1);
  }
}

TEST_CASE("live: a repository that does not exist has nothing") {
  const auto host = LiveRegistry("nothing");
  if (!host) return;
  Live live(*host);
  const auto store = NewRegistryStore(RepositoryOf(*host + "/ociship/none"), live.breaking,
                                      live.clock, live.cancel, {});
  CHECK(store->Tags().value().empty());
  CHECK(store->Resolve(Tag::Parse("1").value()).error().code() == Code::kNotFound);
  CHECK(store->Referrers(Content(10).descriptor().digest).value().empty());
}
