// SPDX-License-Identifier: Apache-2.0
#include "transfer/block.h"

#include <doctest/doctest.h>

#include <thread>

namespace ociship::transfer {
namespace {

TEST_CASE("BlockPool: a block that was given can be taken again") {
  BlockPool pool(1);
  Result<std::unique_ptr<Block>> block = pool.Take();
  REQUIRE(block.ok());
  CHECK(block.value()->room().size() == codec::kBlockBytes);
  pool.Give(std::move(block).value());
  CHECK(pool.Take().ok());
}

TEST_CASE("BlockPool: Take waits until another thread gives") {
  BlockPool pool(1);
  std::unique_ptr<Block> only = pool.Take().value();
  std::jthread giver([&] { pool.Give(std::move(only)); });
  CHECK(pool.Take().ok());
}

TEST_CASE("BlockPool: Stop ends a Take that waits, with the first error") {
  BlockPool pool(1);
  const std::unique_ptr<Block> only = pool.Take().value();
  std::jthread stopper([&] {
    pool.Stop(Error(Code::kUnavailable, "first"));
    pool.Stop(Error(Code::kFailure, "second"));
  });
  const Result<std::unique_ptr<Block>> none = pool.Take();
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().message() == "first");
  CHECK(pool.Check().error().code() == Code::kUnavailable);
}

TEST_CASE("Block: the output is the input or its deflated form") {
  Block block;
  block.room()[0] = 'x';
  block.Fill(1);
  block.SendAsItIs();
  REQUIRE(block.output().size() == 1);
  CHECK(block.output()[0] == 'x');
  const std::uint8_t deflated[] = {1, 2, 3};
  block.SendCompressed(deflated);
  CHECK(block.output().size() == 3);
  CHECK(block.input().size() == 1);
}

}  // namespace
}  // namespace ociship::transfer
