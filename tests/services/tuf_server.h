// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SERVICES_TUF_SERVER_H_
#define OCISHIP_TESTS_SERVICES_TUF_SERVER_H_

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fake_clock.h"
#include "fake_transport.h"
#include "http/transport.h"
#include "ociship/core.h"
#include "reason_of.h"
#include "tuf_repository.h"
#include "util/bytes.h"
#include "util/try.h"

namespace ociship::testing {

inline constexpr std::string_view kTufMirror = "https://tuf.example/repository";

// A Transport that serves what a TufRepository has published, below kTufMirror.
class TufServer : public http::Transport {
 public:
  explicit TufServer(const TufRepository& repository) : repository_(repository) {}

  // Instead of an answer, from now on.
  std::optional<Error> broken;
  // The same, of whatever was asked for.
  std::optional<http::Response> answer;
  // Nothing comes, until somebody cancels.
  bool hangs = false;
  // Names below the mirror, in the order in which they were asked for.
  std::vector<std::string> asked;

  Result<http::Response> Send(const http::Request& request, const http::Receive& receive,
                              const Cancel& cancelled) override {
    if (broken) return *broken;
    if (answer) return *answer;
    while (hangs) {
      TRY(cancelled.Check());
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const std::string url = request.url.text();
    const std::string base = std::string(kTufMirror) + "/";
    if (!url.starts_with(base)) return Error(Code::kFailure, "unexpected request: " + url);
    asked.push_back(url.substr(base.size()));
    const auto file = repository_.served.find(asked.back());
    http::Response response{.status = file == repository_.served.end() ? 404 : 200};
    if (response.status == 200) TRY(receive.sink->Write(util::AsBytes(file->second)));
    return response;
  }

 private:
  const TufRepository& repository_;
};

// A clock at the time of the repository, and nobody who cancels.
struct TufEffects {
  TufEffects() { clock.now = kTufNow; }
  FakeClock clock;
  Cancel cancel;
  Effects effects{.clock = clock, .cancel = cancel};
};

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SERVICES_TUF_SERVER_H_
