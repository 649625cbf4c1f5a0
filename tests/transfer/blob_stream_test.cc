// SPDX-License-Identifier: Apache-2.0
#include "transfer/blob_stream.h"

#include <doctest/doctest.h>

#include <string>

#include "util/bytes.h"

namespace ociship::transfer {
namespace {

std::unique_ptr<Block> BlockOf(BlockPool& pool, std::string_view text) {
  std::unique_ptr<Block> block = pool.Take().value();
  std::copy(text.begin(), text.end(), block->room().begin());
  block->Fill(text.size());
  block->SendAsItIs();
  return block;
}

std::string ReadAll(BlobStream& stream) {
  std::string all;
  while (true) {
    Result<std::optional<BlobStream::Piece>> piece = stream.Next();
    REQUIRE(piece.ok());
    if (!piece.value()) return all;
    all += util::AsText(piece.value()->bytes());
  }
}

TEST_CASE("BlobStream: blocks that are delivered out of order come out in order") {
  BlockPool pool(4);
  BlobStream stream(pool);
  stream.PushBytes(util::AsBytes("head "));
  const std::uint64_t first = stream.Promise();
  const std::uint64_t second = stream.Promise();
  stream.PushReady(BlockOf(pool, "third "));
  stream.PushBytes(util::AsBytes("tail"));
  stream.End();
  stream.Deliver(second, BlockOf(pool, "second "));
  stream.Deliver(first, BlockOf(pool, "first "));
  CHECK(ReadAll(stream) == "head first second third tail");
}

TEST_CASE("BlobStream: a ticket stays right after earlier pieces were taken") {
  BlockPool pool(4);
  BlobStream stream(pool);
  stream.PushBytes(util::AsBytes("a"));
  CHECK(stream.Next().ok());
  const std::uint64_t ticket = stream.Promise();
  stream.Deliver(ticket, BlockOf(pool, "b"));
  stream.End();
  CHECK(ReadAll(stream) == "b");
}

TEST_CASE("BlobStream: a piece gives its block back to the pool") {
  BlockPool pool(1);
  BlobStream stream(pool);
  stream.PushReady(BlockOf(pool, "x"));
  stream.End();
  CHECK(ReadAll(stream) == "x");
  CHECK(pool.Take().ok());
}

TEST_CASE("BlobStream: blocks that nobody took go back to the pool") {
  BlockPool pool(1);
  {
    BlobStream stream(pool);
    stream.PushReady(BlockOf(pool, "x"));
  }
  CHECK(pool.Take().ok());
}

TEST_CASE("BlobStream: Fail reaches the sender before pieces that are ready") {
  BlockPool pool(1);
  BlobStream stream(pool);
  stream.PushBytes(util::AsBytes("x"));
  stream.Fail(Error(Code::kBadInput, "broken archive"));
  const Result<std::optional<BlobStream::Piece>> piece = stream.Next();
  REQUIRE_FALSE(piece.ok());
  CHECK(piece.error().message() == "broken archive");
}

}  // namespace
}  // namespace ociship::transfer
