// SPDX-License-Identifier: Apache-2.0
// A Store from a repository (ociship/store.h, OpenStore). Tested by open_store_test.cc.
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "http/curl_transport.h"
#include "layout/layout_store.h"
#include "ociship/store.h"
#include "registry/registry_store.h"
#include "util/text.h"
#include "util/url.h"

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

http::TlsConfig TlsFor(const TlsOptions& options, const std::string& host) {
  http::TlsConfig config{.roots_file = options.roots_file,
                         .extra_roots_file = options.extra_roots_file,
                         .certificate_file = options.certificate_file,
                         .key_file = options.key_file,
                         .certs_folders = options.certs_folders};
  switch (options.verify) {
    case TlsOptions::Verify::kYes:
      break;
    case TlsOptions::Verify::kNo:
      config.verify = http::TlsSettings::Verify::kNo;
  }
  const Result<util::Url> own =
      util::Url::Parse(util::StrCat("https://", registry::ApiHost(host), "/"));
  if (own.ok()) config.own_origin = own.value().Origin();
  return config;
}

// Loopback is spoken to without TLS, unless the person said something that makes sense only with.
registry::RegistryOptions::Scheme SchemeFor(const StoreOptions& options, const http::TlsConfig& tls,
                                            const std::string& host) {
  switch (options.plain_http) {
    case StoreOptions::PlainHttp::kLoopback:
      break;
    case StoreOptions::PlainHttp::kAnywhere:
      return registry::RegistryOptions::Scheme::kPlainHttp;
  }
  const Result<util::Url> url = util::Url::Parse(util::StrCat("https://", host, "/"));
  if (url.ok() && http::ExpectsTls(tls, url.value())) {
    return registry::RegistryOptions::Scheme::kTls;
  }
  return registry::RegistryOptions::Scheme::kAuto;
}

struct Connection {
  std::unique_ptr<http::Transport> transport;
  registry::RegistryOptions options;
};

Connection ConnectionTo(const std::string& host, const StoreOptions& options) {
  const http::TlsConfig tls = TlsFor(options.tls, host);
  registry::RegistryOptions settings;
  settings.scheme = SchemeFor(options, tls, host);
  settings.keychain = options.keychain;
  settings.observer = options.observer;
  settings.access = options.access;
  settings.retries = options.retries;
  settings.chunk_bytes = options.chunk_bytes;
  settings.cache_folder = options.cache_folder;
  settings.jitter_seed = std::random_device()();
  return {.transport = http::NewCurlTransport(
              {.stall_timeout_s = static_cast<int>(options.timeout.count()), .tls = tls}),
          .options = settings};
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
  Connection connection = ConnectionTo(std::string(repository.host()), options);
  return registry::NewRegistryStore(repository, std::move(connection.transport), effects.clock,
                                    effects.cancel, connection.options);
}

Status CheckLogin(const std::string& host, const Credential& credential, const Effects& effects,
                  const StoreOptions& options) {
  const Connection connection = ConnectionTo(host, options);
  return registry::CheckLogin(host, credential, *connection.transport, effects.clock,
                              effects.cancel, connection.options);
}

}  // namespace ociship
