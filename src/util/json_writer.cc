// SPDX-License-Identifier: Apache-2.0
// Compact JSON (RFC 8259), escaped as Go's encoding/json does. Tested by json_writer_test.cc.
#include "util/json.h"
#include "util/text.h"
#include "util/utf8.h"

namespace ociship::util {
namespace {

void AppendUnicodeEscape(std::uint32_t value, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out.append("\\u");
  for (const int shift : {12, 8, 4, 0}) out.push_back(kDigits[(value >> shift) & 15]);
}

// The letter of a two-character escape, or 0.
char ShortEscape(std::uint32_t rune) {
  switch (rune) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

bool NeedsUnicodeEscape(const Rune& rune) {
  if (!rune.valid || rune.value < 0x20) return true;
  return rune.value == '<' || rune.value == '>' || rune.value == '&' || rune.value == 0x2028 ||
         rune.value == 0x2029;
}

void AppendQuoted(std::string_view text, std::string& out) {
  out.push_back('"');
  while (!text.empty()) {
    const Rune rune = NextRune(text);
    if (const char letter = ShortEscape(rune.value); letter != 0) {
      out.append({'\\', letter});
    } else if (NeedsUnicodeEscape(rune)) {
      AppendUnicodeEscape(rune.value, out);
    } else {
      out.append(text.substr(0, rune.size));
    }
    text.remove_prefix(rune.size);
  }
  out.push_back('"');
}

}  // namespace

void JsonWriter::Separate() {
  if (after_value_) text_.push_back(',');
  after_value_ = true;
}

JsonWriter& JsonWriter::BeginObject() {
  Separate();
  text_.push_back('{');
  after_value_ = false;
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  text_.push_back('}');
  after_value_ = true;
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  Separate();
  text_.push_back('[');
  after_value_ = false;
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  text_.push_back(']');
  after_value_ = true;
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  Separate();
  AppendQuoted(key, text_);
  text_.push_back(':');
  after_value_ = false;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  Separate();
  AppendQuoted(value, text_);
  return *this;
}

JsonWriter& JsonWriter::Integer(std::int64_t value) {
  Separate();
  text_.append(StrCat(value));
  return *this;
}

JsonWriter& JsonWriter::Unsigned(std::uint64_t value) {
  Separate();
  text_.append(StrCat(value));
  return *this;
}

JsonWriter& JsonWriter::Boolean(bool value) { return Raw(value ? "true" : "false"); }

JsonWriter& JsonWriter::Null() { return Raw("null"); }

JsonWriter& JsonWriter::Raw(std::string_view json) {
  Separate();
  text_.append(json);
  return *this;
}

}  // namespace ociship::util
