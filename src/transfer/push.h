// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_PUSH_H_
#define OCISHIP_TRANSFER_PUSH_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "codec/compression.h"
#include "ociship/core.h"
#include "ociship/push.h"
#include "ociship/store.h"
#include "transfer/known_layers.h"
#include "transfer/layer_cache.h"
#include "transfer/pipeline.h"
#include "util/cancel.h"

namespace ociship::transfer {

struct PushOptions {
  // Which images of the archive: see select_image.h.
  PushRequest::Images which = PushRequest::Images::kOne;
  std::string image = {};
  // Whether the image will stand in an index with others: then an index of its own is not stored,
  // its annotations are the other index's business, and a platform may say what it is for.
  enum class Part { kWhole, kOfIndex } part = Part::kWhole;
  std::vector<Platform> platforms = {};
  PushRequest::Sparse sparse = PushRequest::Sparse::kRefuse;
  std::optional<ManifestFormat> format = {};
  std::map<std::string, std::string> annotations = {};

  Sending sending = Sending::kAfterLookup;
  codec::ExpansionLimit limit = {};
  PushRequest::Mode mode = PushRequest::Mode::kPush;
  PipelineOptions pipeline = {};
  unsigned look_ups = 16;  // blobs that are asked for side by side: nothing but waiting
};

// An image that is stored by digest, with everything that it names, and has no tag yet.
struct StoredImage {
  Manifest manifest;
  std::vector<std::string> names;   // what the archive calls it
  std::vector<Descriptor> entries;  // what an index of several takes from it
};

// What a push knows and learns besides.
struct PushMemory {
  const KnownLayers& known;
  LayerCache& cache;
};

// Reads `archive` and stores one of its images in `destination`, or all: blobs, then manifests, by
// digest. Layers that the destination has are not read where the archive can be opened in any
// order, and are neither compressed nor sent where it cannot. Nothing is tagged. kUsage, listing
// the images, when several are there and none was chosen; kBadInput for everything that is wrong
// with the archive.
Result<std::vector<StoredImage>> PushArchive(archive::Archive& archive, const PushMemory& memory,
                                             Store& destination, const PushOptions& options,
                                             const util::Cancel& cancel, PushObserver& observer);

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_PUSH_H_
