// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_COSIGN_LEGACY_MATERIAL_H_
#define OCISHIP_COSIGN_LEGACY_MATERIAL_H_

#include <map>
#include <string>

#include "cosign/gather.h"
#include "ociship/core.h"
#include "sigstore/bundle.h"

namespace ociship::cosign {

// What a legacy signature and its annotations amount to, in the terms of a bundle: the signature of
// a message, with the certificate, the log's promise and the timestamp where the annotations have
// them (cosign, pkg/oci/static/options.go). A chain that is annotated is not looked at: issuers are
// the trusted root's. kBadInput for annotations that can not be read.
//
// `signer` says which of the two a verifier asks for: a layer may have a certificate and still be
// signed by a key that the verifier knows.
enum class WantedSigner { kKey, kCertificate };
Result<sigstore::Material> ReadLegacyMaterial(const LegacyCandidate& candidate,
                                              WantedSigner signer);

// The reverse: the annotations of the layer of a payload whose signature has this material. There
// is room for one log entry, of which the promise is kept, and for one timestamp. The certificates
// of a chain behind the first are annotated too, for verifiers that look at them.
std::map<std::string, std::string> LegacyAnnotations(const sigstore::Material& material);

}  // namespace ociship::cosign

#endif  // OCISHIP_COSIGN_LEGACY_MATERIAL_H_
