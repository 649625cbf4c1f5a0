// SPDX-License-Identifier: Apache-2.0
// Looks for blobs and reads them (distribution-spec, end-2). Tested by blobs_test.cc.
#include "registry/blobs.h"

#include <string>

#include "crypto/hash.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using util::StrCat;

// Passes bytes on, never more than were announced, and hashes them.
class CheckedSink : public ByteSink {
 public:
  CheckedSink(const Descriptor& blob, ByteSink& sink)
      : blob_(blob), sink_(sink), hasher_(crypto::Hasher::For(blob.digest)) {}

  Status Write(ByteView bytes) override {
    if (bytes.size() > blob_.size - taken_) {
      return Error(Code::kBadInput, StrCat("blob ", blob_.digest.text(), " is larger than the ",
                                           blob_.size, " bytes of its descriptor"));
    }
    taken_ += bytes.size();
    hasher_.Update(bytes);
    return sink_.Write(bytes);
  }

  std::uint64_t taken() const { return taken_; }

  // Call it once, at the end.
  Status Check() {
    if (taken_ != blob_.size) {
      return Error(Code::kBadInput, StrCat("blob ", blob_.digest.text(), " has ", taken_,
                                           " bytes, its descriptor says ", blob_.size));
    }
    const Digest digest = hasher_.Finish();
    if (digest == blob_.digest) return Ok();
    return Error(Code::kBadInput,
                 StrCat("blob ", blob_.digest.text(), " arrived with the digest ", digest.text()));
  }

 private:
  const Descriptor& blob_;
  ByteSink& sink_;
  crypto::Hasher hasher_;
  std::uint64_t taken_ = 0;
};

Call BlobCall(const Client& client, http::Method method, const Digest& digest) {
  return {.method = method,
          .url = client.Url(StrCat("blobs/", digest.text())),
          .what = StrCat("blob ", digest.text())};
}

}  // namespace

Result<std::optional<std::uint64_t>> BlobSize(Client& client, const Digest& digest) {
  const Call call = BlobCall(client, http::Method::kHead, digest);
  const http::Response response = TRY(client.Send(call));
  if (response.status == 404 || RefusesHead(response)) return std::optional<std::uint64_t>();
  if (response.status != 200) return client.Refused(call, response);
  return util::ParseUnsigned(response.headers.Get("Content-Length").value_or(""));
}

Status ReadBlob(Client& client, const Descriptor& blob, ByteSink& sink) {
  CheckedSink checked(blob, sink);
  Call call = BlobCall(client, http::Method::kGet, blob.digest);
  call.sink = &checked;
  for (int attempt = 1;; ++attempt) {
    const Result<http::Response> outcome = client.SendOnce(call);
    if (outcome.ok() && outcome.value().status == 200) return checked.Check();
    if (checked.taken() == 0) {
      const Next next = TRY(client.backoff().AfterTry(call.what, attempt, outcome));
      if (next == Next::kTryAgain) continue;
    }
    if (!outcome.ok()) return outcome.error();
    return client.Refused(call, outcome.value());
  }
}

}  // namespace ociship::registry
