// SPDX-License-Identifier: Apache-2.0
#include "services/rekor.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "answering_transport.h"
#include "crypto/sign.h"
#include "fake_clock.h"
#include "fake_rekor.h"
#include "reason_of.h"
#include "services/failure.h"
#include "services/rekor1.h"
#include "services/rekor2.h"
#include "sigstore/dsse.h"
#include "util/json.h"

namespace ociship::services {
namespace {

using deployment::Content;
using deployment::Fault;
using deployment::Key;
using deployment::KeyType;
using deployment::LogInstance;
using deployment::LogKind;
using deployment::Plan;
using deployment::SecondLog;
using testing::ReasonOf;
using testing::Reply;
using testing::Seen;
using testing::Signed;

constexpr std::string_view kSigner = "signer";

std::string BaseOf(const LogInstance& log) { return "https://" + log.host; }
std::string EntriesOf(const LogInstance& log) {
  return BaseOf(log) + (log.kind == LogKind::kV1 ? "/api/v1" : "/api/v2") + "/log/entries";
}
std::string AnswerOf(const deployment::LogEntry& entry) {
  const bool first = entry.version == "0.0.1";
  return first ? testing::Rekor1Answer(entry) : testing::Rekor2Answer(entry);
}

// A log of the minted deployment, and one signature.
struct Fixture {
  explicit Fixture(const Plan& a_plan = {})
      : plan(a_plan),
        authorities(MintAuthorities(plan)),
        log(authorities.logs[0]),
        thing(plan, testing::SignedBy(plan, kSigner, deployment::kArtifact)) {}

  // Whatever the log says of something, by the faults of another plan if need be.
  deployment::LogEntry EntryOf(const deployment::SignedContent& content,
                               std::optional<Fault> fault = std::nullopt) const {
    Plan spoiled = plan;
    spoiled.fault = fault;
    return LogContent(spoiled, log, content);
  }
  Reply Honest() const { return {.status = 201, .body = AnswerOf(EntryOf(thing.content))}; }

  Result<sigstore::LogEntry> Submit(testing::AnsweringTransport::Answer answer) {
    testing::AnsweringTransport transport(std::move(answer));
    ServiceCaller caller(transport, {.clock = clock, .cancel = cancel});
    const sigstore::Service service{.url = url.empty() ? BaseOf(log) : url,
                                    .api_version = log.kind == LogKind::kV1 ? 1 : 2};
    const sigstore::TrustRoot root = trusted ? *trusted : testing::RootOf(plan, authorities);
    Result<sigstore::LogEntry> entry = SubmitEntry(caller, service, thing.loggable(), root);
    seen = transport.seen();
    lines = transport.lines();
    return entry;
  }
  Result<sigstore::LogEntry> SubmitTo(const Reply& reply) {
    return Submit([&](const Seen&) { return reply; });
  }
  // The log's answer is a lie, for this reason, and it is asked once.
  void CheckLie(const Reply& reply, std::string_view reason) {
    const auto entry = SubmitTo(reply);
    CHECK(ReasonOf(entry) == reason);
    REQUIRE_FALSE(entry.ok());
    CAPTURE(entry.error().message());
    CHECK(entry.error().code() == Code::kSigningService);
    CHECK(FailureOf(entry.error()) == Failure::kLie);
    CHECK(entry.error().message().starts_with("Rekor " + BaseOf(log) + " gave an"));
    CHECK(seen.size() == 1);
  }
  void CheckLie(const deployment::LogEntry& entry, std::string_view reason) {
    CheckLie(Reply{.status = 201, .body = AnswerOf(entry)}, reason);
  }

  Plan plan;
  deployment::Authorities authorities;
  LogInstance log;
  Signed thing;
  std::string url;
  std::optional<sigstore::TrustRoot> trusted;
  testing::FakeClock clock;
  Cancel cancel;
  std::vector<Seen> seen;
  std::vector<std::string> lines;
};

struct OfRekor1 : Fixture {};
struct OfRekor2 : Fixture {
  OfRekor2() : Fixture({.log = LogKind::kV2}) {}
};

// Rekor v1 takes no envelope that is signed over SHA-384.
bool IsTaken(const Plan& plan) {
  return plan.log != LogKind::kV1 || plan.content != Content::kDsse ||
         plan.key_type != KeyType::kP384;
}

std::vector<Plan> AllPlans() {
  std::vector<Plan> plans;
  for (const LogKind kind : {LogKind::kV1, LogKind::kV2}) {
    for (const Content content : {Content::kMessage, Content::kDsse}) {
      for (const auto signer : {deployment::Signer::kCertificate, deployment::Signer::kKey}) {
        for (const KeyType key : {KeyType::kP256, KeyType::kP384, KeyType::kRsa2048}) {
          const Plan plan{.content = content, .signer = signer, .key_type = key, .log = kind};
          if (IsTaken(plan)) plans.push_back(plan);
        }
      }
    }
  }
  return plans;
}

TEST_CASE("SubmitEntry: messages and envelopes, of certificates and keys, in both Rekors") {
  for (const Plan& plan : AllPlans()) {
    CAPTURE(static_cast<int>(plan.log));
    CAPTURE(static_cast<int>(plan.content));
    CAPTURE(static_cast<int>(plan.signer));
    CAPTURE(static_cast<int>(plan.key_type));
    Fixture fixture(plan);
    const auto entry = fixture.SubmitTo(fixture.Honest());
    CHECK(ReasonOf(entry) == "ok");
    REQUIRE(entry.ok());
    const deployment::LogEntry minted = fixture.EntryOf(fixture.thing.content);
    CHECK(entry.value().body == minted.body);
    CHECK(entry.value().index == minted.index);
    CHECK(entry.value().log_id == minted.log_id);
    CHECK(entry.value().kind == minted.kind);
    CHECK(entry.value().version == minted.version);
    CHECK(entry.value().promise == minted.promise);
    CHECK(entry.value().integrated_time.has_value() == (plan.log == LogKind::kV1));
    REQUIRE(entry.value().proof);
    CHECK(entry.value().proof->index == minted.proof->index);
    CHECK(entry.value().proof->hashes == minted.proof->hashes);
    CHECK(entry.value().proof->checkpoint == minted.proof->checkpoint);
    CHECK(fixture.lines == std::vector<std::string>{"POST " + EntriesOf(fixture.log)});
    CHECK(fixture.seen[0].headers.Get("Content-Type") == "application/json");
    CHECK(fixture.seen[0].headers.Get("Accept") == "application/json");
    CHECK_FALSE(fixture.seen[0].headers.Get("Authorization"));
  }
}

std::string Base64(ByteView bytes) { return util::Base64Encode(bytes); }
std::string Base64(std::string_view text) { return util::Base64Encode(util::AsBytes(text)); }

TEST_CASE("FormatRekor1Request: hashedrekord of a message, with the hash that belongs to the key") {
  for (const KeyType type : {KeyType::kP256, KeyType::kP384}) {
    const Plan plan{.key_type = type};
    const Signed thing(plan, testing::SignedBy(plan, kSigner, deployment::kArtifact));
    const bool p384 = type == KeyType::kP384;
    const std::string hash = util::HexEncode(
        deployment::Hash(p384 ? deployment::HashType::kSha384 : deployment::HashType::kSha256,
                         util::AsBytes(deployment::kArtifact)));
    CHECK(FormatRekor1Request(thing.loggable()).value() ==
          util::StrCat(R"({"apiVersion":"0.0.1","kind":"hashedrekord","spec":{"data":{"hash":)",
                       R"({"algorithm":")", p384 ? "sha384" : "sha256", R"(","value":")", hash,
                       R"("}},"signature":{"content":")", Base64(thing.content.signature),
                       R"(","publicKey":{"content":")", Base64(thing.content.VerifierPem()),
                       R"("}}}})"));
    CHECK(thing.content.VerifierPem().starts_with("-----BEGIN CERTIFICATE-----\n"));
  }
}

TEST_CASE("FormatRekor1Request: dsse of an envelope, as text in text") {
  const Plan plan{.content = Content::kDsse, .signer = deployment::Signer::kKey};
  const Signed thing(plan, testing::SignedBy(plan, kSigner, deployment::kArtifact));
  const auto request = util::Json::Parse(FormatRekor1Request(thing.loggable()).value());
  REQUIRE(request.ok());
  CHECK(request.value().TextOf("kind") == "dsse");
  CHECK(request.value().TextOf("apiVersion") == "0.0.1");
  const util::Json* proposed =
      request.value().Object("spec").value()->Object("proposedContent").value();
  CHECK(proposed->TextOf("envelope") ==
        util::StrCat(R"({"payload":")", Base64(thing.content.payload),
                     R"(","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":")",
                     Base64(thing.content.signature), R"("}]})"));
  const util::Json* verifiers = proposed->Array("verifiers").value();
  REQUIRE(verifiers->elements().size() == 1);
  CHECK(verifiers->elements()[0].text() == Base64(thing.content.VerifierPem()));
  CHECK(thing.content.VerifierPem().starts_with("-----BEGIN PUBLIC KEY-----\n"));
}

TEST_CASE("FormatRekor2Request: hashedrekord of the signed bytes, whatever the content") {
  for (const Plan& plan : AllPlans()) {
    if (plan.log == LogKind::kV1) continue;
    const Signed thing(plan, testing::SignedBy(plan, kSigner, deployment::kArtifact));
    const bool key = plan.signer == deployment::Signer::kKey;
    CHECK(FormatRekor2Request(thing.loggable()).value() ==
          util::StrCat(R"({"hashedRekordRequestV002":{"digest":")", Base64(thing.content.digest),
                       R"(","signature":{"content":")", Base64(thing.content.signature),
                       R"(","verifier":{")", key ? "publicKey" : "x509Certificate",
                       R"(":{"rawBytes":")",
                       Base64(key ? thing.content.spki : thing.content.certificate),
                       R"("},"keyDetails":")", KeyDetails(plan.key_type), R"("}}}})"));
  }
}

TEST_CASE("Format: an artifact that is known by another hash than the log keeps is no request") {
  const Plan plan{.key_type = KeyType::kP384};
  const Signed thing(plan, testing::SignedBy(plan, kSigner, deployment::kArtifact));
  const auto known =
      sigstore::Artifact::OfDigest(crypto::Sha256(util::AsBytes(thing.content.artifact)));
  const Loggable loggable{.material = thing.material, .artifact = known, .signer = thing.signer};
  for (const auto& request : {FormatRekor1Request(loggable), FormatRekor2Request(loggable)}) {
    REQUIRE_FALSE(request.ok());
    CHECK(request.error().code() == Code::kUsage);
  }
  CHECK(FormatRekor2Request(thing.loggable()).ok());
}

TEST_CASE("FormatRekor2Request: an RSA key of a size that has no name there") {
  const Plan plan{.signer = deployment::Signer::kKey, .key_type = KeyType::kRsa2048};
  deployment::SignedContent content = testing::SignedBy(plan, kSigner, deployment::kArtifact);
  CHECK(FormatRekor2Request(Signed(plan, content).loggable()).ok());
  content.signature.resize(320);  // of 2560 bits
  const auto request = FormatRekor2Request(Signed(plan, content).loggable());
  REQUIRE_FALSE(request.ok());
  CHECK(request.error().code() == Code::kUsage);
  CHECK(request.error().message().find("2560") != std::string::npos);
}

TEST_CASE("FormatRekor1Request: no envelope that is signed over another hash than SHA-256") {
  const Plan plan{.content = Content::kDsse, .key_type = KeyType::kP384};
  const Signed thing(plan, testing::SignedBy(plan, kSigner, deployment::kArtifact));
  const auto request = FormatRekor1Request(thing.loggable());
  REQUIRE_FALSE(request.ok());
  CHECK(request.error().code() == Code::kUsage);
  CHECK(request.error().message().find("SHA-256") != std::string::npos);
  CHECK(FormatRekor2Request(thing.loggable()).ok());
}

// Ed25519.

crypto::PrivateKey Ed25519Key() {
  const util::Bytes der =
      util::HexDecode(
          "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac03"
          "1cae7f60")
          .value();
  return crypto::PrivateKey::FromPkcs8(der).value();
}

enum class Form { kPure, kPrehashed };
deployment::SignedContent SignedByEd25519(Content kind, Form form) {
  const crypto::PrivateKey key = Ed25519Key();
  deployment::SignedContent content{.content = kind,
                                    .key_type = KeyType::kEd25519,
                                    .artifact = std::string(deployment::kArtifact),
                                    .spki = key.public_key().der()};
  std::string message = content.artifact;
  if (kind == Content::kDsse) {
    content.payload_type = deployment::kStatementType;
    content.payload = deployment::StatementAbout({}, content.artifact);
    message = sigstore::PreAuthEncoding(content.payload_type, content.payload);
  }
  const ByteView bytes = util::AsBytes(message);
  const auto signature =
      form == Form::kPure ? crypto::Sign(key, bytes) : crypto::SignEd25519ph(key, bytes);
  content.signature = signature.value();
  content.digest = deployment::Hash(deployment::HashType::kSha512, bytes);
  return content;
}

TEST_CASE(
    "Ed25519: each log takes the form that it verifies, and no request is made of the other") {
  struct Case {
    LogKind log;
    Content content;
    Form taken;
  };
  for (const Case& one : {Case{LogKind::kV1, Content::kMessage, Form::kPrehashed},
                          Case{LogKind::kV1, Content::kDsse, Form::kPure},
                          Case{LogKind::kV2, Content::kMessage, Form::kPrehashed},
                          Case{LogKind::kV2, Content::kDsse, Form::kPrehashed}}) {
    CAPTURE(static_cast<int>(one.log));
    CAPTURE(static_cast<int>(one.content));
    const Plan plan{.content = one.content, .signer = deployment::Signer::kKey, .log = one.log};
    for (const Form form : {Form::kPure, Form::kPrehashed}) {
      const Signed thing(plan, SignedByEd25519(one.content, form));
      const auto request = one.log == LogKind::kV1 ? FormatRekor1Request(thing.loggable())
                                                   : FormatRekor2Request(thing.loggable());
      CHECK(request.ok() == (form == one.taken));
      if (request.ok()) continue;
      CHECK(request.error().code() == Code::kUsage);
      CHECK(request.error().message().find("Ed25519ph") != std::string::npos);
    }
  }
  const Plan plan{.signer = deployment::Signer::kKey, .log = LogKind::kV2};
  const Signed thing(plan, SignedByEd25519(Content::kMessage, Form::kPrehashed));
  const std::string request = FormatRekor2Request(thing.loggable()).value();
  CHECK(request.find("\"PKIX_ED25519_PH\"") != std::string::npos);
  CHECK(request.find(Base64(thing.content.digest)) != std::string::npos);
  const std::string first = FormatRekor1Request(thing.loggable()).value();
  CHECK(first.find(R"({"algorithm":"sha512","value":")" + util::HexEncode(thing.content.digest)) !=
        std::string::npos);
}

TEST_CASE("Ed25519: nothing is asked for a key that the log does not take") {
  testing::AnsweringTransport transport([](const Seen&) { return Reply{.status = 500}; });
  testing::FakeClock clock;
  const Cancel cancel;
  ServiceCaller caller(transport, {.clock = clock, .cancel = cancel});
  const Plan plan{.signer = deployment::Signer::kKey};
  const Signed thing(plan, SignedByEd25519(Content::kMessage, Form::kPure));
  for (const int version : {1, 2, 3}) {
    const auto entry = SubmitEntry(caller, {.url = "https://rekor.example", .api_version = version},
                                   thing.loggable(), testing::RootOf(plan, MintAuthorities(plan)));
    REQUIRE_FALSE(entry.ok());
    CHECK(entry.error().code() == Code::kUsage);
    CHECK(FailureOf(entry.error()) == Failure::kOther);
  }
  CHECK(transport.seen().empty());
}

// Answers that are lies.

TEST_CASE("SubmitEntry: entries about something else") {
  for (const Plan& plan : AllPlans()) {
    if (plan.key_type != KeyType::kP256) continue;
    CAPTURE(static_cast<int>(plan.log));
    CAPTURE(static_cast<int>(plan.content));
    CAPTURE(static_cast<int>(plan.signer));
    Fixture fixture(plan);
    REQUIRE(fixture.SubmitTo(fixture.Honest()).ok());
    fixture.CheckLie(fixture.EntryOf(testing::SignedBy(plan, kSigner, "another artifact")),
                     "entry-digest");
    fixture.CheckLie(
        fixture.EntryOf(testing::SignedBy(plan, kSigner, deployment::kArtifact, "again")),
        "entry-signature");
    deployment::SignedContent other = testing::SignedBy(plan, "other", deployment::kArtifact);
    fixture.CheckLie(fixture.EntryOf(other), "entry-signature");
    // Of the same signature, and said to be another's.
    other.signature = fixture.thing.content.signature;
    fixture.CheckLie(fixture.EntryOf(other), "entry-key");
    // The key where the certificate was posted.
    if (plan.signer == deployment::Signer::kKey) continue;
    deployment::SignedContent bare = fixture.thing.content;
    bare.certificate.clear();
    fixture.CheckLie(fixture.EntryOf(bare), "entry-key");
  }
}

TEST_CASE("SubmitEntry: entries that their log does not vouch for") {
  struct Case {
    Fault fault;
    std::string_view reason1;
    std::string_view reason2;  // empty: Rekor v2 has nothing like it
  };
  for (const Case& one :
       {Case{Fault::kPromiseFlipped, "log-promise", ""},
        Case{Fault::kPromiseOtherKey, "log-promise", ""},
        Case{Fault::kPromiseOfOtherEntry, "log-promise", ""},
        Case{Fault::kPromiseMissing, "log-promise-missing", ""},
        Case{Fault::kProofMissing, "log-proof-missing", "log-proof-missing"},
        Case{Fault::kProofHashFlipped, "log-proof", "log-proof"},
        Case{Fault::kProofHashMissing, "log-proof", "log-proof"},
        Case{Fault::kProofHashShort, "log-entry-malformed", "log-entry-malformed"},
        Case{Fault::kProofIndexOther, "log-proof", "log-proof"},
        Case{Fault::kProofSizeOther, "checkpoint-root", "checkpoint-root"},
        Case{Fault::kProofOfOwnTree, "checkpoint-root", "checkpoint-root"},
        Case{Fault::kProofWithoutSignedRoot, "checkpoint-signature", "checkpoint-signature"},
        Case{Fault::kCheckpointFlipped, "checkpoint-signature", "checkpoint-signature"},
        Case{Fault::kCheckpointOtherKey, "checkpoint-signature", "checkpoint-signature"},
        Case{Fault::kCheckpointUnsigned, "checkpoint-malformed", "checkpoint-malformed"},
        Case{Fault::kCheckpointOtherOrigin, "checkpoint-signature", "checkpoint-origin"},
        Case{Fault::kEntryKindUnknown, "entry-kind", "entry-kind"},
        Case{Fault::kEntryDuplicateKey, "log-entry-malformed", "entry-malformed"}}) {
    CAPTURE(static_cast<int>(one.fault));
    OfRekor1 first;
    first.CheckLie(
        Reply{.body = testing::Rekor1Answer(first.EntryOf(first.thing.content, one.fault))},
        one.reason1);
    if (one.reason2.empty()) continue;
    OfRekor2 second;
    second.CheckLie(
        Reply{.body = testing::Rekor2Answer(second.EntryOf(second.thing.content, one.fault))},
        one.reason2);
  }
}

TEST_CASE("SubmitEntry: another root hash than that of the checkpoint") {
  for (const LogKind kind : {LogKind::kV1, LogKind::kV2}) {
    Fixture fixture({.log = kind});
    deployment::LogEntry entry = fixture.EntryOf(fixture.thing.content);
    entry.proof->root[0] ^= 1;
    fixture.CheckLie(entry, "checkpoint-root");
  }
}

TEST_CASE("SubmitEntry: entries of logs that are not known, or of another than they say") {
  for (const LogKind kind : {LogKind::kV1, LogKind::kV2}) {
    CAPTURE(static_cast<int>(kind));
    Fixture fixture({.log = kind});
    LogInstance unknown = fixture.log;
    unknown.key = Key::Of(unknown.key.type(), "a log that nobody knows");
    deployment::LogEntry entry = LogContent(fixture.plan, unknown, fixture.thing.content);
    fixture.CheckLie(entry, "log-threshold");
    entry.log_id = fixture.log.id();
    fixture.CheckLie(entry, kind == LogKind::kV1 ? "log-promise" : "checkpoint-signature");
  }
  // The key of another log that is known.
  Fixture fixture({.second_log = SecondLog::kOtherOperator});
  deployment::LogEntry entry =
      LogContent(fixture.plan, fixture.authorities.logs[1], fixture.thing.content);
  entry.log_id = fixture.log.id();
  fixture.CheckLie(entry, "log-promise");
}

TEST_CASE_FIXTURE(OfRekor2, "SubmitEntry: kinds that were not asked for, though they verify") {
  Plan dsse = plan;
  dsse.content = Content::kDsse;
  Fixture fixture(dsse);
  Plan odd = dsse;
  odd.entry = deployment::EntryKind::kDsse002;
  fixture.CheckLie(LogContent(odd, log, fixture.thing.content), "entry-kind");
  CHECK(fixture.SubmitTo(fixture.Honest()).ok());
}

TEST_CASE("SubmitEntry: answers that are no entry") {
  for (const LogKind kind : {LogKind::kV1, LogKind::kV2}) {
    CAPTURE(static_cast<int>(kind));
    Fixture fixture({.log = kind});
    const std::string honest = fixture.Honest().body;
    for (const std::string& body :
         {honest.substr(0, honest.size() / 2), std::string(), std::string("{}"), std::string("[]"),
          std::string("<html>a login page</html>"), std::string("null"), honest + honest,
          "[" + honest + "]", std::string("{\"a\":1}"), std::string("{\"a\":{}}"),
          std::string(1000, '[')}) {
      CAPTURE(body.substr(0, 60));
      fixture.CheckLie(Reply{.status = 201, .body = body}, "log-entry-malformed");
    }
    const auto huge = fixture.SubmitTo({.body = std::string(kMaxAnswerBytes + 1, ' ')});
    REQUIRE_FALSE(huge.ok());
    CHECK(huge.error().code() == Code::kSigningService);
    CHECK(fixture.seen.size() == 1);
  }
}

TEST_CASE_FIXTURE(OfRekor1, "SubmitEntry: two entries in one answer") {
  const std::string one = testing::Rekor1Member(EntryOf(thing.content));
  const std::string two =
      testing::Rekor1Member(EntryOf(testing::SignedBy(plan, kSigner, "another artifact")));
  CheckLie(Reply{.body = "{" + one + "," + two + "}"}, "log-entry-malformed");
  CheckLie(Reply{.body = "{" + two + "," + one + "}"}, "log-entry-malformed");
  CHECK(SubmitTo({.body = "{" + one + "}"}).ok());
}

TEST_CASE_FIXTURE(OfRekor1, "ParseRekor1Answer: every member that is needed") {
  const std::string honest = Honest().body;
  REQUIRE(ParseRekor1Answer(honest).ok());
  for (const std::string_view key :
       {"body", "integratedTime", "logID", "logIndex", "verification", "checkpoint", "rootHash",
        "treeSize", "inclusionProof", "signedEntryTimestamp"}) {
    CAPTURE(key);
    CHECK_FALSE(
        ParseRekor1Answer(deployment::Replaced(honest, util::StrCat("\"", key, "\""), "\"other\""))
            .ok());
  }
  using deployment::Replaced;
  CHECK_FALSE(
      ParseRekor1Answer(Replaced(honest, "\"integratedTime\":", "\"integratedTime\":-")).ok());
  CHECK_FALSE(
      ParseRekor1Answer(Replaced(honest, "\"integratedTime\":", "\"integratedTime\":9999999"))
          .ok());
  CHECK_FALSE(ParseRekor1Answer(Replaced(honest, "\"logID\":\"", "\"logID\":\"00")).ok());
  CHECK_FALSE(ParseRekor1Answer(Replaced(honest, "\"rootHash\":\"", "\"rootHash\":\"zz")).ok());
  std::string hashes = "\"hashes\":[";
  for (int i = 0; i < 65; ++i) hashes += "\"" + std::string(64, '0') + "\",";
  CHECK_FALSE(ParseRekor1Answer(Replaced(honest, "\"hashes\":[", hashes)).ok());
}

// The log has it already.

TEST_CASE_FIXTURE(OfRekor1, "SubmitEntry: 409 of Rekor v1, the entry is fetched") {
  const std::string id = testing::EntryId(EntryOf(thing.content));
  for (const std::string& location :
       {"/api/v1/log/entries/" + id, EntriesOf(log) + "/" + id, id.substr(16),
        // A log that does not know below which path it is published.
        "/elsewhere/" + id}) {
    CAPTURE(location);
    const auto entry = Submit([&](const Seen& asked) -> Reply {
      if (asked.line.starts_with("POST ")) {
        return {.status = 409, .headers = {{"Location", location}}, .body = "{\"code\":409}"};
      }
      return {.status = 200, .body = Honest().body};
    });
    REQUIRE(entry.ok());
    REQUIRE(lines.size() == 2);
    CHECK(lines[1] == "GET " + EntriesOf(log) + "/" + location.substr(location.rfind('/') + 1));
    CHECK(seen[1].body.empty());
    CHECK_FALSE(seen[1].headers.Get("Content-Type"));
  }
}

TEST_CASE_FIXTURE(OfRekor1, "SubmitEntry: 409 of Rekor v1, and another entry is there") {
  const auto other = EntryOf(testing::SignedBy(plan, kSigner, "another artifact"));
  const auto entry = Submit([&](const Seen& asked) -> Reply {
    if (asked.line.starts_with("GET ")) return {.body = testing::Rekor1Answer(other)};
    return {.status = 409,
            .headers = {{"Location", "/api/v1/log/entries/" + testing::EntryId(other)}}};
  });
  REQUIRE_FALSE(entry.ok());
  CHECK(ReasonOf(entry) == "entry-digest");
  CHECK(FailureOf(entry.error()) == Failure::kLie);
}

TEST_CASE_FIXTURE(OfRekor1, "SubmitEntry: 409 of Rekor v1 that leads away") {
  const std::string id = testing::EntryId(EntryOf(thing.content));
  for (const std::string& location :
       {std::string(), "https://evil.example/api/v1/log/entries/" + id, "//evil.example/" + id,
        "http://rekor.example/api/v1/log/entries/" + id, "https://rekor.example:444/" + id,
        std::string("/api/v1/log/entries/"), "/api/v1/log/entries/" + id.substr(1),
        "/api/v1/log/entries/" + id + "/..", std::string("/api/v1/log/publicKey"),
        "/api/v1/log/entries/" + std::string(80, 'g'), "ftp://rekor.example/" + id,
        std::string("/\x01")}) {
    CAPTURE(location);
    CheckLie(Reply{.status = 409, .headers = {{"Location", location}}, .body = Honest().body},
             "log-entry-malformed");
  }
  CheckLie(Reply{.status = 409, .body = Honest().body}, "log-entry-malformed");
}

TEST_CASE_FIXTURE(OfRekor1, "SubmitEntry: 409 of Rekor v1 for an entry that is not there") {
  const std::string id = testing::EntryId(EntryOf(thing.content));
  const auto entry = Submit([&](const Seen& asked) -> Reply {
    if (asked.line.starts_with("GET ")) return {.status = 404};
    return {.status = 409, .headers = {{"Location", "/api/v1/log/entries/" + id}}};
  });
  REQUIRE_FALSE(entry.ok());
  CHECK(FailureOf(entry.error()) == Failure::kOutage);
}

// A log of version 2 that has these entries, the last of which is asked for.
struct Duplicate : OfRekor2 {
  explicit Duplicate(std::size_t before = 299) {
    for (std::size_t i = 0; i < before; ++i) leaves.push_back(util::StrCat("{\"a\":", i, "}"));
    leaves.push_back(EntryOf(thing.content).body);
    leaves.emplace_back("{\"last\":1}");
    index = util::StrCat(before);
  }
  testing::AnsweringTransport::Answer Server() const {
    return [this](const Seen& asked) -> Reply {
      const std::string base = "GET " + read_base + "/api/v2/";
      if (asked.line.starts_with("POST ")) {
        return {.status = 409, .headers = {{"X-Log-Index", index}}, .body = "{\"code\":6}"};
      }
      if (!asked.line.starts_with(base)) return {.status = 404};
      if (asked.line == base + "checkpoint") return {.body = CheckpointOf(plan, log, leaves)};
      return testing::TileFiles(leaves).Get(std::string_view(asked.line).substr(base.size() + 5));
    };
  }

  std::vector<std::string> leaves;
  std::string index;
  std::string read_base = BaseOf(log);
};

TEST_CASE("SubmitEntry: 409 of Rekor v2, entry and proof are read out of the tiles") {
  for (const std::size_t before : {0U, 1U, 4U, 255U, 256U, 299U}) {
    CAPTURE(before);
    Duplicate fixture(before);
    const auto entry = fixture.Submit(fixture.Server());
    CHECK(ReasonOf(entry) == "ok");
    REQUIRE(entry.ok());
    CHECK(entry.value().index == before);
    CHECK(entry.value().body == fixture.leaves[before]);
    CHECK(entry.value().proof->hashes == deployment::TreePath(before, fixture.leaves));
    CHECK_FALSE(entry.value().integrated_time);
  }
}

TEST_CASE_FIXTURE(Duplicate, "SubmitEntry: 409 of Rekor v2, and another entry is there") {
  leaves[299] = EntryOf(testing::SignedBy(plan, kSigner, "another artifact")).body;
  const auto entry = Submit(Server());
  CHECK(ReasonOf(entry) == "entry-digest");
  CHECK(FailureOf(entry.error()) == Failure::kLie);
  index = "300";
  CHECK(ReasonOf(Submit(Server())) == "log-entry-malformed");
}

TEST_CASE_FIXTURE(Duplicate, "SubmitEntry: 409 of Rekor v2 without a number") {
  for (const std::string_view text : {"", "-1", "x", "299 ", "99999999999999999999999"}) {
    CAPTURE(text);
    index = text;
    const auto entry = Submit(Server());
    CHECK(ReasonOf(entry) == "log-entry-malformed");
    CHECK(lines.size() == 1);
  }
  // There is no such entry, or not yet.
  index = "301";
  const auto entry = Submit(Server());
  REQUIRE_FALSE(entry.ok());
  CHECK(FailureOf(entry.error()) == Failure::kOutage);
}

TEST_CASE_FIXTURE(Duplicate, "SubmitEntry: 409 of Rekor v2 that is written to elsewhere") {
  // The trusted root says where each of its logs is read.
  url = "https://write.rekor.example";
  CHECK(Submit(Server()).ok());
  CHECK(lines[0] == "POST https://write.rekor.example/api/v2/log/entries");
  // Its files may also be there alone.
  read_base = url;
  CHECK(Submit(Server()).ok());
  // The address with a slash is the same one, and then no other is asked.
  read_base = BaseOf(log);
  url = BaseOf(log) + "/";
  CHECK(Submit(Server()).ok());
  index = "301";
  CHECK_FALSE(Submit(Server()).ok());
  CHECK(lines.size() == 2);
}

TEST_CASE_FIXTURE(Duplicate, "SubmitEntry: 409 of Rekor v2, of several logs the one that has it") {
  // A log that comes first in the trusted root and has something else with this index.
  LogInstance other = log;
  other.host = "log2025.rekor.example";
  deployment::Authorities both = authorities;
  both.logs.insert(both.logs.begin(), other);
  trusted = testing::RootOf(plan, both);
  url = "https://write.rekor.example";
  const std::string base = "GET " + BaseOf(other) + "/api/v2/";
  std::vector<std::string> others = leaves;
  others[299] = "{\"kind\":\"other\",\"apiVersion\":\"1\"}";
  const auto answer = [&](const Seen& asked) -> Reply {
    if (!asked.line.starts_with(base)) return Server()(asked);
    if (asked.line == base + "checkpoint") return {.body = CheckpointOf(plan, other, others)};
    return testing::TileFiles(others).Get(std::string_view(asked.line).substr(base.size() + 5));
  };
  const auto entry = Submit(answer);
  CHECK(ReasonOf(entry) == "ok");
  REQUIRE(entry.ok());
  CHECK(entry.value().log_id == log.id());
  CHECK(lines[1] == base + "checkpoint");
  // Where the log's own address is known, the other is not asked.
  url.clear();
  CHECK(Submit(answer).ok());
  CHECK(std::find(lines.begin(), lines.end(), base + "checkpoint") == lines.end());
}

TEST_CASE_FIXTURE(Duplicate, "SubmitEntry: 409 of Rekor v2 with a checkpoint of nobody") {
  log.key = Key::Of(log.key.type(), "a log that nobody knows");
  const auto entry = Submit(Server());
  CHECK(ReasonOf(entry) == "checkpoint-signature");
  CHECK(FailureOf(entry.error()) == Failure::kLie);
}

// Answers that may get better.

TEST_CASE("SubmitEntry: 429, 500 and lost connections are tried again, for one entry") {
  for (const LogKind kind : {LogKind::kV1, LogKind::kV2}) {
    for (const Reply& first :
         {Reply{.status = 429, .headers = {{"Retry-After", "3"}}}, Reply{.status = 500},
          Reply{.status = 503}, Reply{.error = testing::Lost()}}) {
      CAPTURE(first.status);
      Fixture fixture({.log = kind});
      int asked = 0;
      const auto entry =
          fixture.Submit([&](const Seen&) { return ++asked == 1 ? first : fixture.Honest(); });
      REQUIRE(entry.ok());
      CHECK(fixture.lines == std::vector<std::string>(2, "POST " + EntriesOf(fixture.log)));
      CHECK(fixture.seen[0].body == fixture.seen[1].body);
      CHECK(fixture.clock.sleeps().size() == 1);
    }
  }
}

TEST_CASE("SubmitEntry: refusals are not tried again, and say what the log says") {
  struct Case {
    int status;
    std::string body;
    std::string_view words;
  };
  for (const LogKind kind : {LogKind::kV1, LogKind::kV2}) {
    for (const Case& one :
         {Case{400, R"({"code":400,"message":"error processing entry"})", "error processing entry"},
          Case{405, R"({"code":12,"message":"This log has been frozen, please switch"})", "frozen"},
          Case{401, "", "401"}, Case{404, "not here", "404"}}) {
      CAPTURE(one.status);
      Fixture fixture({.log = kind});
      const auto entry = fixture.SubmitTo({.status = one.status, .body = one.body});
      REQUIRE_FALSE(entry.ok());
      CHECK(entry.error().code() == Code::kSigningService);
      CHECK(FailureOf(entry.error()) == Failure::kOutage);
      CHECK(entry.error().message().find(one.words) != std::string::npos);
      CHECK(entry.error().message().find(BaseOf(fixture.log)) != std::string::npos);
      CHECK(fixture.seen.size() == 1);
    }
  }
}

TEST_CASE("SubmitEntry: an address that is none, and one without TLS") {
  for (const std::string_view url : {"rekor.example", "http://rekor.example", "ftp://a"}) {
    CAPTURE(url);
    OfRekor1 fixture;
    fixture.url = url;
    const auto entry = fixture.SubmitTo(fixture.Honest());
    REQUIRE_FALSE(entry.ok());
    CHECK(entry.error().code() == Code::kUsage);
    CHECK(fixture.seen.empty());
  }
}

}  // namespace
}  // namespace ociship::services
