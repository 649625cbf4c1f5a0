// SPDX-License-Identifier: Apache-2.0
// Entries of Rekor v2 (rekor-tiles, CLIENTS.md and rekor_service.proto). Tested by rekor_test.cc.
#include "services/rekor2.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "services/log_request.h"
#include "services/log_tiles.h"
#include "sigstore/entry_body.h"
#include "sigstore/key_algorithm.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using util::StrCat;

constexpr std::string_view kEntriesPath = "/api/v2/log/entries";
// "duplicateEntryHeader": the index of what is logged already (rekor-tiles, internal/server).
constexpr std::string_view kIndexHeader = "x-log-index";
constexpr int kConflict = 409;
// A trusted root may name more logs than anybody has patience to ask.
constexpr std::size_t kMaxReadPlaces = 8;

Result<sigstore::KeyAlgorithm> AlgorithmOf(const Loggable& loggable) {
  const crypto::KeyType type = loggable.signer.key.type();
  if (type == crypto::KeyType::kEd25519 && FormOf(loggable) == Ed25519Form::kPure) {
    return Error(Code::kUsage,
                 "Rekor v2 takes Ed25519 signatures only as Ed25519ph, this one is pure Ed25519: "
                 "sign with an ECDSA key, or without a log");
  }
  const std::size_t signature_bytes = sigstore::SignatureOf(loggable.material.content).size();
  const auto* known =
      std::find_if(sigstore::kKeyAlgorithms.begin(), sigstore::kKeyAlgorithms.end(),
                   [&](const sigstore::KeyAlgorithm& algorithm) {
                     return algorithm.type == type && (algorithm.modulus_bytes == 0 ||
                                                       algorithm.modulus_bytes == signature_bytes);
                   });
  if (known != sigstore::kKeyAlgorithms.end()) return *known;
  return Error(Code::kUsage, StrCat("Rekor v2 takes RSA keys of 2048, 3072 and 4096 bits, not of ",
                                    signature_bytes * 8, ": sign with another key"));
}

bool SameUrl(std::string_view a, std::string_view b) {
  while (a.ends_with('/')) a.remove_suffix(1);
  while (b.ends_with('/')) b.remove_suffix(1);
  return a == b;
}

// Where the log that is written to may be read: at the address that the trusted root has for it,
// which is the same in Sigstore's own instances. Where none is, the log is one of the others there,
// or keeps its files behind the address that it is written to.
std::vector<std::string> ReadPlaces(const sigstore::Service& log, const sigstore::TrustRoot& root) {
  std::vector<std::string> places;
  for (const sigstore::Log& known : root.logs()) {
    if (SameUrl(known.base_url, log.url)) return {known.base_url};
    const bool fresh = std::find(places.begin(), places.end(), known.base_url) == places.end();
    if (!known.base_url.empty() && fresh) places.push_back(known.base_url);
  }
  if (places.size() >= kMaxReadPlaces) places.resize(kMaxReadPlaces - 1);
  places.push_back(log.url);
  return places;
}

enum class About { kThis, kOther };
About WhatIsLogged(const sigstore::LogEntry& entry, const Loggable& loggable) {
  const Result<sigstore::EntryClaims> claims = sigstore::ParseEntryBody(entry);
  const bool same =
      claims.ok() && claims.value().signature == sigstore::SignatureOf(loggable.material.content);
  return same ? About::kThis : About::kOther;
}

// The entry with this index in whichever log has our signature there. One about something else is
// given too where there is no better one: why it does not verify says more than that it was not
// found.
Result<sigstore::LogEntry> FindLogged(ServiceCaller& caller, const sigstore::Service& log,
                                      const Loggable& loggable, const sigstore::TrustRoot& root,
                                      std::uint64_t index) {
  std::optional<sigstore::LogEntry> other;
  std::optional<Error> failure;
  for (const std::string& place : ReadPlaces(log, root)) {
    Result<sigstore::LogEntry> entry = ReadTiledEntry(caller, place, index, root);
    if (!entry.ok()) {
      if (entry.error().code() == Code::kInterrupted) return entry;
      if (!failure) failure = entry.error();
      continue;
    }
    if (WhatIsLogged(entry.value(), loggable) == About::kThis) return entry;
    if (!other) other = std::move(entry).value();
  }
  if (other) return *std::move(other);
  return *std::move(failure);
}

Result<std::uint64_t> IndexOfExisting(const std::string& service, const http::Response& conflict) {
  const std::string text = conflict.headers.Get(kIndexHeader).value_or("");
  const std::optional<std::uint64_t> index = util::ParseUnsigned(text);
  if (index) return *index;
  return Unusable(service, Error(Code::kSigningService,
                                 StrCat("it has the entry already and says that its index is ",
                                        util::Quoted(text))));
}

}  // namespace

Result<std::string> FormatRekor2Request(const Loggable& loggable) {
  const sigstore::KeyAlgorithm algorithm = TRY(AlgorithmOf(loggable));
  const util::Bytes digest = TRY(LoggedHash(loggable, algorithm.hash));
  const sigstore::ClaimedSigner& signer = loggable.signer;
  const util::Bytes& verifier = signer.certificate ? signer.certificate->der() : signer.key.der();
  util::JsonWriter json;
  json.BeginObject().Key("hashedRekordRequestV002").BeginObject();
  json.Key("digest").String(util::Base64Encode(digest)).Key("signature").BeginObject();
  json.Key("content").String(util::Base64Encode(sigstore::SignatureOf(loggable.material.content)));
  json.Key("verifier").BeginObject();
  json.Key(signer.certificate ? "x509Certificate" : "publicKey").BeginObject();
  json.Key("rawBytes").String(util::Base64Encode(verifier)).EndObject();
  json.Key("keyDetails").String(algorithm.details);
  json.EndObject().EndObject().EndObject().EndObject();
  return json.text();
}

Result<sigstore::LogEntry> SubmitToRekor2(ServiceCaller& caller, const sigstore::Service& log,
                                          const Loggable& loggable,
                                          const sigstore::TrustRoot& root) {
  const std::string service = NameOfLog(log);
  util::Url url = TRY(Endpoint(log.url, kEntriesPath));
  std::string request = TRY(FormatRekor2Request(loggable));
  const http::Response response =
      TRY(caller.Send(JsonCall(service, std::move(url), std::move(request)), {kConflict}));
  if (response.status == kConflict) {
    const std::uint64_t index = TRY(IndexOfExisting(service, response));
    return FindLogged(caller, log, loggable, root, index);
  }
  const util::Json answer = TRY(ReadAnswer(service, response.body));
  Result<sigstore::LogEntry> entry = sigstore::ParseLogEntry(answer);
  if (!entry.ok()) return Unusable(service, entry.error());
  return entry;
}

}  // namespace ociship::services
