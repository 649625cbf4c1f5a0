// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_VERIFY_H_
#define OCISHIP_VERIFY_H_

// Verify: whether an image or a file was signed by who should have signed it.
//
// A verdict is a Result: a Verification exists only for an image that has at least one signature
// for which everything that the policy demands was shown. Everything else is an Error, and its code
// tells absence from refusal and both from ignorance:
//   kNoSignature   nobody signed this image
//   kNoMatch       there are signatures, and none is what the policy demands; also one that was
//                  moved here from another image
//   kUnknown       signatures may exist that could not be read
//   kUnauthorized, kRateLimited, kUnavailable   nothing could be found out at all
//
// Error::reason() says which check refused, in one word.
//
// WHO. A policy names a key, or identities: what a certificate authority of the trust root wrote
// into a certificate that lived ten minutes. For identities a trusted time, an entry in a
// transparency log and one in a certificate log are demanded unless the policy says otherwise.
//
// Judging is pure: it opens no file and no socket and looks at no clock. Everything it needs is
// handed in, and all types are safe to use from several threads. Only VerifyImage asks its Store.
//
// EXAMPLE
//   Result<TrustRoot> root = TrustRoot::FromJson(trusted_root_json);
//   Result<VerifyPolicy> policy = VerifyPolicy::WithIdentities(
//       {{.identity = "release@example.com", .issuer = "https://accounts.example.com"}});
//   Result<Verification> verified =
//       VerifyImage(*store, image, policy.value(), {.root = root.value(), .now = now});
//   if (!verified.ok()) return Refuse(verified.error());
//   Deploy(verified.value().digest());   // by digest: a tag may have moved meanwhile

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/store.h"

namespace ociship {

// In which of the two ways an image carries its signature (ociship/sign.h).
enum class SignatureFormat { kBundle, kLegacy };

// Whose word counts: certificate authorities, logs and timestamp authorities, each for a time.
// Immutable; cheap to copy.
class TrustRoot {
 public:
  // Reads a trusted_root.json (sigstore_trustroot.proto). kTrustMaterial otherwise.
  static Result<TrustRoot> FromJson(std::string_view json);
  // Knows nobody: enough for a policy that demands a key and nothing else.
  TrustRoot();

  struct Impl;
  const Impl& impl() const { return *impl_; }
  explicit TrustRoot(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

// What verification is handed besides signature and policy.
struct VerifyCircumstances {
  TrustRoot root = {};
  // Used only where nobody says when the signature was made: for certificates where log entries
  // are ignored, and for logs that give no time.
  std::chrono::sys_seconds now = {};
  // The answer of a certificate log (RFC 6962 section 4.1), JSON, for certificates that do not
  // carry it.
  std::string detached_sct = {};
};

// One identity that is accepted: all that is given must match. Subject and issuer have to be given,
// each as a text or as a regular expression (RE2) that the whole must match, or both as the GitHub
// short form OWNER/REPO[/WORKFLOW][@REF].
struct AcceptedIdentity {
  std::string identity = {};
  std::string identity_regexp = {};
  std::string issuer = {};
  std::string issuer_regexp = {};
  std::string github = {};
  // Values of Fulcio's extensions, by their number below 1.3.6.1.4.1.57264.1: {5, "acme/app"}.
  std::map<int, std::string> extensions = {};
};

// What is demanded beyond the signer. Where a number has no value the default of the signer's kind
// holds; 0 means that there is none needed and none is looked at.
struct VerifyDemands {
  // Each must be signed with exactly this value.
  std::map<std::string, std::string> annotations = {};
  // Entries in transparency logs of different operators. Default: 1, with a key 0.
  std::optional<unsigned> log_entries = {};
  // RFC 3161 timestamps of different operators. Default: none needed, but those of authorities that
  // are known must hold; with a key and no log entries 0.
  std::optional<unsigned> timestamps = {};
  // Certificate logs of different operators. Default: 1.
  std::optional<unsigned> certificate_logs = {};
};

// What a signature must be. Immutable; cheap to copy.
class VerifyPolicy {
 public:
  // PEM "PUBLIC KEY". The key is the policy unless `demands` says more. kBadInput for a key that
  // cannot be used.
  static Result<VerifyPolicy> WithKey(std::string_view public_pem, VerifyDemands demands = {});
  // A certificate of one of these. kUsage for none, and for one that leaves open who or by whom.
  static Result<VerifyPolicy> WithIdentities(const std::vector<AcceptedIdentity>& any_of,
                                             VerifyDemands demands = {});
  // A certificate of anybody at all: shows that somebody signed, and nothing about whom to trust.
  static Result<VerifyPolicy> WithUnsafeAnyIdentity(VerifyDemands demands = {});

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit VerifyPolicy(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// Who signed, by a certificate.
struct SignerIdentity {
  std::string subject;                    // URI, e-mail address or user name
  std::string issuer;                     // identity provider
  std::map<int, std::string> extensions;  // by number below 1.3.6.1.4.1.57264.1
};
// "Source Repository URI".
std::string_view SignerExtensionName(int extension);

// When the signature existed.
struct SignedAt {
  std::chrono::sys_seconds time;  // cut to the second
  std::string said_by;            // log or timestamp authority; empty: the verifier's own clock
};

// An entry of a transparency log.
struct LoggedAt {
  std::string log;
  std::optional<std::uint64_t> index;  // nothing where the log did not sign it
};

// What was shown of one signature.
struct Evidence {
  std::optional<SignerIdentity> signer = {};  // nothing for a key
  std::vector<SignedAt> times = {};
  std::vector<LoggedAt> log_entries = {};
  std::size_t unchecked_log_entries = 0;  // there, and not looked at or of unknown logs
  std::size_t certificate_logs = 0;
};

// One signature for which everything was shown.
struct VerifiedSignature {
  SignatureFormat format = SignatureFormat::kBundle;
  Digest manifest;           // that carries it
  std::string claimed_name;  // docker-reference of a legacy payload: a claim that nobody checks
  std::string type;          // type of the payload, or predicate type of the statement
  std::map<std::string, std::string> annotations;  // that were signed
  Evidence evidence;
  // One line of JSON as cosign prints it: {"critical":...,"optional":...}.
  std::string payload;
};

// Proof that an image is signed: only VerifyImage makes one.
class Verification {
 public:
  const Digest& digest() const { return digest_; }
  const std::vector<VerifiedSignature>& signatures() const { return signatures_; }  // at least one
  // Sentences on what could not be read besides; the verdict stands without it.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  friend Result<Verification> VerifyImage(Store&, const Digest&, const VerifyPolicy&,
                                          const VerifyCircumstances&);
  Verification(Digest digest, std::vector<VerifiedSignature> signatures,
               std::vector<std::string> notes)
      : digest_(std::move(digest)), signatures_(std::move(signatures)), notes_(std::move(notes)) {}

  Digest digest_;
  std::vector<VerifiedSignature> signatures_;
  std::vector<std::string> notes_;
};

// Gathers the signatures of `image` from `store`, then judges them without any further access.
Result<Verification> VerifyImage(Store& store, const Digest& image, const VerifyPolicy& policy,
                                 const VerifyCircumstances& circumstances = {});

// A file, by its bytes or, where they are not at hand, by hashes of them. Signatures with Ed25519
// keys need the bytes.
class Blob {
 public:
  // The bytes stay the caller's, and there as long as the Blob.
  static Blob OfBytes(ByteView bytes);
  static Blob OfDigest(const Digest& digest);
  // Reads a file, device or pipe to its end. Keeps its hashes, and the bytes of one of at most
  // 64 MiB. kBadInput when it can not be read.
  static Result<Blob> OfFile(const std::string& path);

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit Blob(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// Whether an attestation about a file does for a signature of it.
struct BlobContent {
  enum class Attestation { kRefused, kOfType, kAny } attestation = Attestation::kRefused;
  std::string type = {};  // predicate type, for kOfType
};

// Proof that a bundle signs a file, or an image: only VerifyBlob and VerifyBundleOfImage make one.
class BlobVerification {
 public:
  const Evidence& evidence() const { return evidence_; }
  // The type of the attestation, or of an image's statement; empty for a signature of the file.
  const std::string& predicate_type() const { return predicate_type_; }

 private:
  friend Result<BlobVerification> VerifyBlob(const Blob&, std::string_view, const VerifyPolicy&,
                                             const VerifyCircumstances&, const BlobContent&);
  friend Result<BlobVerification> VerifyBundleOfImage(const Digest&, std::string_view,
                                                      const VerifyPolicy&,
                                                      const VerifyCircumstances&);
  BlobVerification(Evidence evidence, std::string predicate_type)
      : evidence_(std::move(evidence)), predicate_type_(std::move(predicate_type)) {}

  Evidence evidence_;
  std::string predicate_type_;
};

// Verifies a Sigstore bundle, versions 0.1 to 0.3, as the signature of a file. kNoMatch, kBadInput
// for a bundle that is none.
Result<BlobVerification> VerifyBlob(const Blob& blob, std::string_view bundle,
                                    const VerifyPolicy& policy,
                                    const VerifyCircumstances& circumstances,
                                    const BlobContent& content = {});

// Verifies a Sigstore bundle that is at hand as the signature of the image whose manifest has this
// digest. kNoMatch also for a signature of a file and for an attestation; kBadInput.
Result<BlobVerification> VerifyBundleOfImage(const Digest& image, std::string_view bundle,
                                             const VerifyPolicy& policy,
                                             const VerifyCircumstances& circumstances);

}  // namespace ociship

#endif  // OCISHIP_VERIFY_H_
