// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_SIGNING_CONFIG_H_
#define OCISHIP_SIGSTORE_SIGNING_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ociship/core.h"
#include "sigstore/trust_root.h"
#include "util/time.h"

// Which services are asked when something is signed (sigstore_trustroot.proto, SigningConfig v0.2).
namespace ociship::sigstore {

inline constexpr std::string_view kSigningConfigMediaType =
    "application/vnd.dev.sigstore.signingconfig.v0.2+json";

// Caps on signing configs from outside.
inline constexpr std::size_t kMaxSigningConfigBytes = 1 << 20;
inline constexpr std::size_t kMaxServices = 64;  // of one kind

// The versions of their interfaces that are spoken, the best first. Version 1 of a certificate
// authority is the interface /api/v2/signingCert of Fulcio.
inline constexpr std::int64_t kCertificateAuthorityVersions[] = {1};
inline constexpr std::int64_t kIdentityProviderVersions[] = {1};
inline constexpr std::int64_t kLogVersions[] = {2, 1};
inline constexpr std::int64_t kPromisingLogVersions[] = {1};  // whose entries have a promise
inline constexpr std::int64_t kTimestampVersions[] = {1};

// One service.
struct Service {
  std::string url;  // of a timestamp authority complete, of the others what their paths follow
  std::int64_t api_version = 1;
  Validity validity = {};
  std::string operated_by = {};
};

// How many of a kind are asked.
struct ServiceSelector {
  enum class Which { kAll, kAny, kExact } which = Which::kAny;
  std::size_t count = 0;  // of kExact
};

// All services of a kind of which several may be asked. Without a selector there are none.
struct ServiceGroup {
  std::vector<Service> services = {};
  std::optional<ServiceSelector> selector = {};
};

// Immutable once it is made.
class SigningConfig {
 public:
  struct Parts {
    std::vector<Service> certificate_authorities = {};
    std::vector<Service> identity_providers = {};
    ServiceGroup logs = {};
    ServiceGroup timestamp_authorities = {};
  };

  // Reads protobuf JSON. Unknown fields are ignored, as later versions add some. kTrustMaterial for
  // another media type, a service whose URL is no http or https URL, services of a kind without the
  // selector that the kind needs or with one that is not known, and over the caps.
  static Result<SigningConfig> Parse(std::string_view json);
  // Of single URLs, for those who give them by hand.
  explicit SigningConfig(Parts parts) : parts_(std::move(parts)) {}

  const std::vector<Service>& certificate_authorities() const {
    return parts_.certificate_authorities;
  }
  const std::vector<Service>& identity_providers() const { return parts_.identity_providers; }
  const ServiceGroup& logs() const { return parts_.logs; }
  const ServiceGroup& timestamp_authorities() const { return parts_.timestamp_authorities; }

 private:
  Parts parts_;
};

// Whom to ask: so many of the candidates, in their order; one that fails is replaced by the next.
// All candidates speak the same version.
struct ServiceChoice {
  std::vector<Service> candidates = {};
  std::size_t needed = 0;
};

// One service of the best version of which there is a valid one, newest first. Nobody needed and
// no candidate for an empty list. kTrustMaterial when there are services and none of them can be
// used `now`; the message names `kind`.
Result<ServiceChoice> ChooseOne(std::string_view kind, const std::vector<Service>& services,
                                std::span<const std::int64_t> versions, util::Micros now);

// As many as the selector says, of the best version of which there is a valid one, of each operator
// the newest alone ("at most one service per operator", sigstore_trustroot.proto). ANY and EXACT
// choose at random, by `seed`. An empty group and errors as above; also when there are fewer than
// EXACT demands, or that is none.
Result<ServiceChoice> ChooseSeveral(std::string_view kind, const ServiceGroup& group,
                                    std::span<const std::int64_t> versions, util::Micros now,
                                    std::uint64_t seed);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_SIGNING_CONFIG_H_
