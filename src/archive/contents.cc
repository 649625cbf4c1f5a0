// SPDX-License-Identifier: Apache-2.0
// Counts the documents that are kept of an archive. Tested by tests/archive/oci_layout_test.cc.
#include "archive/contents.h"

#include "util/text.h"

namespace ociship::archive {

Status DocumentBudget::Take(std::size_t bytes) {
  if (bytes > left_) {
    return Error(Code::kBadInput, util::StrCat("manifests and configs together have more than ",
                                               util::HumanBytes(kMaxDocumentsBytes)));
  }
  left_ -= bytes;
  return Ok();
}

}  // namespace ociship::archive
