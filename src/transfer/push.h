// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TRANSFER_PUSH_H_
#define OCISHIP_TRANSFER_PUSH_H_

#include <optional>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "ociship/core.h"
#include "ociship/store.h"
#include "transfer/known_layers.h"
#include "transfer/pipeline.h"
#include "transfer/progress.h"
#include "util/cancel.h"

namespace ociship::transfer {

struct PushOptions {
  // Which image of an archive with several: a name, or "@N" for the Nth from 0; empty when there
  // must be only one.
  std::string image;
  Sending sending = Sending::kAfterLookup;
  PipelineOptions pipeline = {};
};

// An image that is stored by digest, with everything that it names, and has no tag yet.
struct PushedImage {
  Manifest manifest;
  std::vector<std::string> names;    // what the archive calls it
  std::optional<Platform> platform;  // of a single image, as its config says
};

// Reads `archive` once and stores one of its images in `destination`: blobs, then manifests, by
// digest. Layers that `known` says the destination has are looked up and not read where the archive
// can be opened in any order. Nothing is tagged. kUsage, listing the images, when several are there
// and none was chosen; kBadInput for everything that is wrong with the archive.
Result<PushedImage> PushArchive(archive::Archive& archive, const KnownLayers& known,
                                Store& destination, const PushOptions& options,
                                const util::Cancel& cancel, Progress& progress);

}  // namespace ociship::transfer

#endif  // OCISHIP_TRANSFER_PUSH_H_
