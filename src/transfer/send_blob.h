// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_SEND_BLOB_H_
#define OCISHIP_TRANSFER_SEND_BLOB_H_

#include <cstdint>
#include <optional>

#include "crypto/hash.h"
#include "oci/write_blob.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/store.h"
#include "transfer/blob_meter.h"
#include "transfer/blob_stream.h"
#include "util/spool.h"

namespace ociship::transfer {

// When the bytes of a blob go out.
enum class Sending {
  kAtOnce,       // as they come: nothing that is there already would be sent by it
  kAfterLookup,  // once the digest is known and the Store does not have it
};

struct SentBlob {
  Digest digest;
  std::uint64_t size = 0;  // bytes
  oci::Sent sent = oci::Sent::kSent;
};

struct SendPlan {
  Sending sending = Sending::kAfterLookup;
  // What the bytes must be: another digest or size is kBadInput, and nothing is stored.
  std::optional<Descriptor> expected = {};
  // The algorithm of the digest where nothing is expected.
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::kSha256;
};

// Takes all pieces of `stream` and stores them as one blob. Pieces that the other side might want
// again are kept in a spool within `budget`. `meter` is told how far it is, but not that it is
// done.
Result<SentBlob> SendStream(BlobStream& stream, Store& destination, const SendPlan& plan,
                            util::SpoolBudget& budget, BlobMeter& meter);

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_SEND_BLOB_H_
