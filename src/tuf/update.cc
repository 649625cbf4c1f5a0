// SPDX-License-Identifier: Apache-2.0
// The client's workflow as a state machine: root, timestamp, snapshot, targets. The sentences in
// quotation marks are those of specification 1.0.34. Tested by update_test.cc.
#include "tuf/update.h"

#include <algorithm>
#include <string>
#include <utility>

#include "tuf/refusal.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::tuf {
namespace {

using util::StrCat;

constexpr std::string_view kTargetsFile = "targets.json";

Rotation CompareKeys(const Root& before, const Root& after, RoleKeys Root::*role) {
  const auto old_keys = before.keys.UsableKeys(before.*role);
  const auto new_keys = after.keys.UsableKeys(after.*role);
  return std::ranges::includes(new_keys, old_keys) ? Rotation::kNone : Rotation::kRotated;
}

Error Rollback(std::string_view what, std::int64_t version, std::int64_t before) {
  return Refuse(reason::kRollback, StrCat(what, " is version ", version, ", and version ", before,
                                          " was trusted before"));
}

}  // namespace

// 5.3.11: "If the timestamp and / or snapshot keys have been rotated, then delete the trusted
// timestamp and snapshot metadata files": recovery from a fast-forward attack.
Rotation CompareOnlineKeys(const Root& before, const Root& after) {
  const Rotation timestamp = CompareKeys(before, after, &Root::timestamp);
  return timestamp == Rotation::kRotated ? timestamp : CompareKeys(before, after, &Root::snapshot);
}

Result<Verified<Root>> FollowRoot(std::string_view bytes, const Verified<Root>& trusted) {
  // 5.3.4: signed by a threshold of the keys of the old and of the new root.
  Verified<Root> next = TRY(VerifyNextRoot(bytes, trusted));
  // 5.3.5: "The version number of the new root metadata (version N+1) MUST be exactly the version
  // in the trusted root metadata (version N) incremented by one".
  if (next->common.version == trusted->common.version + 1) return next;
  return Refuse(reason::kVersion, StrCat("root is version ", next->common.version, ", and version ",
                                         trusted->common.version + 1, " was asked for"));
}

Refreshed::Refreshed(Verified<Root> root, Verified<Timestamp> timestamp,
                     Verified<Snapshot> snapshot, Verified<Targets> targets,
                     std::chrono::sys_seconds at, Mode mode)
    : root_(std::move(root)),
      timestamp_(std::move(timestamp)),
      snapshot_(std::move(snapshot)),
      targets_(std::move(targets)),
      at_(at),
      mode_(mode) {}

std::chrono::sys_seconds Refreshed::expires() const {
  return std::min({root_->common.expires, timestamp_->common.expires, snapshot_->common.expires,
                   targets_->common.expires});
}

Result<Update> Update::Start(std::string_view root, std::chrono::sys_seconds now, Mode mode) {
  // Section 5.2: "Load the trusted root metadata file. We assume that a good, trusted copy of this
  // file was shipped with the package manager or software updater".
  Verified<Root> first = TRY(VerifyFirstRoot(root));
  Update update(std::move(first), now, mode);
  switch (mode) {
    case Mode::kRefresh:
      update.AskForNextRoot();
      break;
    case Mode::kCacheOnly:
      update.EndOfRoots();
      break;
  }
  return update;
}

// --- Root (section 5.3) --------------------------------------------------------------------------

void Update::AskForNextRoot() {
  // 5.3.3: "Try downloading version N+1 of the root metadata file, up to some W number of bytes".
  need_ = Need{.place = Need::Place::kRepository,
               .role = std::string(kRootRole),
               .version = root_->common.version + 1,
               .max_bytes = kMaxRootBytes};
}

void Update::EndOfRoots() {
  stage_ = Stage::kTimestamp;
  need_ = FromCache(std::string(kTimestampRole), kMaxTimestampBytes);
}

Result<Change> Update::GiveRoot(GivenFile file) {
  // 5.3.3: "If this file is not available, or we have downloaded more than Y number of root
  // metadata files ..., then go to step 5.3.10".
  if (!file) {
    EndOfRoots();
    return Change{};
  }
  const Verified<Root> next = TRY(FollowRoot(*file, root_));
  Change change{.given = Change::Given::kKept};  // 5.3.8
  switch (CompareOnlineKeys(*root_, *next)) {
    case Rotation::kNone:
      break;
    case Rotation::kRotated:
      change.forget = {std::string(kTimestampRole), std::string(kSnapshotRole)};
      break;
  }
  root_ = next;
  if (++rotations_ < kMaxRootRotations) {
    AskForNextRoot();
  } else {
    EndOfRoots();
  }
  return change;
}

// --- Timestamp (section 5.4) ---------------------------------------------------------------------

Status Update::TakeCachedTimestamp(std::string_view file) {
  // An expired one is good enough to compare versions with.
  timestamp_ = TRY(VerifyTimestamp(file, root_));
  switch (mode_) {
    case Mode::kRefresh:
      AskRepository();
      return Ok();
    case Mode::kCacheOnly:
      break;
  }
  TRY(CheckUnexpired((*timestamp_)->common, now_, kTimestampRole));
  AcceptTimestamp();
  return Ok();
}

// 5.4.3: "The version number of the trusted timestamp metadata file, if any, MUST be less than the
// version number of the new timestamp metadata file" and "The version number of the snapshot
// metadata file in the trusted timestamp metadata file, if any, MUST be less than or equal to its
// version number in the new timestamp metadata file".
Status Update::CheckAgainstTrusted(const Timestamp& timestamp) const {
  if (!timestamp_) return Ok();
  const Timestamp& trusted = **timestamp_;
  if (timestamp.common.version < trusted.common.version) {
    return Rollback(kTimestampRole, timestamp.common.version, trusted.common.version);
  }
  if (timestamp.common.version == trusted.common.version) return Ok();
  if (timestamp.snapshot.version < trusted.snapshot.version) {
    return Rollback("the snapshot that the timestamp names", timestamp.snapshot.version,
                    trusted.snapshot.version);
  }
  return Ok();
}

Result<Change> Update::TakeNewTimestamp(std::string_view file) {
  const Verified<Timestamp> fresh = TRY(VerifyTimestamp(file, root_));  // 5.4.2
  TRY(CheckAgainstTrusted(*fresh));
  Change change;
  // 5.4.3: "In case they are equal, discard the new timestamp metadata and abort the update cycle.
  // This is normal": what is trusted stays trusted, as long as it is unexpired.
  if (!timestamp_ || fresh->common.version > (*timestamp_)->common.version) {
    TRY(CheckUnexpired(fresh->common, now_, kTimestampRole));  // 5.4.4
    timestamp_ = fresh;
    change.given = Change::Given::kKept;  // 5.4.5
  }
  TRY(CheckUnexpired((*timestamp_)->common, now_, kTimestampRole));
  AcceptTimestamp();
  return change;
}

void Update::AcceptTimestamp() {
  stage_ = Stage::kSnapshot;
  need_ = FromCache(std::string(kSnapshotRole), kMaxSnapshotBytes);
}

// --- Snapshot (section 5.5) ----------------------------------------------------------------------

Status Update::TakeCachedSnapshot(std::string_view file) {
  const MetaFile& promised = (*timestamp_)->snapshot;
  // Also one that is not the promised one is what the new one is compared with.
  snapshot_ = TRY(VerifySnapshot(file, root_));
  TRY(promised.fingerprint.Check(file, kSnapshotRole));
  TRY(CheckVersion((*snapshot_)->common, promised, kSnapshotRole));
  TRY(CheckUnexpired((*snapshot_)->common, now_, kSnapshotRole));
  return AcceptSnapshot();
}

// 5.5.5: "The version number of the targets metadata file, and all delegated targets metadata
// files, if any, in the trusted snapshot metadata file, if any, MUST be less than or equal to its
// version number in the new snapshot metadata file. Furthermore, any targets metadata filename that
// was listed in the trusted snapshot metadata file, if any, MUST continue to be listed".
Status Update::CheckAgainstTrusted(const Snapshot& snapshot) const {
  if (!snapshot_) return Ok();
  for (const auto& [name, before] : (*snapshot_)->files) {
    const auto now = snapshot.files.find(name);
    if (now == snapshot.files.end()) {
      return Refuse(reason::kRollback, StrCat("the snapshot no longer lists ", util::Quoted(name)));
    }
    if (now->second.version < before.version) {
      return Rollback(StrCat("in the snapshot ", util::Quoted(name)), now->second.version,
                      before.version);
    }
  }
  return Ok();
}

Result<Change> Update::TakeNewSnapshot(std::string_view file) {
  const MetaFile& promised = (*timestamp_)->snapshot;
  TRY(promised.fingerprint.Check(file, kSnapshotRole));               // 5.5.2
  const Verified<Snapshot> fresh = TRY(VerifySnapshot(file, root_));  // 5.5.3
  TRY(CheckVersion(fresh->common, promised, kSnapshotRole));          // 5.5.4
  TRY(CheckAgainstTrusted(*fresh));                                   // 5.5.5
  TRY(CheckUnexpired(fresh->common, now_, kSnapshotRole));            // 5.5.6
  snapshot_ = fresh;
  TRY(AcceptSnapshot());
  return Change{.given = Change::Given::kKept};  // 5.5.7
}

Status Update::AcceptSnapshot() {
  if (!(*snapshot_)->files.contains(kTargetsFile)) {
    return Refuse(reason::kFormat, StrCat("the snapshot does not list ", kTargetsFile));
  }
  stage_ = Stage::kTargets;
  need_ = FromCache(std::string(kTargetsRole), kMaxTargetsBytes);
  return Ok();
}

// --- Targets (section 5.6) -----------------------------------------------------------------------

Result<Verified<Targets>> Update::JudgeTargets(std::string_view file) const {
  const MetaFile& promised = (*snapshot_)->files.find(kTargetsFile)->second;
  TRY(promised.fingerprint.Check(file, kTargetsRole));                // 5.6.2
  const Verified<Targets> targets = TRY(VerifyTargets(file, root_));  // 5.6.3
  TRY(CheckVersion(targets->common, promised, kTargetsRole));         // 5.6.4
  TRY(CheckUnexpired(targets->common, now_, kTargetsRole));           // 5.6.5
  return targets;
}

void Update::AcceptTargets(Verified<Targets> targets) {
  targets_ = std::move(targets);
  stage_ = Stage::kDone;
  need_.reset();
}

Status Update::TakeCachedTargets(std::string_view file) {
  Verified<Targets> targets = TRY(JudgeTargets(file));
  AcceptTargets(std::move(targets));
  return Ok();
}

Result<Change> Update::TakeNewTargets(std::string_view file) {
  Verified<Targets> targets = TRY(JudgeTargets(file));
  AcceptTargets(std::move(targets));
  return Change{.given = Change::Given::kKept};  // 5.6.6
}

// --- The machine ---------------------------------------------------------------------------------

// After what the cache has for the stage was not enough.
void Update::AskRepository() {
  switch (stage_) {
    case Stage::kTimestamp:
      // 5.4.1: "The filename used to download the timestamp metadata file is of the fixed form".
      need_ = Need{.place = Need::Place::kRepository,
                   .role = std::string(kTimestampRole),
                   .max_bytes = kMaxTimestampBytes};
      return;
    case Stage::kSnapshot:
      need_ = FromRepository(std::string(kSnapshotRole), (*timestamp_)->snapshot, *root_,
                             kMaxSnapshotBytes);
      return;
    case Stage::kTargets:
      need_ =
          FromRepository(std::string(kTargetsRole), (*snapshot_)->files.find(kTargetsFile)->second,
                         *root_, kMaxTargetsBytes);
      return;
    case Stage::kRoot:
    case Stage::kDone:
      return;
  }
}

Status Update::TakeCached(std::string_view file) {
  switch (stage_) {
    case Stage::kTimestamp:
      return TakeCachedTimestamp(file);
    case Stage::kSnapshot:
      return TakeCachedSnapshot(file);
    case Stage::kTargets:
      return TakeCachedTargets(file);
    case Stage::kRoot:
    case Stage::kDone:
      break;
  }
  return Error(Code::kFailure, "no file of the cache was asked for");
}

Result<Change> Update::TakeNew(std::string_view file) {
  switch (stage_) {
    case Stage::kTimestamp:
      return TakeNewTimestamp(file);
    case Stage::kSnapshot:
      return TakeNewSnapshot(file);
    case Stage::kTargets:
      return TakeNewTargets(file);
    case Stage::kRoot:
    case Stage::kDone:
      break;
  }
  return Error(Code::kFailure, "no file of the repository was asked for");
}

// What the cache has is a help at most: where it is of no use the repository is asked.
Result<Change> Update::GiveCached(GivenFile file) {
  // 5.3.10: "The expiration timestamp in the trusted root metadata file MUST be higher than the
  // fixed update start time". Those of the roots before it do not matter.
  TRY(CheckUnexpired(root_->common, now_, kRootRole));
  const Status taken = file ? TakeCached(*file) : Status(NotThere(*need_));
  if (taken.ok()) return Change{};
  switch (mode_) {
    case Mode::kCacheOnly:
      return taken.error();
    case Mode::kRefresh:
      break;
  }
  AskRepository();
  return Change{};
}

Result<Change> Update::Give(GivenFile file) {
  if (!need_) return Error(Code::kFailure, "no file was asked for");
  if (stage_ == Stage::kRoot) return GiveRoot(file);
  switch (need_->place) {
    case Need::Place::kCache:
      return GiveCached(file);
    case Need::Place::kRepository:
      break;
  }
  if (!file) return NotThere(*need_);
  return TakeNew(*file);
}

Refreshed Update::Finish() const {
  return Refreshed(root_, timestamp_.value(), snapshot_.value(), targets_.value(), now_, mode_);
}

}  // namespace ociship::tuf
