// SPDX-License-Identifier: Apache-2.0
// Writes one blob and survives breaks (distribution-spec, "Pushing blobs" and "Resuming an
// interrupted upload"; ociship/store.h, BlobWriter). Tested by blob_writer_test.cc.
#include "registry/blob_writer.h"

#include <algorithm>
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

// After a break or a refusal of large bodies a blob goes on in pieces of this size, which is also
// what has to be sent again at most. Above the 5 MiB that Amazon ECR wants, and a bounded part of
// memory for each blob on its way.
constexpr std::uint64_t kChunkBytes = 8 << 20;
constexpr std::uint64_t kEcrPartBytes = 5 << 20;
constexpr std::uint64_t kSmallestChunk = 64 << 10;
constexpr std::uint64_t kLargestChunk = 64 << 20;
// A blob of this size may take a registry long to close.
constexpr std::uint64_t kLargeBlob = 256 << 20;
constexpr int kPatience = 10;
// As much as this has to arrive between two breaks for the first one to be forgotten.
constexpr std::uint64_t kProgressBytes = 1 << 20;
// A token may end while a body is under way; more often than this it is no matter of time.
constexpr int kMaxLogins = 3;

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

// Whether the answer to a body may mean that this way of sending it is not known here. The statuses
// that mean something else: a login, the repository, the rate.
bool RefusesBody(const http::Response& response) {
  const int status = response.status;
  return status == 400 || status == 405 || status == 411 || status == 415 || status == 501;
}

class RegistryBlobWriter : public BlobWriter {
 public:
  RegistryBlobWriter(Client& client, UploadSession session, Mounts* mounts)
      : client_(client),
        session_(std::move(session)),
        mounts_(mounts),
        facts_(client.memory().Get()),
        whole_limit_(client.options().whole_blob_bytes) {
    if (facts_.refuses_whole_blobs == Seen::kYes) whole_ = Whole::kNo;
    if (facts_.body_limit && *facts_.body_limit < whole_limit_) {
      whole_limit_ = static_cast<std::size_t>(*facts_.body_limit);
    }
    if (facts_.refuses_chunks == Seen::kYes) return;
    if (client_.options().chunk_bytes) {
      UseChunks(*client_.options().chunk_bytes);
      whole_ = Whole::kNo;
    } else if (facts_.body_limit || facts_.refuses_streams == Seen::kYes) {
      UseChunks(facts_.body_limit.value_or(kChunkBytes));
    }
  }

  ~RegistryBlobWriter() override {
    patch_.reset();
    const bool unreachable = failure_ && failure_->code() == Code::kUnavailable;
    if (!stored_ && !unreachable) session_.Abandon();
  }

  Result<std::uint64_t> Write(std::uint64_t offset, ByteView bytes) override {
    TRY(CheckUse(offset));
    return Keep(Take(bytes));
  }

  Result<std::optional<std::uint64_t>> Commit(const Digest& digest, std::uint64_t size) override {
    TRY(CheckUse(size));
    Result<std::optional<std::uint64_t>> again = Keep(Finish(digest, size));
    if (stored_) Remember();
    if (stored_ && mounts_ != nullptr) mounts_->Seen(digest);
    return again;
  }

 private:
  using Seen = HostFacts::Seen;

  // Every error is final.
  template <typename T>
  Result<T> Keep(Result<T> result) {
    if (!result.ok()) failure_ = result.error();
    return result;
  }

  Status CheckUse(std::uint64_t offset) const {
    if (failure_) return *failure_;
    if (!stored_ && offset == wanted_) return Ok();
    return Error(Code::kFailure, StrCat("a blob was written at byte ", offset, " where byte ",
                                        wanted_, " was wanted"));
  }

  Result<std::uint64_t> Take(ByteView bytes) {
    if (bytes.empty()) return wanted_;
    if (MayHoldWhole(bytes.size())) {
      Hold(bytes, whole_limit_);
      return wanted_;
    }
    whole_ = Whole::kNo;
    if (chunk_bytes_ > 0) return SendInChunks(bytes);
    if (!held_.empty()) {
      const std::uint64_t end = wanted_;
      TRY(StreamHeld());
      if (wanted_ != end) return wanted_;
    }
    TRY(Stream(bytes));
    return wanted_;
  }

  // Holding

  // A small blob waits for its end, and goes as the body of the PUT (distribution-spec, "POST then
  // PUT"): one request less, which is a good part of the work for many small layers.
  bool MayHoldWhole(std::size_t more) const {
    return whole_ == Whole::kYes && wanted_ == held_.size() && held_.size() + more <= whole_limit_;
  }

  void Hold(ByteView bytes, std::size_t most) {
    held_.reserve(most);  // growing would hold it twice
    held_.append(util::AsText(bytes));
    wanted_ += bytes.size();
  }

  std::string TakeHeld() { return std::exchange(held_, {}); }

  // One PATCH of unknown length

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

  // Ends the PATCH that is open. Afterwards wanted_ is where the session stands.
  Status EndPatch() {
    const Result<Streamed> ended = patch_->Finish();
    const Call call = patch_->call();
    const bool complete = patch_->complete();
    sent_ = patch_begin_ + patch_->taken();
    patch_.reset();
    if (!ended.ok()) return Broken(call, ended.error());
    const http::Response& response = ended.value().response;
    // The Range of a success is not looked at: some registries give that of the request, not of the
    // whole, and what really arrived is compared by digest at the end.
    if (IsSuccess(response) && complete) return Confirm(sent_, response);
    if (ended.value().login == Next::kTryAgain && ++logins_ <= kMaxLogins) return Resume();
    if (response.status == 413 && LearnLimit(call, response, {})) return Resume();
    if (response.status == 411 && learnt_.refuses_streams == Seen::kNo) {
      Learn(&HostFacts::refuses_streams);
      facts_.refuses_chunks = Seen::kNo;
      UseChunks(kChunkBytes);
      return Resume();
    }
    return Broken(call, response);
  }

  // Chunks

  void UseChunks(std::uint64_t bytes) {
    // More than fits into memory is asked for by nobody who can be served so.
    if (session_.smallest_chunk() > kLargestChunk) return;
    bytes = std::min(bytes, kLargestChunk);
    chunk_bytes_ = std::max({bytes, session_.smallest_chunk(), kSmallestChunk});
  }

  Result<std::uint64_t> SendInChunks(ByteView bytes) {
    while (!bytes.empty() && chunk_bytes_ > 0) {
      const std::uint64_t room = chunk_bytes_ - std::min(chunk_bytes_, std::uint64_t{held_.size()});
      const ByteView piece = bytes.first(std::min<std::uint64_t>(room, bytes.size()));
      bytes = bytes.subspan(piece.size());
      Hold(piece, chunk_bytes_);
      const std::uint64_t end = wanted_;
      if (held_.size() >= chunk_bytes_) TRY(SendHeldChunks(Send::kFullChunks));
      if (wanted_ != end) return wanted_;
    }
    // The rest of `bytes` is asked for again, by another way.
    return wanted_;
  }

  // Sends what is held in chunks of the full size, and with kAll a smaller one at the end: only the
  // last of a blob may be. When the session then stands somewhere else, the caller is asked from
  // there.
  enum class Send { kFullChunks, kAll };
  Status SendHeldChunks(Send which) {
    const std::string held = TakeHeld();
    const std::uint64_t end = wanted_;
    const std::uint64_t begin = end - held.size();
    wanted_ = begin;
    while (wanted_ < end) {
      const std::string_view rest =
          std::string_view(held).substr(static_cast<std::size_t>(wanted_ - begin));
      if (which == Send::kFullChunks && rest.size() < chunk_bytes_) {
        Hold(util::AsBytes(rest), chunk_bytes_);
        return Ok();
      }
      const Step step = TRY(SendChunk(rest.substr(0, chunk_bytes_)));
      if (step == Step::kElsewhere) return Ok();
    }
    return Ok();
  }

  // One PATCH that begins at wanted_ (distribution-spec, "Pushing a blob in chunks"). kSmaller:
  // nothing happened, but chunk_bytes_ has shrunk.
  enum class Step { kSent, kSmaller, kElsewhere };
  Result<Step> SendChunk(std::string_view chunk) {
    const Call call = session_.ChunkCall(wanted_, chunk);
    const Outcome outcome = client_.SendOnce(call);
    sent_ = std::max(sent_, wanted_ + chunk.size());
    if (outcome.ok() && IsSuccess(outcome.value())) {
      chunked_ = true;
      wanted_ += chunk.size();
      TRY(Confirm(wanted_, outcome.value()));
      return Step::kSent;
    }
    if (outcome.ok() && IsTooLarge(outcome.value()) &&
        LearnLimit(call, outcome.value(), chunk.size())) {
      return Step::kSmaller;
    }
    const bool refused = outcome.ok() && RefusesBody(outcome.value()) &&
                         !HasCode(outcome.value(), "BLOB_UPLOAD_UNKNOWN");
    const std::uint64_t begin = wanted_;
    TRY(refused ? GiveUpChunks(call, outcome) : Broken(call, outcome));
    // Refused at the place that it names: one byte is there, and "0-0" does not tell it from none.
    const bool misplaced = outcome.ok() && outcome.value().status == 416;
    if (misplaced && begin == 0 && wanted_ == 0) TRY(Restart());
    // Some proxies cut what is too large without a word.
    if (!outcome.ok() && breaks_ > 1 && wanted_ == begin) UseChunks(chunk.size() / 4);
    return Step::kElsewhere;
  }

  // 413, or the 416 of GHCR: "exceeds the maximum permissible limit of 4.00MiB".
  static bool IsTooLarge(const http::Response& response) {
    if (response.status == 413) return true;
    if (response.status != 416) return false;
    const std::vector<ServerError> errors = ParseErrors(response);
    return std::ranges::any_of(errors, [](const ServerError& error) {
      return error.message.find("limit") != std::string::npos ||
             error.detail.find("limit") != std::string::npos;
    });
  }

  // A body of so many bytes was too large, or one of unknown length. False when there is nothing
  // smaller to try. That chunks were refused to somebody else before is no reason not to.
  bool LearnLimit(const Call& call, const http::Response& response,
                  std::optional<std::uint64_t> refused) {
    const std::uint64_t least = std::max(kSmallestChunk, session_.smallest_chunk());
    if (learnt_.refuses_chunks == Seen::kYes || (refused && *refused <= least)) return false;
    if (!refused && learnt_.body_limit) return false;
    // No part in Amazon ECR may be smaller than that, and it does not say so.
    const std::uint64_t smaller = refused > kEcrPartBytes ? kEcrPartBytes : refused.value_or(0) / 2;
    UseChunks(refused ? smaller : kChunkBytes);
    if (chunk_bytes_ == 0) return false;
    too_large_ = client_.Refused(call, response);
    facts_.refuses_chunks = Seen::kNo;
    facts_.body_limit = learnt_.body_limit = chunk_bytes_;
    return true;
  }

  // Chunks are not known here: the blob goes in one body, from its beginning.
  Status GiveUpChunks(const Call& call, const Outcome& outcome) {
    const bool other_way = learnt_.refuses_streams == Seen::kNo && !learnt_.body_limit;
    if (!other_way || learnt_.refuses_chunks == Seen::kYes) {
      if (!too_large_) return Refused(call, outcome);
      return Error(too_large_->code(), StrCat(too_large_->message(), "; and parts are refused: ",
                                              Refused(call, outcome).message()));
    }
    Learn(&HostFacts::refuses_chunks);
    chunk_bytes_ = 0;
    return Restart();
  }

  void Learn(Seen HostFacts::*fact) { facts_.*fact = learnt_.*fact = Seen::kYes; }

  // What was refused to this blob is remembered when another way has brought it there: a registry
  // that was ill for a moment refuses all kinds of things.
  void Remember() {
    client_.memory().Learn([this](HostFacts& facts) {
      if (learnt_.body_limit) facts.body_limit = learnt_.body_limit;
      if (chunked_) facts.refuses_chunks = Seen::kNo;
      if (learnt_.refuses_streams == Seen::kYes) facts.refuses_streams = Seen::kYes;
      if (learnt_.refuses_whole_blobs == Seen::kYes) facts.refuses_whole_blobs = Seen::kYes;
      if (chunked_ || learnt_.refuses_chunks == Seen::kNo) return;
      // So it went in one body, of any size.
      facts.refuses_chunks = Seen::kYes;
      facts.refuses_streams = Seen::kNo;
      facts.body_limit.reset();
    });
  }

  // Breaks

  Status Confirm(std::uint64_t end, const http::Response& response) {
    CountProgress(end);
    confirmed_ = sent_ = end;
    return session_.Follow(response);
  }

  // What a session that was lost had already is no progress, or a blob that is lost again and again
  // would be sent for ever.
  void CountProgress(std::uint64_t end) {
    if (end < furthest_ + kProgressBytes) return;
    furthest_ = end;
    breaks_ = 0;
  }

  // Waits before the next try and asks where the session stands, or gives the error that ends this
  // writer.
  Status Broken(const Call& call, const Outcome& outcome) {
    TRY(CountBreak(call, outcome));
    if (facts_.refuses_chunks == Seen::kYes) return Restart();
    TRY(Resume());
    if (chunk_bytes_ == 0) UseChunks(kChunkBytes);
    return Ok();
  }

  Status CountBreak(const Call& call, const Outcome& outcome) {
    Next next = Next::kGiveUp;
    if (IsBreak(outcome)) {
      next = TRY(client_.backoff().BackOff(call.what, ++breaks_, outcome));
    }
    if (next == Next::kTryAgain) return Ok();
    return Refused(call, outcome);
  }

  Error Refused(const Call& call, const Outcome& outcome) {
    Error error = outcome.ok() ? client_.Refused(call, outcome.value()) : outcome.error();
    if (breaks_ <= 1) return error;
    return std::move(error).While(StrCat("gave up after ", breaks_, " breaks"));
  }

  // Asks where the session stands.
  Status Resume() {
    held_.clear();
    const std::optional<std::uint64_t> stored = TRY(session_.Stored(confirmed_, sent_));
    // A registry that has less than it confirmed is not to be trusted with the rest.
    if (!stored || *stored < confirmed_) return Restart();
    CountProgress(*stored);
    resumed_ = resumed_ || *stored > 0;
    wanted_ = confirmed_ = sent_ = *stored;
    return Ok();
  }

  Status Restart() {
    held_.clear();
    session_ = TRY(UploadSession::Start(client_));
    wanted_ = confirmed_ = sent_ = 0;
    resumed_ = chunked_ = false;
    return Ok();
  }

  // The end

  Result<std::optional<std::uint64_t>> Finish(const Digest& digest, std::uint64_t size) {
    while (!stored_) {
      if (patch_) TRY(EndPatch());
      const bool whole = whole_ == Whole::kYes && held_.size() == size;
      if (!whole && !held_.empty()) {
        TRY(chunk_bytes_ > 0 ? SendHeldChunks(Send::kAll) : StreamHeld());
      }
      if (wanted_ != size) return std::optional<std::uint64_t>(wanted_);
      if (!patch_) TRY(Close(digest, size));
    }
    return std::optional<std::uint64_t>();
  }

  Status StreamHeld() {
    const std::string held = TakeHeld();
    wanted_ -= held.size();
    return Stream(util::AsBytes(held));
  }

  // The PUT. Sets stored_, or wanted_ to where the session stands afterwards.
  Status Close(const Digest& digest, std::uint64_t size) {
    Call call = session_.CloseCall(digest);
    // Some storages copy a blob before they answer.
    if (size >= kLargeBlob) call.patience = kPatience;
    const std::string held = TakeHeld();
    call.content = held;
    if (!held.empty()) {
      // However it ends, the next try streams: not every registry takes a body here.
      whole_ = Whole::kNo;
      call.headers.Add("Content-Type", "application/octet-stream");
    }
    const Outcome outcome = client_.SendOnce(call);
    if (outcome.ok() && IsSuccess(outcome.value())) {
      stored_ = true;
      return Ok();
    }
    if (held.empty() && outcome.ok() && SaysOtherDigest(outcome.value())) {
      return OtherDigest(call, outcome);
    }
    if (!held.empty() && outcome.ok() && RefusesWhole(call, outcome.value())) return Restart();
    TRY(CountBreak(call, outcome));
    // The blob may be there although the answer was lost or another replica gave it.
    const Result<std::optional<std::uint64_t>> there = BlobSize(client_, digest);
    stored_ = there.ok() && there.value() == size;
    if (stored_) return Ok();
    return held.empty() ? Resume() : Restart();
  }

  // Whether a PUT with the blob was refused for being one, so that it goes another way.
  bool RefusesWhole(const Call& call, const http::Response& response) {
    // For another digest, too: of nothing, where the body was not looked at.
    if (RefusesBody(response)) {
      Learn(&HostFacts::refuses_whole_blobs);
      return true;
    }
    if (IsTooLarge(response) && LearnLimit(call, response, call.content.size())) return true;
    // Old servers know no PUT with a body, and say that they do not know the session.
    return response.status == 404;
  }

  // The registry computed another digest. After a resumption or chunks that may be its own fault,
  // since not all append where they say.
  Status OtherDigest(const Call& call, const Outcome& outcome) {
    Error refusal = client_.Refused(call, outcome.value()).As(Code::kBadInput);
    if (chunked_ && learnt_.refuses_chunks == Seen::kNo) {
      Learn(&HostFacts::refuses_chunks);
      chunk_bytes_ = 0;
      return Restart();
    }
    if (!resumed_) return refusal;
    const Next next = TRY(client_.backoff().BackOff(call.what, ++breaks_, outcome));
    if (next == Next::kGiveUp) return refusal;
    return Restart();
  }

  Client& client_;
  UploadSession session_;
  Mounts* const mounts_;  // nullptr: nobody wants to know
  HostFacts facts_;       // as they were at the beginning, and what was learnt here since
  HostFacts learnt_;      // what was learnt here alone
  std::size_t whole_limit_;
  std::optional<Error> too_large_;  // what was said to the last body that was
  std::unique_ptr<PatchStream> patch_;
  std::uint64_t patch_begin_ = 0;  // where the body of patch_ stands in the blob
  std::uint64_t wanted_ = 0;
  // Of the present session: what the registry said that it has, and what was given to connections.
  std::uint64_t confirmed_ = 0;
  std::uint64_t sent_ = 0;
  // What stands before wanted_ and was not sent: the whole blob so far, or a part of a chunk.
  std::string held_;
  enum class Whole { kYes, kNo } whole_ = Whole::kYes;
  std::uint64_t chunk_bytes_ = 0;  // 0: one PATCH of unknown length
  bool resumed_ = false;
  bool chunked_ = false;
  int breaks_ = 0;              // since there was progress
  std::uint64_t furthest_ = 0;  // what any session confirmed when that was
  int logins_ = 0;
  bool stored_ = false;
  std::optional<Error> failure_;
};

}  // namespace

Result<std::unique_ptr<BlobWriter>> NewBlobWriter(Client& client, Mounts* mounts) {
  std::optional<UploadSession> left = mounts == nullptr ? std::nullopt : mounts->TakeSession();
  UploadSession session = left ? *std::move(left) : TRY(UploadSession::Start(client));
  return std::unique_ptr<BlobWriter>(
      std::make_unique<RegistryBlobWriter>(client, std::move(session), mounts));
}

}  // namespace ociship::registry
