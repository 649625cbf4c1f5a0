// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_OCI_LAYOUT_INDEX_H_
#define OCISHIP_OCI_LAYOUT_INDEX_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ociship/core.h"
#include "ociship/store.h"

// The two documents of an OCI image layout (OCI image-spec image-layout.md), as they stand in a
// folder or in an archive.
namespace ociship::oci {

inline constexpr std::string_view kLayoutFileName = "oci-layout";
inline constexpr std::string_view kIndexFileName = "index.json";
inline constexpr std::string_view kBlobsFolderName = "blobs";

// The annotation of an entry that is its tag, or its full reference (image-spec annotations.md),
// and the one in which containerd and docker keep the full reference.
inline constexpr std::string_view kRefNameAnnotation = "org.opencontainers.image.ref.name";
inline constexpr std::string_view kContainerdNameAnnotation = "io.containerd.image.name";

inline constexpr std::size_t kMaxLayoutFileBytes = 64 << 10;
inline constexpr std::size_t kMaxLayoutIndexBytes = 16 << 20;

// One manifest that index.json names.
struct LayoutEntry {
  Descriptor descriptor;
  // The entry as another tool wrote it, with the fields that a Descriptor does not have; empty for
  // one that is written from `descriptor`.
  std::string raw = {};
};

// What index.json says.
struct LayoutIndex {
  std::vector<LayoutEntry> entries;  // at most kMaxDescriptors
  // The other members, except schemaVersion, as JSON texts in their order.
  std::vector<std::pair<std::string, std::string>> others;
};

// Whether the text of `oci-layout` says version 1; kBadInput otherwise.
Status CheckLayoutFile(std::string_view text);
std::string FormatLayoutFile();

// kBadInput as ParseImageIndex. Everything that is in the document comes out of FormatLayoutIndex
// again, also what is not known here.
Result<LayoutIndex> ParseLayoutIndex(std::string_view text);
// An index without members besides its entries gets the media type of an OCI index.
std::string FormatLayoutIndex(const LayoutIndex& index);

// The annotation kRefNameAnnotation; empty without one.
std::string_view RefName(const Descriptor& descriptor);

}  // namespace ociship::oci

#endif  // OCISHIP_OCI_LAYOUT_INDEX_H_
