// SPDX-License-Identifier: Apache-2.0
// Verification of gathered signatures (cosign, SIGNATURE_SPEC.md and BUNDLE_SPEC.md).
// Covered by tests/cosign/verify_test.cc.
#include "cosign/verify.h"

#include <algorithm>
#include <variant>

#include "cosign/legacy_material.h"
#include "sigstore/reason.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cosign {
namespace {

constexpr std::size_t kMaxReasons = 5;

// Sentences, each once, in the order in which they came.
class Sentences {
 public:
  void Add(std::string sentence) {
    if (std::find(all_.begin(), all_.end(), sentence) == all_.end()) {
      all_.push_back(std::move(sentence));
    }
  }
  bool empty() const { return all_.empty(); }

  // The first kMaxReasons of them in one line.
  std::string Join() const {
    std::string line;
    for (std::size_t i = 0; i < std::min(all_.size(), kMaxReasons); ++i) {
      if (i > 0) line += "; ";
      line += all_[i];
    }
    if (all_.size() > kMaxReasons) {
      line += util::StrCat("; and ", all_.size() - kMaxReasons, " more reasons");
    }
    return line;
  }

 private:
  std::vector<std::string> all_;
};

std::string Sentence(const Unread& unread) {
  return util::StrCat(unread.what, " could not be read: ", unread.error.message());
}

// Line ends in JSON stand between its tokens only, so that a space does as well.
std::string OneLine(std::string json) {
  std::replace_if(
      json.begin(), json.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return json;
}

std::string BundlePayload(std::string_view reference, const Digest& image, std::string_view type,
                          const std::map<std::string, std::string>& annotations) {
  util::JsonWriter json;
  json.BeginObject().Key("critical").BeginObject();
  json.Key("identity").BeginObject().Key("docker-reference").String(reference).EndObject();
  json.Key("image").BeginObject();
  json.Key("docker-manifest-digest").String(image.text()).EndObject();
  json.Key("type").String(type).EndObject();
  json.Key("optional").BeginObject();
  for (const auto& [key, value] : annotations) json.Key(key).String(value);
  json.EndObject().EndObject();
  return json.text();
}

}  // namespace

std::string_view FormatName(Format format) {
  switch (format) {
    case Format::kBundle:
      return "bundle";
    case Format::kLegacy:
      return "legacy";
  }
  return "unknown";
}

Result<VerifiedPayload> VerifyLegacy(const LegacyCandidate& candidate, const Digest& image,
                                     const Policy& policy, const Circumstances& circumstances) {
  TRY(sigstore::CheckPolicy(policy));
  const bool by_key = std::holds_alternative<sigstore::KeySigner>(policy.signer);
  const sigstore::Material material =
      TRY(ReadLegacyMaterial(candidate, by_key ? WantedSigner::kKey : WantedSigner::kCertificate));
  const auto artifact = sigstore::Artifact::OfBytes(util::AsBytes(candidate.payload));
  Result<sigstore::VerifiedMaterial> verified =
      sigstore::VerifyMaterial(material, artifact, policy, circumstances);
  if (!verified.ok()) {
    if (by_key && candidate.certificate) {
      return sigstore::Refuse(sigstore::Reason::kSignerKind,
                              "expected key signature, not certificate");
    }
    return std::move(verified).error();
  }
  // Only now the payload is read: before, it is the word of anybody.
  Result<SimpleSigning> content = ParseSimpleSigning(candidate.payload);
  if (!content.ok()) {
    return std::move(content).error().Because(Word(sigstore::Reason::kStatementMalformed));
  }
  if (content.value().image != image) {
    return sigstore::Refuse(
        sigstore::Reason::kSubjectMismatch,
        util::StrCat("the signature belongs to another image, ", content.value().image.text()));
  }
  TRY(sigstore::MatchAnnotations(policy.annotations, content.value().annotations));
  return VerifiedPayload(std::move(verified).value(), std::move(content).value());
}

VerifiedSignature::VerifiedSignature(const BundleCandidate& candidate, const Digest& image,
                                     const sigstore::VerifiedBundle& evidence)
    : format_(Format::kBundle),
      manifest_(candidate.manifest.digest),
      image_(image),
      material_(evidence.material()),
      annotations_(evidence.subject()->annotations()),
      predicate_type_(evidence.subject()->predicate_type()) {}

VerifiedSignature::VerifiedSignature(const LegacyCandidate& candidate,
                                     const VerifiedPayload& evidence)
    : format_(Format::kLegacy),
      manifest_(candidate.manifest.digest),
      image_(evidence.content().image),
      material_(evidence.material()),
      claimed_name_(evidence.content().identity),
      annotations_(evidence.content().annotations),
      payload_(candidate.payload) {}

std::string VerifiedSignature::PayloadJson(std::string_view reference) const {
  switch (format_) {
    case Format::kBundle:
      return BundlePayload(reference, image_, predicate_type_, annotations_);
    case Format::kLegacy:
      return OneLine(payload_);
  }
  return {};
}

// Looks at one candidate after the other and comes to the verdict.
class Judge {
 public:
  Judge(const Digest& image, const Policy& policy, const Circumstances& circumstances)
      : image_(image), policy_(policy), circumstances_(circumstances) {}

  void Look(const BundleCandidate& candidate) {
    Result<sigstore::VerifiedBundle> evidence =
        sigstore::VerifyImageBundle(candidate.bundle, image_, policy_, circumstances_);
    if (evidence.ok()) {
      verification_.signatures.push_back(VerifiedSignature(candidate, image_, evidence.value()));
    } else {
      Refuse(evidence.error());
    }
  }

  void Look(const LegacyCandidate& candidate) {
    Result<VerifiedPayload> evidence = VerifyLegacy(candidate, image_, policy_, circumstances_);
    if (evidence.ok()) {
      verification_.signatures.push_back(VerifiedSignature(candidate, evidence.value()));
    } else {
      Refuse(evidence.error());
    }
  }

  Result<Verification> Decide(const std::vector<Unread>& unread) {
    if (!verification_.signatures.empty()) {
      for (const Unread& item : unread) verification_.notes.push_back(Sentence(item));
      return std::move(verification_);
    }
    if (!unread.empty()) {
      Sentences causes;
      for (const Unread& item : unread) causes.Add(Sentence(item));
      std::string others = reasons_.empty() ? "" : util::StrCat("; others: ", reasons_.Join());
      return Error(Code::kUnknown, util::StrCat("could not find out whether ", image_.text(),
                                                " is signed: ", causes.Join(), others));
    }
    if (reasons_.empty()) {
      return Error(Code::kNoSignature,
                   util::StrCat("the image ", image_.text(), " has no signature"));
    }
    const bool no_certificate =
        all_of_other_kind_ && std::holds_alternative<sigstore::CertificateSigner>(policy_.signer);
    return Error(no_certificate ? Code::kNoCertificate : Code::kNoMatch,
                 util::StrCat("no signature of ", image_.text(), " matches: ", reasons_.Join()))
        .Because(first_reason_);
  }

 private:
  void Refuse(const Error& error) {
    if (reasons_.empty()) first_reason_ = error.reason();
    if (error.reason() != Word(sigstore::Reason::kSignerKind)) all_of_other_kind_ = false;
    reasons_.Add(error.message());
  }

  const Digest& image_;
  const Policy& policy_;
  const Circumstances& circumstances_;
  Verification verification_;
  Sentences reasons_;
  std::string_view first_reason_;
  bool all_of_other_kind_ = true;  // a key where a certificate is demanded, or the reverse
};

Result<Verification> Verify(const Gathered& gathered, const Digest& image, const Policy& policy,
                            const Circumstances& circumstances) {
  TRY(sigstore::CheckPolicy(policy));
  Judge judge(image, policy, circumstances);
  for (const BundleCandidate& candidate : gathered.bundles) judge.Look(candidate);
  for (const LegacyCandidate& candidate : gathered.legacy) judge.Look(candidate);
  return judge.Decide(gathered.unread);
}

Result<Verification> VerifyImage(Store& store, const Digest& image, const Policy& policy,
                                 const Circumstances& circumstances) {
  TRY(sigstore::CheckPolicy(policy));
  Result<Gathered> bundles = GatherBundles(store, image);
  if (!bundles.ok() && bundles.error().code() == Code::kInterrupted) {
    return std::move(bundles).error();
  }
  if (bundles.ok()) {
    Result<Verification> verified = Verify(bundles.value(), image, policy, circumstances);
    if (verified.ok()) return verified;
  }
  Gathered all = TRY(Join(std::move(bundles), GatherLegacy(store, image)));
  return Verify(all, image, policy, circumstances);
}

}  // namespace ociship::cosign
