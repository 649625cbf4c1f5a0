// SPDX-License-Identifier: Apache-2.0
// Every format, cut off at every byte and with every byte changed.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "codec/compression.h"
#include "samples.h"
#include "util/bytes.h"

namespace ociship::codec {
namespace {

struct Sample {
  Compression compression;
  std::string file;
  std::string content;
};

// Each is one part alone, so that no shorter piece of it is complete.
std::vector<Sample> Samples() {
  std::vector<Sample> samples;
  for (const std::string& content : {std::string(), std::string("hello"), Repeated(2000)}) {
    samples.push_back({Compression::kGzip, Store(content, "gzip"), content});
    samples.push_back({Compression::kGzip, GzipOf(content), content});
    samples.push_back({Compression::kZstd, Store(content, "zstd"), content});
    samples.push_back({Compression::kXz, XzOf(content), content});
    samples.push_back({Compression::kBzip2, Bzip2Of(content, 1), content});
  }
  return samples;
}

}  // namespace

TEST_CASE("damaged input: the samples are taken as they are") {
  for (const Sample& sample : Samples()) {
    CHECK(SniffCompression(util::AsBytes(sample.file)) == sample.compression);
    CHECK(Expand(sample.compression, sample.file).value() == sample.content);
  }
}

TEST_CASE("damaged input: a file cut off anywhere is refused in every format") {
  for (const Sample& sample : Samples()) {
    CAPTURE(Name(sample.compression));
    for (std::size_t size = 0; size < sample.file.size(); ++size) {
      CAPTURE(size);
      for (const Trailing trailing : {Trailing::kRefuse, Trailing::kAllowPadding}) {
        for (const std::size_t step : {1, 1 << 20}) {
          RequireRefusal(Expand(sample.compression, sample.file.substr(0, size), trailing, step),
                         "cut off");
        }
      }
    }
  }
}

TEST_CASE("damaged input: a changed byte never gives other content") {
  for (const Sample& sample : Samples()) {
    CAPTURE(Name(sample.compression));
    for (std::size_t at = 0; at < sample.file.size(); ++at) {
      CAPTURE(at);
      for (const int change : {0x01, 0x02, 0x10, 0x80, 0xff}) {
        std::string file = sample.file;
        file[at] = static_cast<char>(file[at] ^ change);
        const Result<std::string> result = Expand(sample.compression, file);
        if (result.ok()) {
          CHECK(result.value() == sample.content);  // a time, a name, a block size
        } else {
          CHECK(result.error().code() == Code::kBadInput);
        }
      }
    }
  }
}

TEST_CASE("damaged input: a piece left out never gives other content") {
  for (const Sample& sample : Samples()) {
    CAPTURE(Name(sample.compression));
    for (std::size_t at = 0; at < sample.file.size(); ++at) {
      std::string file = sample.file;
      file.erase(at, 1);
      const Result<std::string> result = Expand(sample.compression, file);
      // Of the same bytes in a row it does not matter which is missing: there is one too few.
      REQUIRE_FALSE(result.ok());
      CHECK(result.error().code() == Code::kBadInput);
    }
  }
}

}  // namespace ociship::codec
