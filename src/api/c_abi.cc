// SPDX-License-Identifier: Apache-2.0
// The C interface (ociship/ociship.h) on top of ociship/verify.h. Nothing that is thrown gets past
// it. Tested by c_abi_test.cc and, as other programs link it, by test_c_library.py.
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "api/c_input.h"
#include "ociship/core.h"
#include "ociship/digest.h"
#include "ociship/ociship.h"
#include "ociship/verify.h"
#include "util/try.h"

// The part of an error that needs no memory.
struct ociship_error {
  int code;
  const char* message;
  const char* reason;
};

struct ociship_trust_root {
  ociship::TrustRoot root;
};

struct ociship_policy {
  ociship::VerifyPolicy policy;
};

struct ociship_verification {
  ociship::BlobVerification verified;
};

namespace ociship::c_abi {
namespace {

static_assert(OCISHIP_FAILURE == static_cast<int>(Code::kFailure));
static_assert(OCISHIP_USAGE == static_cast<int>(Code::kUsage));
static_assert(OCISHIP_NO_MATCH == static_cast<int>(Code::kNoMatch));
static_assert(OCISHIP_BAD_INPUT == static_cast<int>(Code::kBadInput));
static_assert(OCISHIP_TRUST_MATERIAL == static_cast<int>(Code::kTrustMaterial));

// Belongs to nobody, so that it can be handed out when there is no memory for another.
constinit ociship_error out_of_memory = {OCISHIP_FAILURE, "out of memory", ""};

struct OwnedError : ociship_error {
  explicit OwnedError(const Error& error)
      : ociship_error{static_cast<int>(error.code()), nullptr, nullptr},
        text(error.message()),
        word(error.reason()) {
    message = text.c_str();
    reason = word.c_str();
  }

  std::string text;
  std::string word;
};

// Tells the caller why there is nothing, and gives the code.
int Report(const Error& why, ociship_error** error) noexcept {
  const int code = static_cast<int>(why.code());
  if (error == nullptr) return code;
  try {
    *error = new OwnedError(why);
  } catch (...) {
    *error = &out_of_memory;
    return out_of_memory.code;
  }
  return code;
}

// The edge: `make` gives a Result<std::unique_ptr<Handle>>, whose value becomes the caller's.
template <typename Handle, typename Make>
int AtTheEdge(Handle** made, ociship_error** error, const Make& make) noexcept {
  if (made != nullptr) *made = nullptr;
  if (error != nullptr) *error = nullptr;
  try {
    try {
      Result<std::unique_ptr<Handle>> result = make();
      if (!result.ok()) return Report(result.error(), error);
      if (made != nullptr) *made = std::move(result).value().release();
      return OCISHIP_OK;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& thrown) {
      return Report(Error(Code::kFailure, thrown.what()), error);
    }
  } catch (...) {
    if (error != nullptr) *error = &out_of_memory;
    return out_of_memory.code;
  }
}

// Where a handle that nobody gets would be no use.
Status RequireHandle(const void* made) {
  if (made == nullptr) return Error(Code::kUsage, "there is nowhere to put the handle");
  return Ok();
}

Result<VerifyCircumstances> WithRoot(GivenCircumstances given) {
  if (given.root != nullptr) given.circumstances.root = given.root->root;
  return std::move(given.circumstances);
}

Result<std::unique_ptr<ociship_verification>> Verify(const Blob& blob, std::string_view bundle,
                                                     const ociship_policy* policy,
                                                     const ociship_circumstances* circumstances) {
  if (policy == nullptr) return Error(Code::kUsage, "the policy is NULL");
  GivenCircumstances given = TRY(ReadCircumstances(circumstances));
  const BlobContent content = given.content;
  const VerifyCircumstances handed = TRY(WithRoot(std::move(given)));
  BlobVerification verified = TRY(VerifyBlob(blob, bundle, policy->policy, handed, content));
  return std::make_unique<ociship_verification>(ociship_verification{std::move(verified)});
}

Result<std::unique_ptr<ociship_verification>> VerifyOfImage(
    std::string_view digest, std::string_view bundle, const ociship_policy* policy,
    const ociship_circumstances* circumstances) {
  if (policy == nullptr) return Error(Code::kUsage, "the policy is NULL");
  const Digest image = TRY(Digest::Parse(digest));
  GivenCircumstances given = TRY(ReadCircumstances(circumstances));
  if (given.content.attestation != BlobContent::Attestation::kRefused) {
    return Error(Code::kUsage, "attestations are for files, not for images");
  }
  const VerifyCircumstances handed = TRY(WithRoot(std::move(given)));
  BlobVerification verified = TRY(VerifyBundleOfImage(image, bundle, policy->policy, handed));
  return std::make_unique<ociship_verification>(ociship_verification{std::move(verified)});
}

const char* Hand(const std::string& text, std::size_t* size) noexcept {
  if (size != nullptr) *size = text.size();
  return text.c_str();
}

const char* HandNothing(std::size_t* size) noexcept {
  if (size != nullptr) *size = 0;
  return nullptr;
}

const SignerIdentity* SignerOf(const ociship_verification* verification) noexcept {
  if (verification == nullptr) return nullptr;
  const std::optional<SignerIdentity>& signer = verification->verified.evidence().signer;
  return signer ? &*signer : nullptr;
}

const SignedAt* TimeAt(const ociship_verification* verification, std::size_t index) noexcept {
  if (index >= ociship_verification_time_count(verification)) return nullptr;
  return &verification->verified.evidence().times[index];
}

const LoggedAt* EntryAt(const ociship_verification* verification, std::size_t index) noexcept {
  if (index >= ociship_verification_log_count(verification)) return nullptr;
  return &verification->verified.evidence().log_entries[index];
}

}  // namespace
}  // namespace ociship::c_abi

using namespace ociship;         // NOLINT(google-build-using-namespace): only C names follow
using namespace ociship::c_abi;  // NOLINT(google-build-using-namespace)

unsigned ociship_abi_version(void) { return OCISHIP_ABI_VERSION; }

const char* ociship_version(void) { return OCISHIP_VERSION; }

void ociship_error_free(ociship_error* error) {
  if (error != nullptr && error != &out_of_memory) delete static_cast<OwnedError*>(error);
}

int ociship_error_code(const ociship_error* error) {
  return error == nullptr ? OCISHIP_OK : error->code;
}

const char* ociship_error_message(const ociship_error* error) {
  return error == nullptr ? "" : error->message;
}

const char* ociship_error_reason(const ociship_error* error) {
  return error == nullptr ? "" : error->reason;
}

void ociship_trust_root_free(ociship_trust_root* root) { delete root; }

int ociship_trust_root_from_json(const char* json, size_t size, ociship_trust_root** root,
                                 ociship_error** error) {
  return AtTheEdge(root, error, [&]() -> Result<std::unique_ptr<ociship_trust_root>> {
    TRY(RequireHandle(root));
    const std::string_view text = TRY(ReadText(json, size, "the trusted root"));
    TrustRoot read = TRY(TrustRoot::FromJson(text));
    return std::make_unique<ociship_trust_root>(ociship_trust_root{std::move(read)});
  });
}

void ociship_policy_free(ociship_policy* policy) { delete policy; }

int ociship_policy_with_key(const char* pem, size_t size, const ociship_demands* demands,
                            ociship_policy** policy, ociship_error** error) {
  return AtTheEdge(policy, error, [&]() -> Result<std::unique_ptr<ociship_policy>> {
    TRY(RequireHandle(policy));
    const std::string_view text = TRY(ReadText(pem, size, "the key"));
    VerifyDemands given = TRY(ReadDemands(demands));
    if (given.certificate_logs.value_or(0) != 0) {
      return Error(Code::kUsage,
                   "certificate logs are demanded of a key, which has no certificate");
    }
    VerifyPolicy made = TRY(VerifyPolicy::WithKey(text, std::move(given)));
    return std::make_unique<ociship_policy>(ociship_policy{std::move(made)});
  });
}

int ociship_policy_with_identities(const ociship_identity* any_of, size_t count,
                                   const ociship_demands* demands, ociship_policy** policy,
                                   ociship_error** error) {
  return AtTheEdge(policy, error, [&]() -> Result<std::unique_ptr<ociship_policy>> {
    TRY(RequireHandle(policy));
    const std::vector<AcceptedIdentity> identities = TRY(ReadIdentities(any_of, count));
    VerifyDemands given = TRY(ReadDemands(demands));
    VerifyPolicy made = TRY(VerifyPolicy::WithIdentities(identities, std::move(given)));
    return std::make_unique<ociship_policy>(ociship_policy{std::move(made)});
  });
}

void ociship_verification_free(ociship_verification* verification) { delete verification; }

int ociship_verify_bytes(const void* bytes, size_t size, const char* bundle, size_t bundle_size,
                         const ociship_policy* policy, const ociship_circumstances* circumstances,
                         ociship_verification** verification, ociship_error** error) {
  return AtTheEdge(verification, error, [&]() -> Result<std::unique_ptr<ociship_verification>> {
    // An empty file is a file.
    if (bytes == nullptr && size != 0) return Error(Code::kUsage, "the bytes are NULL");
    const std::string_view text = TRY(ReadText(bundle, bundle_size, "the bundle"));
    const Blob blob = Blob::OfBytes({static_cast<const std::uint8_t*>(bytes), size});
    return Verify(blob, text, policy, circumstances);
  });
}

int ociship_verify_digest(const char* digest, const char* bundle, size_t bundle_size,
                          const ociship_policy* policy, const ociship_circumstances* circumstances,
                          ociship_verification** verification, ociship_error** error) {
  return AtTheEdge(verification, error, [&]() -> Result<std::unique_ptr<ociship_verification>> {
    const std::string_view name = TRY(ReadText(digest, "the digest"));
    const std::string_view text = TRY(ReadText(bundle, bundle_size, "the bundle"));
    const Digest file = TRY(Digest::Parse(name));
    return Verify(Blob::OfDigest(file), text, policy, circumstances);
  });
}

int ociship_verify_image(const char* digest, const char* bundle, size_t bundle_size,
                         const ociship_policy* policy, const ociship_circumstances* circumstances,
                         ociship_verification** verification, ociship_error** error) {
  return AtTheEdge(verification, error, [&]() -> Result<std::unique_ptr<ociship_verification>> {
    const std::string_view name = TRY(ReadText(digest, "the digest"));
    const std::string_view text = TRY(ReadText(bundle, bundle_size, "the bundle"));
    return VerifyOfImage(name, text, policy, circumstances);
  });
}

const char* ociship_verification_subject(const ociship_verification* verification, size_t* size) {
  const SignerIdentity* const signer = SignerOf(verification);
  return signer == nullptr ? HandNothing(size) : Hand(signer->subject, size);
}

const char* ociship_verification_issuer(const ociship_verification* verification, size_t* size) {
  const SignerIdentity* const signer = SignerOf(verification);
  return signer == nullptr ? HandNothing(size) : Hand(signer->issuer, size);
}

const char* ociship_verification_extension(const ociship_verification* verification, int number,
                                           size_t* size) {
  const SignerIdentity* const signer = SignerOf(verification);
  if (signer == nullptr) return HandNothing(size);
  const auto found = signer->extensions.find(number);
  return found == signer->extensions.end() ? HandNothing(size) : Hand(found->second, size);
}

// The names are literals, so that NUL stands behind each.
const char* ociship_extension_name(int number) { return SignerExtensionName(number).data(); }

const char* ociship_verification_predicate_type(const ociship_verification* verification,
                                                size_t* size) {
  if (verification == nullptr) return HandNothing(size);
  return Hand(verification->verified.predicate_type(), size);
}

size_t ociship_verification_time_count(const ociship_verification* verification) {
  return verification == nullptr ? 0 : verification->verified.evidence().times.size();
}

int64_t ociship_verification_time(const ociship_verification* verification, size_t index) {
  const SignedAt* const time = TimeAt(verification, index);
  return time == nullptr ? 0 : time->time.time_since_epoch().count();
}

const char* ociship_verification_time_source(const ociship_verification* verification,
                                             size_t index) {
  const SignedAt* const time = TimeAt(verification, index);
  return time == nullptr ? nullptr : time->said_by.c_str();
}

size_t ociship_verification_log_count(const ociship_verification* verification) {
  return verification == nullptr ? 0 : verification->verified.evidence().log_entries.size();
}

const char* ociship_verification_log_name(const ociship_verification* verification, size_t index) {
  const LoggedAt* const entry = EntryAt(verification, index);
  return entry == nullptr ? nullptr : entry->log.c_str();
}

int64_t ociship_verification_log_index(const ociship_verification* verification, size_t index) {
  const LoggedAt* const entry = EntryAt(verification, index);
  return entry == nullptr || !entry->index ? -1 : static_cast<int64_t>(*entry->index);
}

size_t ociship_verification_unchecked_log_count(const ociship_verification* verification) {
  return verification == nullptr ? 0 : verification->verified.evidence().unchecked_log_entries;
}

size_t ociship_verification_certificate_log_count(const ociship_verification* verification) {
  return verification == nullptr ? 0 : verification->verified.evidence().certificate_logs;
}
