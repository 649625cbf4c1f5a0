// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_UTIL_TRY_H_
#define OCISHIP_UTIL_TRY_H_

#include <utility>

#include "ociship/core.h"

// The value of a Result, or a return of its error from the function around it. Use it only as a
// whole initialiser, assignment or statement, never as a part of a larger expression:
//
//   Digest digest = TRY(Digest::Parse(text));
//   TRY(writer.Flush());
#define TRY(expression)                                         \
  __extension__({                                               \
    auto try_result = (expression);                             \
    if (!try_result.ok()) return std::move(try_result).error(); \
    std::move(try_result).value();                              \
  })

#endif  // OCISHIP_UTIL_TRY_H_
