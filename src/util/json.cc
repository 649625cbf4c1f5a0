// SPDX-License-Identifier: Apache-2.0
// JSON as RFC 8259 has it, read into a tree of our own with caps and without duplicate keys. The
// only file that knows nlohmann/json. Tested by json_test.cc.
#include "util/json.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "util/text.h"
#include "util/try.h"

namespace ociship::util {
namespace {

using Sax = nlohmann::json_sax<nlohmann::json>;

Error BadJson(std::string_view why) { return Error(Code::kBadInput, StrCat("JSON: ", why)); }

// "line 3, column 7: unexpected end of input", without the part of the text that the library would
// quote: the document may hold credentials.
std::string Explain(const nlohmann::detail::exception& problem) {
  std::string_view text = problem.what();
  if (dynamic_cast<const nlohmann::detail::parse_error*>(&problem) == nullptr) {
    return "a number is out of range";
  }
  if (const std::size_t end = text.find("] parse error at "); end != std::string_view::npos) {
    text.remove_prefix(end + 17);
  }
  return Printable(text.substr(0, text.find("; last read")));
}

Error WrongKind(std::string_view what, std::string_view wanted) {
  return Error(Code::kBadInput, StrCat(Quoted(what), " is not ", wanted));
}

Error Missing(std::string_view key) {
  return Error(Code::kBadInput, StrCat(Quoted(key), " is missing"));
}

}  // namespace

// Builds the tree from the events of the parser. A callback that returns false ends the parse and
// has left the reason in `error`.
struct Json::Builder : Sax {
  explicit Builder(const JsonLimits& the_limits) : limits(the_limits) {}

  bool null() override { return Add(Kind::kNull) != nullptr; }
  bool boolean(bool value) override {
    Json* json = Add(Kind::kBoolean);
    if (json != nullptr) json->boolean_ = value;
    return json != nullptr;
  }
  bool number_integer(number_integer_t value) override { return AddInteger(value); }
  bool number_unsigned(number_unsigned_t value) override {
    constexpr auto kMax = static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max());
    if (value > kMax) return AddText(Kind::kNumber, StrCat(value));
    return AddInteger(static_cast<std::int64_t>(value));
  }
  bool number_float(number_float_t, const string_t& text) override {
    return AddText(Kind::kNumber, text);
  }
  bool string(string_t& text) override { return AddText(Kind::kString, std::move(text)); }
  bool binary(binary_t&) override { return Refuse("binary value"); }
  bool start_object(std::size_t) override { return Open(Kind::kObject); }
  bool start_array(std::size_t) override { return Open(Kind::kArray); }
  bool key(string_t& name) override {
    open.back()->members_.emplace_back(std::move(name), Json());
    return true;
  }
  bool end_array() override {
    open.pop_back();
    return true;
  }
  bool end_object() override {
    const std::vector<Member>& members = open.back()->members_;
    open.pop_back();
    std::vector<std::string_view> names(members.size());
    std::transform(members.begin(), members.end(), names.begin(),
                   [](const Member& member) -> std::string_view { return member.first; });
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice == names.end()) return true;
    return Refuse(StrCat("the key ", Quoted(*twice), " stands twice in one object"));
  }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& problem) override {
    return Refuse(Explain(problem));
  }

  bool Refuse(std::string_view why) {
    if (!error) error = BadJson(why);
    return false;
  }

  // The place of the next value, with its kind set; nullptr over the cap.
  Json* Add(Kind kind) {
    if (++values > limits.values) {
      Refuse(StrCat("more than ", limits.values, " values"));
      return nullptr;
    }
    Json* json = &root;
    if (!open.empty() && open.back()->is_array()) {
      json = &open.back()->elements_.emplace_back();
    } else if (!open.empty()) {
      json = &open.back()->members_.back().second;
    }
    json->kind_ = kind;
    return json;
  }
  bool AddInteger(std::int64_t value) {
    Json* json = Add(Kind::kInteger);
    if (json != nullptr) json->integer_ = value;
    return json != nullptr;
  }
  bool AddText(Kind kind, std::string text) {
    Json* json = Add(kind);
    if (json != nullptr) json->text_ = std::move(text);
    return json != nullptr;
  }
  bool Open(Kind kind) {
    if (open.size() >= limits.depth) {
      return Refuse(StrCat("nested deeper than ", limits.depth, " levels"));
    }
    Json* json = Add(kind);
    if (json != nullptr) open.push_back(json);
    return json != nullptr;
  }

  const JsonLimits& limits;
  Json root;
  std::vector<Json*> open;  // stays valid: only the last one's children move
  std::size_t values = 0;
  std::optional<Error> error;
};

Result<Json> Json::Parse(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    return BadJson(StrCat("larger than ", HumanBytes(limits.bytes)));
  }
  // The library takes a NUL byte for the end of the text and would not look at what follows.
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
    return BadJson(StrCat("NUL at byte ", at));
  }
  Builder builder(limits);
  try {
    const bool complete = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
    if (!complete) return builder.error ? *builder.error : BadJson("not readable");
  } catch (const std::exception&) {
    return BadJson("too large for the memory");
  }
  return std::move(builder.root);
}

const Json* Json::Find(std::string_view key) const {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [key](const Member& member) { return member.first == key; });
  return found == members_.end() ? nullptr : &found->second;
}

const Json* Json::FindNonNull(std::string_view key) const {
  const Json* json = Find(key);
  return json == nullptr || json->is_null() ? nullptr : json;
}

Result<std::string> Json::AsString(std::string_view what) const {
  if (kind_ != Kind::kString) return WrongKind(what, "a string");
  return text_;
}

Result<std::int64_t> Json::AsInteger(std::string_view what) const {
  if (kind_ != Kind::kInteger) return WrongKind(what, "an integer");
  return integer_;
}

Result<std::string> Json::String(std::string_view key) const {
  const Json* json = Find(key);
  if (json == nullptr) return Missing(key);
  return json->AsString(key);
}

Result<std::int64_t> Json::Integer(std::string_view key) const {
  const Json* json = Find(key);
  if (json == nullptr) return Missing(key);
  return json->AsInteger(key);
}

Result<std::uint64_t> Json::Unsigned(std::string_view key) const {
  const std::int64_t value = TRY(Integer(key));
  if (value < 0) return Error(Code::kBadInput, StrCat(Quoted(key), " is negative"));
  return static_cast<std::uint64_t>(value);
}

Result<const Json*> Json::Object(std::string_view key) const {
  const Json* json = Find(key);
  if (json == nullptr) return Missing(key);
  if (!json->is_object()) return WrongKind(key, "an object");
  return json;
}

Result<const Json*> Json::Array(std::string_view key) const {
  const Json* json = Find(key);
  if (json == nullptr) return Missing(key);
  if (!json->is_array()) return WrongKind(key, "an array");
  return json;
}

Result<std::optional<std::string>> Json::OptionalString(std::string_view key) const {
  const Json* json = FindNonNull(key);
  if (json == nullptr) return std::optional<std::string>();
  std::string text = TRY(json->AsString(key));
  return std::optional<std::string>(std::move(text));
}

std::string Json::TextOf(std::string_view key) const {
  const Json* member = FindNonNull(key);
  return member != nullptr && member->kind() == Kind::kString ? member->text() : std::string();
}

}  // namespace ociship::util
