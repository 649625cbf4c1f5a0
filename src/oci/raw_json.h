// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_OCI_RAW_JSON_H_
#define OCISHIP_OCI_RAW_JSON_H_

#include <string_view>
#include <vector>

namespace ociship::oci {

// The texts of the values directly inside an object or array, in their order and without the white
// space around them; of an object the values alone, which stand for Json::members() one by one.
// `json` must be a document that util::Json::Parse accepted: nothing is checked here.
std::vector<std::string_view> RawValues(std::string_view json);

}  // namespace ociship::oci

#endif  // OCISHIP_OCI_RAW_JSON_H_
