// SPDX-License-Identifier: Apache-2.0
// registries.conf: what is read can be asked, and each answer is whole. Run by scripts/fuzz.
#include "registry/registries_conf.h"

#include <string>

#include "fuzz.h"
#include "ociship/reference.h"

namespace ociship::fuzz {
namespace {

using registry::RegistriesConf;

template <typename T>
void CheckRefusal(const Result<T>& result) {
  RequireBadInput(result);
  if (!result.ok()) RequirePrintable(result.error().message());
}

void CheckPlace(const Repository& place) {
  Require(place.kind() == Repository::Kind::kRegistry);
  Require(Reference::Parse(place.text()).value().repository() == place);
}

void CheckAnswers(const RegistriesConf& conf, const Repository& repository) {
  const Status allowed = conf.CheckAllowed(repository);
  if (!allowed.ok()) {
    Require(allowed.error().code() == Code::kFailure);
    RequirePrintable(allowed.error().message());
  }
  const auto mirrors = conf.MirrorsFor(repository);
  CheckRefusal(mirrors);
  if (mirrors.ok()) {
    for (const registry::Mirror& mirror : mirrors.value()) CheckPlace(mirror.repository);
  }
  const auto location = conf.LocationOf(repository);
  CheckRefusal(location);
  if (location.ok()) CheckPlace(location.value());
}

}  // namespace
}  // namespace ociship::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ociship;
  const std::string text(fuzz::TextOf(data, size));
  const auto conf = registry::RegistriesConf::Parse({{"first\n", text}, {"second", text}});
  fuzz::CheckRefusal(conf);
  if (!conf.ok()) return 0;
  for (const std::string name : {"docker.io/acme/app", "a.example.com:5000/x", "127.0.0.1:1/y"}) {
    fuzz::CheckAnswers(conf.value(), Reference::Parse(name).value().repository());
  }
  return 0;
}
