// SPDX-License-Identifier: Apache-2.0
#include "archive/tar_header.h"

#include <doctest/doctest.h>

#include <string>

#include "tar_builder.h"
#include "util/bytes.h"

namespace ociship::archive {

using testing::TarBuilder;
using util::AsBytes;

TEST_CASE("LooksLikeTar: headers of ustar and v7 and the end of an empty tar are taken") {
  std::string header = TarBuilder().File("name", "x").Finish();
  CHECK(LooksLikeTar(AsBytes(header)));
  CHECK(LooksLikeTar(AsBytes(header.substr(0, kTarBlockBytes))));
  CHECK(LooksLikeTar(AsBytes(std::string(kTarBlockBytes, '\0'))));
}

TEST_CASE("LooksLikeTar: a checksum of signed characters is taken") {
  std::string header = TarBuilder().Header("caf\xe9", '0', 0).Unfinished();
  CHECK(LooksLikeTar(AsBytes(header)));
  unsigned sum = 0;
  header.replace(148, 8, "        ");
  for (const char byte : header) sum += static_cast<unsigned>(static_cast<signed char>(byte));
  char checksum[16];
  std::snprintf(checksum, sizeof checksum, "%06o", sum & 0777777);
  header.replace(148, 7, std::string(checksum, 7));
  CHECK(LooksLikeTar(AsBytes(header)));
}

TEST_CASE("LooksLikeTar: other content, short content and a wrong checksum are refused") {
  CHECK_FALSE(LooksLikeTar(AsBytes("")));
  CHECK_FALSE(LooksLikeTar(AsBytes(std::string(kTarBlockBytes - 1, '\0'))));
  CHECK_FALSE(LooksLikeTar(AsBytes(std::string(kTarBlockBytes, 'a'))));
  std::string header = TarBuilder().File("name", "x").Finish();
  header[0] = 'N';
  CHECK_FALSE(LooksLikeTar(AsBytes(header)));
}

}  // namespace ociship::archive
