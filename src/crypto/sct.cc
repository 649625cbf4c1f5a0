// SPDX-License-Identifier: Apache-2.0
// Signed certificate timestamps (RFC 6962 section 3) in the presentation language of TLS (RFC 5246
// section 4). Tested by sct_test.cc.
#include "crypto/sct.h"

#include <algorithm>
#include <utility>

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::crypto {
namespace {

constexpr std::uint64_t kVersion1 = 0;             // RFC 6962 section 3.2: v1(0)
constexpr std::uint8_t kCertificateTimestamp = 0;  // SignatureType
constexpr std::uint16_t kX509Entry = 0;            // LogEntryType, section 3.1
constexpr std::uint16_t kPrecertEntry = 1;
constexpr std::uint8_t kHashSha256 = 4;  // RFC 5246 section 7.4.1.4.1
constexpr std::uint8_t kSignatureRsa = 1;
constexpr std::uint8_t kSignatureEcdsa = 3;

Error BadSct(std::string_view why) { return Error(Code::kBadInput, util::StrCat("SCT: ", why)); }

// Takes numbers and vectors from the front.
class TlsReader {
 public:
  explicit TlsReader(ByteView bytes) : rest_(bytes) {}

  bool done() const { return rest_.empty(); }

  Result<ByteView> Take(std::size_t size) {
    if (size > rest_.size()) return BadSct("it ends too early");
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  // Section 4.4: most significant byte first.
  Result<std::uint64_t> Number(std::size_t octets) {
    const ByteView bytes = TRY(Take(octets));
    std::uint64_t number = 0;
    for (const std::uint8_t byte : bytes) number = number << 8 | byte;
    return number;
  }

  // Section 4.3: opaque<0..2^16-1>.
  Result<ByteView> Vector() {
    const std::uint64_t size = TRY(Number(2));
    return Take(static_cast<std::size_t>(size));
  }

 private:
  ByteView rest_;
};

void AppendNumber(util::Bytes& bytes, std::uint64_t number, int octets) {
  for (int i = octets - 1; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(number >> 8 * i));
}

void Append(util::Bytes& bytes, ByteView more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

// SignedCertificateTimestamp, section 3.2, without anything behind it.
Result<Sct> ReadSct(ByteView bytes) {
  TlsReader reader(bytes);
  const std::uint64_t version = TRY(reader.Number(1));
  if (version != kVersion1) return BadSct("the version is not 1");
  Sct sct;
  const ByteView log_id = TRY(reader.Take(sct.log_id.size()));
  std::ranges::copy(log_id, sct.log_id.begin());
  sct.timestamp_ms = TRY(reader.Number(8));
  if (sct.timestamp_ms > kMaxSctTimestampMs) return BadSct("a time after the year 9999");
  const ByteView extensions = TRY(reader.Vector());
  sct.extensions.assign(extensions.begin(), extensions.end());
  // digitally-signed, RFC 5246 section 4.7: SignatureAndHashAlgorithm, then the signature.
  const ByteView algorithms = TRY(reader.Take(2));
  sct.hash_algorithm = algorithms[0];
  sct.signature_algorithm = algorithms[1];
  const ByteView signature = TRY(reader.Vector());
  sct.signature.assign(signature.begin(), signature.end());
  if (!reader.done()) return BadSct("bytes behind it");
  return sct;
}

// SignedCertificateTimestampList, section 3.3: SerializedSCT sct_list<1..2^16-1>.
Result<std::vector<Sct>> ReadList(ByteView list) {
  TlsReader outer(list);
  const ByteView serialized = TRY(outer.Vector());
  if (!outer.done()) return BadSct("bytes behind the list");
  if (serialized.empty()) return BadSct("the list is empty");
  std::vector<Sct> scts;
  TlsReader reader(serialized);
  while (!reader.done()) {
    if (scts.size() == kMaxScts) return BadSct("more than 64 in one list");
    const ByteView bytes = TRY(reader.Vector());
    Sct sct = TRY(ReadSct(bytes));
    scts.push_back(std::move(sct));
  }
  return scts;
}

// What the log signed, section 3.2: `entry` is signed_entry.
util::Bytes SignedInput(const Sct& sct, std::uint16_t entry_type, ByteView entry) {
  util::Bytes input = {kVersion1, kCertificateTimestamp};
  AppendNumber(input, sct.timestamp_ms, 8);
  AppendNumber(input, entry_type, 2);
  Append(input, entry);
  AppendNumber(input, sct.extensions.size(), 2);
  Append(input, sct.extensions);
  return input;
}

// ASN.1Cert and TBSCertificate: opaque<1..2^24-1>. A certificate has at most 64 KiB.
void AppendCertificate(util::Bytes& entry, ByteView der) {
  AppendNumber(entry, der.size(), 3);
  Append(entry, der);
}

Error NoMatch(std::string_view why) {
  return Error(Code::kNoMatch, util::StrCat("SCT: ", why)).Because(kSctSignature);
}

// Section 2.1.4: "either elliptic curve signatures [...] or RSA signatures", with SHA-256; which of
// them the SCT says is which of them the key is for.
Status CheckSignature(const Sct& sct, ByteView input, const PublicKey& log_key) {
  if (log_key.type() == KeyType::kEd25519) return NoMatch("the key of the log is for Ed25519");
  const std::uint8_t expected = log_key.type() == KeyType::kRsa ? kSignatureRsa : kSignatureEcdsa;
  if (sct.hash_algorithm != kHashSha256 || sct.signature_algorithm != expected) {
    return NoMatch("the algorithms are not those of the log's key");
  }
  if (sct.extensions.size() > 0xffff) return NoMatch("the extensions are too long");
  if (!Verify(log_key, input, sct.signature, HashAlgorithm::kSha256).ok()) {
    return NoMatch("the signature does not match");
  }
  return Ok();
}

}  // namespace

VerifiedSct::VerifiedSct(const Sct& sct)
    : time_(std::chrono::milliseconds(sct.timestamp_ms)), log_id_(sct.log_id) {}

Result<std::vector<Sct>> ParseSctList(ByteView list) {
  auto scts = ReadList(list);
  if (!scts.ok()) return std::move(scts).error().Because(kSctMalformed);
  return scts;
}

Result<std::vector<Sct>> EmbeddedScts(const Certificate& leaf) {
  const auto extension = leaf.Extension(kSctListOid);
  if (!extension.has_value()) return std::vector<Sct>();
  // Section 3.3: "encoding the SignedCertificateTimestampList structure as an ASN.1 OCTET STRING",
  // inside the OCTET STRING that every extension has.
  auto list = DecodeOctetString(*extension);
  if (!list.ok()) return std::move(list).error().While("SCT").Because(kSctMalformed);
  return ParseSctList(list.value());
}

Result<VerifiedSct> VerifyEmbeddedSct(const Sct& sct, const VerifiedChain& chain,
                                      const PublicKey& log_key) {
  auto tbs = chain.leaf().TbsWithoutExtension(kSctListOid);
  if (!tbs.ok()) return NoMatch("the certificate has no list of SCTs");
  // PreCert: issuer_key_hash and tbs_certificate.
  util::Bytes entry = HashBytes(HashAlgorithm::kSha256, chain.issuer().public_key().der());
  AppendCertificate(entry, tbs.value());
  TRY(CheckSignature(sct, SignedInput(sct, kPrecertEntry, entry), log_key));
  return VerifiedSct(sct);
}

Result<VerifiedSct> VerifyDetachedSct(const Sct& sct, const VerifiedChain& chain,
                                      const PublicKey& log_key) {
  util::Bytes entry;
  AppendCertificate(entry, chain.leaf().der());
  TRY(CheckSignature(sct, SignedInput(sct, kX509Entry, entry), log_key));
  return VerifiedSct(sct);
}

}  // namespace ociship::crypto
