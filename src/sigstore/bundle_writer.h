// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_BUNDLE_WRITER_H_
#define OCISHIP_SIGSTORE_BUNDLE_WRITER_H_

#include <string>

#include "crypto/key.h"
#include "sigstore/bundle.h"

namespace ociship::sigstore {

// How bundles name a key: base64 of the SHA-256 of its SubjectPublicKeyInfo, as cosign 3.1.2 does.
KeyHint HintOf(const crypto::PublicKey& key);

// The bundle of version 0.3 (sigstore_bundle.proto) in protobuf JSON, members in the order of their
// numbers and what is empty left out, as cosign 3.1.2 writes it but without its spaces between
// members. Of a chain it has the leaf alone, as that version demands.
std::string FormatBundle(const Material& material);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_BUNDLE_WRITER_H_
