// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SERVICES_FAKE_REKOR_H_
#define OCISHIP_TESTS_SERVICES_FAKE_REKOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/certificate.h"
#include "deployment/authorities.h"
#include "deployment/content.h"
#include "deployment/rekor.h"
#include "fake_transport.h"
#include "services/rekor.h"
#include "sigstore/merkle.h"
#include "sigstore/trust_root.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"

// The logs of the minted deployment as servers, and what is logged there.
namespace ociship::testing {

inline sigstore::TrustRoot RootOf(const deployment::Plan& plan,
                                  const deployment::Authorities& authorities) {
  return sigstore::TrustRoot::Parse(FormatTrustRoot(plan, authorities)).value();
}

// One signature, as somebody has it who wants it logged. Stays where it is.
class Signed {
 public:
  Signed(const deployment::Plan& plan, deployment::SignedContent signed_content)
      : content(std::move(signed_content)),
        material{.signer = SignerOf(content), .content = ContentOf(plan, content)},
        artifact(sigstore::Artifact::OfBytes(util::AsBytes(content.artifact))),
        signer(ClaimedOf(content)) {}
  Signed(const Signed&) = delete;
  Signed& operator=(const Signed&) = delete;

  services::Loggable loggable() const {
    return {.material = material, .artifact = artifact, .signer = signer};
  }

  const deployment::SignedContent content;
  sigstore::Material material;
  sigstore::Artifact artifact;
  sigstore::ClaimedSigner signer;

 private:
  static sigstore::SignerMaterial SignerOf(const deployment::SignedContent& content) {
    if (content.certificate.empty()) return sigstore::KeyHint{};
    return sigstore::LeafCertificate{.der = content.certificate};
  }
  static sigstore::SignedContent ContentOf(const deployment::Plan& plan,
                                           const deployment::SignedContent& content) {
    if (plan.content == deployment::Content::kMessage) {
      return sigstore::MessageSignature{
          .digest_algorithm = {}, .digest = {}, .signature = content.signature};
    }
    return sigstore::Envelope{.payload_type = content.payload_type,
                              .payload = content.payload,
                              .signature = content.signature};
  }
  static sigstore::ClaimedSigner ClaimedOf(const deployment::SignedContent& content) {
    sigstore::ClaimedSigner signer{.key = crypto::PublicKey::FromDer(content.spki).value(),
                                   .certificate = std::nullopt};
    if (!content.certificate.empty()) {
      signer.certificate = crypto::Certificate::FromDer(content.certificate).value();
    }
    return signer;
  }
};

// What the key of a label signs, by a certificate where the plan says so.
inline deployment::SignedContent SignedBy(const deployment::Plan& plan, std::string_view label,
                                          std::string_view artifact, std::string_view salt = "") {
  const deployment::Key key = deployment::Key::Of(plan.key_type, label);
  deployment::Bytes certificate;
  if (plan.signer == deployment::Signer::kCertificate) {
    certificate = MintLeaf(plan, MintAuthorities(plan), key).der;
  }
  return SignContent(plan, key, certificate, artifact, salt);
}

inline std::string EntryId(const deployment::LogEntry& entry) {
  return "24296fb24b8ad77a" + util::HexEncode(sigstore::LeafHash(util::AsBytes(entry.body)));
}

// One member of what Rekor v1 answers: "ID":{...}.
inline std::string Rekor1Member(const deployment::LogEntry& entry) {
  util::JsonWriter json;
  json.BeginObject().Key("body").String(util::Base64Encode(util::AsBytes(entry.body)));
  json.Key("integratedTime").Integer(entry.integrated);
  json.Key("logID").String(util::HexEncode(entry.log_id)).Key("logIndex").Unsigned(entry.index);
  json.Key("verification").BeginObject();
  if (entry.proof) {
    json.Key("inclusionProof").BeginObject();
    json.Key("checkpoint").String(entry.proof->checkpoint.value_or("")).Key("hashes").BeginArray();
    for (const deployment::Bytes& hash : entry.proof->hashes) json.String(util::HexEncode(hash));
    json.EndArray().Key("logIndex").Unsigned(entry.proof->index);
    json.Key("rootHash").String(util::HexEncode(entry.proof->root));
    json.Key("treeSize").Unsigned(entry.proof->size).EndObject();
  }
  if (entry.promise) json.Key("signedEntryTimestamp").String(util::Base64Encode(*entry.promise));
  json.EndObject().EndObject();
  return util::StrCat("\"", EntryId(entry), "\":", json.text());
}

inline std::string Rekor1Answer(const deployment::LogEntry& entry) {
  return util::StrCat("{", Rekor1Member(entry), "}\n");
}

// A TransparencyLogEntry with all that is unset, as Rekor v2 writes it.
inline std::string Rekor2Answer(const deployment::LogEntry& entry) {
  util::JsonWriter json;
  json.BeginObject().Key("logIndex").String(util::StrCat(entry.index));
  json.Key("logId").BeginObject();
  json.Key("keyId").String(util::Base64Encode(entry.log_id)).EndObject();
  json.Key("kindVersion").BeginObject().Key("kind").String(entry.kind);
  json.Key("version").String(entry.version).EndObject();
  json.Key("integratedTime").String("0").Key("inclusionPromise").Null();
  if (entry.proof) {
    json.Key("inclusionProof").BeginObject();
    json.Key("logIndex").String(util::StrCat(entry.proof->index));
    json.Key("rootHash").String(util::Base64Encode(entry.proof->root));
    json.Key("treeSize").String(util::StrCat(entry.proof->size)).Key("hashes").BeginArray();
    for (const deployment::Bytes& hash : entry.proof->hashes) {
      json.String(util::Base64Encode(hash));
    }
    json.EndArray().Key("checkpoint").BeginObject();
    json.Key("envelope").String(entry.proof->checkpoint.value_or("")).EndObject().EndObject();
  }
  json.Key("canonicalizedBody").String(util::Base64Encode(util::AsBytes(entry.body))).EndObject();
  return json.text();
}

// The files of a tiled log (C2SP tlog-tiles.md) with these leaves.
class TileFiles {
 public:
  explicit TileFiles(std::vector<std::string> leaves) : leaves_(std::move(leaves)) {
    for (const std::string& leaf : leaves_) {
      levels_[0].push_back(sigstore::LeafHash(util::AsBytes(leaf)));
    }
    // The roots over each 256 hashes of which there are all.
    while (levels_.back().size() >= 256) {
      std::vector<util::Bytes> above;
      for (std::size_t i = 0; i + 256 <= levels_.back().size(); i += 256) {
        const auto from = levels_.back().begin() + static_cast<std::ptrdiff_t>(i);
        above.push_back(RootOver({from, from + 256}));
      }
      levels_.push_back(std::move(above));
    }
  }

  // Of "0/x001/234.p/17" and "entries/000": 200, or 404 for a width that the tree does not have.
  Reply Get(std::string_view path) const {
    const std::size_t slash = path.find('/');
    const std::string_view folder = path.substr(0, slash);
    std::string_view number = path.substr(slash + 1);
    std::uint64_t width = 256;
    if (const std::size_t dot = number.find(".p/"); dot != std::string_view::npos) {
      width = util::ParseUnsigned(number.substr(dot + 3)).value_or(0);
      number = number.substr(0, dot);
    }
    const std::uint64_t first = NumberOf(number) * 256;
    if (folder == "entries") return Entries(first, width);
    return Hashes(util::ParseUnsigned(folder).value_or(9), first, width);
  }

  const std::vector<std::string>& leaves() const { return leaves_; }

 private:
  static util::Bytes RootOver(std::vector<util::Bytes> hashes) {
    for (; hashes.size() > 1; hashes.resize(hashes.size() / 2)) {
      for (std::size_t i = 0; i + 1 < hashes.size(); i += 2) {
        hashes[i / 2] = deployment::Sha256(deployment::Join({{1}, hashes[i], hashes[i + 1]}));
      }
    }
    return hashes.front();
  }
  static std::uint64_t NumberOf(std::string_view text) {
    std::uint64_t number = 0;
    for (std::string_view part : util::Split(text, '/')) {
      if (part.starts_with('x')) part.remove_prefix(1);
      number = number * 1000 + util::ParseUnsigned(part).value_or(999);
    }
    return number;
  }
  // A file stays when the tree grows beyond it.
  static bool Has(std::uint64_t hashes, std::uint64_t first, std::uint64_t width) {
    return width > 0 && width <= 256 && first + width <= hashes;
  }
  Reply Entries(std::uint64_t first, std::uint64_t width) const {
    if (!Has(leaves_.size(), first, width)) return {.status = 404};
    std::string bundle;
    for (std::uint64_t i = first; i < first + width; ++i) {
      bundle.push_back(static_cast<char>(leaves_[i].size() >> 8));
      bundle.push_back(static_cast<char>(leaves_[i].size() & 0xff));
      bundle.append(leaves_[i]);
    }
    return {.body = bundle};
  }
  Reply Hashes(std::uint64_t level, std::uint64_t first, std::uint64_t width) const {
    if (level >= levels_.size()) return {.status = 404};
    const std::vector<util::Bytes>& hashes = levels_[level];
    if (!Has(hashes.size(), first, width)) return {.status = 404};
    std::string tile;
    for (std::uint64_t i = first; i < first + width; ++i) tile.append(util::AsText(hashes[i]));
    return {.body = tile};
  }
  const std::vector<std::string> leaves_;
  std::vector<std::vector<util::Bytes>> levels_{1};
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SERVICES_FAKE_REKOR_H_
