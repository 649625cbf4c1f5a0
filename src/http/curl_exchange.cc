// SPDX-License-Identifier: Apache-2.0
// One HTTP exchange as libcurl's callbacks see it (RFC 9112). Tested by curl_exchange_test.cc and
// curl_transport_test.cc.
#include "http/curl_exchange.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "http/curl_error.h"
#include "util/clock.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::http {

namespace {

enum class Line { kWhole, kFolded };  // kFolded: the rest of the line before it

// What is no field is passed over.
void TakeField(std::string_view line, Headers& headers, Line kind) {
  const std::size_t colon = line.find(':');
  if (kind == Line::kFolded || colon == std::string_view::npos) return;
  headers.Add(util::Trim(line.substr(0, colon)), util::Trim(line.substr(colon + 1)));
}

}  // namespace

bool CurlExchange::Fail(Error error) {
  if (!failure_) failure_ = std::move(error);
  return false;
}

bool CurlExchange::FailAnswer(std::string_view reason) {
  return Fail(Error(Code::kUnavailable,
                    util::StrCat("the answer of ", request_.url.HostAndPort(), " ", reason)));
}

Result<std::size_t> CurlExchange::ReadBody(std::span<std::uint8_t> buffer) {
  if (request_.body.reader == nullptr) return std::size_t{0};
  const std::optional<std::uint64_t>& size = request_.body.size;
  if (size) {
    // libcurl would send what the reader gives beyond the Content-Length.
    const std::uint64_t rest = *size - body_bytes_;
    if (rest == 0) return std::size_t{0};
    if (rest < buffer.size()) buffer = buffer.first(static_cast<std::size_t>(rest));
  }
  const std::size_t got = TRY(request_.body.reader->Read(buffer));
  body_bytes_ += got;
  if (size && got == 0) {
    return Error(Code::kFailure,
                 util::StrCat("a request body of ", *size, " bytes ended after ", body_bytes_));
  }
  return got;
}

std::size_t CurlExchange::PullBody(std::span<std::uint8_t> buffer) {
  if (!Continue()) return kAbort;
  std::size_t got = 0;
  if (!held_.empty()) {
    got = std::min(held_.size(), buffer.size());
    std::copy_n(held_.begin(), got, buffer.begin());
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(got));
  } else {
    const auto before = util::SteadyNow();
    Result<std::size_t> read = ReadBody(buffer);
    last_move_ += util::SteadyNow() - before;
    if (!read.ok()) {
      Fail(std::move(read).error());
      return kAbort;
    }
    got = read.value();
  }
  // The reader may have blocked for long. If the server refused meanwhile and closed, sending would
  // fail and the answer be lost: have libcurl read first. Once is enough; after that what waits is
  // no answer but, for instance, a TLS session ticket.
  // A server of HTTP/2 has always something to say.
  looked_ = !looked_ && request_.protocol == Protocol::kHttp1 && handle_.AnswerIsWaiting();
  if (!looked_) return got;
  held_.insert(held_.begin(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got));
  paused_ = true;
  return kPause;
}

bool CurlExchange::TakePaused() { return std::exchange(paused_, false); }

bool CurlExchange::Continue() {
  Status status = cancel_.Check();
  return status.ok() || Fail(std::move(status).error());
}

bool CurlExchange::Watch(std::uint64_t moved) {
  if (!Continue()) return false;
  const auto now = util::SteadyNow();
  if (moved - moved_ >= kLeastProgress) {
    moved_ = moved;
    last_move_ = now;
  }
  if (now - last_move_ < stall_timeout_) return true;
  const std::string bytes =
      moved == moved_ ? "not one byte" : util::StrCat("only ", moved - moved_, " bytes");
  return Fail(Error(Code::kUnavailable,
                    util::StrCat("timeout: ", bytes, " to or from ", request_.url.HostAndPort(),
                                 " in ", stall_timeout_.count(), " s")));
}

bool CurlExchange::TakeStatusLine(std::string_view line) {
  // HTTP/1.1 202 Accepted
  const std::size_t space = line.find(' ');
  int status = 0;
  if (space != std::string_view::npos) {
    const std::string_view rest = line.substr(space + 1);
    std::from_chars(rest.data(), rest.data() + std::min<std::size_t>(rest.size(), 3), status);
  }
  if (status < 100) return FailAnswer("has no status");
  response_ = Response{.status = status};
  return true;
}

bool CurlExchange::TakeHeaderLine(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes) {
    return FailAnswer(
        util::StrCat("has a header of more than ", util::HumanBytes(kMaxHeaderBytes)));
  }
  const Line kind = line.starts_with(' ') || line.starts_with('\t') ? Line::kFolded : Line::kWhole;
  line = util::Trim(line);
  if (header_complete_) {
    TakeField(line, response_.trailers, kind);
    return true;
  }
  if (line.empty()) {
    header_complete_ = response_.status >= 200;
    return true;
  }
  if (line.starts_with("HTTP/")) return TakeStatusLine(line);
  TakeField(line, response_.headers, kind);
  return true;
}

bool CurlExchange::TakeContent(ByteView bytes) {
  if (!Continue()) return false;
  if (IsSuccess() && receive_.sink != nullptr) {
    const auto before = util::SteadyNow();
    Status status = receive_.sink->Write(bytes);
    last_move_ += util::SteadyNow() - before;
    return status.ok() || Fail(std::move(status).error());
  }
  const std::size_t room = receive_.keep - std::min(receive_.keep, response_.body.size());
  response_.body.append(util::AsText(bytes.first(std::min(room, bytes.size()))));
  if (bytes.size() <= room) return true;
  if (IsSuccess()) {
    return FailAnswer(util::StrCat("is larger than ", util::HumanBytes(receive_.keep)));
  }
  return false;  // enough of a refusal: HasRefusal() says that it stands
}

}  // namespace ociship::http
