// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_COSIGN_ENDORSER_H_
#define OCISHIP_COSIGN_ENDORSER_H_

#include <mutex>

#include "cosign/signer.h"
#include "ociship/core.h"
#include "sigstore/bundle.h"
#include "sigstore/content.h"
#include "sigstore/policy.h"
#include "sigstore/verify.h"

namespace ociship::cosign {

// What carries a signature: the legacy format has room for less beside it.
enum class Carrier { kBundle, kLegacy };

// What all signatures of one endorser show to whoever verifies them.
struct Expectation {
  sigstore::Policy policy;
  sigstore::Circumstances circumstances = {};
};

// Makes signatures, with whatever verifiers want to see beside them: a certificate, log entries,
// timestamps. Safe to use from several threads at once.
class Endorser {
 public:
  virtual ~Endorser() = default;
  // By this the signatures that are there already are found, and every new one is held against it
  // before it is stored. May have to ask for a certificate.
  virtual Result<Expectation> Expect(Carrier carrier) = 0;
  // Signs an envelope, whose signature is empty, for a bundle.
  virtual Result<sigstore::Material> EndorseEnvelope(sigstore::Envelope envelope) = 0;
  // Signs the bytes, or their hashes, themselves.
  virtual Result<sigstore::Material> EndorseMessage(const sigstore::Artifact& artifact,
                                                    Carrier carrier) = 0;
};

// The parts that every endorser needs: signatures of `signer` as a bundle has them, which verify
// with its own public key.
Status SignEnvelope(Signer& signer, sigstore::Envelope& envelope);
Result<sigstore::MessageSignature> SignMessage(Signer& signer, const sigstore::Artifact& artifact);

// A key, and nobody else's word. The signer is used by one thread at a time.
class KeyEndorser : public Endorser {
 public:
  explicit KeyEndorser(Signer& signer) : signer_(signer) {}

  Result<Expectation> Expect(Carrier carrier) override;
  Result<sigstore::Material> EndorseEnvelope(sigstore::Envelope envelope) override;
  Result<sigstore::Material> EndorseMessage(const sigstore::Artifact& artifact,
                                            Carrier carrier) override;

 private:
  std::mutex mutex_;
  Signer& signer_;
};

}  // namespace ociship::cosign

#endif  // OCISHIP_COSIGN_ENDORSER_H_
