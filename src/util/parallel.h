// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_PARALLEL_H_
#define OCISHIP_UTIL_PARALLEL_H_

#include <cstddef>
#include <functional>

#include "ociship/core.h"

namespace ociship::util {

// Calls task(0) to task(count - 1), each once, in this order of starting, on at most `threads`
// threads, and waits for them. The first failure keeps further tasks from starting and is what is
// returned.
Status ForEachParallel(std::size_t count, unsigned threads,
                       const std::function<Status(std::size_t)>& task);

}  // namespace ociship::util

#endif  // OCISHIP_UTIL_PARALLEL_H_
