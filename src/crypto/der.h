// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CRYPTO_DER_H_
#define OCISHIP_CRYPTO_DER_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "ociship/core.h"
#include "util/bytes.h"
#include "util/time.h"

// Inside crypto only: reading and writing DER (X.690 sections 8 and 10). What is read stays where
// it is: every view points into the bytes that the reader was given. Every error is kBadInput.
namespace ociship::crypto::der {

// Identifier octets (X.690 section 8.1.2); numbers of tags are below 31 in everything read here.
inline constexpr std::uint8_t kBoolean = 0x01;
inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kBitString = 0x03;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kNull = 0x05;
inline constexpr std::uint8_t kOid = 0x06;
inline constexpr std::uint8_t kUtf8String = 0x0c;
inline constexpr std::uint8_t kUtcTime = 0x17;
inline constexpr std::uint8_t kGeneralizedTime = 0x18;
inline constexpr std::uint8_t kSequence = 0x30;
inline constexpr std::uint8_t kSet = 0x31;
inline constexpr std::uint8_t kConstructed = 0x20;

// [number] of a context, with something inside it or with plain content.
constexpr std::uint8_t Inside(std::uint8_t number) { return std::uint8_t(0xa0 | number); }
constexpr std::uint8_t Plain(std::uint8_t number) { return std::uint8_t(0x80 | number); }

struct Element {
  std::uint8_t tag;
  ByteView content;
  ByteView whole;  // with tag and length
};

// Gives one element after the other.
class Reader {
 public:
  explicit Reader(ByteView der) : rest_(der) {}

  bool done() const { return rest_.empty(); }
  // The next element, of any tag or of this one.
  Result<Element> Next();
  Result<Element> Next(std::uint8_t tag);
  // The next one if it has this tag; the reader stays where it is otherwise.
  Result<std::optional<Element>> NextIf(std::uint8_t tag);
  // Nothing is left.
  Status End() const;

 private:
  ByteView rest_;
};

// The only element in `der`.
Result<Element> Only(ByteView der, std::uint8_t tag);

// One element that is DER all the way down: definite lengths in as few bytes as can be, strings in
// one piece, and booleans, integers, bit strings, NULLs and object identifiers in their only form.
Status CheckDer(ByteView der);

// What is in content octets. "1.2.840" for an object identifier, at most 32 numbers of 64 bits.
Result<std::string> OidText(ByteView content);
Result<std::uint64_t> SmallInteger(ByteView content);
// RFC 5280 appendix B: a whole number in as few octets as can be. For a number that is not zero,
// given most significant byte first.
util::Bytes IntegerContent(ByteView number);
enum class Truth { kFalse, kTrue };
Result<Truth> Boolean(ByteView content);

// A time of RFC 5280 section 4.1.2.5: UTCTime or GeneralizedTime, in UTC and whole seconds.
Result<std::chrono::sys_seconds> Time(const Element& element);
// A GeneralizedTime in UTC that may have a fraction (RFC 3161 section 2.4.2, genTime).
Result<util::Micros> PreciseTime(const Element& element);

// The algorithm of an AlgorithmIdentifier with no parameters or NULL (RFC 5754 section 2), given
// its content octets.
Result<std::string> HashOid(ByteView content);

// One element with this content, put together from pieces.
util::Bytes Wrap(std::uint8_t tag, std::initializer_list<ByteView> content);

}  // namespace ociship::crypto::der

#endif  // OCISHIP_CRYPTO_DER_H_
