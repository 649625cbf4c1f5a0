// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_DEPLOYMENT_DER_H_
#define OCISHIP_TESTS_SUPPORT_DEPLOYMENT_DER_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "util/bytes.h"

// Writes DER (X.690) value by value, so that a test can also write what no library would.
namespace ociship::deployment {

using util::Bytes;

// Seconds since 1970.
using Seconds = std::int64_t;

Bytes Copy(ByteView bytes);
Bytes Copy(std::string_view text);
Bytes Join(const std::vector<Bytes>& parts);

Bytes Tlv(std::uint8_t tag, ByteView content);
Bytes Sequence(const std::vector<Bytes>& parts);
// The parts in the order that DER demands of a SET OF.
Bytes Set(std::vector<Bytes> parts);
Bytes Integer(std::uint64_t value);
// Of an unsigned number, big-endian.
Bytes Integer(ByteView value);
Bytes Boolean();  // TRUE
Bytes Null();
// "1.2.840.113549": decimal arcs with points.
Bytes ObjectId(std::string_view dotted);
Bytes OctetString(ByteView content);
Bytes BitString(ByteView content, std::uint8_t unused_bits = 0);
Bytes Utf8String(std::string_view text);
Bytes UtcTime(Seconds time);
Bytes GeneralizedTime(Seconds time);
// [number], constructed.
Bytes Tagged(std::uint8_t number, ByteView content);
// [number] IMPLICIT of a primitive type.
Bytes Implicit(std::uint8_t number, ByteView content);

// Ends the process: a deployment that can not be minted is no result of a test.
void Demand(bool holds);

}  // namespace ociship::deployment

#endif  // OCISHIP_TESTS_SUPPORT_DEPLOYMENT_DER_H_
