// SPDX-License-Identifier: Apache-2.0
// A Store from a repository (ociship/store.h, OpenStore). Tested by open_store_test.cc.
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "api/mirrored_store.h"
#include "http/curl_transport.h"
#include "layout/layout_store.h"
#include "ociship/store.h"
#include "registry/registries_conf.h"
#include "registry/registry_store.h"
#include "util/file.h"
#include "util/text.h"
#include "util/try.h"
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

Result<registry::RegistriesConf> ReadRegistriesConf(const std::vector<std::string>& paths) {
  std::vector<registry::RegistriesConf::File> files;
  for (const std::string& path : paths) {
    std::string text = TRY(util::ReadInputFile(path, registry::kMaxRegistriesFileBytes));
    files.push_back({.path = path, .text = std::move(text)});
  }
  return registry::RegistriesConf::Parse(files);
}

Result<std::unique_ptr<Store>> OpenRegistry(const Repository& repository,
                                            const registry::RegistriesConf& conf,
                                            const Effects& effects, const StoreOptions& options) {
  TRY(conf.CheckAllowed(repository));
  Connection connection = ConnectionTo(repository.host(), options);
  return registry::NewRegistryStore(repository, std::move(connection.transport), effects.clock,
                                    effects.cancel, connection.options);
}

// For a place that a file names and not the person.
StoreOptions OptionsForMirror(StoreOptions options) {
  options.access = StoreOptions::Access::kRead;
  options.keychain = options.mirror_keychain;
  options.tls.certificate_file.clear();
  options.tls.key_file.clear();
  return options;
}

Result<std::unique_ptr<Store>> OpenWithMirrors(const Repository& repository,
                                               const registry::RegistriesConf& conf,
                                               const Effects& effects,
                                               const StoreOptions& options) {
  const StoreOptions for_mirror = OptionsForMirror(options);
  MirroredPlaces places;
  places.named = TRY(OpenRegistry(repository, conf, effects, options));
  const std::vector<registry::Mirror> mirrors = TRY(conf.MirrorsFor(repository));
  for (const registry::Mirror& mirror : mirrors) {
    std::unique_ptr<Store> store = TRY(OpenRegistry(mirror.repository, conf, effects, for_mirror));
    places.mirrors.push_back({.store = std::move(store), .pull = mirror.pull});
  }
  const Repository location = TRY(conf.LocationOf(repository));
  if (location != repository) {
    places.location = TRY(OpenRegistry(location, conf, effects, for_mirror));
  }
  if (places.mirrors.empty() && places.location == nullptr) return std::move(places.named);
  return NewMirroredStore(std::move(places));
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
  const registry::RegistriesConf conf = TRY(ReadRegistriesConf(options.registries_files));
  switch (options.mirrors) {
    case StoreOptions::Mirrors::kIgnored:
      return OpenRegistry(repository, conf, effects, options);
    case StoreOptions::Mirrors::kUsed:
      break;
  }
  return OpenWithMirrors(repository, conf, effects, options);
}

Status CheckLogin(const std::string& host, const Credential& credential, const Effects& effects,
                  const StoreOptions& options) {
  const registry::RegistriesConf conf = TRY(ReadRegistriesConf(options.registries_files));
  TRY(conf.CheckHostAllowed(host));
  const Connection connection = ConnectionTo(host, options);
  return registry::CheckLogin(host, credential, *connection.transport, effects.clock,
                              effects.cancel, connection.options);
}

}  // namespace ociship
