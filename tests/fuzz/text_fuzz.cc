// SPDX-License-Identifier: Apache-2.0
// Small texts: base64, hexadecimal digits, times, URLs, and text for people. Run by scripts/fuzz.
#include <string>

#include "fuzz.h"
#include "util/encoding.h"
#include "util/text.h"
#include "util/time.h"
#include "util/url.h"
#include "util/utf8.h"

namespace ociship::fuzz {
namespace {

void CheckEncodings(std::string_view text) {
  const ByteView bytes = util::AsBytes(text);
  const auto base64 = util::Base64Decode(text);
  RequireBadInput(base64);
  if (base64.ok()) Require(util::Base64Encode(base64.value()) == text);
  const auto whole = util::Base64Decode(util::Base64Encode(bytes));
  Require(whole.ok() && util::AsText(whole.value()) == text);
  const auto hex = util::HexDecode(text);
  RequireBadInput(hex);
  if (hex.ok()) Require(util::HexEncode(hex.value()) == util::LowerAscii(text));
}

void CheckTime(std::string_view text) {
  const auto time = util::ParseRfc3339(text);
  RequireBadInput(time);
  if (!time.ok()) return;
  const auto again = util::ParseRfc3339(util::FormatRfc3339(time.value()));
  Require(again.ok() && again.value() == time.value());
}

void CheckUrl(std::string_view text) {
  static const util::Url base = util::Url::Parse("http://[::1]:5000/a/b/c?d=e").value();
  for (const auto& url : {util::Url::Parse(text), base.Resolve(text)}) {
    RequireBadInput(url);
    if (!url.ok()) {
      RequirePrintable(url.error().message());
      continue;
    }
    const auto again = util::Url::Parse(url.value().text());
    Require(again.ok() && again.value().text() == url.value().text());
    Require(again.value().Origin() == url.value().Origin());
    Require(url.value().path.starts_with('/'));
    Require(util::Url::Parse(url.value().WithQuery("n", text).text()).ok());
  }
}

void RequireForPeople(std::string_view text) {
  RequirePrintable(text);
  while (!text.empty()) {
    const util::Rune rune = util::NextRune(text);
    Require(rune.valid);
    text.remove_prefix(rune.size);
  }
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship::fuzz;
  const std::string_view text = TextOf(data, size);
  CheckEncodings(text);
  CheckTime(text);
  CheckUrl(text);
  RequireForPeople(ociship::util::Quoted(text));
  RequireForPeople(ociship::util::Printable(text));
  return 0;
}
