// SPDX-License-Identifier: Apache-2.0
// Reads what callers of the C interface hand in; refuses what it does not know. Tested by
// c_abi_test.cc.
#include "api/c_input.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "util/text.h"
#include "util/time.h"
#include "util/try.h"

namespace ociship::c_abi {
namespace {

// The sizes of the structs in the first version: no caller has less.
constexpr std::size_t kFirstDemandsBytes =
    offsetof(ociship_demands, reserved) + sizeof(ociship_demands::reserved);
constexpr std::size_t kFirstIdentityBytes =
    offsetof(ociship_identity, extension_count) + sizeof(ociship_identity::extension_count);
constexpr std::size_t kFirstCircumstancesBytes = offsetof(ociship_circumstances, attestation_type) +
                                                 sizeof(ociship_circumstances::attestation_type);

Error Usage(std::string message) { return Error(Code::kUsage, std::move(message)); }

// A struct as a caller of any version wrote it: what an earlier one lacks is 0, and what a later
// one has behind ours must be 0, since to overlook a demand would be to accept what the caller does
// not.
template <typename T>
Result<T> ReadStruct(const void* given, std::size_t first_bytes, std::string_view name) {
  static_assert(std::is_trivially_copyable_v<T> && offsetof(T, struct_size) == 0);
  std::size_t size = 0;
  std::memcpy(&size, given, sizeof size);
  if (size < first_bytes || size > kMaxStructBytes) {
    return Usage(util::StrCat("struct_size of ", name, " is ", size, ": set it to sizeof"));
  }
  const auto* const bytes = static_cast<const unsigned char*>(given);
  const std::size_t shared = std::min(size, sizeof(T));
  if (std::any_of(bytes + shared, bytes + size, [](unsigned char byte) { return byte != 0; })) {
    return Usage(util::StrCat(name, " asks for what only a later version of the library knows"));
  }
  T known{};
  std::memcpy(&known, given, shared);
  return known;
}

// `count` members at `data`.
template <typename T>
Result<std::span<const T>> ReadArray(const T* data, std::size_t count, std::size_t most,
                                     std::string_view what) {
  if (count > most) return Usage(util::StrCat(count, " ", what, ", at most ", most));
  if (data == nullptr && count != 0) return Usage(util::StrCat("the ", what, " are NULL"));
  return std::span<const T>(data, count);
}

std::string TextOrNothing(const char* text) { return text == nullptr ? "" : text; }

Result<std::optional<unsigned>> ReadNumber(std::int32_t given, std::string_view name) {
  if (given == 0) return std::optional<unsigned>();
  if (given == OCISHIP_NONE) return std::optional<unsigned>(0);
  if (given > 0) return std::optional<unsigned>(static_cast<unsigned>(given));
  return Usage(util::StrCat(name, " can not be ", given));
}

Result<AcceptedIdentity> ReadIdentity(const ociship_identity& given) {
  AcceptedIdentity identity{.identity = TextOrNothing(given.identity),
                            .identity_regexp = TextOrNothing(given.identity_regexp),
                            .issuer = TextOrNothing(given.issuer),
                            .issuer_regexp = TextOrNothing(given.issuer_regexp),
                            .github = TextOrNothing(given.github)};
  const std::span<const ociship_extension> extensions =
      TRY(ReadArray(given.extensions, given.extension_count, kMaxExtensions, "extensions"));
  for (const ociship_extension& extension : extensions) {
    const std::string_view value = TRY(ReadText(extension.value, "the value of an extension"));
    if (!identity.extensions.emplace(extension.number, value).second) {
      return Usage(util::StrCat("extension ", extension.number, " is given twice"));
    }
  }
  return identity;
}

Result<BlobContent> ReadContent(const ociship_circumstances& given) {
  const bool has_type = given.attestation_type != nullptr && *given.attestation_type != '\0';
  if (has_type != (given.attestation == OCISHIP_ATTESTATION_OF_TYPE)) {
    return Usage("attestation_type belongs to OCISHIP_ATTESTATION_OF_TYPE");
  }
  switch (given.attestation) {
    case OCISHIP_ATTESTATION_REFUSED:
      return BlobContent{.attestation = BlobContent::Attestation::kRefused};
    case OCISHIP_ATTESTATION_OF_TYPE:
      return BlobContent{.attestation = BlobContent::Attestation::kOfType,
                         .type = given.attestation_type};
    case OCISHIP_ATTESTATION_ANY:
      return BlobContent{.attestation = BlobContent::Attestation::kAny};
    default:
      return Usage(util::StrCat("attestation can not be ", given.attestation));
  }
}

}  // namespace

Result<std::string_view> ReadText(const char* data, std::size_t size, std::string_view what) {
  if (data == nullptr) return Usage(util::StrCat(what, " is NULL"));
  return std::string_view(data, size);
}

Result<std::string_view> ReadText(const char* text, std::string_view what) {
  return ReadText(text, text == nullptr ? 0 : std::strlen(text), what);
}

Result<VerifyDemands> ReadDemands(const ociship_demands* given) {
  VerifyDemands demands;
  if (given == nullptr) return demands;
  const ociship_demands known =
      TRY(ReadStruct<ociship_demands>(given, kFirstDemandsBytes, "ociship_demands"));
  if (known.reserved != 0) return Usage("reserved of ociship_demands is not 0");
  const std::span<const ociship_annotation> annotations =
      TRY(ReadArray(known.annotations, known.annotation_count, kMaxAnnotations, "annotations"));
  for (const ociship_annotation& annotation : annotations) {
    const std::string_view name = TRY(ReadText(annotation.name, "the name of an annotation"));
    const std::string_view value = TRY(ReadText(annotation.value, "the value of an annotation"));
    if (!demands.annotations.emplace(name, value).second) {
      return Usage(util::StrCat("annotation ", util::Quoted(name), " is given twice"));
    }
  }
  demands.log_entries = TRY(ReadNumber(known.log_entries, "log_entries"));
  demands.timestamps = TRY(ReadNumber(known.timestamps, "timestamps"));
  demands.certificate_logs = TRY(ReadNumber(known.certificate_logs, "certificate_logs"));
  return demands;
}

Result<std::vector<AcceptedIdentity>> ReadIdentities(const ociship_identity* any_of,
                                                     std::size_t count) {
  TRY(ReadArray(any_of, count, kMaxIdentities, "identities"));
  std::vector<AcceptedIdentity> identities;
  const auto* next = reinterpret_cast<const unsigned char*>(any_of);
  for (std::size_t i = 0; i < count; ++i) {
    const ociship_identity known =
        TRY(ReadStruct<ociship_identity>(next, kFirstIdentityBytes, "ociship_identity"));
    if (known.struct_size != any_of->struct_size) {
      return Usage("the identities differ in struct_size");
    }
    AcceptedIdentity identity = TRY(ReadIdentity(known));
    identities.push_back(std::move(identity));
    next += known.struct_size;
  }
  return identities;
}

Result<GivenCircumstances> ReadCircumstances(const ociship_circumstances* given) {
  GivenCircumstances read;
  if (given == nullptr) return read;
  const ociship_circumstances known = TRY(
      ReadStruct<ociship_circumstances>(given, kFirstCircumstancesBytes, "ociship_circumstances"));
  if (known.reserved != 0) return Usage("reserved of ociship_circumstances is not 0");
  if (known.now < 0 || known.now > util::kLastSecond) {
    return Usage(util::StrCat("now can not be ", known.now));
  }
  read.root = known.root;
  read.circumstances.now = std::chrono::sys_seconds(std::chrono::seconds(known.now));
  if (known.detached_sct_size != 0) {
    const std::string_view sct =
        TRY(ReadText(known.detached_sct, known.detached_sct_size, "detached_sct"));
    read.circumstances.detached_sct = sct;
  }
  read.content = TRY(ReadContent(known));
  return read;
}

}  // namespace ociship::c_abi
