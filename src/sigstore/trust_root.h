// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SIGSTORE_TRUST_ROOT_H_
#define OCISHIP_SIGSTORE_TRUST_ROOT_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"
#include "crypto/key.h"
#include "crypto/timestamp.h"
#include "ociship/core.h"
#include "util/bytes.h"
#include "util/time.h"

namespace ociship::sigstore {

// Caps on trusted roots from outside.
inline constexpr std::size_t kMaxTrustRootBytes = 4 << 20;
inline constexpr std::size_t kMaxTrustInstances = 256;

// When something is trusted: both ends belong to it, a missing end is open
// (sigstore_common.proto, TimeRange).
struct Validity {
  std::optional<util::Micros> start;
  std::optional<util::Micros> end;

  bool Contains(util::Micros time) const {
    return (!start || *start <= time) && (!end || time <= *end);
  }
};

// A transparency log or certificate log (sigstore_trustroot.proto, TransparencyLogInstance).
struct Log {
  std::string base_url;
  // The host of the URL, without port: how the log calls itself in its checkpoints (Rekor v2).
  std::string name;
  crypto::PublicKey key;
  // What entries and SCTs call it by: 32 bytes.
  util::Bytes id;
  Validity validity;
  // Who runs it; one who runs several logs vouches once. Empty: unknown.
  std::string operated_by;
};

// Who issues certificates (sigstore_trustroot.proto, CertificateAuthority).
struct CertificateAuthority {
  std::vector<crypto::Certificate> intermediates;
  crypto::Certificate anchor;
  Validity validity;
  std::string uri;
  std::string operated_by;
};

// Who vouches for times (RFC 3161).
struct TimestampAuthority {
  crypto::TimestampAuthorityChain chain;
  Validity validity;
  std::string uri;
  std::string operated_by;
};

// Everything whose word counts. Immutable, cheap to copy, safe to share between threads.
class TrustRoot {
 public:
  struct Parts {
    std::vector<Log> logs;
    std::vector<CertificateAuthority> certificate_authorities;
    std::vector<Log> certificate_logs;
    std::vector<TimestampAuthority> timestamp_authorities;
    // Sentences on what was left out, for its key is of a kind that is not supported.
    std::vector<std::string> notes;
  };

  // Reads a trusted root in protobuf JSON, of any media type in use. Unknown fields are ignored, as
  // later versions add some. kTrustMaterial for everything else that is not as it should be: one
  // instance that can not be read makes the whole unreadable, but for keys of unknown algorithms,
  // which are left out with a note.
  static Result<TrustRoot> Parse(std::string_view json);

  // Of single keys and certificates, for those who keep them in files.
  explicit TrustRoot(Parts parts) : parts_(std::make_shared<const Parts>(std::move(parts))) {}

  const std::vector<Log>& logs() const { return parts_->logs; }
  const std::vector<CertificateAuthority>& certificate_authorities() const {
    return parts_->certificate_authorities;
  }
  const std::vector<Log>& certificate_logs() const { return parts_->certificate_logs; }
  const std::vector<TimestampAuthority>& timestamp_authorities() const {
    return parts_->timestamp_authorities;
  }
  const std::vector<std::string>& notes() const { return parts_->notes; }

 private:
  std::shared_ptr<const Parts> parts_;
};

// Who vouches, so that one who does twice counts once: the operator where one is named, else the
// key of a log, the address of an authority, or its root where it has none.
std::string VoucherOf(const Log& log);
std::string VoucherOf(const TimestampAuthority& authority);

// The log with this ID, nullptr when there is none. Instances that share an ID share their key.
const Log* FindLog(const std::vector<Log>& logs, ByteView id);
// Whether the log with this ID, in one of its instances, is trusted at that time.
enum class Trust { kTrusted, kNotTrusted };
Trust TrustInLog(const std::vector<Log>& logs, ByteView id, util::Micros time);

// Splits a chain, signer first and root last. It may begin with an issuer: then tokens bring the
// signer's certificate. Empty chains are the caller's to refuse.
crypto::TimestampAuthorityChain SplitTimestampChain(std::vector<crypto::Certificate> chain);

// The ID of a log that is called by the hash of its key: SHA-256 of the SubjectPublicKeyInfo
// (RFC 6962 section 3.2; Rekor v1).
util::Bytes LogIdOf(const crypto::PublicKey& key);

}  // namespace ociship::sigstore

#endif  // OCISHIP_SIGSTORE_TRUST_ROOT_H_
