// SPDX-License-Identifier: Apache-2.0
// A streaming PATCH (distribution-spec, end-5) with chunked transfer coding. Tested by
// patch_stream_test.cc.
#include "registry/patch_stream.h"

#include <exception>
#include <utility>

#include "util/text.h"

namespace ociship::registry {
namespace {

// What may be on its way: enough that neither side waits for the other at every piece.
constexpr std::size_t kPipeBytes = 512 << 10;

// No Content-Range: registries look at it only together with a Content-Length, and append.
Call PatchCall(util::Url location) {
  Call call{.method = http::Method::kPatch,
            .url = std::move(location),
            .what = "a blob upload",
            .need = {.access = Access::kPush}};
  call.headers.Add("Content-Type", "application/octet-stream");
  return call;
}

}  // namespace

PatchStream::PatchStream(Client& client, util::Url location)
    : client_(client),
      call_(PatchCall(std::move(location))),
      pipe_(kPipeBytes),
      thread_([this] { Run(); }) {}

PatchStream::~PatchStream() {
  if (thread_.joinable()) GiveUp();
}

void PatchStream::GiveUp() {
  cancel_.Request();
  pipe_.Abort();
  thread_.join();
}

void PatchStream::Run() {
  try {
    outcome_.emplace(client_.SendStream(call_, pipe_, cancel_));
  } catch (const std::exception& failure) {
    outcome_.emplace(Error(Code::kFailure, util::StrCat("an upload failed: ", failure.what())));
  }
  pipe_.End();
}

Result<Streamed> PatchStream::Finish() {
  pipe_.Close();
  Status ended = pipe_.WaitForEnd(client_.cancel());
  if (!ended.ok()) {
    GiveUp();
    return std::move(ended).error();
  }
  thread_.join();
  return *std::move(outcome_);
}

}  // namespace ociship::registry
