// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_CHECKPOINT_H_
#define OCISHIP_SIGSTORE_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "sigstore/entry_body.h"
#include "sigstore/trust_root.h"
#include "util/bytes.h"

namespace ociship::sigstore {

inline constexpr std::size_t kMaxNoteSignatures = 100;

// One line behind the text of a signed note (C2SP signed-note.md, "Format").
struct NoteSignature {
  std::string name;
  util::Bytes key_hash;   // 4 bytes
  util::Bytes signature;  // what follows them
};

// The state of a log as a signed note (C2SP tlog-checkpoint.md). Well-formed, and nothing more.
struct Checkpoint {
  std::string text;  // what is signed, with its last line end
  std::string origin;
  std::uint64_t size;
  util::Bytes root;  // 32 bytes
  std::vector<NoteSignature> signatures;
};

// kBadInput (checkpoint-malformed).
Result<Checkpoint> ParseCheckpoint(std::string_view note);

// Proof that a log of the trusted root signed a tree of this size and root.
class VerifiedCheckpoint {
 public:
  std::uint64_t size() const { return size_; }
  const util::Bytes& root() const { return root_; }

 private:
  friend Result<VerifiedCheckpoint> VerifyCheckpoint(const Checkpoint&, const Log&, LogGeneration);
  VerifiedCheckpoint(std::uint64_t size, util::Bytes root) : size_(size), root_(std::move(root)) {}

  std::uint64_t size_;
  util::Bytes root_;
};

// Verifies that `log` signed the checkpoint: one line with the log's name and key hash at least,
// and no such line that does not verify; lines of others, witnesses say, are passed over.
// kNoMatch: checkpoint-origin, checkpoint-signature.
Result<VerifiedCheckpoint> VerifyCheckpoint(const Checkpoint& checkpoint, const Log& log,
                                            LogGeneration generation);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_CHECKPOINT_H_
