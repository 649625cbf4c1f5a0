// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_REGISTRY_PATCH_STREAM_H_
#define OCISHIP_REGISTRY_PATCH_STREAM_H_

#include <cstdint>
#include <optional>
#include <thread>

#include "ociship/core.h"
#include "registry/body_pipe.h"
#include "registry/client.h"
#include "util/cancel.h"
#include "util/url.h"

namespace ociship::registry {

// One PATCH whose body is pushed while it is being sent, on a thread of its own (distribution-spec,
// end-5, as a single chunk of unknown length). Used by one thread.
class PatchStream {
 public:
  PatchStream(Client& client, util::Url location);
  // Gives the request up and waits for its thread.
  ~PatchStream();
  PatchStream(const PatchStream&) = delete;
  PatchStream& operator=(const PatchStream&) = delete;

  // Waits while the registry is slow. kEnded: the exchange is over before the body was; Finish()
  // tells why. kInterrupted.
  Result<BodyPipe::Put> Write(ByteView bytes) { return pipe_.Write(bytes, client_.cancel()); }

  // Ends the body and waits for the answer. kInterrupted, else what the exchange gave. Call it
  // once.
  Result<Streamed> Finish();

  // After Finish: how many bytes were given to the connection, and whether the answer came after
  // all of them.
  std::uint64_t taken() const { return pipe_.taken(); }
  bool complete() const { return pipe_.drained(); }

  const Call& call() const { return call_; }

 private:
  void Run();
  void GiveUp();

  Client& client_;
  const Call call_;
  BodyPipe pipe_;
  util::Cancel cancel_;
  std::optional<Result<Streamed>> outcome_;  // written by the thread before it ends
  std::thread thread_;
};

}  // namespace ociship::registry

#endif  // OCISHIP_REGISTRY_PATCH_STREAM_H_
