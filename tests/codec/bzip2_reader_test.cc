// SPDX-License-Identifier: Apache-2.0
#include "codec/bzip2_reader.h"

#include <doctest/doctest.h>

#include <string>

#include "samples.h"

namespace ociship::codec {
namespace {

using namespace std::string_literals;

}  // namespace

TEST_CASE("bzip2: content comes back for every size of reads and of blocks") {
  const std::string text = Repeated(300'000);
  for (const int level : {1, 9}) {
    const std::string file = Bzip2Of(text, level);
    for (const std::size_t step : {1, 7, 4096, 1 << 20}) {
      CHECK(Expand(Compression::kBzip2, file, Trailing::kRefuse, step).value() == text);
    }
  }
}

TEST_CASE("bzip2: streams follow each other, also empty ones") {
  const std::string empty = Bzip2Of("");
  CHECK(Expand(Compression::kBzip2, empty).value().empty());
  CHECK(Expand(Compression::kBzip2, empty + empty).value().empty());
  const std::string file = empty + Bzip2Of("one ") + empty + Bzip2Of("two", 1) + empty;
  for (const std::size_t step : {1, 3, 4096}) {
    CHECK(Expand(Compression::kBzip2, file, Trailing::kRefuse, step).value() == "one two");
  }
}

TEST_CASE("bzip2: zeros behind the data are taken around an archive and refused in a layer") {
  for (const std::size_t zeros : {1, 512, 200'000}) {
    const std::string file = Bzip2Of("hello") + std::string(zeros, '\0');
    CHECK(Expand(Compression::kBzip2, file, Trailing::kAllowPadding).value() == "hello");
    RequireRefusal(Expand(Compression::kBzip2, file, Trailing::kRefuse), "other bytes after");
  }
}

TEST_CASE("bzip2: other bytes behind the data are refused everywhere") {
  for (const Trailing trailing : {Trailing::kRefuse, Trailing::kAllowPadding}) {
    for (const std::string& tail : {"x"s, "B"s, "BZh"s, "BZh0"s, std::string(200'000, '\0') + "x",
                                    std::string(4, '\0') + Bzip2Of("two")}) {
      RequireRefusal(Expand(Compression::kBzip2, Bzip2Of("a") + tail, trailing),
                     "other bytes after");
    }
  }
}

TEST_CASE("bzip2: a second stream cut off behind its header is refused") {
  const std::string file = Bzip2Of("one");
  for (std::size_t size = file.size() + 4; size < 2 * file.size(); ++size) {
    RequireRefusal(Expand(Compression::kBzip2, (file + file).substr(0, size)), "cut off");
  }
}

TEST_CASE("bzip2: a wrong checksum of a block or of the stream is refused") {
  std::string file = Bzip2Of("hello");
  file[10] = static_cast<char>(file[10] ^ 1);  // behind "BZh9" and the magic of a block
  RequireRefusal(Expand(Compression::kBzip2, file), "damaged");
  file = Bzip2Of("");
  file[10] = 1;  // behind "BZh9" and the magic of the end
  RequireRefusal(Expand(Compression::kBzip2, file), "damaged");
}

TEST_CASE("bzip2: data that begins otherwise is refused") {
  RequireRefusal(Expand(Compression::kBzip2, "something else"), "not bzip2 data");
  RequireRefusal(Expand(Compression::kBzip2, "BZh0123456789"), "not bzip2 data");
}

}  // namespace ociship::codec
