// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TUF_UPDATE_H_
#define OCISHIP_TUF_UPDATE_H_

#include <chrono>
#include <optional>
#include <string_view>

#include "ociship/core.h"
#include "tuf/step.h"
#include "tuf/verify.h"

namespace ociship::tuf {

// How many new roots one update follows (section 5.3.3, "Y").
inline constexpr int kMaxRootRotations = 256;

// Whether a key that signed timestamps or snapshots before does so no longer. Then what it signed
// is not to be believed any longer (section 5.3.11).
enum class Rotation { kNone, kRotated };
Rotation CompareOnlineKeys(const Root& before, const Root& after);

// Section 5.3.4 and 5.3.5: the root that comes next after `trusted`. tuf-format, tuf-threshold,
// tuf-version.
Result<Verified<Root>> FollowRoot(std::string_view bytes, const Verified<Root>& trusted);

// The metadata of the four top-level roles, each verified, of the version that it must have, and
// unexpired at one time: only Update makes one.
class Refreshed {
 public:
  const Verified<Root>& root() const { return root_; }
  const Verified<Timestamp>& timestamp() const { return timestamp_; }
  const Verified<Snapshot>& snapshot() const { return snapshot_; }
  const Verified<Targets>& targets() const { return targets_; }
  // The update start time, and whether the repository was asked.
  std::chrono::sys_seconds at() const { return at_; }
  Mode mode() const { return mode_; }
  // When the first of them expires.
  std::chrono::sys_seconds expires() const;

 private:
  friend class Update;
  Refreshed(Verified<Root> root, Verified<Timestamp> timestamp, Verified<Snapshot> snapshot,
            Verified<Targets> targets, std::chrono::sys_seconds at, Mode mode);

  Verified<Root> root_;
  Verified<Timestamp> timestamp_;
  Verified<Snapshot> snapshot_;
  Verified<Targets> targets_;
  std::chrono::sys_seconds at_;
  Mode mode_;
};

// The client's workflow of specification 1.0.34, sections 5.1 to 5.6, without a network or a disk:
//
//   Update update = TRY(Update::Start(root_bytes, now, Mode::kRefresh));
//   while (update.need()) {
//     GivenFile file = ...;                   // what update.need() describes, or that it is not
//     there Change change = TRY(update.Give(file)); // and do to the cache what `change` says
//   }
//   Refreshed refreshed = update.Finish();
//
// What a step accepted stays accepted when a later one fails, as the specification wants it. All
// refusals are kTrustMaterial with a word of refusal.h, after which the update is over.
class Update {
 public:
  // `root` is the trusted root (section 5.2), `now` the fixed update start time (section 5.1).
  static Result<Update> Start(std::string_view root, std::chrono::sys_seconds now, Mode mode);

  // The file that comes next; nullopt at the end.
  const std::optional<Need>& need() const { return need_; }

  // Takes the file that need() describes. Call it only while there is one.
  Result<Change> Give(GivenFile file);

  // Call it once need() is empty.
  Refreshed Finish() const;

 private:
  enum class Stage { kRoot, kTimestamp, kSnapshot, kTargets, kDone };

  Update(Verified<Root> root, std::chrono::sys_seconds now, Mode mode)
      : root_(std::move(root)), now_(now), mode_(mode) {}

  void AskForNextRoot();
  void EndOfRoots();
  void AskRepository();

  Result<Change> GiveRoot(GivenFile file);
  Status TakeCached(std::string_view file);
  Status TakeCachedTimestamp(std::string_view file);
  Status TakeCachedSnapshot(std::string_view file);
  Status TakeCachedTargets(std::string_view file);
  Result<Change> TakeNew(std::string_view file);
  Result<Change> TakeNewTimestamp(std::string_view file);
  Result<Change> TakeNewSnapshot(std::string_view file);
  Result<Change> TakeNewTargets(std::string_view file);
  Result<Change> GiveCached(GivenFile file);

  Status CheckAgainstTrusted(const Timestamp& timestamp) const;
  Status CheckAgainstTrusted(const Snapshot& snapshot) const;
  Result<Verified<Targets>> JudgeTargets(std::string_view file) const;
  void AcceptTimestamp();
  Status AcceptSnapshot();
  void AcceptTargets(Verified<Targets> targets);

  Verified<Root> root_;
  std::chrono::sys_seconds now_;
  Mode mode_;
  Stage stage_ = Stage::kRoot;
  int rotations_ = 0;
  std::optional<Need> need_;
  // Trusted once; the final ones are those of the stages that are over.
  std::optional<Verified<Timestamp>> timestamp_;
  std::optional<Verified<Snapshot>> snapshot_;
  std::optional<Verified<Targets>> targets_;
};

}  // namespace ociship::tuf

#endif  // OCISHIP_TUF_UPDATE_H_
