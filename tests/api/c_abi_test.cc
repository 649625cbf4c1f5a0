// SPDX-License-Identifier: Apache-2.0
// The C interface as a program finds it in libociship.so: this one links nothing else of ours.
#include "ociship/ociship.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "failing_memory.h"
#include "fixtures.h"

namespace ociship::testing {
namespace {

constexpr char kIdentity[] =
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/"
    "workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
constexpr char kIssuer[] = "https://token.actions.githubusercontent.com";
// Of fixtures/library/a.txt.
constexpr char kDigest[] =
    "sha256:a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf";

template <auto Free>
struct Freed {
  template <typename Handle>
  void operator()(Handle* handle) const {
    Free(handle);
  }
};
using Root = std::unique_ptr<ociship_trust_root, Freed<ociship_trust_root_free>>;
using Policy = std::unique_ptr<ociship_policy, Freed<ociship_policy_free>>;
using Verified = std::unique_ptr<ociship_verification, Freed<ociship_verification_free>>;
using Problem = std::unique_ptr<ociship_error, Freed<ociship_error_free>>;

std::string ReadFixture(const std::string& name) {
  std::FILE* const file = std::fopen(FixturePath(name).c_str(), "rb");
  REQUIRE(file != nullptr);
  std::string text;
  std::array<char, 4096> buffer;
  for (;;) {
    const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), file);
    if (size == 0) break;
    text.append(buffer.data(), size);
  }
  std::fclose(file);
  return text;
}

// What a call gave: exactly one of handle and error, which agrees with the code.
template <typename Handle>
struct Answer {
  int code = -1;
  Handle made;
  Problem error;

  std::string message() const { return ociship_error_message(error.get()); }
  std::string reason() const { return ociship_error_reason(error.get()); }
};

template <typename Handle, typename Call>
Answer<Handle> Ask(const Call& call) {
  typename Handle::pointer made = nullptr;
  ociship_error* error = nullptr;
  Answer<Handle> answer;
  answer.code = call(&made, &error);
  answer.made.reset(made);
  answer.error.reset(error);
  REQUIRE((answer.code == OCISHIP_OK) == (made != nullptr));
  REQUIRE((answer.code == OCISHIP_OK) == (error == nullptr));
  REQUIRE(ociship_error_code(error) == answer.code);
  if (error != nullptr) REQUIRE_FALSE(answer.message().empty());
  return answer;
}

Answer<Root> AskRoot(const std::string& json) {
  return Ask<Root>([&](ociship_trust_root** root, ociship_error** error) {
    return ociship_trust_root_from_json(json.data(), json.size(), root, error);
  });
}

Answer<Policy> AskPolicy(const ociship_identity* any_of, std::size_t count,
                         const ociship_demands* demands = nullptr) {
  return Ask<Policy>([&](ociship_policy** policy, ociship_error** error) {
    return ociship_policy_with_identities(any_of, count, demands, policy, error);
  });
}

Answer<Policy> AskKeyPolicy(const std::string& pem, const ociship_demands* demands = nullptr) {
  return Ask<Policy>([&](ociship_policy** policy, ociship_error** error) {
    return ociship_policy_with_key(pem.data(), pem.size(), demands, policy, error);
  });
}

ociship_identity Signer() {
  return {.struct_size = sizeof(ociship_identity), .identity = kIdentity, .issuer = kIssuer};
}

ociship_circumstances With(const Root& root) {
  return {.struct_size = sizeof(ociship_circumstances), .root = root.get()};
}

// A file that was signed with a certificate, and everything that is needed to verify it.
struct SignedFile {
  std::string bytes = ReadFixture("library/a.txt");
  std::string bundle = ReadFixture("library/a.txt.sigstore.json");
  Root root = AskRoot(ReadFixture("library/trusted_root.json")).made;
  ociship_identity signer = Signer();
  Policy policy = AskPolicy(&signer, 1).made;
  ociship_circumstances circumstances = With(root);

  Answer<Verified> Verify() const {
    return Ask<Verified>([&](ociship_verification** verified, ociship_error** error) {
      return ociship_verify_bytes(bytes.data(), bytes.size(), bundle.data(), bundle.size(),
                                  policy.get(), &circumstances, verified, error);
    });
  }
  Answer<Verified> VerifyDigest(const char* digest) const {
    return Ask<Verified>([&](ociship_verification** verified, ociship_error** error) {
      return ociship_verify_digest(digest, bundle.data(), bundle.size(), policy.get(),
                                   &circumstances, verified, error);
    });
  }
};

// An image that was signed with a key: fixtures/cosign/NAME.bundle.json.
Answer<Verified> VerifyImage(const std::string& name, const char* digest, const Policy& policy,
                             const ociship_circumstances* circumstances = nullptr) {
  const std::string bundle = ReadFixture("cosign/" + name + ".bundle.json");
  return Ask<Verified>([&](ociship_verification** verified, ociship_error** error) {
    return ociship_verify_image(digest, bundle.data(), bundle.size(), policy.get(), circumstances,
                                verified, error);
  });
}

// The digest of fixtures/cosign/image.json.
constexpr char kImage[] = "sha256:b2773dbb5822edd4bab4673ef0333a47176bffc0bea36d7e014d6ca64639261e";

TEST_CASE("Versions: those of the header") {
  CHECK(ociship_abi_version() == OCISHIP_ABI_VERSION);
  CHECK(std::string(ociship_version()).find('.') != std::string::npos);
}

TEST_CASE("ociship_verify_bytes: a signed file verifies and all that was shown can be asked") {
  const SignedFile file;
  const Answer<Verified> answer = file.Verify();
  REQUIRE(answer.code == OCISHIP_OK);
  const ociship_verification* const verified = answer.made.get();
  std::size_t size = 0;
  CHECK(std::string(ociship_verification_subject(verified, &size)) == kIdentity);
  CHECK(size == sizeof kIdentity - 1);
  CHECK(std::string(ociship_verification_issuer(verified, nullptr)) == kIssuer);
  CHECK(std::string(ociship_verification_extension(verified, 5, &size)) ==
        "sigstore-conformance/extremely-dangerous-public-oidc-beacon");
  CHECK(ociship_verification_extension(verified, 999, &size) == nullptr);
  CHECK(size == 0);
  CHECK(std::string(ociship_extension_name(12)) == "Source Repository URI");
  CHECK(std::string(ociship_extension_name(-1)) == "unknown");
  CHECK(std::string(ociship_verification_predicate_type(verified, &size)).empty());
  REQUIRE(ociship_verification_time_count(verified) == 1);
  CHECK(ociship_verification_time(verified, 0) == 1710869186);
  CHECK(std::string(ociship_verification_time_source(verified, 0)) == "rekor.sigstore.dev");
  REQUIRE(ociship_verification_log_count(verified) == 1);
  CHECK(ociship_verification_log_index(verified, 0) == 79571823);
  CHECK(std::string(ociship_verification_log_name(verified, 0)) == "rekor.sigstore.dev");
  CHECK(ociship_verification_unchecked_log_count(verified) == 0);
  CHECK(ociship_verification_certificate_log_count(verified) == 1);
}

TEST_CASE("Accessors: what is not there, and NULL, give nothing") {
  const SignedFile file;
  const Answer<Verified> answer = file.Verify();
  for (const ociship_verification* const asked :
       {static_cast<const ociship_verification*>(nullptr),
        static_cast<const ociship_verification*>(answer.made.get())}) {
    CHECK(ociship_verification_time(asked, 1) == 0);
    CHECK(ociship_verification_time_source(asked, 1) == nullptr);
    CHECK(ociship_verification_log_name(asked, std::numeric_limits<std::size_t>::max()) == nullptr);
    CHECK(ociship_verification_log_index(asked, 1) == -1);
  }
  CHECK(ociship_verification_subject(nullptr, nullptr) == nullptr);
  CHECK(ociship_verification_issuer(nullptr, nullptr) == nullptr);
  CHECK(ociship_verification_extension(nullptr, 1, nullptr) == nullptr);
  CHECK(ociship_verification_predicate_type(nullptr, nullptr) == nullptr);
  CHECK(ociship_verification_time_count(nullptr) == 0);
  CHECK(ociship_verification_log_count(nullptr) == 0);
  CHECK(ociship_verification_unchecked_log_count(nullptr) == 0);
  CHECK(ociship_verification_certificate_log_count(nullptr) == 0);
  CHECK(std::string(ociship_error_message(nullptr)).empty());
  CHECK(std::string(ociship_error_reason(nullptr)).empty());
  ociship_error_free(nullptr);
  ociship_trust_root_free(nullptr);
  ociship_policy_free(nullptr);
  ociship_verification_free(nullptr);
}

TEST_CASE("ociship_verify_bytes: other bytes, another identity and another root are refused") {
  SignedFile file;
  file.bytes += "\n";
  const Answer<Verified> changed = file.Verify();
  CHECK(changed.code == OCISHIP_NO_MATCH);
  CHECK(changed.reason() == "digest-mismatch");

  SignedFile other;
  other.signer.identity = "somebody@example.com";
  other.policy = AskPolicy(&other.signer, 1).made;
  const Answer<Verified> somebody = other.Verify();
  CHECK(somebody.code == OCISHIP_NO_MATCH);
  CHECK(somebody.reason() == "identity-mismatch");

  SignedFile rootless;
  rootless.circumstances.root = nullptr;
  CHECK(rootless.Verify().code == OCISHIP_NO_MATCH);

  SignedFile no_bundle;
  no_bundle.bundle = "{}";
  CHECK(no_bundle.Verify().code == OCISHIP_BAD_INPUT);
  no_bundle.bundle = "";
  CHECK(no_bundle.Verify().code == OCISHIP_BAD_INPUT);
}

TEST_CASE("ociship_verify_digest: the digest does for the bytes, another or none does not") {
  const SignedFile file;
  CHECK(file.VerifyDigest(kDigest).code == OCISHIP_OK);
  std::string other = kDigest;
  other.back() = other.back() == '0' ? '1' : '0';
  CHECK(file.VerifyDigest(other.c_str()).code == OCISHIP_NO_MATCH);
  CHECK(file.VerifyDigest("sha256:00").code == OCISHIP_BAD_INPUT);
  CHECK(file.VerifyDigest("").code == OCISHIP_BAD_INPUT);
  CHECK(file.VerifyDigest(nullptr).code == OCISHIP_USAGE);
}

TEST_CASE("ociship_verify_image: a signed image verifies with its key alone") {
  const Policy policy = AskKeyPolicy(ReadFixture("cosign/p256.pub")).made;
  const Answer<Verified> answer = VerifyImage("p256", kImage, policy);
  REQUIRE(answer.code == OCISHIP_OK);
  CHECK(ociship_verification_subject(answer.made.get(), nullptr) == nullptr);
  CHECK(ociship_verification_issuer(answer.made.get(), nullptr) == nullptr);
  CHECK(std::string(ociship_verification_predicate_type(answer.made.get(), nullptr)) ==
        "https://sigstore.dev/cosign/sign/v1");
}

TEST_CASE("ociship_verify_image: other images, keys, and attestations are refused") {
  const Policy policy = AskKeyPolicy(ReadFixture("cosign/p256.pub")).made;
  CHECK(VerifyImage("p256", kDigest, policy).code == OCISHIP_NO_MATCH);
  const Policy other = AskKeyPolicy(ReadFixture("cosign/other.pub")).made;
  CHECK(VerifyImage("p256", kImage, other).code == OCISHIP_NO_MATCH);
  CHECK(VerifyImage("attestation", kImage, policy).code == OCISHIP_NO_MATCH);
  CHECK(VerifyImage("p256", "latest", policy).code == OCISHIP_BAD_INPUT);
  CHECK(VerifyImage("p256", nullptr, policy).code == OCISHIP_USAGE);
  CHECK(VerifyImage("p256", kImage, nullptr).code == OCISHIP_USAGE);

  const ociship_circumstances attested{.struct_size = sizeof(ociship_circumstances),
                                       .attestation = OCISHIP_ATTESTATION_ANY};
  CHECK(VerifyImage("p256", kImage, policy, &attested).code == OCISHIP_USAGE);

  // The signature of a file is none of an image.
  const SignedFile file;
  const Answer<Verified> answer =
      Ask<Verified>([&](ociship_verification** verified, ociship_error** error) {
        return ociship_verify_image(kDigest, file.bundle.data(), file.bundle.size(),
                                    file.policy.get(), &file.circumstances, verified, error);
      });
  CHECK(answer.code == OCISHIP_NO_MATCH);
  CHECK(answer.reason() == "content-kind");
}

TEST_CASE("Annotations: the signed ones match, another value and a missing one do not") {
  const std::string pem = ReadFixture("cosign/p256.pub");
  const auto verify = [&](const ociship_annotation& annotation) {
    const ociship_demands demands{
        .struct_size = sizeof(ociship_demands), .annotations = &annotation, .annotation_count = 1};
    return VerifyImage("annotated", kImage, AskKeyPolicy(pem, &demands).made);
  };
  CHECK(verify({"env", "prod"}).code == OCISHIP_OK);
  const Answer<Verified> other = verify({"env", "test"});
  CHECK(other.code == OCISHIP_NO_MATCH);
  CHECK(other.reason() == "annotation-mismatch");
  CHECK(verify({"missing", "VALUE"}).code == OCISHIP_NO_MATCH);
}

TEST_CASE("Attestations: about a file they do where they are asked for, and not otherwise") {
  const Policy policy = AskKeyPolicy(ReadFixture("cosign/p256.pub")).made;
  const std::string bundle = ReadFixture("cosign/attestation.bundle.json");
  const auto verify = [&](std::int32_t kind, const char* type) {
    const ociship_circumstances circumstances{.struct_size = sizeof(ociship_circumstances),
                                              .attestation = kind,
                                              .attestation_type = type};
    return Ask<Verified>([&](ociship_verification** verified, ociship_error** error) {
      return ociship_verify_digest(kImage, bundle.data(), bundle.size(), policy.get(),
                                   &circumstances, verified, error);
    });
  };
  const Answer<Verified> any = verify(OCISHIP_ATTESTATION_ANY, nullptr);
  REQUIRE(any.code == OCISHIP_OK);
  const std::string type = ociship_verification_predicate_type(any.made.get(), nullptr);
  CHECK_FALSE(type.empty());
  CHECK(verify(OCISHIP_ATTESTATION_OF_TYPE, type.c_str()).code == OCISHIP_OK);
  CHECK(verify(OCISHIP_ATTESTATION_OF_TYPE, "https://example.com/other").code == OCISHIP_NO_MATCH);
  CHECK(verify(OCISHIP_ATTESTATION_REFUSED, nullptr).code == OCISHIP_NO_MATCH);
  CHECK(verify(OCISHIP_ATTESTATION_OF_TYPE, nullptr).code == OCISHIP_USAGE);
  CHECK(verify(OCISHIP_ATTESTATION_OF_TYPE, "").code == OCISHIP_USAGE);
  CHECK(verify(OCISHIP_ATTESTATION_ANY, type.c_str()).code == OCISHIP_USAGE);
  CHECK(verify(3, nullptr).code == OCISHIP_USAGE);
}

TEST_CASE("Demands: 0 is the default, OCISHIP_NONE is none, and a number is demanded") {
  const std::string pem = ReadFixture("cosign/p256.pub");
  ociship_demands demands{.struct_size = sizeof(ociship_demands)};
  CHECK(VerifyImage("p256", kImage, AskKeyPolicy(pem, &demands).made).code == OCISHIP_OK);
  demands.log_entries = OCISHIP_NONE;
  CHECK(VerifyImage("p256", kImage, AskKeyPolicy(pem, &demands).made).code == OCISHIP_OK);
  demands.log_entries = 1;
  CHECK(VerifyImage("p256", kImage, AskKeyPolicy(pem, &demands).made).code == OCISHIP_NO_MATCH);
  demands.log_entries = -2;
  CHECK(AskKeyPolicy(pem, &demands).code == OCISHIP_USAGE);

  SignedFile file;
  ociship_demands of_file{.struct_size = sizeof(ociship_demands)};
  const auto verify = [&] {
    file.policy = AskPolicy(&file.signer, 1, &of_file).made;
    REQUIRE(file.policy != nullptr);
    return file.Verify().code;
  };
  CHECK(verify() == OCISHIP_OK);
  of_file.timestamps = 1;
  CHECK(verify() == OCISHIP_NO_MATCH);
  of_file = {.struct_size = sizeof(ociship_demands), .certificate_logs = 2};
  CHECK(verify() == OCISHIP_NO_MATCH);
  // Without a log it is the clock that counts, and the certificate lived ten minutes.
  of_file = {.struct_size = sizeof(ociship_demands), .log_entries = OCISHIP_NONE};
  CHECK(verify() == OCISHIP_NO_MATCH);
  file.circumstances.now = 1710869186;
  CHECK(verify() == OCISHIP_OK);
}

TEST_CASE("Policies: what leaves open who or by whom is refused, and what is given twice") {
  ociship_identity who = Signer();
  CHECK(AskPolicy(&who, 0).code == OCISHIP_USAGE);
  CHECK(AskPolicy(nullptr, 0).code == OCISHIP_USAGE);
  CHECK(AskPolicy(nullptr, 1).code == OCISHIP_USAGE);
  CHECK(AskPolicy(&who, 100'000).code == OCISHIP_USAGE);
  who.issuer = "";
  CHECK(AskPolicy(&who, 1).code == OCISHIP_USAGE);
  who = Signer();
  who.identity = nullptr;
  CHECK(AskPolicy(&who, 1).code == OCISHIP_USAGE);
  who.identity_regexp = "(";
  CHECK(AskPolicy(&who, 1).code == OCISHIP_USAGE);
  who.identity_regexp = "https://github.com/sigstore-conformance/.*";
  CHECK(AskPolicy(&who, 1).code == OCISHIP_OK);
  who.github = "acme/app";
  CHECK(AskPolicy(&who, 1).code == OCISHIP_USAGE);

  const std::string pem = ReadFixture("cosign/p256.pub");
  CHECK(AskKeyPolicy("no key").code == OCISHIP_BAD_INPUT);
  CHECK(AskKeyPolicy("").code == OCISHIP_BAD_INPUT);
  const std::array<ociship_annotation, 2> twice{{{"a", "1"}, {"a", "2"}}};
  ociship_demands demands{.struct_size = sizeof(ociship_demands),
                          .annotations = twice.data(),
                          .annotation_count = twice.size()};
  CHECK(AskKeyPolicy(pem, &demands).code == OCISHIP_USAGE);
  demands.annotation_count = 1;
  CHECK(AskKeyPolicy(pem, &demands).code == OCISHIP_OK);
  demands.annotations = nullptr;
  CHECK(AskKeyPolicy(pem, &demands).code == OCISHIP_USAGE);
  demands = {.struct_size = sizeof(ociship_demands), .certificate_logs = 1};
  CHECK(AskKeyPolicy(pem, &demands).code == OCISHIP_USAGE);
}

TEST_CASE("Policies: an extension is demanded by number and value") {
  SignedFile file;
  ociship_extension repository{5, "sigstore-conformance/extremely-dangerous-public-oidc-beacon"};
  file.signer.extensions = &repository;
  file.signer.extension_count = 1;
  file.policy = AskPolicy(&file.signer, 1).made;
  CHECK(file.Verify().code == OCISHIP_OK);
  repository.value = "acme/app";
  file.policy = AskPolicy(&file.signer, 1).made;
  const Answer<Verified> other = file.Verify();
  CHECK(other.code == OCISHIP_NO_MATCH);
  CHECK(other.reason() == "extension-mismatch");
  repository.value = nullptr;
  CHECK(AskPolicy(&file.signer, 1).code == OCISHIP_USAGE);
  repository = {77, "acme/app"};
  CHECK(AskPolicy(&file.signer, 1).code == OCISHIP_USAGE);
}

TEST_CASE("Structs of a later version: taken while they ask for nothing new, refused otherwise") {
  struct Later {
    ociship_identity known;
    const char* unheard_of;
  };
  std::array<Later, 2> identities{};
  for (Later& identity : identities) {
    identity.known = Signer();
    identity.known.struct_size = sizeof(Later);
  }
  identities[0].known.identity = "somebody@example.com";
  SignedFile file;
  file.policy = AskPolicy(&identities[0].known, identities.size()).made;
  CHECK(file.Verify().code == OCISHIP_OK);  // by the second one

  identities[1].unheard_of = "anything";
  CHECK(AskPolicy(&identities[0].known, identities.size()).code == OCISHIP_USAGE);
  identities[1].unheard_of = nullptr;
  identities[1].known.struct_size = sizeof(ociship_identity);
  CHECK(AskPolicy(&identities[0].known, identities.size()).code == OCISHIP_USAGE);
}

TEST_CASE("Structs: a size that is 0, short or absurd is refused, and so is what is reserved") {
  for (const std::size_t size : {std::size_t{0}, sizeof(ociship_demands) - 1, std::size_t{1} << 40,
                                 std::numeric_limits<std::size_t>::max()}) {
    ociship_identity who = Signer();
    who.struct_size = size;
    CHECK(AskPolicy(&who, 1).code == OCISHIP_USAGE);
    ociship_demands demands{.struct_size = size};
    who.struct_size = sizeof who;
    CHECK(AskPolicy(&who, 1, &demands).code == OCISHIP_USAGE);
    SignedFile file;
    file.circumstances.struct_size = size;
    CHECK(file.Verify().code == OCISHIP_USAGE);
  }
  ociship_identity who = Signer();
  const ociship_demands reserved{.struct_size = sizeof(ociship_demands), .reserved = 1};
  CHECK(AskPolicy(&who, 1, &reserved).code == OCISHIP_USAGE);
  SignedFile file;
  file.circumstances.reserved = 1;
  CHECK(file.Verify().code == OCISHIP_USAGE);
}

TEST_CASE("Circumstances: a time out of range and a broken SCT are refused") {
  SignedFile file;
  for (const std::int64_t now : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
    file.circumstances.now = now;
    CHECK(file.Verify().code == OCISHIP_USAGE);
  }
  file.circumstances.now = 0;
  file.circumstances.detached_sct = "no JSON";
  file.circumstances.detached_sct_size = 7;
  CHECK(file.Verify().code != OCISHIP_OK);
  file.circumstances.detached_sct = nullptr;
  CHECK(file.Verify().code == OCISHIP_USAGE);
  file.circumstances.detached_sct_size = 0;
  CHECK(file.Verify().code == OCISHIP_OK);
}

TEST_CASE("NULL: refused where something is needed, taken where it says so") {
  const SignedFile file;
  CHECK(AskRoot("{").code == OCISHIP_TRUST_MATERIAL);
  CHECK(ociship_trust_root_from_json(nullptr, 3, nullptr, nullptr) == OCISHIP_USAGE);
  CHECK(ociship_trust_root_from_json("{}", 2, nullptr, nullptr) == OCISHIP_USAGE);
  CHECK(ociship_policy_with_key(nullptr, 3, nullptr, nullptr, nullptr) == OCISHIP_USAGE);
  CHECK(ociship_policy_with_identities(&file.signer, 1, nullptr, nullptr, nullptr) ==
        OCISHIP_USAGE);
  const auto verify = [&](const void* bytes, std::size_t size, const char* bundle,
                          const ociship_policy* policy) {
    return ociship_verify_bytes(bytes, size, bundle, file.bundle.size(), policy,
                                &file.circumstances, nullptr, nullptr);
  };
  const char* const bundle = file.bundle.data();
  CHECK(verify(file.bytes.data(), file.bytes.size(), bundle, file.policy.get()) == OCISHIP_OK);
  CHECK(verify(nullptr, file.bytes.size(), bundle, file.policy.get()) == OCISHIP_USAGE);
  CHECK(verify(nullptr, 0, bundle, file.policy.get()) == OCISHIP_NO_MATCH);  // an empty file
  CHECK(verify(file.bytes.data(), file.bytes.size(), nullptr, file.policy.get()) == OCISHIP_USAGE);
  CHECK(verify(file.bytes.data(), file.bytes.size(), bundle, nullptr) == OCISHIP_USAGE);
}

TEST_CASE("Handles: a verification outlives all that it was made of") {
  Verified verified;
  {
    const SignedFile file;
    verified = file.Verify().made;
  }
  CHECK(std::string(ociship_verification_subject(verified.get(), nullptr)) == kIdentity);
}

TEST_CASE("Handles: several threads verify with the same ones") {
  const SignedFile file;
  std::array<int, 4> codes{};
  std::vector<std::thread> threads;
  for (int& code : codes) {
    threads.emplace_back([&file, &code] {
      code = ociship_verify_bytes(file.bytes.data(), file.bytes.size(), file.bundle.data(),
                                  file.bundle.size(), file.policy.get(), &file.circumstances,
                                  nullptr, nullptr);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int code : codes) CHECK(code == OCISHIP_OK);
}

// How often something failed for lack of memory, while each allocation of `call` in turn was the
// first of those that fail.
template <typename Handle, typename Call>
int FailEach(const Call& call) {
  int failures = 0;
  for (long allowed = 0;; ++allowed) {
    typename Handle::pointer made = nullptr;
    ociship_error* error = nullptr;
    FailAllocationsAfter(allowed);
    const int code = call(&made, &error);
    const MemoryOutcome outcome = AllowAllocations();
    const Handle owned(made);
    const Problem why(error);
    CHECK((code == OCISHIP_OK) == (made != nullptr));
    if (outcome == MemoryOutcome::kSufficed) {
      CHECK(code == OCISHIP_OK);
      return failures;
    }
    CHECK(code != OCISHIP_OK);
    REQUIRE(error != nullptr);
    CHECK(ociship_error_code(error) == code);
    CHECK(std::strlen(ociship_error_message(error)) > 0);
    ++failures;
  }
}

TEST_CASE("Lack of memory: an error that needs none, wherever it begins") {
  const SignedFile file;
  CHECK(FailEach<Policy>([&](ociship_policy** policy, ociship_error** error) {
          return ociship_policy_with_identities(&file.signer, 1, nullptr, policy, error);
        }) > 5);
  CHECK(FailEach<Verified>([&](ociship_verification** verified, ociship_error** error) {
          return ociship_verify_bytes(file.bytes.data(), file.bytes.size(), file.bundle.data(),
                                      file.bundle.size(), file.policy.get(), &file.circumstances,
                                      verified, error);
        }) > 100);
}

}  // namespace
}  // namespace ociship::testing
