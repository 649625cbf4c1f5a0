// SPDX-License-Identifier: Apache-2.0
#include "util/spool.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "temp_folder.h"

namespace ociship::util {
namespace {

constexpr std::size_t kChunk = 64 * 1024;

std::string Pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

void Fill(Spool& spool, std::string_view text, std::size_t piece) {
  for (std::size_t at = 0; at < text.size(); at += piece) {
    REQUIRE(spool.Append(AsBytes(text.substr(at, piece))).ok());
  }
}

std::string From(Spool& spool, std::uint64_t offset) {
  RangeReader reader(spool, offset, spool.size() - offset);
  return ReadAll(reader, 10 * kChunk, "the spool").value();
}

TEST_CASE("Spool: gives back what was appended, wherever it lies") {
  const testing::TempFolder folder;
  const std::string text = Pattern(3 * kChunk + 17);
  for (const std::size_t memory : {std::size_t{0}, kChunk - 1, kChunk, 2 * kChunk, 8 * kChunk}) {
    for (const std::size_t piece : {std::size_t{1000}, kChunk, text.size()}) {
      SpoolBudget budget(memory, folder.path());
      Spool spool(budget);
      Fill(spool, text, piece);
      REQUIRE(spool.size() == text.size());
      CHECK(From(spool, 0) == text);
      for (const std::size_t at : {std::size_t{1}, kChunk - 1, kChunk, 2 * kChunk + 5}) {
        CHECK(From(spool, at) == text.substr(at));
      }
    }
  }
}

TEST_CASE("Spool: at and behind the end there is nothing") {
  const testing::TempFolder folder;
  for (const std::size_t memory : {std::size_t{0}, kChunk}) {
    SpoolBudget budget(memory, folder.path());
    Spool spool(budget);
    std::uint8_t buffer[4];
    CHECK(spool.ReadAt(0, buffer).value() == 0);
    REQUIRE(spool.Append(AsBytes("abc")).ok());
    CHECK(spool.ReadAt(3, buffer).value() == 0);
    CHECK(spool.ReadAt(~std::uint64_t{0}, buffer).value() == 0);
    CHECK(spool.ReadAt(2, buffer).value() == 1);
    CHECK(buffer[0] == 'c');
  }
}

TEST_CASE("Spool: its files have no names") {
  const testing::TempFolder folder;
  SpoolBudget budget(0, folder.path());
  Spool spool(budget);
  REQUIRE(spool.Append(AsBytes("abc")).ok());
  CHECK(folder.Count() == 0);
}

TEST_CASE("Spool: memory is taken from the budget and given back") {
  const testing::TempFolder folder;
  SpoolBudget budget(2 * kChunk, folder.path());
  {
    Spool spool(budget);
    REQUIRE(spool.Append(AsBytes(Pattern(kChunk + 1))).ok());
    CHECK(budget.Take(1) == SpoolBudget::Grant::kFull);
  }
  CHECK(budget.Take(2 * kChunk) == SpoolBudget::Grant::kGranted);
}

TEST_CASE("Spool: bytes stay in order when memory comes back in between") {
  const testing::TempFolder folder;
  SpoolBudget budget(kChunk, folder.path());
  const std::string text = Pattern(2000);
  Spool spool(budget);
  {
    Spool other(budget);
    REQUIRE(other.Append(AsBytes("x")).ok());
    REQUIRE(spool.Append(AsBytes(text.substr(0, 1000))).ok());
  }
  REQUIRE(spool.Append(AsBytes(text.substr(1000))).ok());
  CHECK(From(spool, 0) == text);
}

TEST_CASE("Spool: nothing appended is nothing, and makes no file") {
  SpoolBudget budget(0, "/nonexistent");
  Spool spool(budget);
  CHECK(spool.Append({}).ok());
  CHECK(spool.size() == 0);
}

TEST_CASE("Spool: a folder that cannot be used is named") {
  const testing::TempFolder folder;
  SpoolBudget budget(0, folder / "missing");
  Spool spool(budget);
  const Status status = spool.Append(AsBytes("abc"));
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code() == Code::kFailure);
  CHECK(status.error().message().find(folder / "missing") != std::string::npos);
  CHECK(spool.size() == 0);
}

TEST_CASE("SpoolBudget: gives all that is asked for or nothing") {
  SpoolBudget budget(10, "");
  CHECK(budget.Take(11) == SpoolBudget::Grant::kFull);
  CHECK(budget.Take(6) == SpoolBudget::Grant::kGranted);
  CHECK(budget.Take(5) == SpoolBudget::Grant::kFull);
  CHECK(budget.Take(4) == SpoolBudget::Grant::kGranted);
  CHECK(budget.Take(1) == SpoolBudget::Grant::kFull);
  budget.Give(1);
  CHECK(budget.Take(1) == SpoolBudget::Grant::kGranted);
}

}  // namespace
}  // namespace ociship::util
