// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_OCISHIP_H_
#define OCISHIP_OCISHIP_H_

// The C interface: whether a Sigstore bundle is a signature of a file or an image, by who should
// have signed it. For C99 and later, C++, and whatever else can call C. Link with
// `pkg-config --cflags --libs ociship`.
//
// Nothing here opens a file or a socket or looks at a clock: everything is handed in.
//
// RESULTS. A function that can fail returns 0 (OCISHIP_OK) or a code above 0. Only with 0 it sets
// what it makes; else it sets that to NULL. It then also makes an ociship_error, if `error` is not
// NULL. No function throws, and none ends the process for lack of memory: that is OCISHIP_FAILURE.
//
// HANDLES. The four types are opaque. What a function made is the caller's, who gives it to the
// `_free` of its type, which takes NULL. Handles do not need each other: a trust root may be freed
// after the call that used it. They never change, so that any number of threads may use one.
//
// TEXTS. Texts that come in end with NUL, or have a size beside them; they are not kept. Texts that
// come out belong to the handle, end with NUL, and are UTF-8. What others wrote into certificates
// has its size besides, where `size` is not NULL: such a text could have a NUL within.
//
// STRUCTS that are handed in begin with their own size, which the caller sets to sizeof, and are 0
// in all that is not wanted: `ociship_demands demands = {sizeof demands};`. The library refuses a
// struct of a later version only if that makes use of what this version does not know.
//
// EXAMPLE: examples/verify.c.

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define OCISHIP_API __attribute__((visibility("default")))
// A verdict that nobody looks at is a mistake.
#define OCISHIP_MUST_CHECK __attribute__((warn_unused_result))
#else
#define OCISHIP_API
#define OCISHIP_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Grows by one with each version that adds something. What is there stays as it is; should it not,
// the library gets another name (soname).
#define OCISHIP_ABI_VERSION 1
// The one that the library was built with.
OCISHIP_API unsigned ociship_abi_version(void);
// "0.1.0".
OCISHIP_API const char* ociship_version(void);

// Codes; they are also the exit codes of the program. There may be more.
enum {
  OCISHIP_OK = 0,
  OCISHIP_FAILURE = 1,          // none of the others; out of memory
  OCISHIP_USAGE = 2,            // NULL where something is needed, a policy that leaves things open
  OCISHIP_NO_MATCH = 12,        // not signed as the policy demands
  OCISHIP_NO_CERTIFICATE = 13,  // signed with a key, where a certificate is demanded
  OCISHIP_BAD_INPUT = 25,       // no bundle, no key, no digest
  OCISHIP_TRUST_MATERIAL = 31,  // no trusted root
};

// Why something failed.
typedef struct ociship_error ociship_error;
OCISHIP_API void ociship_error_free(ociship_error* error);
OCISHIP_API int ociship_error_code(const ociship_error* error);
// One sentence for people, without a full stop.
OCISHIP_API const char* ociship_error_message(const ociship_error* error);
// Which check refused, one stable word for programs: "checkpoint-signature". Empty where the code
// says enough.
OCISHIP_API const char* ociship_error_reason(const ociship_error* error);

// Whose word counts: certificate authorities, logs and timestamp authorities.
typedef struct ociship_trust_root ociship_trust_root;
OCISHIP_API void ociship_trust_root_free(ociship_trust_root* root);
// Reads a trusted_root.json of `size` bytes.
OCISHIP_API OCISHIP_MUST_CHECK int ociship_trust_root_from_json(const char* json, size_t size,
                                                                ociship_trust_root** root,
                                                                ociship_error** error);

// A name and its value. Never grows.
typedef struct ociship_annotation {
  const char* name;
  const char* value;
} ociship_annotation;

// An extension of Fulcio's certificates, by its number below 1.3.6.1.4.1.57264.1. Never grows.
typedef struct ociship_extension {
  int number;
  const char* value;
} ociship_extension;

// One identity that is accepted: all that is given must match. A subject and an issuer have to be
// given, each as a text or as a regular expression (RE2) that the whole must match, or both in
// short for GitHub: OWNER/REPO[/WORKFLOW][@REF].
typedef struct ociship_identity {
  size_t struct_size;
  const char* identity;
  const char* identity_regexp;
  const char* issuer;
  const char* issuer_regexp;
  const char* github;
  const ociship_extension* extensions;
  size_t extension_count;
} ociship_identity;

// Instead of a number in ociship_demands: none is needed, and none is looked at.
#define OCISHIP_NONE (-1)

// What is demanded beyond the signer. A number that is 0 has the default of the signer's kind.
typedef struct ociship_demands {
  size_t struct_size;
  // An image must be signed with each of these.
  const ociship_annotation* annotations;
  size_t annotation_count;
  // Entries in transparency logs of different operators. 0: 1 for a certificate, none for a key.
  int32_t log_entries;
  // RFC 3161 timestamps of different operators. 0: none is needed, but those of authorities that
  // are known must hold; for a key without log entries none is looked at.
  int32_t timestamps;
  // Certificate logs of different operators. 0: 1.
  int32_t certificate_logs;
  int32_t reserved;  // 0
} ociship_demands;

// What a signature must be.
typedef struct ociship_policy ociship_policy;
OCISHIP_API void ociship_policy_free(ociship_policy* policy);
// Signed with this key, PEM "PUBLIC KEY" of `size` bytes. `demands` may be NULL.
OCISHIP_API OCISHIP_MUST_CHECK int ociship_policy_with_key(const char* pem, size_t size,
                                                           const ociship_demands* demands,
                                                           ociship_policy** policy,
                                                           ociship_error** error);
// Signed with a certificate of one of `count` identities, whose struct_size must be the same.
// `demands` may be NULL.
OCISHIP_API OCISHIP_MUST_CHECK int ociship_policy_with_identities(const ociship_identity* any_of,
                                                                  size_t count,
                                                                  const ociship_demands* demands,
                                                                  ociship_policy** policy,
                                                                  ociship_error** error);

// Whether an attestation (in-toto statement) about a file does for a signature of it.
enum {
  OCISHIP_ATTESTATION_REFUSED = 0,
  OCISHIP_ATTESTATION_OF_TYPE = 1,  // of attestation_type alone
  OCISHIP_ATTESTATION_ANY = 2,      // a signature, or an attestation of whatever type
};

// What a verification is handed besides signature and policy.
typedef struct ociship_circumstances {
  size_t struct_size;
  // May be NULL for a policy that demands a key and nothing else.
  const ociship_trust_root* root;
  // Seconds since 1970, up to the year 9999. Used for certificates alone, and only where log
  // entries are ignored and there is no timestamp.
  int64_t now;
  // The answer of a certificate log (RFC 6962 section 4.1), JSON, for a certificate that does not
  // carry it. May be NULL.
  const char* detached_sct;
  size_t detached_sct_size;
  // For files.
  int32_t attestation;
  int32_t reserved;  // 0
  // Predicate type, for OCISHIP_ATTESTATION_OF_TYPE.
  const char* attestation_type;
} ociship_circumstances;

// Proof that a bundle signs something as a policy demands: there is none without that.
typedef struct ociship_verification ociship_verification;
OCISHIP_API void ociship_verification_free(ociship_verification* verification);

// Verifies a bundle of `bundle_size` bytes, versions 0.1 to 0.3, as the signature of a file, by its
// bytes. `circumstances` may be NULL here and below, as may `verification` where the code is
// enough.
OCISHIP_API OCISHIP_MUST_CHECK int ociship_verify_bytes(const void* bytes, size_t size,
                                                        const char* bundle, size_t bundle_size,
                                                        const ociship_policy* policy,
                                                        const ociship_circumstances* circumstances,
                                                        ociship_verification** verification,
                                                        ociship_error** error);
// The same by the digest of the file, "sha256:...". Signatures with Ed25519 keys need the bytes.
OCISHIP_API OCISHIP_MUST_CHECK int ociship_verify_digest(const char* digest, const char* bundle,
                                                         size_t bundle_size,
                                                         const ociship_policy* policy,
                                                         const ociship_circumstances* circumstances,
                                                         ociship_verification** verification,
                                                         ociship_error** error);
// Verifies a bundle as the signature of a container image, by the digest of its manifest. No
// signature of a file and no attestation will do.
OCISHIP_API OCISHIP_MUST_CHECK int ociship_verify_image(const char* digest, const char* bundle,
                                                        size_t bundle_size,
                                                        const ociship_policy* policy,
                                                        const ociship_circumstances* circumstances,
                                                        ociship_verification** verification,
                                                        ociship_error** error);

// What was shown. A question about what is not there is answered with NULL or 0, or
// -1 for the index of an entry.

// Who signed: URI, e-mail address or user name. NULL for a key.
OCISHIP_API const char* ociship_verification_subject(const ociship_verification* verification,
                                                     size_t* size);
// The identity provider. NULL for a key.
OCISHIP_API const char* ociship_verification_issuer(const ociship_verification* verification,
                                                    size_t* size);
// An extension of the certificate, by number.
OCISHIP_API const char* ociship_verification_extension(const ociship_verification* verification,
                                                       int number, size_t* size);
// How the field calls such an extension: "Source Repository URI". "unknown" for others.
OCISHIP_API const char* ociship_extension_name(int number);
// The type of the attestation, or of an image's statement; empty for a signature of a file.
OCISHIP_API const char* ociship_verification_predicate_type(
    const ociship_verification* verification, size_t* size);

// Times at which the signature existed, in seconds since 1970.
OCISHIP_API size_t ociship_verification_time_count(const ociship_verification* verification);
OCISHIP_API int64_t ociship_verification_time(const ociship_verification* verification,
                                              size_t index);
// Which log or timestamp authority says so; empty for `now`.
OCISHIP_API const char* ociship_verification_time_source(const ociship_verification* verification,
                                                         size_t index);

// Entries in transparency logs. The index is -1 where the log did not sign it.
OCISHIP_API size_t ociship_verification_log_count(const ociship_verification* verification);
OCISHIP_API const char* ociship_verification_log_name(const ociship_verification* verification,
                                                      size_t index);
OCISHIP_API int64_t ociship_verification_log_index(const ociship_verification* verification,
                                                   size_t index);
// Entries that are there, and were not looked at or are of unknown logs.
OCISHIP_API size_t
ociship_verification_unchecked_log_count(const ociship_verification* verification);
// Certificate logs that have the certificate.
OCISHIP_API size_t
ociship_verification_certificate_log_count(const ociship_verification* verification);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // OCISHIP_OCISHIP_H_
