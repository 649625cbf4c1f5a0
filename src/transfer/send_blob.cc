// SPDX-License-Identifier: Apache-2.0
// Stores a blob whose digest is known at its end, keeping what may be wanted again (store.h,
// BlobWriter). Tested by send_blob_test.cc.
#include "transfer/send_blob.h"

#include <memory>
#include <utility>

#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

// Bytes from some offset of a blob on, the earlier ones being forgotten.
class KeptBytes : public util::RandomReader {
 public:
  explicit KeptBytes(util::SpoolBudget& budget) : budget_(budget) { spool_.emplace(budget); }

  Status Append(ByteView bytes) { return spool_->Append(bytes); }
  std::uint64_t size() const override { return begin_ + spool_->size(); }
  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<std::uint8_t> buffer) override {
    if (offset < begin_) {
      return Error(Code::kUnavailable, "the destination lost bytes that it had confirmed");
    }
    return spool_->ReadAt(offset - begin_, buffer);
  }
  // Forgets everything when nothing of it can be wanted again.
  void ForgetBefore(std::uint64_t settled) {
    if (settled < size() || spool_->size() == 0) return;
    begin_ = size();
    spool_.emplace(budget_);
  }

 private:
  util::SpoolBudget& budget_;
  std::uint64_t begin_ = 0;
  std::optional<util::Spool> spool_;
};

// A writer that tells how far it is.
class MeteredWriter : public BlobWriter {
 public:
  static Result<std::unique_ptr<BlobWriter>> Begin(Store& destination, BlobMeter& meter) {
    meter.WaitingForAnswer();
    std::unique_ptr<BlobWriter> writer = TRY(destination.WriteBlob());
    meter.WaitingForBytes();
    return std::unique_ptr<BlobWriter>(std::make_unique<MeteredWriter>(std::move(writer), meter));
  }
  MeteredWriter(std::unique_ptr<BlobWriter> writer, BlobMeter& meter)
      : writer_(std::move(writer)), meter_(meter) {}

  Result<std::uint64_t> Write(std::uint64_t offset, ByteView bytes) override {
    meter_.Sending();
    const std::uint64_t next = TRY(writer_->Write(offset, bytes));
    meter_.SentUpTo(next);
    return next;
  }
  Result<std::optional<std::uint64_t>> Commit(const Digest& digest, std::uint64_t size) override {
    meter_.WaitingForAnswer();
    const std::optional<std::uint64_t> again = TRY(writer_->Commit(digest, size));
    if (again) meter_.SentUpTo(*again);
    return again;
  }
  std::uint64_t settled() const override { return writer_->settled(); }

 private:
  std::unique_ptr<BlobWriter> writer_;
  BlobMeter& meter_;
};

// Sends a piece that was just kept; after a break, what the other side wants again before it.
Status SendPiece(ByteView piece, KeptBytes& kept, BlobWriter& writer) {
  const std::uint64_t next = TRY(writer.Write(kept.size() - piece.size(), piece));
  if (next != kept.size()) TRY(oci::WriteFrom(next, kept, writer));
  kept.ForgetBefore(writer.settled());
  return Ok();
}

Status Compare(const SentBlob& blob, const std::optional<Descriptor>& expected) {
  if (!expected) return Ok();
  if (blob.size != expected->size) {
    return Error(Code::kBadInput, util::StrCat("blob ", expected->digest.text(), " has ", blob.size,
                                               " bytes, not ", expected->size));
  }
  if (blob.digest != expected->digest) {
    return Error(Code::kBadInput, util::StrCat("blob ", expected->digest.text(), " has the digest ",
                                               blob.digest.text()));
  }
  return Ok();
}

}  // namespace

Result<SentBlob> SendStream(BlobStream& stream, Store& destination, const SendPlan& plan,
                            util::SpoolBudget& budget, BlobMeter& meter) {
  crypto::Hasher hasher =
      plan.expected ? crypto::Hasher::For(plan.expected->digest) : crypto::Hasher(plan.algorithm);
  KeptBytes kept(budget);
  std::unique_ptr<BlobWriter> writer;
  meter.WaitingForBytes();
  if (plan.sending == Sending::kAtOnce) writer = TRY(MeteredWriter::Begin(destination, meter));
  while (true) {
    const std::optional<BlobStream::Piece> piece = TRY(stream.Next());
    if (!piece) break;
    hasher.Update(piece->bytes());
    TRY(kept.Append(piece->bytes()));
    if (writer) TRY(SendPiece(piece->bytes(), kept, *writer));
  }
  SentBlob blob{hasher.Finish(), kept.size()};
  TRY(Compare(blob, plan.expected));
  meter.SizeIs(blob.size);
  if (!writer) {
    meter.WaitingForAnswer();
    const oci::Presence presence = TRY(oci::LookUpBlob(destination, blob.digest, blob.size));
    if (presence == oci::Presence::kThere) {
      blob.sent = oci::Sent::kWasThere;
      return blob;
    }
    writer = TRY(MeteredWriter::Begin(destination, meter));
    TRY(oci::WriteFrom(0, kept, *writer));
  }
  TRY(oci::CommitBlob(blob.digest, kept, *writer));
  return blob;
}

}  // namespace ociship::transfer
