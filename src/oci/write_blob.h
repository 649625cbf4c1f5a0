// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_OCI_WRITE_BLOB_H_
#define OCISHIP_OCI_WRITE_BLOB_H_

#include <cstdint>
#include <string_view>

#include "ociship/core.h"
#include "ociship/store.h"
#include "util/io.h"

namespace ociship::oci {

// Whether a blob had to be sent.
enum class Sent { kSent, kWasThere };

// Whether a Store has a blob of this digest and size, or could take it over from another
// repository. One that is there with another size is damaged, or not the whole of it, and counts as
// absent.
enum class Presence { kThere, kAbsent };
Result<Presence> LookUpBlob(Store& store, const Digest& digest, std::uint64_t size);

// Writes `content` from `offset` on, and again whatever the other side wants again, until all of it
// was taken.
Status WriteFrom(std::uint64_t offset, util::RandomReader& content, BlobWriter& writer);

// Commits a blob that was written to its end, sending again what is wanted again.
Status CommitBlob(const Digest& digest, util::RandomReader& content, BlobWriter& writer);

// Stores a small document whose digest is `digest` and that is not there.
Status WriteNewBlob(Store& store, const Digest& digest, std::string_view content);

// Stores a small document, such as a config or a signature, whose digest is `digest`. Nothing is
// sent when it is there.
Result<Sent> WriteSmallBlob(Store& store, const Digest& digest, std::string_view content);

}  // namespace ociship::oci

#endif  // OCISHIP_OCI_WRITE_BLOB_H_
