// SPDX-License-Identifier: Apache-2.0
// A Store from a repository (ociship/store.h, OpenStore). Tested by open_store_test.cc.
#include <memory>

#include "http/curl_transport.h"
#include "layout/layout_store.h"
#include "ociship/store.h"
#include "registry/registry_store.h"

namespace ociship {
namespace {

layout::Mode LayoutMode(StoreOptions::Mode mode) {
  switch (mode) {
    case StoreOptions::Mode::kExisting:
      return layout::Mode::kExisting;
    case StoreOptions::Mode::kCreate:
      return layout::Mode::kCreate;
  }
  return layout::Mode::kExisting;
}

registry::RegistryOptions::Scheme SchemeFor(StoreOptions::PlainHttp plain_http) {
  switch (plain_http) {
    case StoreOptions::PlainHttp::kLoopback:
      return registry::RegistryOptions::Scheme::kAuto;
    case StoreOptions::PlainHttp::kAnywhere:
      return registry::RegistryOptions::Scheme::kPlainHttp;
  }
  return registry::RegistryOptions::Scheme::kAuto;
}

}  // namespace

Result<std::unique_ptr<Store>> OpenStore(const Repository& repository, const Effects& effects,
                                         const StoreOptions& options) {
  switch (repository.kind()) {
    case Repository::Kind::kLayout:
      return layout::OpenLayoutStore(repository, LayoutMode(options.mode));
    case Repository::Kind::kRegistry:
      break;
  }
  return registry::NewRegistryStore(
      repository, http::NewCurlTransport({}), effects.clock, effects.cancel,
      {.scheme = SchemeFor(options.plain_http), .retries = options.retries});
}

}  // namespace ociship
