// SPDX-License-Identifier: Apache-2.0
#include "sigstore/bundle.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "cosign_fixtures.h"
#include "util/encoding.h"
#include "util/text.h"

namespace ociship::sigstore {
namespace {

using ociship::testing::Changed;
using ociship::testing::CosignFixture;

const std::string kEnvelope =
    R"("dsseEnvelope":{"payload":"e30=","payloadType":"t","signatures":[{"sig":"AAEC"}]})";
const std::string kKey = R"("publicKey":{"hint":"h"})";

// Well-formed, and of a log that nobody knows.
const std::string kLogEntry =
    R"({"logIndex":"7","logId":{"keyId":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},)"
    R"("kindVersion":{"kind":"dsse","version":"0.0.1"},"integratedTime":"1700000000",)"
    R"("inclusionPromise":{"signedEntryTimestamp":"AQ=="},"inclusionProof":{"logIndex":"1",)"
    R"("rootHash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","treeSize":"2",)"
    R"("hashes":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE="],)"
    R"("checkpoint":{"envelope":"x"}},"canonicalizedBody":"e30="})";

std::string BundleOf(std::string_view material, std::string_view content = kEnvelope) {
  return util::StrCat(R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json",)",
                      R"("verificationMaterial":{)", material, "},", content, "}");
}

void CheckRefused(const std::string& text, std::string_view reason = "") {
  INFO(text.substr(0, 600));
  Result<Bundle> bundle = Bundle::Parse(text);
  REQUIRE(!bundle.ok());
  CHECK(bundle.error().code() == Code::kBadInput);
  INFO(bundle.error().message());
  CHECK(bundle.error().message().find(reason) != std::string::npos);
}

std::string Repeated(std::string_view element, std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += util::StrCat(i == 0 ? "" : ",", element);
  return list;
}

TEST_CASE("Bundle: an envelope signed with a key is read") {
  Result<Bundle> bundle = Bundle::Parse(BundleOf(kKey));
  REQUIRE(bundle.ok());
  CHECK(bundle.value().version() == BundleVersion::kV03);
  CHECK(std::get<KeyHint>(bundle.value().material().signer).hint == "h");
  const Envelope& envelope = std::get<Envelope>(bundle.value().material().content);
  CHECK(envelope.payload == "{}");
  CHECK(envelope.payload_type == "t");
  CHECK(envelope.signature == util::Bytes{0, 1, 2});
  CHECK(bundle.value().material().log_entries.empty());
  CHECK(bundle.value().material().timestamps.empty());
}

TEST_CASE("Bundle: each document that cosign wrote is read") {
  for (const char* name : {"p256", "annotated", "p384", "p521", "rsa", "ed25519", "attestation"}) {
    INFO(name);
    CHECK(Bundle::Parse(CosignFixture(std::string(name) + ".bundle.json")).ok());
  }
}

TEST_CASE("Bundle: the four media types of versions 0.1 to 0.3 are read, others refused") {
  const std::string_view usual = "application/vnd.dev.sigstore.bundle.v0.3+json";
  const std::string_view stem = "application/vnd.dev.sigstore.bundle";
  for (const char* version : {"0.1", "0.2", "0.3"}) {
    CHECK(
        Bundle::Parse(Changed(BundleOf(kKey), usual, util::StrCat(stem, "+json;version=", version)))
            .ok());
  }
  CheckRefused(Changed(BundleOf(kKey), usual, util::StrCat(stem, "+json;version=0.4")));
  CheckRefused(Changed(BundleOf(kKey), usual, util::StrCat(stem, ".v0.4+json")), "media type");
  CheckRefused(Changed(BundleOf(kKey), usual, "application/json"), "media type");
  CheckRefused(Changed(BundleOf(kKey), usual, ""), "media type");
  CheckRefused(Changed(BundleOf(kKey), R"("mediaType")", R"("media_type")"), "unknown field");
}

TEST_CASE("Bundle: a message signature is read, and needs its digest") {
  const std::string with = R"("messageSignature":{"messageDigest":{"algorithm":"SHA2_256",)"
                           R"("digest":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE="},)"
                           R"("signature":"Ag=="})";
  Result<Bundle> bundle = Bundle::Parse(BundleOf(kKey, with));
  REQUIRE(bundle.ok());
  const MessageSignature& message = std::get<MessageSignature>(bundle.value().material().content);
  CHECK(message.digest_algorithm == "SHA2_256");
  CHECK(message.digest.size() == 32);
  CHECK(message.digest.back() == 1);
  CHECK(message.signature == util::Bytes{2});
  CheckRefused(BundleOf(kKey, R"("messageSignature":{"signature":"Ag=="})"), "messageDigest");
  CheckRefused(BundleOf(kKey, R"("messageSignature":{"messageDigest":{}})"));
  CheckRefused(Changed(BundleOf(kKey, with), "SHA2_256", "SHA2_512"), "64");
  CheckRefused(Changed(BundleOf(kKey, with), "SHA2_256", "\",\"x\":\""), "unknown field");
}

TEST_CASE("Bundle: the key that an envelope names, if any, is the one that the bundle names") {
  const auto with = [](std::string_view key_id) {
    return BundleOf(
        kKey, Changed(kEnvelope, R"("sig")", util::StrCat(R"("keyid":")", key_id, R"(","sig")")));
  };
  CHECK(Bundle::Parse(with("h")).ok());
  CHECK(Bundle::Parse(with("")).ok());
  CheckRefused(with("other"), "another key");
}

TEST_CASE("Bundle: content must be exactly one of two") {
  CheckRefused(BundleOf(kKey, kEnvelope + R"(,"messageSignature":{"signature":"Ag=="})"),
               "exactly one");
  CheckRefused(BundleOf(kKey, R"("dsseEnvelope":null)"), "exactly one");
}

TEST_CASE("Bundle: a certificate and its log entries and timestamps are read and counted") {
  Result<Bundle> bundle = Bundle::Parse(BundleOf(util::StrCat(
      R"("certificate":{"rawBytes":"MAA="},"tlogEntries":[)", kLogEntry, "],",
      R"("timestampVerificationData":{"rfc3161Timestamps":[{"signedTimestamp":"MAA="}]})")));
  REQUIRE(bundle.ok());
  CHECK(std::get<LeafCertificate>(bundle.value().material().signer).der == util::Bytes{0x30, 0});
  REQUIRE(bundle.value().material().log_entries.size() == 1);
  const LogEntry& entry = bundle.value().material().log_entries.front();
  CHECK(entry.index == 7);
  CHECK(entry.log_id == util::Bytes(32, 0));
  CHECK(entry.kind == "dsse");
  CHECK(entry.version == "0.0.1");
  CHECK(entry.integrated_time == std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000)));
  CHECK(entry.promise == util::Bytes{1});
  CHECK(entry.body == "{}");
  REQUIRE(entry.proof.has_value());
  CHECK(entry.proof->index == 1);
  CHECK(entry.proof->tree_size == 2);
  CHECK(entry.proof->hashes.size() == 1);
  CHECK(entry.proof->checkpoint == "x");
  CHECK(bundle.value().material().timestamps == std::vector<util::Bytes>{{0x30, 0}});
}

void CheckEntryRefused(std::string_view from, std::string_view to, std::string_view reason,
                       std::string_view media_type = ".v0.3+json") {
  INFO(from);
  const std::string text =
      BundleOf(util::StrCat(kKey, R"(,"tlogEntries":[)", Changed(kLogEntry, from, to), "]"));
  const Result<Bundle> bundle = Bundle::Parse(Changed(text, ".v0.3+json", media_type));
  REQUIRE(!bundle.ok());
  CHECK(bundle.error().code() == Code::kBadInput);
  CHECK(bundle.error().reason() == reason);
}

TEST_CASE("Bundle: a log entry that lacks something, or has what can not be, is refused") {
  CheckEntryRefused(R"("logIndex":"7")", R"("logIndex":"-7")", "log-entry-malformed");
  CheckEntryRefused(R"("logIndex":"7")", R"("logIndex":7.5)", "log-entry-malformed");
  CheckEntryRefused(R"("logIndex":"7")", R"("logIndex":"9223372036854775808")",
                    "log-entry-malformed");
  CheckEntryRefused(R"("logIndex":"7")", R"("logIndex":" 7")", "log-entry-malformed");
  CheckEntryRefused("AAAAAAA=\"},", "AAAA\"},", "log-entry-malformed");
  CheckEntryRefused(R"("kind":"dsse",)", "", "log-entry-malformed");
  CheckEntryRefused(R"("1700000000")", R"("253402300800")", "log-entry-malformed");
  CheckEntryRefused(R"("canonicalizedBody":"e30=")", R"("canonicalizedBody":"")",
                    "log-entry-malformed");
  CheckEntryRefused(R"("canonicalizedBody")", R"("unknown":1,"canonicalizedBody")",
                    "log-entry-malformed");
  CheckEntryRefused(R"({"envelope":"x"})", "null", "log-proof-missing");
  CheckEntryRefused(R"("envelope":"x")", R"("envelope":"")", "log-proof-missing");
  CheckEntryRefused(R"("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=")", R"("AAE=")",
                    "log-entry-malformed");
}

TEST_CASE("Bundle: an entry has a promise in version 0.1, and an inclusion proof since") {
  const std::string proof = kLogEntry.substr(
      kLogEntry.find(R"("inclusionProof")"),
      kLogEntry.find(R"(,"canonicalizedBody")") - kLogEntry.find(R"("inclusionProof")"));
  const std::string promise = R"("inclusionPromise":{"signedEntryTimestamp":"AQ=="},)";
  CheckEntryRefused(proof, R"("inclusionProof":null)", "log-proof-missing");
  CheckEntryRefused(proof, R"("inclusionProof":null)", "log-proof-missing", "+json;version=0.2");
  CheckEntryRefused(promise, "", "log-promise-missing", "+json;version=0.1");
  const auto parses = [](const std::string& entry, std::string_view media_type) {
    const std::string text = BundleOf(util::StrCat(kKey, R"(,"tlogEntries":[)", entry, "]"));
    return Bundle::Parse(Changed(text, ".v0.3+json", media_type)).ok();
  };
  CHECK(parses(Changed(kLogEntry, promise, ""), ".v0.3+json"));
  CHECK(parses(Changed(kLogEntry, proof, R"("inclusionProof":null)"), "+json;version=0.1"));
}

TEST_CASE("Bundle: line ends in base64 are passed over, other white space is refused") {
  const auto with = [](std::string_view text) {
    return Bundle::Parse(
        BundleOf(util::StrCat(kKey, R"(,"timestampVerificationData":)",
                              R"({"rfc3161Timestamps":[{"signedTimestamp":")", text, R"("}]})")));
  };
  CHECK(with("MA\\nA=\\r\\n").ok());
  CHECK(!with("MA A=").ok());
  CHECK(!with("MA\\tA=").ok());
}

TEST_CASE("Bundle: a certificate chain is read in version 0.1 and refused in 0.3") {
  const std::string chain =
      BundleOf(R"("x509CertificateChain":{"certificates":[{"rawBytes":"MAA="}]})");
  CheckRefused(chain, "x509CertificateChain");
  const std::string old = Changed(chain, ".v0.3+json", "+json;version=0.1");
  Result<Bundle> bundle = Bundle::Parse(old);
  REQUIRE(bundle.ok());
  CHECK(std::get<CertificateChain>(bundle.value().material().signer).ders.size() == 1);
  CheckRefused(Changed(old, R"({"rawBytes":"MAA="})", ""), "empty");
}

TEST_CASE("Bundle: the signer must be exactly one of three") {
  CheckRefused(BundleOf(""), "exactly one");
  CheckRefused(BundleOf(R"("publicKey":null)"), "exactly one");
  CheckRefused(BundleOf(kKey + R"(,"certificate":{"rawBytes":"MAA="})"), "exactly one");
  CheckRefused(Changed(BundleOf(kKey), R"("verificationMaterial")", R"("verification")"));
}

TEST_CASE("Bundle: exactly one envelope signature is allowed") {
  CheckRefused(Changed(BundleOf(kKey), R"({"sig":"AAEC"})", R"({"sig":"AAEC"},{"sig":"AAEC"})"),
               "2 signatures");
  CheckRefused(Changed(BundleOf(kKey), R"({"sig":"AAEC"})", ""), "0 signatures");
}

TEST_CASE("Bundle: a key id is accepted, empty values that are needed are not") {
  CHECK(Bundle::Parse(Changed(BundleOf(kKey), R"("AAEC")", R"("AAEC","keyid":"")")).ok());
  CheckRefused(Changed(BundleOf(kKey), "AAEC", ""), "empty");
  CheckRefused(Changed(BundleOf(kKey), "e30=", ""), "empty");
  CheckRefused(Changed(BundleOf(kKey), R"("AAEC")", R"("AAEC","keyid":1)"));
}

TEST_CASE("Bundle: unknown fields are refused at every level") {
  CheckRefused(Changed(BundleOf(kKey), R"("mediaType")", R"("x":1,"mediaType")"), "unknown field");
  CheckRefused(BundleOf(kKey + R"(,"x":1)"), "unknown field");
  CheckRefused(BundleOf(R"("publicKey":{"hint":"h","x":1})"), "unknown field");
  CheckRefused(Changed(BundleOf(kKey), R"("payload")", R"("x":1,"payload")"), "unknown field");
  CheckRefused(Changed(BundleOf(kKey), R"("sig")", R"("x":1,"sig")"), "unknown field");
  CheckRefused(BundleOf(kKey + R"(,"tlogEntries":[{"x":1}])"), "unknown field");
  CheckRefused(BundleOf(kKey + R"(,"timestampVerificationData":{"x":1})"), "unknown field");
  CheckRefused(BundleOf(R"("public_key":{"hint":"h"})"), "unknown field");
}

TEST_CASE("Bundle: duplicate keys are refused") {
  CheckRefused(BundleOf(kKey + "," + kKey));
  CheckRefused(
      Changed(BundleOf(kKey), R"("payload":"e30=")", R"("payload":"e30=","payload":"e30=")"));
}

TEST_CASE("Bundle: both base64 alphabets are read, a mixture, cut and spaced text are refused") {
  Result<Bundle> bundle = Bundle::Parse(Changed(BundleOf(kKey), "AAEC", "-_-_"));
  REQUIRE(bundle.ok());
  CHECK(std::get<Envelope>(bundle.value().material().content).signature ==
        util::Bytes{0xfb, 0xff, 0xbf});
  CHECK(Bundle::Parse(Changed(BundleOf(kKey), "AAEC", "+/+/")).ok());
  CheckRefused(Changed(BundleOf(kKey), "AAEC", "-/+_"), "base64");
  CheckRefused(Changed(BundleOf(kKey), "AAEC", "AAE"), "base64");
  CheckRefused(Changed(BundleOf(kKey), "AAEC", "AAE=="), "base64");
  CheckRefused(Changed(BundleOf(kKey), "AAEC", "AA EC"), "base64");
}

TEST_CASE("Bundle: text behind the document and cut documents are refused") {
  const std::string whole = CosignFixture("p256.bundle.json");
  CheckRefused(whole + "x");
  CheckRefused(whole + whole);
  for (std::size_t size = 0; size < whole.size(); size += 13) CheckRefused(whole.substr(0, size));
}

TEST_CASE("Bundle: 32 log entries and timestamps are read, one more is refused") {
  const auto logs = [](std::size_t count) {
    return BundleOf(util::StrCat(kKey, R"(,"tlogEntries":[)", Repeated(kLogEntry, count), "]"));
  };
  CHECK(Bundle::Parse(logs(kMaxLogEntries)).ok());
  CheckRefused(logs(kMaxLogEntries + 1), "at most 32");
  const auto times = [](std::size_t count) {
    return BundleOf(util::StrCat(kKey, R"(,"timestampVerificationData":{"rfc3161Timestamps":[)",
                                 Repeated(R"({"signedTimestamp":"MAA="})", count), "]}"));
  };
  CHECK(Bundle::Parse(times(kMaxTimestamps)).ok());
  CheckRefused(times(kMaxTimestamps + 1), "at most 32");
}

TEST_CASE("Bundle: a document over the cap is refused") {
  CheckRefused(
      BundleOf(util::StrCat(R"("publicKey":{"hint":")", std::string(kMaxBundleBytes, 'h'), "\"}")));
}

TEST_CASE("Bundle: members of the wrong kind are refused") {
  CheckRefused("[]");
  CheckRefused(BundleOf(R"("publicKey":"h")"));
  CheckRefused(BundleOf(R"("publicKey":{"hint":7})"));
  CheckRefused(BundleOf(R"("certificate":{"rawBytes":7})"));
  CheckRefused(BundleOf(kKey + R"(,"tlogEntries":{})"));
  CheckRefused(BundleOf(kKey + R"(,"tlogEntries":[1])"));
  CheckRefused(BundleOf(kKey, R"("dsseEnvelope":[])"));
}

}  // namespace
}  // namespace ociship::sigstore
