// SPDX-License-Identifier: Apache-2.0
// Files of credentials: what is read of them can be asked for, and what is written into them keeps
// the rest. Run by scripts/fuzz.
#include "registry/credential_file.h"

#include <string>

#include "fuzz.h"
#include "ociship/reference.h"
#include "registry/credential_helper.h"
#include "registry/credential_store.h"
#include "util/json.h"

namespace ociship::fuzz {
namespace {

using registry::CredentialEntry;
using registry::CredentialFile;
using registry::CredentialFormat;

constexpr std::string_view kEntry = R"({"auth":"Ym9iOnNlY3JldA=="})";

const Repository& KnownRepository() {
  static const Reference reference = Reference::Parse("docker.io/acme/app").value();
  return reference.repository();
}

template <typename T>
void CheckRefusal(const Result<T>& result) {
  RequireBadInput(result);
  if (!result.ok()) RequirePrintable(result.error().message());
}

void CheckEntry(const CredentialEntry& entry) {
  const Result<Credential> decoded = entry.Decode();
  CheckRefusal(decoded);
  if (!decoded.ok()) return;
  RequirePrintable(registry::DescribeCredential(decoded.value()));
  Require(registry::CheckRegistryToken(decoded.value().registry_token).ok());
}

void CheckRead(const CredentialFile& file) {
  for (const CredentialEntry& entry : file.entries()) CheckEntry(entry);
  const CredentialEntry* found = file.Find(KnownRepository());
  if (found != nullptr) {
    Require(!found->is_marker());
    Require((KnownRepository().text() + "/").starts_with(found->key + "/"));
  }
  for (const std::string host : {"docker.io", "ghcr.io"}) {
    CheckRefusal(registry::CredentialHelper::Named(file.HelperFor(host)));
  }
}

// How many members the text has besides `auths`, and in it besides those of the host.
std::size_t CountOthers(std::string_view text) {
  const util::Json json = util::Json::Parse(text).value();
  std::size_t count = 0;
  for (const auto& [key, value] : json.members()) {
    if (key != "auths") ++count;
    if (key != "auths") continue;
    for (const auto& [name, entry] : value.members()) {
      count += registry::NormalisedKey(name, CredentialFormat::kDocker) != "docker.io";
    }
  }
  return count;
}

void CheckWrite(std::string_view text) {
  const auto written = registry::WithEntry(text, "docker.io", kEntry);
  Require(written.ok());
  const auto file = CredentialFile::Parse(written.value(), CredentialFormat::kDocker);
  Require(file.ok());
  // One of a namespace may be nearer to the repository.
  const CredentialEntry* found = file.value().Find(KnownRepository());
  Require(found != nullptr &&
          (found->key != "docker.io" || found->Decode().value().password == "secret"));
  Require(registry::WithEntry(written.value(), "docker.io", kEntry).value() == written.value());
  const std::string erased = registry::WithEntry(written.value(), "docker.io", {}).value();
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
  Require(CountOthers(text) == CountOthers(written.value()));
  Require(CountOthers(text) == CountOthers(erased));
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship;
  const std::string_view text = fuzz::TextOf(data, size);
  for (const auto format :
       {registry::CredentialFormat::kDocker, registry::CredentialFormat::kContainers,
        registry::CredentialFormat::kLegacy}) {
    const auto file = registry::CredentialFile::Parse(text, format);
    fuzz::CheckRefusal(file);
    if (file.ok()) fuzz::CheckRead(file.value());
    if (file.ok() && format == registry::CredentialFormat::kDocker) fuzz::CheckWrite(text);
  }
  return 0;
}
