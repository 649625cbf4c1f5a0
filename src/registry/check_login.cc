// SPDX-License-Identifier: Apache-2.0
// Tries a credential (distribution-spec, end-1). Tested by tests/registry/check_login_test.cc.
#include <string>

#include "registry/client.h"
#include "registry/registry_store.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

// The one credential that is to be tried.
class OneCredential : public Keychain {
 public:
  explicit OneCredential(const Credential& credential) : credential_(credential) {}
  Result<std::optional<Credential>> Find(const Repository&) override {
    return std::optional<Credential>(credential_);
  }

 private:
  const Credential& credential_;
};

}  // namespace

Status CheckLogin(const std::string& host, const Credential& credential, http::Transport& transport,
                  util::Clock& clock, const util::Cancel& cancel, RegistryOptions options) {
  OneCredential keychain(credential);
  options.keychain = &keychain;
  // Only the host counts: end-1 belongs to no repository.
  const Reference any = TRY(Reference::Parse(util::StrCat(host, "/login")));
  Client client(any.repository(), transport, clock, cancel, options);
  Call call{.method = http::Method::kGet,
            .url = client.asker().url,
            .what = "the login",
            .need = {.access = Access::kNothing}};
  call.url.path = "/v2/";
  const http::Response response = TRY(client.Send(call));
  if (IsSuccess(response)) return Ok();
  return client.Refused(call, response);
}

}  // namespace ociship::registry
