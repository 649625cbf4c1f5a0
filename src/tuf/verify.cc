// SPDX-License-Identifier: Apache-2.0
// From bytes to metadata that its keys signed: parse, canonical form, threshold, contents, in this
// order. Tested by verify_test.cc.
#include "tuf/verify.h"

#include <vector>

#include "tuf/canonical_json.h"
#include "tuf/refusal.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::tuf {
namespace {

using util::Json;

// Section 4.2.1: {"signed": ROLE, "signatures": [...]}.
struct Envelope {
  Json document;
  const Json* body = nullptr;
  std::string canonical;  // what was signed
  std::vector<Signature> signatures;
};

Result<Envelope> Open(std::string_view bytes, std::size_t limit) {
  Result<Json> document = Json::Parse(bytes, {.bytes = limit});
  if (!document.ok()) return Refuse(reason::kFormat, document.error().message());
  const Result<const Json*> body = document.value().Object("signed");
  if (!body.ok()) return Refuse(reason::kFormat, body.error().message());
  const Result<const Json*> signatures = document.value().Array("signatures");
  if (!signatures.ok()) return Refuse(reason::kFormat, signatures.error().message());
  Envelope envelope;
  envelope.canonical = TRY(CanonicalJson(*body.value()));
  envelope.signatures = TRY(ParseSignatures(*signatures.value()));
  envelope.document = std::move(document).value();
  envelope.body = envelope.document.Find("signed");
  return envelope;
}

// Who must have signed.
struct Signers {
  const KeyRing& keys;
  const RoleKeys& role;
};

Status CheckSigned(const Envelope& envelope, const Signers& by, std::string_view what) {
  return by.keys.CheckThreshold(by.role, envelope.signatures, envelope.canonical, what);
}

}  // namespace

// The only maker of Verified.
struct Verifier {
  // For roles whose keys somebody else names: nothing of the body is looked at before its
  // signatures.
  template <typename Body>
  static Result<Verified<Body>> Verify(std::string_view bytes, std::size_t limit, const Signers& by,
                                       std::string_view what) {
    Result<Envelope> envelope = Open(bytes, limit);
    if (!envelope.ok()) return std::move(envelope).error().While(what);
    TRY(CheckSigned(envelope.value(), by, what));
    Result<Body> body = Body::Parse(*envelope.value().body);
    if (!body.ok()) return std::move(body).error().While(what);
    return Verified<Body>(std::move(body).value());
  }

  // For a root, which also names its own keys.
  static Result<Verified<Root>> VerifyRoot(std::string_view bytes, const Verified<Root>* trusted) {
    Result<Envelope> envelope = Open(bytes, kMaxRootBytes);
    if (!envelope.ok()) return std::move(envelope).error().While(kRootRole);
    if (trusted != nullptr) {
      const Root& old = **trusted;
      TRY(CheckSigned(envelope.value(), {.keys = old.keys, .role = old.root},
                      "root, for the keys of the root before it,"));
    }
    Result<Root> body = Root::Parse(*envelope.value().body);
    if (!body.ok()) return std::move(body).error().While(kRootRole);
    const Root& root = body.value();
    TRY(CheckSigned(envelope.value(), {.keys = root.keys, .role = root.root}, kRootRole));
    return Verified<Root>(std::move(body).value());
  }
};

Result<Verified<Root>> VerifyFirstRoot(std::string_view bytes) {
  return Verifier::VerifyRoot(bytes, nullptr);
}

Result<Verified<Root>> VerifyNextRoot(std::string_view bytes, const Verified<Root>& trusted) {
  return Verifier::VerifyRoot(bytes, &trusted);
}

Result<Verified<Timestamp>> VerifyTimestamp(std::string_view bytes, const Verified<Root>& root) {
  return Verifier::Verify<Timestamp>(bytes, kMaxTimestampBytes,
                                     {.keys = root->keys, .role = root->timestamp}, kTimestampRole);
}

Result<Verified<Snapshot>> VerifySnapshot(std::string_view bytes, const Verified<Root>& root) {
  return Verifier::Verify<Snapshot>(bytes, kMaxSnapshotBytes,
                                    {.keys = root->keys, .role = root->snapshot}, kSnapshotRole);
}

Result<Verified<Targets>> VerifyTargets(std::string_view bytes, const Verified<Root>& root) {
  return Verifier::Verify<Targets>(bytes, kMaxTargetsBytes,
                                   {.keys = root->keys, .role = root->targets}, kTargetsRole);
}

Result<Verified<Targets>> VerifyDelegated(std::string_view bytes,
                                          const Verified<Targets>& delegator,
                                          const Delegation& delegation) {
  return Verifier::Verify<Targets>(bytes, kMaxTargetsBytes,
                                   {.keys = delegator->delegated_keys, .role = delegation.keys},
                                   util::StrCat("the role ", util::Quoted(delegation.name)));
}

}  // namespace ociship::tuf
