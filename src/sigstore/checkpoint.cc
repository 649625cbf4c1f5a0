// SPDX-License-Identifier: Apache-2.0
// Checkpoints of transparency logs: signed notes (C2SP signed-note.md, tlog-checkpoint.md; Rekor,
// pkg/util/signed_note.go). Covered by tests/sigstore/checkpoint_test.cc.
#include "sigstore/checkpoint.h"

#include <algorithm>
#include <optional>

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "sigstore/reason.h"
#include "util/encoding.h"
#include "util/text.h"
#include "util/try.h"
#include "util/utf8.h"

namespace ociship::sigstore {
namespace {

constexpr std::string_view kSignaturePrefix = "\xE2\x80\x94 ";  // EM DASH and a space
constexpr std::size_t kKeyHashBytes = 4;
constexpr std::size_t kRootBytes = 32;

Error Bad(std::string message) {
  return Malformed(Reason::kCheckpointMalformed, std::move(message)).While("checkpoint");
}

// "Signature lines: EM DASH, space, key name, space, base64 of key hash and signature".
Result<NoteSignature> ParseSignatureLine(std::string_view line) {
  if (!line.starts_with(kSignaturePrefix))
    return Bad("a signature line does not begin with a dash");
  line.remove_prefix(kSignaturePrefix.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space == 0) return Bad("a signature line has no key name");
  const std::string_view name = line.substr(0, space);
  // "The key name MUST be non-empty and not contain any Unicode spaces or plus characters".
  if (name.find('+') != std::string_view::npos) return Bad("a key name has a plus in it");
  Result<util::Bytes> blob = util::Base64Decode(line.substr(space + 1));
  if (!blob.ok() || blob.value().size() <= kKeyHashBytes) {
    return Bad("a signature is not base64 of a key hash and more");
  }
  const auto split = blob.value().begin() + kKeyHashBytes;
  return NoteSignature{.name = std::string(name),
                       .key_hash = util::Bytes(blob.value().begin(), split),
                       .signature = util::Bytes(split, blob.value().end())};
}

// "The number of leaves as an ASCII decimal with no leading zeroes (unless the tree is empty)".
std::optional<std::uint64_t> ParseSize(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return util::ParseUnsigned(text);
}

Status ParseText(Checkpoint& checkpoint) {
  const std::vector<std::string_view> lines = util::Split(checkpoint.text, '\n');
  // Three lines at least; what follows the last line end is empty.
  if (lines.size() < 4) return Bad("it has not three lines");
  checkpoint.origin = lines[0];
  if (checkpoint.origin.empty()) return Bad("it has no origin");
  const std::optional<std::uint64_t> size = ParseSize(lines[1]);
  if (!size) return Bad(util::StrCat("its second line, ", util::Quoted(lines[1]), ", is no size"));
  checkpoint.size = *size;
  Result<util::Bytes> root = util::Base64Decode(lines[2]);
  if (!root.ok() || root.value().size() != kRootBytes) {
    return Bad("its third line is not base64 of a hash");
  }
  checkpoint.root = std::move(root).value();
  return Ok();
}

bool HasControlCharacters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
  });
}

util::Bytes KeyHash(std::string_view message_head, ByteView tail) {
  util::Bytes message(message_head.begin(), message_head.end());
  message.insert(message.end(), tail.begin(), tail.end());
  util::Bytes hash = crypto::HashBytes(crypto::HashAlgorithm::kSha256, message);
  hash.resize(kKeyHashBytes);
  return hash;
}

// The 32 bytes of an Ed25519 key end its SubjectPublicKeyInfo (RFC 8410 section 4).
ByteView RawEd25519(const crypto::PublicKey& key) { return ByteView(key.der()).last(32); }

// How a key is called in signature lines. Rekor v1 calls every key by the hash of its
// SubjectPublicKeyInfo; v2 does so for ECDSA, and for others as signed-note.md says: SHA-256 of
// name, line end, algorithm byte and key.
util::Bytes NoteKeyHash(const Log& log, std::string_view name, LogGeneration generation) {
  using crypto::KeyType;
  const KeyType type = log.key.type();
  if (generation == LogGeneration::kRekor2 && type == KeyType::kEd25519) {
    return KeyHash(util::StrCat(name, "\n\x01"), RawEd25519(log.key));
  }
  if (generation == LogGeneration::kRekor2 && type == KeyType::kRsa) {
    return KeyHash(util::StrCat(name, "\n\xff", "PKIX-RSA-PKCS#1v1.5"), log.key.der());
  }
  return KeyHash("", log.key.der());
}

// The name that the log signs with. "HOST - TREE" is the origin of Rekor v1, which signs as HOST;
// v2 signs as its origin, which is the host of its URL (rekor-v2-spec.md section 5).
Result<std::string> NameOf(const Checkpoint& checkpoint, const Log& log, LogGeneration generation) {
  const std::string& origin = checkpoint.origin;
  if (generation == LogGeneration::kRekor2) {
    if (origin != log.name) {
      return Refuse(Reason::kCheckpointOrigin,
                    util::StrCat("the checkpoint is of ", util::Quoted(origin), ", the log is ",
                                 util::Quoted(log.name)));
    }
    return log.name;
  }
  const std::size_t dash = origin.rfind(" - ");
  if (dash == std::string::npos || !util::ParseUnsigned(origin.substr(dash + 3))) {
    return Refuse(Reason::kCheckpointOrigin,
                  util::StrCat("the checkpoint is of ", util::Quoted(origin),
                               ", which is not how this kind of log calls itself"));
  }
  return origin.substr(0, dash);
}

}  // namespace

Result<Checkpoint> ParseCheckpoint(std::string_view note) {
  if (!util::IsUtf8(note) || HasControlCharacters(note)) return Bad("it has control characters");
  // "The text is separated from the signatures by an empty line", the last one.
  const std::size_t end = note.rfind("\n\n");
  if (end == std::string_view::npos) return Bad("it has no signatures");
  Checkpoint checkpoint{};
  checkpoint.text = note.substr(0, end + 1);
  std::string_view block = note.substr(end + 2);
  if (block.empty() || block.back() != '\n') return Bad("it does not end with a line end");
  block.remove_suffix(1);
  const std::vector<std::string_view> lines = util::Split(block, '\n');
  if (lines.size() > kMaxNoteSignatures) return Bad("it has too many signatures");
  for (const std::string_view line : lines) {
    NoteSignature signature = TRY(ParseSignatureLine(line));
    checkpoint.signatures.push_back(std::move(signature));
  }
  TRY(ParseText(checkpoint));
  return checkpoint;
}

Result<VerifiedCheckpoint> VerifyCheckpoint(const Checkpoint& checkpoint, const Log& log,
                                            LogGeneration generation) {
  const std::string name = TRY(NameOf(checkpoint, log, generation));
  const util::Bytes key_hash = NoteKeyHash(log, name, generation);
  std::size_t verified = 0;
  for (const NoteSignature& line : checkpoint.signatures) {
    // "Verifiers MUST ignore signatures from unknown keys": name and hash both count.
    if (line.name != name || line.key_hash != key_hash) continue;
    const auto signature = crypto::Verify(log.key, util::AsBytes(checkpoint.text), line.signature,
                                          crypto::HashAlgorithm::kSha256);
    // "If a signature from a known key fails to verify, verifiers MUST reject the note".
    if (!signature.ok()) {
      return Refuse(Reason::kCheckpointSignature,
                    util::StrCat("the checkpoint was not signed by the log ", log.name));
    }
    ++verified;
  }
  if (verified == 0) {
    return Refuse(Reason::kCheckpointSignature,
                  util::StrCat("the checkpoint has no signature of the log ", log.name));
  }
  return VerifiedCheckpoint(checkpoint.size, checkpoint.root);
}

}  // namespace ociship::sigstore
