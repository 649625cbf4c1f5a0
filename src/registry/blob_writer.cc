// SPDX-License-Identifier: Apache-2.0
// Writes one blob and survives breaks (distribution-spec, "Pushing blobs" and "Resuming an
// interrupted upload"; ociship/store.h, BlobWriter). Tested by blob_writer_test.cc.
#include "registry/blob_writer.h"

#include <optional>
#include <string>
#include <utility>

#include "http/retry.h"
#include "registry/blobs.h"
#include "registry/errors.h"
#include "registry/patch_stream.h"
#include "registry/upload_session.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using util::StrCat;
using Outcome = Result<http::Response>;

// Whether a failed PATCH or PUT says something about the state of the session, or about the
// connection, and not about the blob: then it is worth asking where the session stands.
bool IsBreak(const Outcome& outcome) {
  if (!outcome.ok()) return http::MayRetry(outcome.error());
  const http::Response& response = outcome.value();
  const int status = response.status;
  // 404: the session is not known, as replicas answer that have not heard of it. 416: another
  // offset was expected.
  return IsSuccess(response) || http::MayRetry(status) || status == 404 || status == 416 ||
         (status == 400 && HasCode(response, "BLOB_UPLOAD_*"));
}

// Whether the answer to a PUT with the whole blob may mean that this way is not known here. The
// statuses that mean something else: a login, the repository, the rate.
bool RefusesBody(const http::Response& response) {
  const int status = response.status;
  return status == 400 || status == 405 || status == 411 || status == 415 || status == 501;
}

class RegistryBlobWriter : public BlobWriter {
 public:
  RegistryBlobWriter(Client& client, UploadSession session)
      : client_(client), session_(std::move(session)) {}

  ~RegistryBlobWriter() override {
    patch_.reset();
    const bool unreachable = failure_ && failure_->code() == Code::kUnavailable;
    if (!stored_ && !unreachable) session_.Abandon();
  }

  Result<std::uint64_t> Write(std::uint64_t offset, ByteView bytes) override {
    TRY(CheckUse(offset));
    Result<std::uint64_t> next = Send(bytes);
    return Remember(std::move(next));
  }

  Result<std::optional<std::uint64_t>> Commit(const Digest& digest, std::uint64_t size) override {
    TRY(CheckUse(size));
    Result<std::optional<std::uint64_t>> again = Finish(digest, size);
    return Remember(std::move(again));
  }

 private:
  // Every error is final.
  template <typename T>
  Result<T> Remember(Result<T> result) {
    if (!result.ok()) failure_ = result.error();
    return result;
  }

  Status CheckUse(std::uint64_t offset) const {
    if (failure_) return *failure_;
    if (!stored_ && offset == wanted_) return Ok();
    return Error(Code::kFailure, StrCat("a blob was written at byte ", offset, " where byte ",
                                        wanted_, " was wanted"));
  }

  Result<std::uint64_t> Send(ByteView bytes) {
    if (bytes.empty()) return wanted_;
    if (MayHold(bytes.size())) {
      held_.reserve(client_.options().whole_blob_bytes);  // growing would hold it twice
      held_.append(util::AsText(bytes));
      wanted_ += bytes.size();
      return wanted_;
    }
    if (!held_.empty()) {
      const std::string held = std::exchange(held_, {});
      wanted_ = 0;
      TRY(Stream(util::AsBytes(held)));
      if (wanted_ != held.size()) return wanted_;
    }
    TRY(Stream(bytes));
    return wanted_;
  }

  // A small blob waits for its end, and goes as the body of the PUT (distribution-spec, "POST then
  // PUT"): one request less, which is a good part of the work for many small layers.
  bool MayHold(std::size_t more) const {
    return holding_ == Holding::kYes && !patch_ && sent_ == 0 && wanted_ == held_.size() &&
           held_.size() + more <= client_.options().whole_blob_bytes;
  }

  // Gives bytes to the PATCH, which begins at wanted_ if none is open.
  Status Stream(ByteView bytes) {
    if (!patch_) {
      patch_begin_ = wanted_;
      patch_ = std::make_unique<PatchStream>(client_, session_.location());
    }
    const BodyPipe::Put put = TRY(patch_->Write(bytes));
    if (put != BodyPipe::Put::kTaken) return EndPatch();
    wanted_ += bytes.size();
    return Ok();
  }

  Result<std::optional<std::uint64_t>> Finish(const Digest& digest, std::uint64_t size) {
    while (!stored_) {
      if (patch_) TRY(EndPatch());
      if (wanted_ != size) return std::optional<std::uint64_t>(wanted_);
      TRY(Close(digest, size));
    }
    return std::optional<std::uint64_t>();
  }

  // Ends the PATCH that is open. Afterwards wanted_ is where the session stands.
  Status EndPatch() {
    const Outcome outcome = patch_->Finish();
    const Call call = patch_->call();
    const bool complete = patch_->complete();
    sent_ = patch_begin_ + patch_->taken();
    patch_.reset();
    // The Range of a success is not looked at: some registries give that of the request, not of the
    // whole, and what really arrived is compared by digest at the end.
    if (outcome.ok() && IsSuccess(outcome.value()) && complete) {
      confirmed_ = sent_;
      return session_.Follow(outcome.value());
    }
    TRY(CountBreak(call, outcome));
    return Resume();
  }

  // Waits before the next try, or gives the error that ends this writer.
  Status CountBreak(const Call& call, const Outcome& outcome) {
    Next next = Next::kGiveUp;
    if (IsBreak(outcome)) next = TRY(client_.BackOff(++breaks_, outcome));
    if (next == Next::kTryAgain) return Ok();
    Error error = outcome.ok() ? client_.Refused(call, outcome.value()) : outcome.error();
    if (breaks_ <= 1) return error;
    return std::move(error).While(StrCat("gave up after ", breaks_, " breaks"));
  }

  // Asks where the session stands.
  Status Resume() {
    const std::optional<std::uint64_t> stored = TRY(session_.Stored(confirmed_, sent_));
    // A registry that has less than it confirmed is not to be trusted with the rest.
    if (!stored || *stored < confirmed_) return Restart();
    resumed_ = resumed_ || *stored > 0;
    wanted_ = confirmed_ = sent_ = *stored;
    return Ok();
  }

  Status Restart() {
    session_ = TRY(UploadSession::Start(client_));
    wanted_ = confirmed_ = sent_ = 0;
    resumed_ = false;
    return Ok();
  }

  // The PUT. Sets stored_, or wanted_ to where the session stands afterwards.
  Status Close(const Digest& digest, std::uint64_t size) {
    Call call = session_.CloseCall(digest);
    const std::string held = std::exchange(held_, {});
    call.content = held;
    if (!held.empty()) {
      // However it ends, the next try streams: not every registry takes a body here.
      holding_ = Holding::kNo;
      call.headers.Add("Content-Type", "application/octet-stream");
    }
    const Outcome outcome = client_.SendOnce(call);
    if (outcome.ok() && IsSuccess(outcome.value())) {
      stored_ = true;
      return Ok();
    }
    if (outcome.ok() && SaysOtherDigest(outcome.value())) {
      return OtherDigest(call, outcome);
    }
    if (!held.empty() && outcome.ok() && RefusesBody(outcome.value())) return Restart();
    TRY(CountBreak(call, outcome));
    // The blob may be there although the answer was lost or another replica gave it.
    const Result<std::optional<std::uint64_t>> there = BlobSize(client_, digest);
    stored_ = there.ok() && there.value() == size;
    if (stored_) return Ok();
    return held.empty() ? Resume() : Restart();
  }

  // The registry computed another digest. After a resumption that may be its own fault, since not
  // all append where they say.
  Status OtherDigest(const Call& call, const Outcome& outcome) {
    Error refusal = client_.Refused(call, outcome.value()).As(Code::kBadInput);
    if (!resumed_) return refusal;
    const Next next = TRY(client_.BackOff(++breaks_, outcome));
    if (next == Next::kGiveUp) return refusal;
    return Restart();
  }

  Client& client_;
  UploadSession session_;
  std::unique_ptr<PatchStream> patch_;
  std::uint64_t patch_begin_ = 0;  // where the body of patch_ stands in the blob
  std::uint64_t wanted_ = 0;
  // Of the present session: what the registry said that it has, and what was given to connections.
  std::uint64_t confirmed_ = 0;
  std::uint64_t sent_ = 0;
  // The whole blob so far, as long as nothing of it was sent.
  std::string held_;
  enum class Holding { kYes, kNo } holding_ = Holding::kYes;
  bool resumed_ = false;
  int breaks_ = 0;
  bool stored_ = false;
  std::optional<Error> failure_;
};

}  // namespace

Result<std::unique_ptr<BlobWriter>> NewBlobWriter(Client& client) {
  UploadSession session = TRY(UploadSession::Start(client));
  return std::unique_ptr<BlobWriter>(
      std::make_unique<RegistryBlobWriter>(client, std::move(session)));
}

}  // namespace ociship::registry
