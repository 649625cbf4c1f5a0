// SPDX-License-Identifier: Apache-2.0
// Opens, asks about, closes and abandons uploads (distribution-spec, end-4a, end-6, end-13,
// end-14). Tested by upload_session_test.cc.
#include "registry/upload_session.h"

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "registry/address.h"
#include "registry/errors.h"
#include "registry/range.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

constexpr std::chrono::seconds kAbandonTime{2};

using util::StrCat;

std::uint64_t SmallestChunk(const http::Response& response) {
  const std::string text = response.headers.Get("OCI-Chunk-Min-Length").value_or("");
  return util::ParseUnsigned(text).value_or(0);
}

// Amazon ECR cuts the connection where the repository is missing, instead of saying so.
Error ExplainLoss(Client& client, const Error& loss) {
  if (loss.code() != Code::kUnavailable) return loss;
  const Call call{
      .method = http::Method::kGet, .url = client.Url("tags/list"), .what = "the repository"};
  const Result<http::Response> answer = client.SendOnce(call);
  if (!answer.ok() || answer.value().status != 404) return loss;
  return Error(Code::kNotFound,
               StrCat("the repository ", client.repository().text(),
                      " does not exist, and its registry does not begin one by itself: ",
                      loss.message(), Advice(client.repository(), answer.value())));
}

}  // namespace

Result<UploadSession> UploadSession::Start(Client& client) {
  const Call call{.method = http::Method::kPost,
                  .url = client.Url("blobs/uploads/"),
                  .what = "a blob upload",
                  .need = {.access = Access::kPush}};
  // A repetition may leave a session behind, nothing else.
  const Result<http::Response> answer = client.Send(call);
  if (!answer.ok()) return ExplainLoss(client, answer.error());
  const http::Response& response = answer.value();
  if (!IsSuccess(response)) return client.Refused(call, response);
  if (!response.headers.Get("Location")) {
    return Error(Code::kFailure,
                 StrCat(client.repository().host(), " opened a blob upload without saying where"));
  }
  return Begin(client, response);
}

Result<UploadSession> UploadSession::Begin(Client& client, const http::Response& response) {
  UploadSession session(client, client.Url("blobs/uploads/"));
  TRY(session.Follow(response));
  session.smallest_chunk_ = SmallestChunk(response);
  return session;
}

std::optional<UploadSession> UploadSession::Opened(Client& client, const http::Response& response) {
  if (!response.headers.Get("Location")) return std::nullopt;
  Result<UploadSession> session = Begin(client, response);
  if (!session.ok()) return std::nullopt;
  return std::move(session).value();
}

Status UploadSession::Follow(const http::Response& response) {
  const std::optional<std::string> location = response.headers.Get("Location");
  if (!location) return Ok();
  location_ = TRY(UploadTarget(client_->asker(), location_, *location));
  return Ok();
}

Call UploadSession::SessionCall(http::Method method) const {
  const Access access = method == http::Method::kDelete ? Access::kDelete : Access::kPush;
  return {.method = method, .url = location_, .what = "a blob upload", .need = {.access = access}};
}

Call UploadSession::ChunkCall(std::uint64_t offset, std::string_view chunk) const {
  Call call = SessionCall(http::Method::kPatch);
  call.content = chunk;
  call.headers.Add("Content-Type", "application/octet-stream");
  call.headers.Add("Content-Range", StrCat(offset, "-", offset + chunk.size() - 1));
  return call;
}

Result<std::optional<std::uint64_t>> UploadSession::Stored(std::uint64_t confirmed,
                                                           std::uint64_t sent) {
  const Call call = SessionCall(http::Method::kGet);
  const http::Response response = TRY(client_->Send(call));
  if (IsSuccess(response)) {
    TRY(Follow(response));
    return StoredBytes(response.headers.Get("Range").value_or(""), confirmed, sent);
  }
  // 404: the session is gone. Other refusals but those of a login are of registries that do not
  // know the request.
  const bool answered = response.status >= 400 && response.status < 500;
  if (answered && response.status != 401 && response.status != 403 && response.status != 429) {
    return std::optional<std::uint64_t>();
  }
  return client_->Refused(call, response);
}

Call UploadSession::CloseCall(const Digest& digest) const {
  Call call = SessionCall(http::Method::kPut);
  call.url = location_.WithQuery("digest", digest.text());
  call.what = StrCat("blob ", digest.text());
  return call;
}

void UploadSession::Forget(const util::Cancel& cancel) {
  const auto forget = [&] { return client_->SendOnce(SessionCall(http::Method::kDelete), cancel); };
  const Result<http::Response> answer = forget();
  if (!answer.ok() || answer.value().status != 416) return;
  // The Location is older than the bytes that arrived; the status has a new one.
  const auto status = client_->SendOnce(SessionCall(http::Method::kGet), cancel);
  if (status.ok() && IsSuccess(status.value()) && Follow(status.value()).ok()) {
    static_cast<void>(forget());
  }
}

void UploadSession::Abandon(std::span<UploadSession> sessions) {
  if (sessions.empty()) return;
  util::Cancel enough;
  std::promise<void> done;
  std::thread request([&] {
    for (UploadSession& session : sessions) {
      if (!enough.requested()) session.Forget(enough);
    }
    done.set_value();
  });
  done.get_future().wait_for(kAbandonTime);
  enough.Request();
  request.join();
}

}  // namespace ociship::registry
