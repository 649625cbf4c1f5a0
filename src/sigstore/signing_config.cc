// SPDX-License-Identifier: Apache-2.0
// Signing configs and the choice of services (sigstore_trustroot.proto, SigningConfig v0.2). Tested
// by tests/sigstore/signing_config_test.cc.
#include "sigstore/signing_config.h"

#include <algorithm>
#include <utility>

#include "sigstore/proto_json.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"
#include "util/url.h"

namespace ociship::sigstore {
namespace {

using util::Json;
using util::StrCat;
using Which = ServiceSelector::Which;

Error Bad(std::string message) { return Error(Code::kTrustMaterial, std::move(message)); }

Result<std::optional<util::Micros>> TimeField(const Json& range, std::string_view key) {
  const std::optional<std::string> text = TRY(range.OptionalString(key));
  if (!text) return std::optional<util::Micros>();
  const util::Micros time = TRY(util::ParseRfc3339Micros(*text));
  return std::optional<util::Micros>(time);
}

Result<Validity> ParseValidity(const Json& service) {
  Validity validity;
  const Json* range = service.FindNonNull("validFor");
  if (range == nullptr) return validity;
  if (!range->is_object()) return Bad("\"validFor\" is not an object");
  validity.start = TRY(TimeField(*range, "start"));
  validity.end = TRY(TimeField(*range, "end"));
  return validity;
}

Result<Service> ParseService(const Json& json) {
  if (!json.is_object()) return Bad("a service is not an object");
  Service service;
  service.url = TRY(json.String("url"));
  if (!util::Url::Parse(service.url).ok()) {
    return Bad(StrCat(util::Quoted(service.url), " is no http or https URL"));
  }
  // A version that nobody speaks is for later readers; at most what an int64 holds.
  service.api_version = static_cast<std::int64_t>(TRY(UnsignedField(json, "majorApiVersion")));
  service.validity = TRY(ParseValidity(json));
  std::optional<std::string> operated_by = TRY(json.OptionalString("operator"));
  service.operated_by = std::move(operated_by).value_or("");
  return service;
}

Result<std::vector<Service>> ParseServices(const Json& config, std::string_view field) {
  const std::vector<Json>* list = TRY(RepeatedField(config, field, kMaxServices));
  std::vector<Service> services;
  for (const Json& element : *list) {
    Service service = TRY(ParseService(element));
    services.push_back(std::move(service));
  }
  return services;
}

Result<ServiceSelector> ParseSelector(const Json& json) {
  ServiceSelector selector;
  const std::string which = TRY(json.String("selector"));
  selector.count = TRY(UnsignedField(json, "count"));
  if (which == "ALL") {
    selector.which = Which::kAll;
  } else if (which == "ANY") {
    selector.which = Which::kAny;
  } else if (which == "EXACT") {
    selector.which = Which::kExact;
  } else {
    return Bad(StrCat("the selector ", util::Quoted(which), " is none of ALL, ANY and EXACT"));
  }
  return selector;
}

Result<ServiceGroup> ParseGroup(const Json& config, std::string_view services,
                                std::string_view selector) {
  ServiceGroup group;
  group.services = TRY(ParseServices(config, services));
  // Writers leave it empty where there is nothing to select from.
  if (group.services.empty()) return group;
  const Json* json = config.FindNonNull(selector);
  if (json != nullptr) {
    if (!json->is_object()) return Bad(StrCat("\"", selector, "\" is not an object"));
    group.selector = TRY(ParseSelector(*json));
    return group;
  }
  return Bad(StrCat("\"", services, "\" needs \"", selector, "\", which is missing"));
}

// Unknown names are passed over, so that one in the other spelling of protobuf, "valid_for", would
// be taken for missing and a window for open.
Status CheckSpelling(const Json& json) {
  for (const auto& [name, value] : json.members()) {
    if (name.find('_') != std::string::npos) {
      return Bad(StrCat("the name ", util::Quoted(name), " is not in lowerCamelCase"));
    }
    TRY(CheckSpelling(value));
  }
  for (const Json& element : json.elements()) TRY(CheckSpelling(element));
  return Ok();
}

Result<SigningConfig::Parts> ParseParts(std::string_view text) {
  const Json json = TRY(Json::Parse(text, {.bytes = kMaxSigningConfigBytes}));
  if (!json.is_object()) return Bad("it is not an object");
  const std::string media_type = TRY(json.String("mediaType"));
  if (media_type != kSigningConfigMediaType) {
    return Bad(
        StrCat("media type ", util::Quoted(media_type), " is not ", kSigningConfigMediaType));
  }
  TRY(CheckSpelling(json));
  SigningConfig::Parts parts;
  parts.certificate_authorities = TRY(ParseServices(json, "caUrls"));
  parts.identity_providers = TRY(ParseServices(json, "oidcUrls"));
  parts.logs = TRY(ParseGroup(json, "rekorTlogUrls", "rekorTlogConfig"));
  parts.timestamp_authorities = TRY(ParseGroup(json, "tsaUrls", "tsaConfig"));
  return parts;
}

// A service without a start is older than all others.
bool IsNewer(const Service* a, const Service* b) {
  if (!a->validity.start) return false;
  return !b->validity.start || *a->validity.start > *b->validity.start;
}

// Those of one version that are valid now, the newest first; of the same age in their order.
std::vector<const Service*> ValidOf(const std::vector<Service>& services, std::int64_t version,
                                    util::Micros now) {
  std::vector<const Service*> valid;
  for (const Service& service : services) {
    if (service.api_version == version && service.validity.Contains(now)) {
      valid.push_back(&service);
    }
  }
  std::stable_sort(valid.begin(), valid.end(), IsNewer);
  return valid;
}

// Of the best version of which there is a valid one.
Result<std::vector<const Service*>> UsableOf(std::string_view kind,
                                             const std::vector<Service>& services,
                                             std::span<const std::int64_t> versions,
                                             util::Micros now) {
  for (const std::int64_t version : versions) {
    std::vector<const Service*> valid = ValidOf(services, version, now);
    if (!valid.empty()) return valid;
  }
  const bool spoken = std::ranges::any_of(services, [&](const Service& service) {
    return std::ranges::find(versions, service.api_version) != versions.end();
  });
  return Bad(StrCat("signing config: no ", kind, " can be used: ",
                    spoken ? StrCat("none is valid at ", util::FormatRfc3339(now))
                           : std::string("none speaks a version that is known"),
                    ", a newer signing config may have one"));
}

// "At most one service per operator" (sigstore_trustroot.proto, ServiceConfiguration).
std::vector<const Service*> OnePerOperator(const std::vector<const Service*>& newest_first) {
  std::vector<const Service*> chosen;
  for (const Service* service : newest_first) {
    const bool known = std::ranges::any_of(chosen, [service](const Service* other) {
      return other->operated_by == service->operated_by;
    });
    if (!known) chosen.push_back(service);
  }
  return chosen;
}

// SplitMix64 (Steele, Lea and Flood 2014): the next number of those that follow from a seed. Which
// service is asked is no secret.
std::uint64_t NextRandom(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

// Fisher and Yates. The modulo favours nobody that one could measure.
void Shuffle(std::vector<const Service*>& services, std::uint64_t seed) {
  for (std::size_t left = services.size(); left > 1; --left) {
    std::swap(services[left - 1], services[NextRandom(seed) % left]);
  }
}

std::vector<Service> CopyOf(const std::vector<const Service*>& services) {
  std::vector<Service> copies;
  for (const Service* service : services) copies.push_back(*service);
  return copies;
}

Result<std::size_t> NeededOf(std::string_view kind, const ServiceSelector& selector,
                             std::size_t available) {
  switch (selector.which) {
    case Which::kAll:
      return available;
    case Which::kAny:
      return std::size_t{1};
    case Which::kExact:
      break;
  }
  if (selector.count > 0 && selector.count <= available) return selector.count;
  return Bad(StrCat("signing config: ", selector.count, " ", kind, " are to be asked, there are ",
                    available, " of different operators"));
}

}  // namespace

Result<SigningConfig> SigningConfig::Parse(std::string_view json) {
  Result<Parts> parts = ParseParts(json);
  if (!parts.ok()) return Bad(parts.error().message()).While("signing config");
  return SigningConfig(std::move(parts).value());
}

Result<ServiceChoice> ChooseOne(std::string_view kind, const std::vector<Service>& services,
                                std::span<const std::int64_t> versions, util::Micros now) {
  if (services.empty()) return ServiceChoice{};
  const std::vector<const Service*> usable = TRY(UsableOf(kind, services, versions, now));
  return ServiceChoice{.candidates = CopyOf(usable), .needed = 1};
}

Result<ServiceChoice> ChooseSeveral(std::string_view kind, const ServiceGroup& group,
                                    std::span<const std::int64_t> versions, util::Micros now,
                                    std::uint64_t seed) {
  if (group.services.empty()) return ServiceChoice{};
  if (!group.selector)
    return Bad(StrCat("signing config: nothing says how many ", kind, " to ask"));
  const std::vector<const Service*> usable = TRY(UsableOf(kind, group.services, versions, now));
  std::vector<const Service*> chosen = OnePerOperator(usable);
  const std::size_t needed = TRY(NeededOf(kind, *group.selector, chosen.size()));
  if (group.selector->which != Which::kAll) Shuffle(chosen, seed);
  return ServiceChoice{.candidates = CopyOf(chosen), .needed = needed};
}

}  // namespace ociship::sigstore
