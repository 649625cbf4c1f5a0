// SPDX-License-Identifier: Apache-2.0
#include "transfer/read_layer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "compress.h"
#include "counting_observer.h"
#include "fake_archive.h"
#include "memory_store.h"
#include "piece_reader.h"

namespace ociship::transfer {
namespace {

using testing::CountingObserver;
using testing::DigestOf;
using testing::GunzipOf;
using testing::GzipOf;
using testing::MemoryStore;
using testing::PieceReader;
using testing::TarOf;

struct Run {
  MemoryStore store;
  Cancel cancel;
  CountingObserver observer;
  Pipeline pipeline{store, {}, cancel, observer};

  Result<ReadLayer> Read(std::string_view content, Handling handling, std::size_t piece = 65536) {
    PieceReader reader(std::string(content), piece);
    return ReadLayerContent(reader, {.name = "layer", .handling = handling}, pipeline);
  }
  // The bytes that were stored for the layer.
  std::string Stored(const ReadLayer& layer) {
    const Result<SentBlob> sent = pipeline.Wait(*layer.blob);
    return sent.ok() ? store.blobs().at(sent.value().digest) : "";
  }
};

std::string BigTar() {
  std::string content;
  for (int i = 0; content.size() < codec::kBlockBytes * 2 + 1000; ++i) {
    content += util::StrCat("line ", i * 7919 % 10007, "\n");
  }
  return TarOf("big", content);
}

TEST_CASE("ReadLayerContent: a plain tar becomes gzip with the same content and its own diff ID") {
  Run run;
  const std::string tar = BigTar();
  const Result<ReadLayer> layer = run.Read(tar, Handling::kLayer);
  REQUIRE(layer.ok());
  CHECK(layer.value().diff_id.value() == DigestOf(tar));
  CHECK(layer.value().form == LayerForm::kTar);
  CHECK(GunzipOf(run.Stored(layer.value())) == tar);
}

TEST_CASE("ReadLayerContent: the bytes do not depend on how the layer was read") {
  const std::string tar = BigTar();
  std::set<std::string> outcomes;
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{7}, std::size_t{4096}, std::size_t{65537}, tar.size()}) {
    Run run;
    const Result<ReadLayer> layer = run.Read(tar, Handling::kLayer, piece);
    REQUIRE(layer.ok());
    outcomes.insert(run.Stored(layer.value()));
  }
  CHECK(outcomes.size() == 1);
}

TEST_CASE("ReadLayerContent: a tar that ends at the end of a block is compressed whole") {
  Run run;
  std::string tar = TarOf("a", std::string(1000, 'a'));
  tar.resize(codec::kBlockBytes, '\0');
  const Result<ReadLayer> layer = run.Read(tar, Handling::kLayer);
  REQUIRE(layer.ok());
  CHECK(GunzipOf(run.Stored(layer.value())) == tar);
}

TEST_CASE("ReadLayerContent: a gzip layer is passed on byte for byte, its diff ID computed") {
  for (const Handling handling : {Handling::kLayer, Handling::kTarOrBlob, Handling::kPassOn}) {
    Run run;
    const std::string tar = TarOf("a", "b");
    const std::string gzip = GzipOf(tar);
    const Result<ReadLayer> layer = run.Read(gzip, handling, 5);
    REQUIRE(layer.ok());
    CHECK(layer.value().stored == DigestOf(gzip));
    CHECK(layer.value().stored_size == gzip.size());
    CHECK(layer.value().diff_id.value() == DigestOf(tar));
    CHECK(layer.value().form == LayerForm::kTar);
    CHECK(run.Stored(layer.value()) == gzip);
  }
}

TEST_CASE("ReadLayerContent: a plain tar whose diff ID is by another algorithm has both digests") {
  const std::string tar = BigTar();
  crypto::Hasher sha512(crypto::HashAlgorithm::kSha512);
  sha512.Update(util::AsBytes(tar));
  Run run;
  PieceReader reader(tar, 65536);
  const LayerPlan plan{.name = "layer", .diff_id_algorithm = crypto::HashAlgorithm::kSha512};
  const Result<ReadLayer> layer = ReadLayerContent(reader, plan, run.pipeline);
  REQUIRE(layer.ok());
  CHECK(layer.value().stored == DigestOf(tar));
  CHECK(layer.value().stored_size == tar.size());
  CHECK(layer.value().diff_id.value() == sha512.Finish());
  CHECK(layer.value().form == LayerForm::kTar);
  CHECK(GunzipOf(run.Stored(layer.value())) == tar);
}

TEST_CASE("ReadLayerContent: a damaged gzip has no diff ID, and is read to its end all the same") {
  const std::string tar = TarOf("a", "b");
  std::string wrong_crc = GzipOf(tar);
  wrong_crc[wrong_crc.size() - 8] = static_cast<char>(wrong_crc[wrong_crc.size() - 8] ^ 1);
  const std::string cut = GzipOf(tar).substr(0, GzipOf(tar).size() - 9);
  const std::string trailing = GzipOf(tar) + "x";
  for (const std::string& damaged : {wrong_crc, cut, trailing}) {
    Run run;
    const Result<ReadLayer> layer = run.Read(damaged, Handling::kLayer);
    REQUIRE(layer.ok());
    CHECK(layer.value().stored == DigestOf(damaged));
    REQUIRE_FALSE(layer.value().diff_id.ok());
    CHECK(layer.value().diff_id.error().code() == Code::kBadInput);
  }
}

TEST_CASE("ReadLayerContent: what is no tar is hashed, or passed on where that was asked") {
  const std::string text = "no tar at all";
  Run hashed;
  const Result<ReadLayer> layer = hashed.Read(text, Handling::kLayer);
  REQUIRE(layer.ok());
  CHECK(layer.value().form == LayerForm::kOther);
  CHECK_FALSE(layer.value().blob.has_value());
  Run passed;
  const Result<ReadLayer> other = passed.Read(text, Handling::kTarOrBlob);
  REQUIRE(other.ok());
  CHECK(passed.Stored(other.value()) == text);
}

TEST_CASE("ReadLayerContent: a plain tar can be passed on as it is, and hashed without sending") {
  const std::string tar = TarOf("a", "b");
  Run passed;
  const Result<ReadLayer> layer = passed.Read(tar, Handling::kPassOn);
  REQUIRE(layer.ok());
  CHECK(passed.Stored(layer.value()) == tar);
  Run hashed;
  const Result<ReadLayer> only = hashed.Read(tar, Handling::kHash);
  REQUIRE(only.ok());
  CHECK(only.value().diff_id.value() == DigestOf(tar));
  CHECK(hashed.store.calls().empty());
}

TEST_CASE("ReadLayerContent: an error of the reader ends the blob as well") {
  class Broken : public util::Reader {
   public:
    Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
      if (left_ == 0) return Error(Code::kBadInput, "member is cut off");
      const std::size_t count = std::min(left_, buffer.size());
      std::fill_n(buffer.begin(), count, std::uint8_t{0});
      left_ -= count;
      return count;
    }

   private:
    std::size_t left_ = 700'000;
  };
  for (const Handling handling : {Handling::kLayer, Handling::kPassOn}) {
    Run run;
    Broken reader;
    const Result<ReadLayer> layer =
        ReadLayerContent(reader, {.name = "layer", .handling = handling}, run.pipeline);
    REQUIRE_FALSE(layer.ok());
    CHECK(layer.error().message() == "member is cut off");
    CHECK(run.store.changes().empty());
  }
}

}  // namespace
}  // namespace ociship::transfer
