// SPDX-License-Identifier: Apache-2.0
// TimeStampResp and TSTInfo (RFC 3161 section 2.4.2). Tested by timestamp_test.cc.
#include <utility>

#include "crypto/der.h"
#include "crypto/timestamp_parts.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::crypto {
namespace {

constexpr std::uint64_t kGranted = 0;
constexpr std::uint64_t kVersion1 = 1;

Error BadTimestamp(std::string_view why) {
  return Error(Code::kBadInput, util::StrCat("timestamp: ", why));
}

util::Bytes Copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

// PKIStatusInfo ::= SEQUENCE { status, statusString OPTIONAL, failInfo OPTIONAL }.
Status CheckStatus(ByteView content) {
  der::Reader reader(content);
  const der::Element number = TRY(reader.Next(der::kInteger));
  TRY(reader.NextIf(der::kSequence));
  TRY(reader.NextIf(der::kBitString));
  TRY(reader.End());
  const std::uint64_t status = TRY(der::SmallInteger(number.content));
  if (status != kGranted) {
    return BadTimestamp(util::StrCat("the authority did not grant it: status ", status));
  }
  return Ok();
}

// MessageImprint ::= SEQUENCE { hashAlgorithm, hashedMessage OCTET STRING }.
Status ReadImprint(ByteView content, TstInfo& info) {
  der::Reader reader(content);
  const der::Element algorithm = TRY(reader.Next(der::kSequence));
  const der::Element hash = TRY(reader.Next(der::kOctetString));
  TRY(reader.End());
  info.imprint_algorithm = TRY(ReadHashAlgorithm(algorithm.content));
  if (hash.content.size() != HashSize(info.imprint_algorithm)) {
    return BadTimestamp("the imprint has another length than its hash");
  }
  info.imprint = Copy(hash.content);
  return Ok();
}

// TimeStampResp ::= SEQUENCE { status, timeStampToken OPTIONAL }.
Result<util::Bytes> ReadToken(ByteView response) {
  if (response.size() > kMaxTimestampBytes) return BadTimestamp("longer than 64 KiB");
  TRY(der::CheckDer(response));
  const der::Element sequence = TRY(der::Only(response, der::kSequence));
  der::Reader reader(sequence.content);
  const der::Element status = TRY(reader.Next(der::kSequence));
  TRY(CheckStatus(status.content));
  const der::Element token = TRY(reader.Next(der::kSequence));
  TRY(reader.End());
  return Copy(token.whole);
}

Result<TimestampToken::Impl> ReadResponse(ByteView response) {
  util::Bytes token = TRY(ReadToken(response));
  SignedData data = TRY(ReadSignedData(token));
  TstInfo info = TRY(ReadTstInfo(data.content));
  return TimestampToken::Impl{std::move(token), std::move(data), std::move(info)};
}

}  // namespace

Result<TstInfo> ReadTstInfo(ByteView der) {
  TRY(der::CheckDer(der));
  const der::Element sequence = TRY(der::Only(der, der::kSequence));
  der::Reader reader(sequence.content);
  const der::Element number = TRY(reader.Next(der::kInteger));
  const std::uint64_t version = TRY(der::SmallInteger(number.content));
  if (version != kVersion1) return BadTimestamp("the version is not 1");
  TstInfo info;
  TRY(reader.Next(der::kOid));  // policy
  const der::Element imprint = TRY(reader.Next(der::kSequence));
  TRY(ReadImprint(imprint.content, info));
  const der::Element serial = TRY(reader.Next(der::kInteger));
  info.serial = Copy(serial.content);
  const der::Element time = TRY(reader.Next());
  info.time = TRY(der::PreciseTime(time));
  TRY(reader.NextIf(der::kSequence));  // accuracy, which narrows nothing
  TRY(reader.NextIf(der::kBoolean));   // ordering
  const auto nonce = TRY(reader.NextIf(der::kInteger));
  if (nonce.has_value()) info.nonce = Copy(nonce->content);
  TRY(reader.NextIf(der::Inside(0)));  // tsa, a hint
  // What an extension [1] means is unknown, and no authority is known to write one.
  TRY(reader.End());
  return info;
}

Result<TimestampToken> TimestampToken::Parse(ByteView response) {
  auto impl = ReadResponse(response);
  if (!impl.ok()) return std::move(impl).error().Because(kTimestampMalformed);
  return TimestampToken(std::make_shared<const Impl>(std::move(impl).value()));
}

}  // namespace ociship::crypto
