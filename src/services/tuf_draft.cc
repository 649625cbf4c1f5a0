// SPDX-License-Identifier: Apache-2.0
// From a trusted root to the newest one that is kept, and what changes from there on. Tested by
// tuf_trust_test.cc.
#include "services/tuf_draft.h"

#include <map>
#include <utility>

#include "tuf/metadata.h"
#include "tuf/update.h"
#include "tuf/verify.h"
#include "util/try.h"

namespace ociship::services {
namespace {

using File = std::optional<std::string>;
using VerifiedRoot = tuf::Verified<tuf::Root>;

// How many kept roots one run walks over.
constexpr int kMaxKeptRoots = 4096;

File AtMost(const File& file, std::size_t max_bytes) {
  return file && file->size() <= max_bytes ? file : std::nullopt;
}

// What a root that is kept says of itself; nullopt for what is none.
std::optional<VerifiedRoot> Parsed(const File& file) {
  if (!file) return std::nullopt;
  Result<VerifiedRoot> root = tuf::VerifyFirstRoot(*file);
  return root.ok() ? std::optional<VerifiedRoot>(std::move(root).value()) : std::nullopt;
}

}  // namespace

// Where a walk led to.
struct TufDraft::Walk {
  VerifiedRoot root;
  std::string bytes;
  int steps = 0;

  std::int64_t version() const { return root->common.version; }
};

Result<File> TufDraft::KeptRoot(std::int64_t version) const {
  if (cache_ == nullptr) return File();
  return cache_->ReadFile(TufCache::RootFile(version), tuf::kMaxRootBytes);
}

Result<TufDraft::Walk> TufDraft::WalkFrom(std::string trusted) const {
  VerifiedRoot first = TRY(tuf::VerifyFirstRoot(trusted));
  Walk walk{.root = std::move(first), .bytes = std::move(trusted)};
  for (; walk.steps < kMaxKeptRoots; ++walk.steps) {
    File kept = TRY(KeptRoot(walk.version() + 1));
    if (!kept) break;
    Result<VerifiedRoot> next = tuf::FollowRoot(*kept, walk.root);
    if (!next.ok()) break;
    walk.root = std::move(next).value();
    walk.bytes = *std::move(kept);
  }
  return walk;
}

// A root is of the lineage of the cache when the cache has it or one that follows it, or when it
// follows one that the cache has itself.
Result<Lineage> TufDraft::LineageOf(const Walk& walk) const {
  if (walk.steps > 0) return Lineage::kSame;
  const File kept = TRY(KeptRoot(walk.version()));
  if (kept == walk.bytes) return Lineage::kSame;
  const File earlier = TRY(KeptRoot(walk.version() - 1));
  const std::optional<VerifiedRoot> before = Parsed(earlier);
  const bool follows = before && tuf::FollowRoot(walk.bytes, *before).ok();
  return follows ? Lineage::kSame : Lineage::kOther;
}

void TufDraft::KeepRoot(std::int64_t version, std::string bytes) {
  changes_.files[TufCache::RootFile(version)] = bytes;
  changes_.files[TufCache::RoleFile(tuf::kRootRole)] = bytes;
  version_ = version;
  root_ = std::move(bytes);
}

// Nothing of the cache counts, but that who has missed some roots is still not led back: what his
// timestamp and snapshot are compared with stays, as long as nobody rotated their keys.
Status TufDraft::BeginAnew(const Walk& walk) {
  std::map<std::string, File> seen;
  if (cache_ != nullptr) {
    const File current = TRY(cache_->Read(tuf::kRootRole, tuf::kMaxRootBytes));
    const std::optional<VerifiedRoot> before = Parsed(current);
    const bool later = before && (*before)->common.version < walk.version();
    if (later && tuf::CompareOnlineKeys(**before, *walk.root) == tuf::Rotation::kNone) {
      seen["timestamp"] = TRY(cache_->Read(tuf::kTimestampRole, tuf::kMaxTimestampBytes));
      seen["snapshot"] = TRY(cache_->Read(tuf::kSnapshotRole, tuf::kMaxSnapshotBytes));
    }
  }
  changes_.others = TufChanges::Others::kRemoved;
  for (const auto& [role, file] : seen) {
    if (file) changes_.files[TufCache::RoleFile(role)] = file;
  }
  KeepRoot(walk.version(), walk.bytes);
  return Ok();
}

Status TufDraft::GoOn(const Walk& walk) {
  const File current = TRY(cache_->Read(tuf::kRootRole, tuf::kMaxRootBytes));
  const File kept = TRY(KeptRoot(walk.version()));
  version_ = walk.version();
  root_ = walk.bytes;
  if (current == walk.bytes && kept == walk.bytes) return Ok();
  KeepRoot(walk.version(), walk.bytes);
  const std::optional<VerifiedRoot> before = Parsed(current);
  if (before && tuf::CompareOnlineKeys(**before, *walk.root) == tuf::Rotation::kNone) return Ok();
  TRY(Remove(tuf::kTimestampRole));
  return Remove(tuf::kSnapshotRole);
}

Result<Lineage> TufDraft::BeginWith(std::string trusted) {
  if (trusted.empty() && cache_ != nullptr) {
    const File root = TRY(cache_->Read(tuf::kRootRole, tuf::kMaxRootBytes));
    const Walk walk = TRY(WalkFrom(root.value_or("")));
    TRY(GoOn(walk));
    return Lineage::kSame;
  }
  const Walk walk = TRY(WalkFrom(std::move(trusted)));
  const Lineage lineage = TRY(LineageOf(walk));
  switch (lineage) {
    case Lineage::kSame:
      TRY(GoOn(walk));
      break;
    case Lineage::kOther:
      TRY(BeginAnew(walk));
      break;
  }
  return lineage;
}

const File* TufDraft::Changed(const std::string& file) const {
  static const File kGone;
  const auto changed = changes_.files.find(file);
  if (changed != changes_.files.end()) return &changed->second;
  const bool gone = cache_ == nullptr || changes_.others == TufChanges::Others::kRemoved;
  return gone ? &kGone : nullptr;
}

Result<File> TufDraft::Read(std::string_view role, std::size_t max_bytes) const {
  if (const File* changed = Changed(TufCache::RoleFile(role))) return AtMost(*changed, max_bytes);
  return cache_->Read(role, max_bytes);
}

Status TufDraft::Write(std::string_view role, std::string_view bytes) {
  if (role == tuf::kRootRole) {
    KeepRoot(version_ + 1, std::string(bytes));
  } else {
    changes_.files[TufCache::RoleFile(role)] = std::string(bytes);
  }
  return Ok();
}

Status TufDraft::Remove(std::string_view role) {
  changes_.files[TufCache::RoleFile(role)] = std::nullopt;
  return Ok();
}

Result<File> TufDraft::ReadTarget(std::string_view path, std::size_t max_bytes) const {
  if (const File* changed = Changed(TufCache::TargetFile(path))) {
    return AtMost(*changed, max_bytes);
  }
  return cache_->ReadTarget(path, max_bytes);
}

Status TufDraft::WriteTarget(std::string_view path, std::string_view bytes) {
  changes_.files[TufCache::TargetFile(path)] = std::string(bytes);
  return Ok();
}

}  // namespace ociship::services
