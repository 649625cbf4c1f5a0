// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_PROTO_JSON_H_
#define OCISHIP_SIGSTORE_PROTO_JSON_H_

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "util/bytes.h"
#include "util/json.h"

// Reading messages in the JSON form of protocol buffers, strictly: names in lowerCamelCase alone,
// null taken for missing, no field that the message does not have (protobuf, "ProtoJSON Format").
// For use inside this room. All errors are kBadInput.
namespace ociship::sigstore {

// Refuses what is no object, and an object with any other field. `what` is how the message calls
// it.
Status CheckMessage(const util::Json& json, std::string_view what,
                    std::initializer_list<std::string_view> fields);

// A `bytes` value: base64 of either alphabet but not of both, padded. Line ends in it are passed
// over, as Go's decoder does and some writers rely on; other white space is refused.
Result<util::Bytes> DecodeBytes(std::string_view text, std::string_view what);

// A `bytes` field that must be there and not be empty.
Result<util::Bytes> BytesField(const util::Json& message, std::string_view key);

// An `int64` field: a string of decimal digits or an integer number, not negative; 0 when it is
// missing, for writers leave out zeros.
Result<std::uint64_t> UnsignedField(const util::Json& message, std::string_view key);

// The elements of a repeated field, none when it is missing; more than `limit` are refused.
Result<const std::vector<util::Json>*> RepeatedField(const util::Json& message,
                                                     std::string_view key, std::size_t limit);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_PROTO_JSON_H_
