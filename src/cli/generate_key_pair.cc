// SPDX-License-Identifier: Apache-2.0
// ociship generate-key-pair. Tested by tests/e2e/test_sign.py.
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/password.h"
#include "ociship/sign.h"
#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

constexpr mode_t kPrivateMode = 0600;
constexpr mode_t kPublicMode = 0644;

// A key that is there may be the only one that can sign: it is never replaced.
Status RefuseToReplace(const std::string& path) {
  struct stat there {};
  if (lstat(path.c_str(), &there) != 0) return Ok();
  return Error(Code::kBadInput, util::StrCat(path,
                                             " exists already: remove it, or choose another "
                                             "name with --output-key-prefix"));
}

}  // namespace

Status RunGenerateKeyPair(const GenerateKeyPairFlags& flags, const Context& context) {
  const std::string private_path = util::StrCat(flags.output_prefix, ".key");
  const std::string public_path = util::StrCat(flags.output_prefix, ".pub");
  TRY(RefuseToReplace(private_path));
  TRY(RefuseToReplace(public_path));
  const std::string password = TRY(ReadNewPassword(context));
  const KeyPair pair = TRY(GenerateKeyPair(password));
  TRY(util::WriteNewFile(private_path, pair.private_key, kPrivateMode));
  const Status written = util::WriteNewFile(public_path, pair.public_key, kPublicMode);
  if (!written.ok()) {
    unlink(private_path.c_str());
    return written;
  }
  context.output.Say(util::StrCat("Private key written to ", private_path));
  context.output.Say(util::StrCat("Public key written to ", public_path));
  return Ok();
}

}  // namespace ociship::cli
