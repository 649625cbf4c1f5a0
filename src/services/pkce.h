// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_PKCE_H_
#define OCISHIP_SERVICES_PKCE_H_

#include <string>
#include <string_view>

namespace ociship::services {

// 256 random bits as text that needs no encoding in URLs.
std::string RandomText();

// code_challenge of a code_verifier by S256 (RFC 7636 section 4.2).
std::string CodeChallenge(std::string_view verifier);

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_PKCE_H_
