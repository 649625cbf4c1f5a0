// SPDX-License-Identifier: Apache-2.0
// Gathers roots and client certificates for a server (containers-certs.d(5)). Tested by
// tls_test.cc.
#include "http/tls.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::http {
namespace {

namespace fs = std::filesystem;
using util::StrCat;

constexpr std::size_t kMaxPemBytes = 4 << 20;
constexpr std::size_t kMaxFolderEntries = 1000;
constexpr std::size_t kMaxKnown = 64;

// Where distributions keep the roots of the system, in the order in which Go looks.
constexpr std::array kSystemRoots = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

Result<std::string> ReadPem(const std::string& path) {
  std::string text = TRY(util::ReadFile(path, kMaxPemBytes));
  if (text.find("-----BEGIN ") != std::string::npos) return text + "\n";
  return Error(Code::kBadInput, StrCat("no certificate in PEM is in ", util::Quoted(path)));
}

Result<std::string> SystemRoots() {
  for (const char* path : kSystemRoots) {
    std::error_code problem;
    if (fs::is_regular_file(path, problem)) return ReadPem(path);
  }
  return std::string();
}

// The folders that are there for a server. The port may be left out where it is the usual one.
std::vector<std::string> FoldersOf(const TlsConfig& config, const util::Url& url) {
  // Others than the person name hosts too: nothing may lead out of the folder.
  if (url.host.find_first_not_of('.') == std::string::npos) return {};
  std::vector<std::string> names = {url.HostAndPort()};
  if (url.port.empty()) names.push_back(StrCat(url.host, ":443"));
  if (url.port == "443") names.push_back(url.host);
  std::vector<std::string> folders;
  for (const std::string& folder : config.certs_folders) {
    for (const std::string& name : names) {
      std::error_code problem;
      const std::string path = StrCat(folder, "/", name);
      if (fs::is_directory(path, problem)) folders.push_back(path);
    }
  }
  return folders;
}

// The paths in a folder, sorted, so that the same one wins everywhere.
Result<std::vector<fs::path>> List(const std::string& folder) {
  std::vector<fs::path> paths;
  std::error_code problem;
  for (fs::directory_iterator it(folder, problem), end; !problem && it != end;
       it.increment(problem)) {
    paths.push_back(it->path());
    if (paths.size() > kMaxFolderEntries) {
      return Error(Code::kBadInput, StrCat("too many files in ", util::Quoted(folder)));
    }
  }
  if (problem) {
    return Error(Code::kBadInput,
                 StrCat("cannot read ", util::Quoted(folder), ": ", problem.message()));
  }
  std::ranges::sort(paths);
  return paths;
}

Error Alone(const fs::path& path, std::string_view missing) {
  return Error(Code::kBadInput,
               StrCat(util::Quoted(path.filename().string()), " has no ", missing, " beside it in ",
                      util::Quoted(path.parent_path().string())));
}

// What one folder HOST adds.
Status AddFolder(const std::string& folder, TlsSettings& settings) {
  for (const fs::path& path : TRY(List(folder))) {
    const std::string extension = path.extension().string();
    fs::path partner = path;
    std::error_code problem;
    if (extension == ".crt") {
      settings.roots += TRY(ReadPem(path.string()));
    } else if (extension == ".cert") {
      partner.replace_extension(".key");
      if (!fs::exists(partner, problem)) return Alone(path, ".key");
      if (!settings.certificate_file.empty()) continue;
      settings.certificate_file = path.string();
      settings.key_file = partner.string();
    } else if (extension == ".key") {
      partner.replace_extension(".cert");
      if (!fs::exists(partner, problem)) return Alone(path, ".cert");
    }
  }
  return Ok();
}

}  // namespace

bool ExpectsTls(const TlsConfig& config, const util::Url& url) {
  return config.verify == TlsSettings::Verify::kNo || !config.extra_roots_file.empty() ||
         !config.certificate_file.empty() || !FoldersOf(config, url).empty();
}

Result<TlsSettings> TlsPolicy::Read(const util::Url& url) const {
  TlsSettings settings{.verify = config_.verify};
  if (url.Origin() == config_.own_origin) {
    settings.certificate_file = config_.certificate_file;
    settings.key_file = config_.key_file;
  }
  if (!config_.extra_roots_file.empty()) settings.roots = TRY(ReadPem(config_.extra_roots_file));
  for (const std::string& folder : FoldersOf(config_, url)) TRY(AddFolder(folder, settings));
  // libcurl takes roots from one place only: whoever wants more gets those of the system with them.
  if (!config_.roots_file.empty()) {
    settings.roots += TRY(ReadPem(config_.roots_file));
  } else if (!settings.roots.empty()) {
    settings.roots += TRY(SystemRoots());
  }
  return settings;
}

Result<TlsSettings> TlsPolicy::For(const util::Url& url) {
  const std::lock_guard lock(mutex_);
  const std::string origin = url.Origin();
  const auto known = known_.find(origin);
  if (known != known_.end()) return known->second;
  TlsSettings settings = TRY(Read(url));
  if (known_.size() == kMaxKnown) known_.clear();  // a registry may name any number of servers
  known_.emplace(origin, settings);
  return settings;
}

}  // namespace ociship::http
