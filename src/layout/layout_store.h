// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_LAYOUT_LAYOUT_STORE_H_
#define OCISHIP_LAYOUT_LAYOUT_STORE_H_

#include <memory>

#include "ociship/core.h"
#include "ociship/reference.h"
#include "ociship/store.h"

namespace ociship::layout {

enum class Mode {
  kExisting,  // the folder must be a layout already
  kCreate,  // folder, oci-layout and index.json are made by the first write, where they are missing
};

// The OCI image layout folder (OCI image-spec image-layout.md) of a repository of kind kLayout as a
// Store. kNotFound when there is no layout and it must exist; kBadInput when there is something
// else, or a layout of another version; kUsage for a repository on a registry.
//
//   tag        an entry of index.json whose annotation org.opencontainers.image.ref.name is the
//   tag,
//              or a full reference that ends in ":TAG" if no entry has the tag alone
//   referrer   an untagged entry with artifact type and annotations
//   digest     a manifest without tag and subject has an untagged entry too, so that tools which
//              collect garbage keep it, until it gets a tag or an index that names it is written
//
// A tag that moves takes its entry along: the manifest that it named before stays as a blob only.
// Entries of other tools are kept as they are. index.json is replaced in one step under a lock
// (.ociship.lock in the folder), so several processes can write at once; a reader needs no lock.
// Nothing below the folder is reached through a symbolic link.
//
// The writers that it gives may outlive it. Resolve of two entries with the same name and different
// digests is kBadInput, and so is SetTag.
Result<std::unique_ptr<Store>> OpenLayoutStore(const Repository& repository, Mode mode);

}  // namespace ociship::layout

#endif  // OCISHIP_LAYOUT_LAYOUT_STORE_H_
