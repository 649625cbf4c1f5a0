// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_JSON_H_
#define OCISHIP_UTIL_JSON_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ociship/core.h"

namespace ociship::util {

// What a document may cost. Over any of them Parse refuses.
struct JsonLimits {
  std::size_t bytes = 4 << 20;
  std::size_t depth = 64;
  std::size_t values = 1'000'000;
};

// A JSON value as it was read: RFC 8259, with duplicate keys, comments, trailing text, invalid
// UTF-8 and over-long documents refused. Immutable after Parse, except that a parent owns its
// children: references into it live as long as the document.
//
// Getters never convert: a number that is no integer, or out of range, is an error and not a
// rounded value. Their errors name the key, as in: "size" is not an integer.
class Json {
 public:
  enum class Kind { kNull, kBoolean, kInteger, kNumber, kString, kArray, kObject };
  using Member = std::pair<std::string, Json>;

  Json() = default;  // null

  // kBadInput with place and reason.
  static Result<Json> Parse(std::string_view text, const JsonLimits& limits = {});

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_object() const { return kind_ == Kind::kObject; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_true() const { return boolean_; }

  // The characters of a string, or a kNumber as it was written; empty for everything else.
  const std::string& text() const { return text_; }

  // The elements of an array, the members of an object in their order; empty for everything else.
  const std::vector<Json>& elements() const { return elements_; }
  const std::vector<Member>& members() const { return members_; }

  // The member of an object, nullptr where it is missing or this is no object. A member that is
  // null is there.
  const Json* Find(std::string_view key) const;
  // The same with null taken for missing, as Go's encoding/json does.
  const Json* FindNonNull(std::string_view key) const;

  // This value as what it must be; kBadInput otherwise. `what` is how the message calls it.
  Result<std::string> AsString(std::string_view what) const;
  Result<std::int64_t> AsInteger(std::string_view what) const;

  // A member that must be there.
  Result<std::string> String(std::string_view key) const;
  Result<std::int64_t> Integer(std::string_view key) const;
  // A size or count: an integer that is not negative.
  Result<std::uint64_t> Unsigned(std::string_view key) const;
  Result<const Json*> Object(std::string_view key) const;
  Result<const Json*> Array(std::string_view key) const;
  // A member that may be missing or null.
  Result<std::optional<std::string>> OptionalString(std::string_view key) const;

  // The characters of a member that is a string; empty for everything else, for documents of which
  // nothing is certain.
  std::string TextOf(std::string_view key) const;

  // Used by the parser alone.
  struct Builder;

 private:
  Kind kind_ = Kind::kNull;
  bool boolean_ = false;
  std::int64_t integer_ = 0;
  std::string text_;  // of a string; of a number that is no int64
  std::vector<Json> elements_;
  std::vector<Member> members_;
};

// Writes compact JSON with the members in the order of the calls, and strings escaped as Go's
// encoding/json does (RFC 8259; '<', '>', '&', U+2028 and U+2029 as \u escapes, bytes that are no
// UTF-8 as \ufffd), so that documents equal those of Go programs byte for byte.
//
//   JsonWriter json;
//   json.BeginObject().Key("size").Integer(3).Key("tags").BeginArray().String("a").EndArray()
//       .EndObject();
//   json.text();   // {"size":3,"tags":["a"]}
class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);
  JsonWriter& Integer(std::int64_t value);
  JsonWriter& Unsigned(std::uint64_t value);
  JsonWriter& Boolean(bool value);
  JsonWriter& Null();
  // A value that is JSON already.
  JsonWriter& Raw(std::string_view json);

  const std::string& text() const { return text_; }

 private:
  void Separate();

  std::string text_;
  bool after_value_ = false;
};

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_JSON_H_
