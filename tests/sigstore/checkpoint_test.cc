// SPDX-License-Identifier: Apache-2.0
#include "sigstore/checkpoint.h"

#include <doctest/doctest.h>

#include "cosign_fixtures.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "util/encoding.h"
#include "util/text.h"

namespace ociship::sigstore {
namespace {

using ociship::testing::Changed;
using ociship::testing::NewKey;

const std::string kRoot = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

// A line of a signature by `key`, as Rekor names an ECDSA key.
std::string LineOf(std::string_view name, const crypto::PrivateKey& key, std::string_view text) {
  util::Bytes blob = LogIdOf(key.public_key());
  blob.resize(4);
  const util::Bytes signature = crypto::Sign(key, util::AsBytes(text)).value();
  blob.insert(blob.end(), signature.begin(), signature.end());
  return util::StrCat("\xE2\x80\x94 ", name, " ", util::Base64Encode(blob), "\n");
}

std::string NoteOf(std::string_view origin, std::string_view name, const crypto::PrivateKey& key) {
  const std::string text = util::StrCat(origin, "\n42\n", kRoot, "\n");
  return util::StrCat(text, "\n", LineOf(name, key, text));
}

Log LogOf(const crypto::PrivateKey& key) {
  return {.base_url = "https://log.example",
          .name = "log.example",
          .key = key.public_key(),
          .id = LogIdOf(key.public_key()),
          .validity = {},
          .operated_by = {}};
}

Result<VerifiedCheckpoint> Check(const std::string& note, const crypto::PrivateKey& key,
                                 LogGeneration generation) {
  Result<Checkpoint> checkpoint = ParseCheckpoint(note);
  if (!checkpoint.ok()) return checkpoint.error();
  return VerifyCheckpoint(checkpoint.value(), LogOf(key), generation);
}

void CheckRefused(const Result<VerifiedCheckpoint>& result, std::string_view reason) {
  REQUIRE(!result.ok());
  INFO(result.error().message());
  CHECK(result.error().reason() == reason);
}

constexpr auto kV1 = LogGeneration::kRekor1;
constexpr auto kV2 = LogGeneration::kRekor2;

TEST_CASE("VerifyCheckpoint: what a log of either generation signs verifies, as that one alone") {
  const crypto::PrivateKey key = NewKey();
  const std::string v1 = NoteOf("log.example - 17", "log.example", key);
  const std::string v2 = NoteOf("log.example", "log.example", key);
  REQUIRE(Check(v1, key, kV1).ok());
  CHECK(Check(v1, key, kV1).value().size() == 42);
  CHECK(Check(v1, key, kV1).value().root() == util::Bytes(32, 0));
  CHECK(Check(v2, key, kV2).ok());
  CheckRefused(Check(v1, key, kV2), "checkpoint-origin");
  CheckRefused(Check(v2, key, kV1), "checkpoint-origin");
}

TEST_CASE("VerifyCheckpoint: another key, another name and changed text are refused") {
  const crypto::PrivateKey key = NewKey();
  const std::string note = NoteOf("log.example", "log.example", key);
  CheckRefused(Check(note, NewKey(), kV2), "checkpoint-signature");
  CheckRefused(Check(NoteOf("log.example", "lag.example", key), key, kV2), "checkpoint-signature");
  CheckRefused(Check(NoteOf("lag.example", "lag.example", key), key, kV2), "checkpoint-origin");
  CheckRefused(Check(Changed(note, "\n42\n", "\n43\n"), key, kV2), "checkpoint-signature");
  CheckRefused(Check(Changed(note, "=\n", "=\nmore\n"), key, kV2), "checkpoint-signature");
}

TEST_CASE("VerifyCheckpoint: lines of others are passed over, a bad line of the log is not") {
  const crypto::PrivateKey key = NewKey();
  const crypto::PrivateKey other = NewKey();
  const std::string text = util::StrCat("log.example\n42\n", kRoot, "\n");
  const std::string good = LineOf("log.example", key, text);
  CHECK(Check(text + "\n" + LineOf("witness", other, text) + good, key, kV2).ok());
  CHECK(Check(text + "\n" + LineOf("log.example", other, text) + good, key, kV2).ok());
  CHECK(Check(text + "\n" + good + good, key, kV2).ok());
  CheckRefused(Check(text + "\n" + good + LineOf("log.example", key, "else"), key, kV2),
               "checkpoint-signature");
  CheckRefused(Check(text + "\n" + LineOf("witness", other, text), key, kV2),
               "checkpoint-signature");
}

TEST_CASE("ParseCheckpoint: what is no signed note of three lines is refused") {
  const crypto::PrivateKey key = NewKey();
  const std::string good = NoteOf("log.example", "log.example", key);
  REQUIRE(ParseCheckpoint(good).ok());
  const auto refused = [](const std::string& note) {
    CAPTURE(note);
    const Result<Checkpoint> checkpoint = ParseCheckpoint(note);
    REQUIRE(!checkpoint.ok());
    CHECK(checkpoint.error().code() == Code::kBadInput);
    CHECK(checkpoint.error().reason() == "checkpoint-malformed");
  };
  refused("");
  refused("\n\n");
  refused(good.substr(0, good.size() - 1));
  refused(good + "\n");
  refused(Changed(good, "\n\n", "\n"));
  refused(Changed(good, "log.example\n", "\n"));
  refused(Changed(good, "log.example\n", ""));
  refused(Changed(good, "\n42\n", "\n"));
  refused(Changed(good, kRoot + "\n", ""));
  refused(Changed(good, kRoot, "AAAA"));
  for (const char* size :
       {"", "042", "+42", "-1", " 42", "42 ", "4.2", "0x2A", "18446744073709551616"}) {
    refused(Changed(good, "\n42\n", util::StrCat("\n", size, "\n")));
  }
  refused(Changed(good, "\xE2\x80\x94 ", "- "));
  refused(Changed(good, "\xE2\x80\x94 log.example ", "\xE2\x80\x94 log+example "));
  refused(Changed(good, "\xE2\x80\x94 log.example ", "\xE2\x80\x94  "));
  refused(Changed(good, "42", "42\t"));
  refused(Changed(good, "42", std::string("42\0", 3)));
  refused(Changed(good, "42", "42\r"));
  refused(Changed(good, "log", "l\xFFg"));
  refused(util::StrCat("log.example\n42\n", kRoot, "\n\n\xE2\x80\x94 log.example AAAAAA==\n"));
}

TEST_CASE("ParseCheckpoint: at most a hundred signatures are read") {
  const crypto::PrivateKey key = NewKey();
  const std::string text = util::StrCat("log.example\n42\n", kRoot, "\n");
  const std::string line = LineOf("witness", key, text);
  std::string note = text + "\n";
  for (std::size_t i = 0; i < kMaxNoteSignatures; ++i) note += line;
  CHECK(ParseCheckpoint(note).ok());
  CHECK(!ParseCheckpoint(note + line).ok());
}

}  // namespace
}  // namespace ociship::sigstore
