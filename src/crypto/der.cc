// SPDX-License-Identifier: Apache-2.0
// DER: what BER (X.690 section 8) has under the restrictions of its sections 10 and 11. Tested by
// der_test.cc.
#include "crypto/der.h"

#include <algorithm>
#include <chrono>

#include "util/text.h"
#include "util/try.h"

namespace ociship::crypto::der {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxOidNumbers = 32;
constexpr std::size_t kMaxFractionDigits = 18;

Error BadDer(std::string_view why) { return Error(Code::kBadInput, util::StrCat("DER: ", why)); }

struct Length {
  std::size_t value;
  std::size_t octets;  // that it is written in
};

// X.690 section 8.1.3, and 10.1: definite, "encoded in the minimum number of octets".
Result<Length> ReadLength(ByteView bytes) {
  if (bytes.empty()) return BadDer("the input ends inside an element");
  const std::size_t first = bytes[0];
  if (first < 0x80) return Length{first, 1};
  const std::size_t count = first & 0x7f;
  if (count == 0) return BadDer("an indefinite length");
  if (count > sizeof(std::uint32_t)) return BadDer("a length of more than 4 octets");
  if (bytes.size() <= count) return BadDer("the input ends inside a length");
  std::size_t value = 0;
  for (std::size_t i = 1; i <= count; ++i) value = value << 8 | bytes[i];
  const std::size_t least = count == 1 ? 0x80 : std::size_t{1} << 8 * (count - 1);
  if (value < least) return BadDer("a length in more octets than it needs");
  return Length{value, 1 + count};
}

// X.690 section 8.3.2: the first nine bits "shall not all be ones; and shall not all be zero".
Status CheckInteger(ByteView content) {
  if (content.empty()) return BadDer("an INTEGER without octets");
  if (content.size() == 1) return Ok();
  const bool negative = (content[1] & 0x80) != 0;
  if ((content[0] == 0x00 && !negative) || (content[0] == 0xff && negative)) {
    return BadDer("an INTEGER in more octets than it needs");
  }
  return Ok();
}

// X.690 section 8.6.2, and 11.2.1: unused bits are zero.
Status CheckBitString(ByteView content) {
  if (content.empty() || content[0] > 7) return BadDer("a BIT STRING without its unused bits");
  if (content.size() == 1 && content[0] != 0) return BadDer("a BIT STRING that is too short");
  const unsigned unused = (1U << content[0]) - 1;
  if (content.size() > 1 && (content.back() & unused) != 0) {
    return BadDer("a BIT STRING with unused bits that are not zero");
  }
  return Ok();
}

// What is demanded of the content of the universal types.
Status CheckPrimitive(const Element& element) {
  switch (element.tag) {
    case kBoolean:
      TRY(Boolean(element.content));
      return Ok();
    case kInteger:
      return CheckInteger(element.content);
    case kBitString:
      return CheckBitString(element.content);
    case kNull:
      return element.content.empty() ? Ok() : Status(BadDer("a NULL with content"));
    case kOid:
      TRY(OidText(element.content));
      return Ok();
    default:
      return Ok();
  }
}

Status CheckElements(ByteView der, int depth) {
  if (depth > kMaxDepth) return BadDer("elements inside elements, too deep");
  Reader reader(der);
  while (!reader.done()) {
    const Element element = TRY(reader.Next());
    if ((element.tag & kConstructed) == 0) {
      TRY(CheckPrimitive(element));
      continue;
    }
    // X.690 section 10.2: strings are primitive. What else is universal and constructed is a
    // SEQUENCE or a SET.
    const bool universal = element.tag < 0x40;
    if (universal && element.tag != kSequence && element.tag != kSet) {
      return BadDer("a string in pieces");
    }
    TRY(CheckElements(element.content, depth + 1));
  }
  return Ok();
}

// Two decimal digits at a place that is there.
Result<unsigned> TwoDigits(std::string_view text, std::size_t at) {
  const auto number = util::ParseUnsigned(text.substr(at, 2));
  if (!number.has_value()) return BadDer("a time with something that is no digit");
  return static_cast<unsigned>(*number);
}

// "MMDDHHMMSS" of a year.
Result<std::chrono::sys_seconds> TimeInYear(unsigned year, std::string_view text) {
  const unsigned month = TRY(TwoDigits(text, 0));
  const unsigned day = TRY(TwoDigits(text, 2));
  const unsigned hour = TRY(TwoDigits(text, 4));
  const unsigned minute = TRY(TwoDigits(text, 6));
  const unsigned second = TRY(TwoDigits(text, 8));
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) {
    return BadDer("a time that does not exist");
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

// "YYYYMMDDHHMMSS".
Result<std::chrono::sys_seconds> LongTime(std::string_view text) {
  const unsigned century = TRY(TwoDigits(text, 0));
  const unsigned year = TRY(TwoDigits(text, 2));
  return TimeInYear(century * 100 + year, text.substr(4));
}

}  // namespace

Result<Element> Reader::Next() {
  if (rest_.empty()) return BadDer("an element is missing");
  const std::uint8_t tag = rest_[0];
  if ((tag & 0x1f) == 0x1f) return BadDer("a tag of more than one octet");
  const Length length = TRY(ReadLength(rest_.subspan(1)));
  const std::size_t start = 1 + length.octets;
  if (length.value > rest_.size() - start) return BadDer("the input ends inside an element");
  const Element element{tag, rest_.subspan(start, length.value), rest_.first(start + length.value)};
  rest_ = rest_.subspan(start + length.value);
  return element;
}

Result<Element> Reader::Next(std::uint8_t tag) {
  const Element element = TRY(Next());
  if (element.tag != tag) {
    return BadDer(util::StrCat("tag ", element.tag, " where ", tag, " is expected"));
  }
  return element;
}

Result<std::optional<Element>> Reader::NextIf(std::uint8_t tag) {
  if (rest_.empty() || rest_[0] != tag) return std::optional<Element>();
  const Element element = TRY(Next());
  return std::optional<Element>(element);
}

Status Reader::End() const {
  if (!rest_.empty()) return BadDer("bytes behind the last element");
  return Ok();
}

Result<Element> Only(ByteView der, std::uint8_t tag) {
  Reader reader(der);
  const Element element = TRY(reader.Next(tag));
  TRY(reader.End());
  return element;
}

Status CheckDer(ByteView der) {
  Reader reader(der);
  TRY(reader.Next());
  TRY(reader.End());
  return CheckElements(der, 0);
}

Result<std::string> OidText(ByteView content) {
  if (content.empty() || (content.back() & 0x80) != 0) return BadDer("an OID that is cut off");
  std::string text;
  std::uint64_t number = 0;
  std::size_t count = 0;
  bool first_octet = true;
  for (const std::uint8_t octet : content) {
    // X.690 section 8.19.2: "the leading octet of the subidentifier shall not have the value 80".
    if (first_octet && octet == 0x80) return BadDer("an OID in more octets than it needs");
    if (number >> 57 != 0) return BadDer("an OID with a number of more than 64 bits");
    number = number << 7 | (octet & 0x7f);
    first_octet = (octet & 0x80) == 0;
    if (!first_octet) continue;
    if (++count > kMaxOidNumbers) return BadDer("an OID of too many numbers");
    if (text.empty()) {
      // Section 8.19.4: the first two numbers are in one, 40 * X + Y with X of 0, 1 and 2.
      const std::uint64_t root = std::min<std::uint64_t>(number / 40, 2);
      text = util::StrCat(root, ".", number - root * 40);
    } else {
      text.append(util::StrCat(".", number));
    }
    number = 0;
  }
  return text;
}

Result<std::uint64_t> SmallInteger(ByteView content) {
  TRY(CheckInteger(content));
  if ((content[0] & 0x80) != 0) return BadDer("an INTEGER below zero");
  const ByteView digits = content[0] == 0 ? content.subspan(1) : content;
  if (digits.size() > sizeof(std::uint64_t)) return BadDer("an INTEGER of more than 64 bits");
  std::uint64_t number = 0;
  for (const std::uint8_t octet : digits) number = number << 8 | octet;
  return number;
}

util::Bytes IntegerContent(ByteView number) {
  const auto first = std::ranges::find_if(number, [](std::uint8_t octet) { return octet != 0; });
  util::Bytes content(first, number.end());
  // The highest bit is the sign.
  if (!content.empty() && (content[0] & 0x80) != 0) content.insert(content.begin(), 0x00);
  return content;
}

// X.690 section 11.1: "all eight bits shall be set to one" for TRUE.
Result<Truth> Boolean(ByteView content) {
  if (content.size() != 1) return BadDer("a BOOLEAN that is not one octet");
  if (content[0] == 0x00) return Truth::kFalse;
  if (content[0] == 0xff) return Truth::kTrue;
  return BadDer("a BOOLEAN that is neither 00 nor FF");
}

Result<std::chrono::sys_seconds> Time(const Element& element) {
  const std::string_view text = util::AsText(element.content);
  // RFC 5280 section 4.1.2.5.1: YYMMDDHHMMSSZ, "where YY is greater than or equal to 50, the year
  // SHALL be interpreted as 19YY".
  if (element.tag == kUtcTime && text.size() == 13 && text.ends_with('Z')) {
    const unsigned year = TRY(TwoDigits(text, 0));
    return TimeInYear(year + (year >= 50 ? 1900 : 2000), text.substr(2));
  }
  // Section 4.1.2.5.2: YYYYMMDDHHMMSSZ, without a fraction.
  if (element.tag == kGeneralizedTime && text.size() == 15 && text.ends_with('Z')) {
    return LongTime(text);
  }
  return BadDer("a time in neither of the two forms of a certificate");
}

Result<util::Micros> PreciseTime(const Element& element) {
  const std::string_view text = util::AsText(element.content);
  if (element.tag != kGeneralizedTime || text.size() < 15 || !text.ends_with('Z')) {
    return BadDer("a time that is not in UTC to the second");
  }
  const util::Micros whole = TRY(LongTime(text));
  const std::string_view fraction = text.substr(14, text.size() - 15);
  if (fraction.empty()) return whole;
  // RFC 3161 section 2.4.2: a point, and "trailing 0's MUST be omitted".
  const std::string_view digits = fraction.substr(1);
  if (fraction[0] != '.' || digits.empty() || digits.size() > kMaxFractionDigits ||
      digits.ends_with('0') || !util::ParseUnsigned(digits).has_value()) {
    return BadDer("a time with a fraction that is none");
  }
  std::string six(digits.substr(0, 6));
  six.resize(6, '0');
  return whole + std::chrono::microseconds(*util::ParseUnsigned(six));
}

Result<std::string> HashOid(ByteView content) {
  Reader reader(content);
  const Element oid = TRY(reader.Next(kOid));
  TRY(reader.NextIf(kNull));
  TRY(reader.End());
  return OidText(oid.content);
}

util::Bytes Wrap(std::uint8_t tag, std::initializer_list<ByteView> content) {
  std::size_t size = 0;
  for (const ByteView piece : content) size += piece.size();
  util::Bytes element = {tag};
  if (size < 0x80) {
    element.push_back(static_cast<std::uint8_t>(size));
  } else {
    int octets = 1;
    while (size >> 8 * octets != 0) ++octets;
    element.push_back(static_cast<std::uint8_t>(0x80 | octets));
    for (int i = octets - 1; i >= 0; --i) {
      element.push_back(static_cast<std::uint8_t>(size >> 8 * i));
    }
  }
  for (const ByteView piece : content) element.insert(element.end(), piece.begin(), piece.end());
  return element;
}

}  // namespace ociship::crypto::der
