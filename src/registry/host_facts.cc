// SPDX-License-Identifier: Apache-2.0
// Remembers what registries do not take. Tested by host_facts_test.cc.
#include "registry/host_facts.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "util/file.h"
#include "util/text.h"

namespace ociship::registry {
namespace {

using util::StrCat;

// The number changes with the form of the lines.
constexpr std::string_view kFolderName = "registries-1";
constexpr std::size_t kMaxFileBytes = 4096;
constexpr mode_t kFileMode = 0600;
// Registries are updated, and proxies before them reconfigured.
constexpr std::chrono::hours kKept{30 * 24};

// Larger limits are of no use: a request is held in memory.
constexpr std::uint64_t kLargestLimit = 64 << 20;

constexpr std::string_view kTimeName = "learnt";
constexpr std::string_view kLimitName = "body-limit";

struct Name {
  std::string_view text;
  HostFacts::Seen HostFacts::*member;
};
constexpr std::array kNames = {
    Name{"refuses-chunks", &HostFacts::refuses_chunks},
    Name{"refuses-streams", &HostFacts::refuses_streams},
    Name{"refuses-whole-blobs", &HostFacts::refuses_whole_blobs},
    Name{"refuses-mount-anywhere", &HostFacts::refuses_mount_anywhere},
    Name{"ignores-tag-queries", &HostFacts::ignores_tag_queries},
};

// One line "NAME VALUE". What is not known is of another version, and left out.
void TakeLine(std::string_view line, HostFacts& facts, std::int64_t& learnt) {
  const std::vector<std::string_view> words = util::Split(line, ' ');
  if (words.size() != 2) return;
  const std::optional<std::uint64_t> number = util::ParseUnsigned(words[1]);
  if (!number) return;
  constexpr std::uint64_t kMost = INT64_MAX / 2;  // so that differences stay numbers
  if (words[0] == kTimeName && *number < kMost) learnt = static_cast<std::int64_t>(*number);
  if (words[0] == kLimitName && *number > 0) facts.body_limit = std::min(*number, kLargestLimit);
  for (const Name& name : kNames) {
    if (words[0] == name.text && *number == 1) facts.*name.member = HostFacts::Seen::kYes;
  }
}

std::string Format(const HostFacts& facts, std::int64_t learnt) {
  std::string text = StrCat(kTimeName, " ", learnt, "\n");
  if (facts.body_limit) text += StrCat(kLimitName, " ", *facts.body_limit, "\n");
  for (const Name& name : kNames) {
    if (facts.*name.member == HostFacts::Seen::kYes) text += StrCat(name.text, " 1\n");
  }
  return text;
}

}  // namespace

HostMemory::HostMemory(std::string host, std::string folder, const util::Clock& clock)
    : host_(std::move(host)),
      folder_(folder.empty() ? folder : StrCat(folder, "/", kFolderName)),
      clock_(clock) {
  if (!folder_.empty()) Load();
}

HostFacts HostMemory::Get() const {
  const std::lock_guard lock(mutex_);
  return facts_;
}

void HostMemory::Load() {
  // A host is a name or an address with a port: nothing that leads out of the folder.
  const std::string path = StrCat(folder_, "/", host_);
  const Result<std::string> text = util::ReadRegularFile(path, kMaxFileBytes);
  if (!text.ok()) return;
  HostFacts facts;
  std::int64_t learnt = 0;
  for (const std::string_view line : util::Split(text.value(), '\n')) {
    TakeLine(line, facts, learnt);
  }
  const std::chrono::seconds age = clock_.Now().time_since_epoch() - std::chrono::seconds(learnt);
  if (age >= std::chrono::seconds(0) && age < kKept) facts_ = facts;
}

void HostMemory::Save() const {
  if (folder_.empty() || !util::MakeFolders(folder_).ok()) return;
  const std::string text = Format(facts_, clock_.Now().time_since_epoch().count());
  // Without it the next run learns it again.
  static_cast<void>(util::WriteFileAtomically(StrCat(folder_, "/", host_), text, kFileMode));
}

}  // namespace ociship::registry
