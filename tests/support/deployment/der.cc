// SPDX-License-Identifier: Apache-2.0
// A writer of DER.
// Tested by everything that reads what it wrote: tests/sigstore/deployment_test.cc.
#include "deployment/der.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>

#include "util/bytes.h"
#include "util/text.h"
#include "util/time.h"

namespace ociship::deployment {
namespace {

// YYYYMMDDHHMMSS.
std::string DigitsOf(Seconds time) {
  const std::string text =
      util::FormatRfc3339(std::chrono::sys_seconds(std::chrono::seconds(time)));
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

void AppendArc(Bytes& out, std::uint64_t arc) {
  Bytes reversed{static_cast<std::uint8_t>(arc & 0x7f)};
  while ((arc >>= 7) != 0) reversed.push_back(static_cast<std::uint8_t>((arc & 0x7f) | 0x80));
  out.insert(out.end(), reversed.rbegin(), reversed.rend());
}

}  // namespace

Bytes Copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
Bytes Copy(std::string_view text) { return Copy(util::AsBytes(text)); }

Bytes Join(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes Tlv(std::uint8_t tag, ByteView content) {
  Bytes out{tag};
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::uint8_t>(content.size()));
  } else {
    Bytes reversed;
    for (std::size_t rest = content.size(); rest != 0; rest >>= 8) {
      reversed.push_back(static_cast<std::uint8_t>(rest & 0xff));
    }
    out.push_back(static_cast<std::uint8_t>(0x80 | reversed.size()));
    out.insert(out.end(), reversed.rbegin(), reversed.rend());
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Bytes Sequence(const std::vector<Bytes>& parts) { return Tlv(0x30, Join(parts)); }

Bytes Set(std::vector<Bytes> parts) {
  std::sort(parts.begin(), parts.end(),
            [](const Bytes& a, const Bytes& b) { return util::AsText(a) < util::AsText(b); });
  return Tlv(0x31, Join(parts));
}

Bytes Integer(std::uint64_t value) {
  Bytes big_endian;
  for (int shift = 56; shift >= 0; shift -= 8) {
    big_endian.push_back(static_cast<std::uint8_t>((value >> shift) & 0xff));
  }
  return Integer(ByteView(big_endian));
}

Bytes Integer(ByteView value) {
  while (value.size() > 1 && value[0] == 0) value = value.subspan(1);
  Bytes content = Copy(value);
  if (content[0] >= 0x80) content.insert(content.begin(), 0);
  return Tlv(0x02, content);
}

Bytes Boolean() { return {0x01, 0x01, 0xff}; }
Bytes Null() { return {0x05, 0x00}; }

Bytes ObjectId(std::string_view dotted) {
  std::vector<std::uint64_t> arcs;
  for (const std::string_view arc : util::Split(dotted, '.')) {
    arcs.push_back(util::ParseUnsigned(arc).value());
  }
  Bytes content;
  AppendArc(content, arcs.at(0) * 40 + arcs.at(1));
  for (std::size_t i = 2; i < arcs.size(); ++i) AppendArc(content, arcs[i]);
  return Tlv(0x06, content);
}

Bytes OctetString(ByteView content) { return Tlv(0x04, content); }

Bytes BitString(ByteView content, std::uint8_t unused_bits) {
  Bytes all = Copy(content);
  all.insert(all.begin(), unused_bits);
  return Tlv(0x03, all);
}

Bytes Utf8String(std::string_view text) { return Tlv(0x0c, util::AsBytes(text)); }

Bytes UtcTime(Seconds time) { return Tlv(0x17, util::AsBytes(DigitsOf(time).substr(2) + "Z")); }

Bytes GeneralizedTime(Seconds time) { return Tlv(0x18, util::AsBytes(DigitsOf(time) + "Z")); }

Bytes Tagged(std::uint8_t number, ByteView content) {
  return Tlv(static_cast<std::uint8_t>(0xa0 | number), content);
}

Bytes Implicit(std::uint8_t number, ByteView content) {
  return Tlv(static_cast<std::uint8_t>(0x80 | number), content);
}

void Demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace ociship::deployment
