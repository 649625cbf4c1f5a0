// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_CANCEL_H_
#define OCISHIP_UTIL_CANCEL_H_

#include "ociship/core.h"

namespace ociship::util {
using ociship::Cancel;
}  // namespace ociship::util

#endif  // OCISHIP_UTIL_CANCEL_H_
