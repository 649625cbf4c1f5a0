// SPDX-License-Identifier: Apache-2.0
// ociship auth explain: the search for a credential, step by step. Tested by
// tests/e2e/test_credentials.py.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/registry_options.h"
#include "ociship/reference.h"
#include "registry/credential_file.h"
#include "registry/keychain.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

using registry::KeychainSearch;
using registry::KeychainStep;
using util::StrCat;
using Place = KeychainStep::Place;
using Outcome = KeychainStep::Outcome;

std::string_view PlaceName(Place place) {
  switch (place) {
    case Place::kGiven:
      return "environment";
    case Place::kExclusiveFile:
      return "authfile";
    case Place::kInlineConfig:
      return "DOCKER_AUTH_CONFIG";
    case Place::kDockerConfig:
      return "docker";
    case Place::kAuthFile:
      return "containers";
    case Place::kLegacyFile:
      return "dockercfg";
  }
  return "";
}

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kUsed:
      return "used";
    case Outcome::kNone:
      return "none";
    case Outcome::kMissing:
      return "missing";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kNotLookedAt:
      return "not-looked-at";
  }
  return "";
}

std::string ResultText(const KeychainStep& step) {
  switch (step.outcome) {
    case Outcome::kUsed:
      return step.key.empty() ? StrCat("used: ", step.detail)
                              : StrCat("used: ", step.detail, " under ", util::Quoted(step.key));
    case Outcome::kNone:
      return "has none";
    case Outcome::kMissing:
      return "does not exist";
    case Outcome::kFailed:
      return StrCat("failed: ", step.detail);
    case Outcome::kNotLookedAt:
      return "not looked at";
  }
  return "";
}

std::string PlaceText(const KeychainStep& step) {
  std::string text =
      step.path.empty() ? std::string(PlaceName(step.place)) : util::Printable(step.path);
  if (!step.helper.empty()) text += StrCat(", helper ", util::Printable(step.helper));
  return text;
}

std::string Text(const Repository& repository, const KeychainSearch& search) {
  std::size_t width = 0;
  for (const KeychainStep& step : search.steps) width = std::max(width, PlaceText(step).size());
  std::string text = repository.text();
  for (const KeychainStep& step : search.steps) {
    std::string place = PlaceText(step);
    place.append(width - place.size(), ' ');
    text += StrCat("\n  ", place, "  ", ResultText(step));
  }
  if (search.found.ok() && !search.found.value()) {
    text += "\n  no credential: the registry is asked as nobody";
  }
  return text;
}

std::string_view KindOf(const Credential& credential) {
  if (!credential.registry_token.empty()) return "registry-token";
  return credential.identity_token.empty() ? "password" : "identity-token";
}

void WriteStep(util::JsonWriter& json, const KeychainStep& step) {
  json.BeginObject().Key("place").String(PlaceName(step.place));
  if (!step.path.empty()) json.Key("path").String(step.path);
  if (!step.helper.empty()) json.Key("helper").String(step.helper);
  if (!step.key.empty()) json.Key("key").String(step.key);
  json.Key("outcome").String(OutcomeName(step.outcome));
  if (!step.detail.empty()) json.Key("detail").String(step.detail);
  json.EndObject();
}

std::string Json(const Repository& repository, const KeychainSearch& search) {
  util::JsonWriter json;
  json.BeginObject().Key("schema").String("ociship/auth-explain/v1");
  json.Key("repository").String(repository.text()).Key("steps").BeginArray();
  for (const KeychainStep& step : search.steps) WriteStep(json, step);
  json.EndArray().Key("credential");
  if (search.found.ok() && search.found.value()) {
    const Credential& credential = *search.found.value();
    json.BeginObject().Key("kind").String(KindOf(credential));
    json.Key("username").String(credential.username).EndObject();
  } else {
    json.Null();
  }
  json.EndObject();
  return json.text();
}

// "ghcr.io" alone is a valid reference and means docker.io/library/ghcr.io, which nobody wants to
// be told about.
Result<Reference> ParseRepository(const std::string& text) {
  const std::string_view name = std::string_view(text).substr(0, text.find(':'));
  if (text.find('/') == std::string::npos &&
      (name.find('.') != std::string_view::npos || name == "localhost")) {
    return Error(Code::kUsage,
                 StrCat(util::Quoted(text), " is a registry: add a repository, as in ",
                        util::Printable(text), "/NAME"));
  }
  return Reference::Parse(text);
}

}  // namespace

Status RunAuthExplain(const AuthExplainFlags& flags, const Context& context) {
  const Reference reference = TRY(ParseRepository(flags.reference));
  const Repository& repository = reference.repository();
  if (repository.kind() == Repository::Kind::kLayout) {
    return Error(Code::kUsage, "a folder needs no credential");
  }
  const KeychainOptions options =
      TRY(ReadKeychainOptions(flags.registry, StandardInput::kFree, context));
  const KeychainSearch search = registry::Explain(options, repository);
  if (flags.format == Format::kJson) {
    context.output.Answer(Json(repository, search));
  } else if (search.found.ok()) {
    context.output.Answer(Text(repository, search));
  } else {
    context.output.Say(Text(repository, search));  // no answer: what follows is the error
  }
  if (!search.found.ok()) return search.found.error();
  return Ok();
}

}  // namespace ociship::cli
