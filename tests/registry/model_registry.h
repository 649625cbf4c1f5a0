// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_REGISTRY_MODEL_REGISTRY_H_
#define OCISHIP_TESTS_REGISTRY_MODEL_REGISTRY_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "crypto/hash.h"
#include "http/transport.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::testing {

// The uploads of a registry in memory, as a Transport. A test chooses what it always does, and how
// often it has an accident; the same seed gives the same ones.
class ModelRegistry : public http::Transport {
 public:
  // How it tells what a session has: as it is, without a Range, of the last request only, more than
  // there is, more than fits into a number.
  enum class Range { kTrue, kMissing, kOfRequest, kMore, kHuge };
  struct Habits {
    bool takes_streams = true;  // else 411
    bool takes_chunks = true;   // else 405 to a second PATCH or one with a Content-Range
    bool takes_bodies = true;   // of a PUT; else they are passed over
    bool checks_digests = true;
    bool drops_broken = false;  // sessions, as zot does
    bool checks_location =
        false;  // 416 to a Location that is older than the bytes, as distribution
    std::optional<std::uint64_t> limit = {};  // of a body, else 413
    bool says_limit = true;                   // else the connection is cut
    // Connections break when a session has got so far, and it is gone.
    std::optional<std::uint64_t> breaks_at = {};
    bool closes = true;  // else 500 to each PUT
    Range range = Range::kTrue;
  };

  ModelRegistry(std::uint32_t seed, Habits habits, double accidents)
      : random_(seed), habits_(habits), accidents_(accidents) {}

  Result<http::Response> Send(const http::Request& request, const http::Receive& receive,
                              const util::Cancel& cancel) override {
    const std::lock_guard lock(mutex_);
    if (++requests_ == most_requests) overrun_ = true;
    if (overrun_) return Error(Code::kFailure, "too many requests");
    if (on_request) on_request(requests_);
    TRY(cancel.Check());
    Result<http::Response> answer = Answer(request);
    if (answer.ok() && receive.sink != nullptr && answer.value().status < 300) {
      TRY(receive.sink->Write(util::AsBytes(answer.value().body)));
      answer.value().body.clear();
    }
    return answer;
  }

  std::optional<std::string> Blob(const Digest& digest) const {
    const auto found = blobs_.find(digest.text());
    return found == blobs_.end() ? std::nullopt : std::optional(found->second);
  }
  std::size_t sessions() const { return sessions_.size(); }
  std::size_t requests() const { return requests_; }
  bool overrun() const { return overrun_; }
  void BeCalm() { accidents_ = 0; }

  std::size_t most_requests = 20'000;
  std::function<void(std::size_t number)> on_request;

 private:
  using Answered = Result<http::Response>;
  struct Session {
    std::string data;
    std::uint64_t last = 0;  // bytes of the last request
    int patches = 0;
  };

  bool Accident() { return std::uniform_real_distribution<double>()(random_) < accidents_; }
  std::uint64_t Below(std::uint64_t end) {
    return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random_);
  }
  static Error Lost() { return Error(Code::kUnavailable, "the connection was lost"); }
  static http::Response Plain(int status, std::string_view code = "UNKNOWN") {
    return {.status = status,
            .headers = {},
            .body = util::StrCat(R"({"errors":[{"code":")", code, "\"}]}")};
  }
  Answered Trouble() {
    constexpr int kStatuses[] = {400, 401, 404, 405, 408, 411, 413, 415, 416,
                                 429, 499, 500, 501, 502, 503, 504, 522};
    if (Below(2) == 0) return Lost();
    const std::size_t at = Below(std::size(kStatuses) + 1);
    if (at == std::size(kStatuses)) return Plain(400, "BLOB_UPLOAD_INVALID");
    return Plain(kStatuses[at]);
  }

  std::string Place(const std::string& id) const {
    return util::StrCat("/v2/acme/app/blobs/uploads/", id, "?at=", sessions_.at(id).data.size());
  }
  http::Response Told(int status, const std::string& id) {
    const Session& session = sessions_.at(id);
    http::Response response = Plain(status);
    response.headers.Add("Location", Place(id));
    const std::uint64_t size = session.data.size();
    std::uint64_t told = size;
    if (habits_.range == Range::kMissing) return response;
    if (habits_.range == Range::kOfRequest) told = session.last;
    if (habits_.range == Range::kMore) told = size + Below(100'000);
    // One byte and none look alike.
    std::string range = util::StrCat("0-", told > 0 ? told - 1 : 0);
    if (habits_.range == Range::kHuge) range = "0-99999999999999999999999";
    response.headers.Add("Range", range);
    return response;
  }

  Answered Answer(const http::Request& request) {
    const std::string id = request.url.path.substr(request.url.path.rfind('/') + 1);
    switch (request.method) {
      case http::Method::kHead:
        return Look(id);
      case http::Method::kPost:
        if (Accident()) return Trouble();
        sessions_.emplace(util::StrCat("s", ++opened_), Session());
        return Told(202, util::StrCat("s", opened_));
      case http::Method::kDelete:
        return Plain(sessions_.erase(id) > 0 ? 204 : 404);
      case http::Method::kGet:
      case http::Method::kPatch:
      case http::Method::kPut:
        break;
    }
    if (Accident() && Below(4) == 0) sessions_.erase(id);
    if (!sessions_.contains(id)) return Plain(404, "BLOB_UPLOAD_UNKNOWN");
    if (request.method == http::Method::kGet) return Accident() ? Trouble() : Told(204, id);
    if (habits_.checks_location && !request.url.text().ends_with(Place(id)) &&
        request.url.text().find(util::StrCat(Place(id), "&")) == std::string::npos) {
      return Plain(416);
    }
    return request.method == http::Method::kPatch ? Append(request, id) : Close(request, id);
  }

  Answered TooLarge() const { return habits_.says_limit ? Answered(Plain(413)) : Lost(); }

  Answered Look(const std::string& digest) {
    if (Accident()) return Trouble();
    const auto found = blobs_.find(digest);
    if (found == blobs_.end()) return Plain(404);
    http::Response response = Plain(200);
    response.headers.Add("Content-Length", util::StrCat(found->second.size()));
    return response;
  }

  // At most `most` bytes of the body.
  static Result<std::string> Read(const http::Request& request, std::uint64_t most) {
    std::string text;
    if (request.body.reader == nullptr) return text;
    util::Bytes buffer(64 << 10);
    most = std::min(most, request.body.size.value_or(UINT64_MAX));
    while (text.size() < most) {
      const auto want = std::min<std::uint64_t>(most - text.size(), buffer.size());
      const std::size_t got =
          TRY(request.body.reader->Read(std::span(buffer).first(static_cast<std::size_t>(want))));
      if (got == 0) break;
      text.append(util::AsText(ByteView(buffer).first(got)));
    }
    return text;
  }

  Answered Append(const http::Request& request, const std::string& id) {
    Session& session = sessions_.at(id);
    const std::optional<std::string> range = request.headers.Get("Content-Range");
    if (!range && !habits_.takes_streams) return Plain(411);
    if (!habits_.takes_chunks && (range || session.patches > 0)) return Plain(405);
    if (range && !range->starts_with(util::StrCat(session.data.size(), "-"))) return Plain(416);
    if (habits_.limit && request.body.size > *habits_.limit) return TooLarge();
    const bool accident = Accident();
    // Near the beginning, where the statuses are two-faced, or anywhere.
    std::uint64_t most = UINT64_MAX;
    if (accident) most = Below(4) == 0 ? Below(3) : Below(3) == 0 ? most : Below(700'000);
    if (habits_.limit) most = std::min(most, *habits_.limit + 1);
    const std::string part = TRY(Read(request, most));
    if (habits_.limit && part.size() > *habits_.limit) return TooLarge();
    // A success before the body was read; that of a chunk would be a lie.
    const bool early = accident && !range && Below(6) == 0;
    const bool some = accident && !early && Below(2) == 0;
    const std::uint64_t arrived = some ? Below(part.size() + 1) : part.size();
    if (arrived > 0) {
      ++session.patches;
      session.last = arrived;
      session.data.append(part, 0, arrived);
    }
    if (habits_.breaks_at && session.data.size() >= *habits_.breaks_at) {
      sessions_.erase(id);
      return Lost();
    }
    if (!accident || early) return Told(202, id);
    if (habits_.drops_broken) sessions_.erase(id);
    return Trouble();
  }

  Answered Close(const http::Request& request, const std::string& id) {
    const bool accident = Accident();
    const std::uint64_t when = accident ? Below(3) : 0;
    if (accident && when == 0) return Trouble();
    if (!habits_.closes) {
      sessions_.erase(id);
      return Plain(500);
    }
    if (habits_.limit && request.body.size.value_or(0) > *habits_.limit) return TooLarge();
    const std::string body = TRY(Read(request, UINT64_MAX));
    Session& session = sessions_.at(id);
    if (habits_.takes_bodies) session.data.append(body);
    const std::string digest = DigestOf(request);
    if (habits_.checks_digests && crypto::Sha256(util::AsBytes(session.data)).text() != digest) {
      sessions_.erase(id);
      return Plain(400, "DIGEST_INVALID");
    }
    blobs_[digest] = std::move(session.data);
    sessions_.erase(id);
    if (accident) return Lost();  // when it was stored
    return Plain(201);
  }

  static std::string DigestOf(const http::Request& request) {
    const std::string url = request.url.text();
    return util::StrCat("sha256:", url.substr(url.size() - 64));
  }

  std::mutex mutex_;
  std::minstd_rand random_;
  const Habits habits_;
  double accidents_;
  std::size_t requests_ = 0;
  bool overrun_ = false;
  int opened_ = 0;
  std::map<std::string, Session> sessions_;
  std::map<std::string, std::string> blobs_;
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_REGISTRY_MODEL_REGISTRY_H_
