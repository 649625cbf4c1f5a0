// SPDX-License-Identifier: Apache-2.0
// Drives a BlobWriter through its contract (ociship/store.h). Tested by write_blob_test.cc.
#include "oci/write_blob.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "util/bytes.h"
#include "util/try.h"

namespace ociship::oci {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

class MemoryContent : public util::RandomReader {
 public:
  explicit MemoryContent(ByteView bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<std::uint8_t> buffer) override {
    const ByteView rest = bytes_.subspan(static_cast<std::size_t>(offset));
    const std::size_t count = std::min(rest.size(), buffer.size());
    std::copy_n(rest.begin(), count, buffer.begin());
    return count;
  }

 private:
  ByteView bytes_;
};

}  // namespace

Result<Presence> LookUpBlob(Store& store, const Digest& digest, std::uint64_t size) {
  std::optional<std::uint64_t> there = TRY(store.BlobSize(digest));
  if (!there) there = TRY(store.MountBlob(digest));
  return there && *there == size ? Presence::kThere : Presence::kAbsent;
}

Status WriteFrom(std::uint64_t offset, util::RandomReader& content, BlobWriter& writer) {
  util::Bytes buffer(
      static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, content.size())));
  while (offset < content.size()) {
    const std::size_t got = TRY(content.ReadAt(offset, buffer));
    if (got == 0) return Error(Code::kBadInput, "a blob became shorter while it was read");
    offset = TRY(writer.Write(offset, ByteView(buffer).first(got)));
  }
  return Ok();
}

Status CommitBlob(const Digest& digest, util::RandomReader& content, BlobWriter& writer) {
  while (true) {
    const std::optional<std::uint64_t> again = TRY(writer.Commit(digest, content.size()));
    if (!again) return Ok();
    TRY(WriteFrom(*again, content, writer));
  }
}

Status WriteNewBlob(Store& store, const Digest& digest, std::string_view content) {
  MemoryContent memory(util::AsBytes(content));
  const std::unique_ptr<BlobWriter> writer = TRY(store.WriteBlob());
  TRY(WriteFrom(0, memory, *writer));
  return CommitBlob(digest, memory, *writer);
}

Result<Sent> WriteSmallBlob(Store& store, const Digest& digest, std::string_view content) {
  const Presence presence = TRY(LookUpBlob(store, digest, content.size()));
  if (presence == Presence::kThere) return Sent::kWasThere;
  TRY(WriteNewBlob(store, digest, content));
  return Sent::kSent;
}

}  // namespace ociship::oci
