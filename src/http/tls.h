// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_HTTP_TLS_H_
#define OCISHIP_HTTP_TLS_H_

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "util/url.h"

namespace ociship::http {

// How TLS is spoken with one server.
struct TlsSettings {
  enum class Verify { kYes, kNo } verify = Verify::kYes;
  // The roots as PEM: those of the system and more. Empty: the roots of the system as libcurl finds
  // them.
  std::string roots = {};
  std::string certificate_file = {};
  std::string key_file = {};
};

// What the person said about TLS, for all servers.
struct TlsConfig {
  TlsSettings::Verify verify = TlsSettings::Verify::kYes;
  std::string roots_file = {};        // instead of the roots of the system
  std::string extra_roots_file = {};  // besides them
  // For `own_origin` alone (util::Url::Origin): a client certificate is a name, which others whom
  // the server sends us to have no business to learn.
  std::string own_origin = {};
  std::string certificate_file = {};
  std::string key_file = {};
  // Folders with a folder HOST or HOST:PORT for some servers: *.crt are more roots, NAME.cert with
  // NAME.key is a client certificate (containers-certs.d(5)). All that exist count.
  std::vector<std::string> certs_folders = {};
};

// Whether it says something that makes sense only if this server speaks TLS.
bool ExpectsTls(const TlsConfig& config, const util::Url& url);

// Reads what a TlsConfig names when a server is first spoken to. Safe to use from several threads.
class TlsPolicy {
 public:
  explicit TlsPolicy(TlsConfig config) : config_(std::move(config)) {}

  // kBadInput for a file that cannot be read, and a certificate without its key.
  Result<TlsSettings> For(const util::Url& url);

 private:
  Result<TlsSettings> Read(const util::Url& url) const;

  const TlsConfig config_;
  std::mutex mutex_;
  std::map<std::string, TlsSettings> known_;  // by origin
};

}  // namespace ociship::http

#endif  // OCISHIP_HTTP_TLS_H_
