// SPDX-License-Identifier: Apache-2.0
// Random bytes of OpenSSL's generator. Tested by random_test.cc.
#include "crypto/random.h"

#include <openssl/rand.h>

#include <climits>
#include <cstdlib>

#include "crypto/openssl.h"

namespace ociship::crypto {

util::Bytes RandomBytes(std::size_t count) {
  const ErrorQueue errors;
  util::Bytes bytes(count);
  if (count == 0) return bytes;
  if (count > INT_MAX || 1 != RAND_bytes(bytes.data(), static_cast<int>(count))) std::abort();
  return bytes;
}

}  // namespace ociship::crypto
