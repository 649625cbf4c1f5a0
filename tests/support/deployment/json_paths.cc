// SPDX-License-Identifier: Apache-2.0
// Finds the field that a byte of a JSON text belongs to.
// Tested by tests/sigstore/mutation_test.cc.
#include "deployment/json_paths.h"

#include <algorithm>

#include "deployment/der.h"
#include "util/text.h"

namespace ociship::deployment {

JsonPaths::JsonPaths(std::string_view text) : text_(text), of_byte_(text.size()), names_{""} {
  Value("");
  SkipSpace();
  Demand(at_ == text_.size());
}

void JsonPaths::Mark(std::size_t from, std::size_t to, const std::string& path) {
  if (names_.back() != path) names_.push_back(path);
  std::fill(of_byte_.begin() + static_cast<std::ptrdiff_t>(from),
            of_byte_.begin() + static_cast<std::ptrdiff_t>(to), names_.size() - 1);
}

void JsonPaths::SkipSpace() {
  while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
}

// What is between the quotes.
std::string_view JsonPaths::String() {
  Demand(text_[at_] == '"');
  const std::size_t start = ++at_;
  while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
  return text_.substr(start, at_++ - start);
}

void JsonPaths::Value(const std::string& path) {
  const std::size_t start = at_;
  SkipSpace();
  const std::size_t value = at_;
  if (text_[at_] == '{') {
    Mark(start, at_ + 1, path);
    Members(path);
  } else if (text_[at_] == '[') {
    Mark(start, at_ + 1, path);
    Elements(path);
  } else if (text_[at_] == '"') {
    String();
    Mark(start, at_, path);
    if (path.ends_with(".checkpoint.envelope")) Checkpoint(path, value + 1);
  } else {
    at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    Mark(start, at_, path);
  }
}

void JsonPaths::Members(const std::string& path) {
  do {
    const std::size_t start = at_++;
    SkipSpace();
    if (text_[at_] == '}') break;
    const std::string name(String());
    const std::string member = path.empty() ? name : util::StrCat(path, ".", name);
    SkipSpace();
    Mark(start, ++at_, member);
    Value(member);
    SkipSpace();
  } while (text_[at_] == ',');
  Demand(text_[at_] == '}');
  Mark(at_, at_ + 1, path);
  ++at_;
}

void JsonPaths::Elements(const std::string& path) {
  std::size_t index = 0;
  do {
    ++at_;
    SkipSpace();
    if (text_[at_] == ']') break;
    Value(util::StrCat(path, "[", index++, "]"));
    SkipSpace();
    Mark(at_, at_ + 1, path);
  } while (text_[at_] == ',');
  Demand(text_[at_] == ']');
  ++at_;
}

// A signed note, with its line ends as \n. Lines of signatures begin with a dash and a name.
void JsonPaths::Checkpoint(const std::string& path, std::size_t from) {
  const std::string_view note = text_.substr(from, at_ - 1 - from);
  const std::size_t end_of_text = note.find("\\n\\n") + 4;
  const std::string_view origin = note.substr(0, note.find("\\n"));
  const std::string name = util::StrCat(" ", origin.substr(0, origin.find(" - ")), " ");
  const std::size_t own = note.find(name, end_of_text);
  const bool several = own != note.npos && note.find(name, own + 1) != note.npos;
  Mark(from, from + end_of_text, util::StrCat(path, "(text)"));
  for (std::size_t line = end_of_text; line < note.size();) {
    const std::size_t end = std::min(note.find("\\n", line), note.size() - 2) + 2;
    const bool of_log = note.substr(line, end - line).find(name) != note.npos;
    const std::string_view kind = !of_log ? "(others)" : several ? "(same name)" : "(log)";
    Mark(from + line, from + end, util::StrCat(path, kind));
    line = end;
  }
}

}  // namespace ociship::deployment
