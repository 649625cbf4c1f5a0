// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_API_TRUST_H_
#define OCISHIP_API_TRUST_H_

#include <memory>
#include <string>
#include <vector>

#include "http/transport.h"
#include "ociship/core.h"
#include "ociship/store.h"
#include "ociship/verify.h"
#include "services/trust.h"

namespace ociship {

// To servers of Sigstore, which are spoken to as `options` say.
std::unique_ptr<http::Transport> MakeTransport(const TlsOptions& options);

// For the public functions.
TrustRoot MakeTrustRoot(const sigstore::TrustRoot& root);

// services::LoadTrust and services::UpdateTrust over a transport of our own.
Result<services::LoadedTrust> LoadTrust(const services::TrustRequest& request,
                                        const TlsOptions& tls, const Effects& effects);
Result<services::LoadedTrust> UpdateTrust(const services::TrustRequest& request,
                                          const TlsOptions& tls, const Effects& effects);

// A TUF repository and where its files are kept, as somebody names them who drives the client by
// hand. Nothing of Sigstore is in it.
struct TufTask {
  std::string metadata_folder;
  std::string metadata_url;
  std::string targets_url;
  std::string targets_folder;
  std::vector<std::string> targets;
  TlsOptions tls;
};

// Makes the content of a file the trusted root of `metadata_folder`. kTrustMaterial if it is no
// root that signed itself. Asks nobody.
Status InitTuf(const std::string& metadata_folder, std::string_view root);

// Brings the metadata up to date. What verified is kept also when a later file did not.
Status RefreshTuf(const TufTask& task, const Effects& effects);

// The same, then downloads `targets` in their order into `targets_folder`, up to the first that
// fails. One that is there already, and is what the metadata says, is not downloaded.
Status DownloadTuf(const TufTask& task, const Effects& effects);

}  // namespace ociship

#endif  // OCISHIP_API_TRUST_H_
