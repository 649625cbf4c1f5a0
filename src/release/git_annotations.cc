// SPDX-License-Identifier: Apache-2.0
// Annotations from git (OCI image-spec annotations.md; git-config(1), git-show(1), git-tag(1)).
// Tested by tests/release/git_annotations_test.cc.
#include "release/git_annotations.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "release/git.h"
#include "release/semver.h"
#include "util/text.h"
#include "util/time.h"
#include "util/try.h"

namespace ociship::release {
namespace {

using util::StrCat;

constexpr std::string_view kPrefix = "org.opencontainers.image.";

bool IsHostName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-';
  });
}

// What stands in a URL as it is; "ext::COMMAND" is a way to run something, and no address.
bool IsUrlPath(std::string_view text) {
  return !text.empty() && text.front() != ':' && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < '\x7f' &&
           std::string_view("\"<>\\^`{|}?#").find(c) == std::string_view::npos;
  });
}

Result<std::chrono::sys_seconds> CommitTime(const std::string& folder) {
  const std::string output = TRY(RunGit(folder, {"show", "--no-patch", "--format=%ct", "HEAD"}));
  const std::string_view text = util::Trim(output);
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem != std::errc() || end != text.data() + text.size()) {
    return Error(Code::kBadInput, StrCat("git gave no time: ", util::Quoted(text)));
  }
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

// The highest version among the tags of HEAD.
Result<std::optional<Version>> VersionOfTags(const std::string& folder) {
  const std::string output = TRY(RunGit(folder, {"tag", "--points-at", "HEAD"}));
  std::optional<Version> highest;
  for (const std::string_view line : util::Split(output, '\n')) {
    Result<Version> version = Version::Parse(util::Trim(line));
    if (version.ok() && (!highest || version.value() > *highest)) highest = version.value();
  }
  return highest;
}

}  // namespace

std::string SourceUrl(std::string_view remote) {
  std::string_view host;
  std::string_view path;
  const std::size_t scheme = remote.find("://");
  if (scheme != std::string_view::npos) {
    const std::string_view name = remote.substr(0, scheme);
    if (name != "https" && name != "http" && name != "ssh" && name != "git") return {};
    const std::string_view rest = remote.substr(scheme + 3);
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return {};
    host = rest.substr(0, slash);
    path = rest.substr(slash + 1);
    host.remove_prefix(host.rfind('@') + 1);  // npos + 1 is 0
    host = host.substr(0, host.find(':'));
  } else {
    // [USER@]HOST:PATH, which a colon before any slash makes (git-clone(1), "GIT URLS").
    const std::size_t colon = remote.find(':');
    if (colon == std::string_view::npos || remote.find('/') < colon) return {};
    host = remote.substr(0, colon);
    path = remote.substr(colon + 1);
    host.remove_prefix(host.rfind('@') + 1);
  }
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with(".git")) path.remove_suffix(4);
  if (!IsHostName(host) || !IsUrlPath(path)) return {};
  return StrCat("https://", util::LowerAscii(host), "/", path);
}

Result<std::map<std::string, std::string>> GitAnnotations(
    const std::string& folder, const std::optional<std::string>& version,
    const std::optional<std::chrono::sys_seconds>& date) {
  const GitFacts facts = TRY(ReadGit(folder));
  std::map<std::string, std::string> annotations;
  const auto put = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) annotations.emplace(StrCat(kPrefix, name), value);
  };
  put("revision", facts.commit);
  // It fails where there is no such remote, and then there is nothing to say.
  const Result<std::string> remote = RunGit(folder, {"config", "--get", "remote.origin.url"});
  if (remote.ok()) put("source", SourceUrl(util::Trim(remote.value())));
  if (version) {
    const Version parsed = TRY(Version::Parse(*version));
    put("version", parsed.text());
  } else {
    const std::optional<Version> of_tags = TRY(VersionOfTags(folder));
    if (of_tags) put("version", of_tags->text());
  }
  std::chrono::sys_seconds created{};
  if (date) {
    created = *date;
  } else {
    created = TRY(CommitTime(folder));
  }
  put("created", util::FormatRfc3339(created));
  return annotations;
}

}  // namespace ociship::release
