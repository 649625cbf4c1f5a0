// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_ARCHIVE_REQUIRE_REFUSAL_H_
#define OCISHIP_TESTS_ARCHIVE_REQUIRE_REFUSAL_H_

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "load.h"

namespace ociship::archive {

// From a file and from a pipe the archive is refused, by its name and for this reason.
inline void RequireRefusal(const std::string& bytes, std::string_view reason) {
  for (const bool stream : {false, true}) {
    CAPTURE(stream);
    const Result<Loaded> loaded = stream ? LoadStream(bytes) : LoadFile(bytes);
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.error().code() == Code::kBadInput);
    CHECK(Says(loaded.error(), "\"sample.tar\""));
    CHECK_MESSAGE(Says(loaded.error(), reason), loaded.error().message());
  }
}

}  // namespace ociship::archive

#endif  // OCISHIP_TESTS_ARCHIVE_REQUIRE_REFUSAL_H_
