// SPDX-License-Identifier: Apache-2.0
// Collects candidates of both signature formats (cosign, BUNDLE_SPEC.md and SIGNATURE_SPEC.md;
// distribution-spec, "Listing Referrers"). Covered by tests/cosign/gather_test.cc.
#include "cosign/gather.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "cosign/referrer.h"
#include "cosign/signature_image.h"
#include "cosign/simple_signing.h"
#include "sigstore/bundle.h"
#include "sigstore/statement.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cosign {
namespace {

// Reads small blobs until kMaxGatheredBytes are used up.
class BlobReader {
 public:
  explicit BlobReader(Store& store) : store_(store) {}

  Result<std::string> Read(const Descriptor& blob, std::uint64_t limit) {
    if (blob.size > limit) {
      return Error(Code::kBadInput,
                   util::StrCat("it has ", util::HumanBytes(blob.size), ", at most ",
                                util::HumanBytes(limit), " are read"));
    }
    if (blob.size > left_) {
      return Error(Code::kBadInput, util::StrCat("all signatures together have more than ",
                                                 util::HumanBytes(kMaxGatheredBytes)));
    }
    Charge(blob.size);
    util::StringSink sink(static_cast<std::size_t>(blob.size));
    TRY(store_.ReadBlob(blob, sink));
    return std::move(sink.text());
  }

  // Takes what was read, or is kept once more, off what may still be read.
  void Charge(std::uint64_t bytes) { left_ -= std::min(left_, bytes); }
  Status CheckLeft() const {
    if (left_ > 0) return Ok();
    return Error(Code::kBadInput, util::StrCat("all signatures together have more than ",
                                               util::HumanBytes(kMaxGatheredBytes)));
  }

 private:
  Store& store_;
  std::uint64_t left_ = kMaxGatheredBytes;
};

// Records what could not be read. Cancelling ends the whole gathering instead.
Status Record(Gathered& gathered, std::string what, Error error) {
  if (error.code() == Code::kInterrupted) return error;
  gathered.unread.push_back({.what = std::move(what), .error = std::move(error)});
  return Ok();
}

// Whether the list says of a referrer that it is an attestation of another type. It is believed:
// a signature that is hidden so would only be missed, never wrongly accepted.
enum class Relevance { kRelevant, kOtherPredicate };
Relevance RelevanceOf(const Descriptor& entry) {
  const std::optional<std::string> type = LayerAnnotation(entry, kPredicateTypeAnnotation);
  if (!type.has_value() || *type == sigstore::kImageSignaturePredicate) return Relevance::kRelevant;
  return Relevance::kOtherPredicate;
}

// The entries worth reading, each digest once. The artifact type decides about the order alone:
// some writers put another one into the list than into the manifest.
std::vector<Descriptor> Worthwhile(std::vector<Descriptor> listed) {
  std::set<Digest> seen;
  std::erase_if(listed, [&seen](const Descriptor& entry) {
    return RelevanceOf(entry) == Relevance::kOtherPredicate || !seen.insert(entry.digest).second;
  });
  std::stable_partition(listed.begin(), listed.end(), [](const Descriptor& entry) {
    return entry.artifact_type.starts_with(sigstore::kBundleMediaTypePrefix);
  });
  return listed;
}

// The bundle of one referrer, nullopt when it carries no image signature.
Result<std::optional<BundleCandidate>> ReadReferrer(Store& store, BlobReader& blobs,
                                                    const Digest& referrer, const Digest& image) {
  TRY(blobs.CheckLeft());
  Manifest manifest = TRY(store.ReadManifest(referrer));
  blobs.Charge(manifest.bytes.size());
  std::optional<Descriptor> layer = TRY(FindSignatureBundle(manifest, image));
  if (!layer.has_value()) return std::optional<BundleCandidate>();
  std::string bundle = TRY(blobs.Read(*layer, sigstore::kMaxBundleBytes));
  return std::optional<BundleCandidate>(
      BundleCandidate{.manifest = manifest.descriptor, .bundle = std::move(bundle)});
}

// Layers with equal payloads, of several keys, are read once.
Result<const std::string*> ReadPayload(BlobReader& blobs, std::map<Digest, std::string>& read,
                                       const Descriptor& layer) {
  auto found = read.find(layer.digest);
  if (found == read.end()) {
    std::string payload = TRY(blobs.Read(layer, kMaxPayloadBytes));
    found = read.emplace(layer.digest, std::move(payload)).first;
    return &found->second;
  }
  // Each candidate keeps a copy.
  TRY(blobs.CheckLeft());
  blobs.Charge(found->second.size());
  return &found->second;
}

void MoveInto(Gathered& all, Gathered part) {
  std::move(part.bundles.begin(), part.bundles.end(), std::back_inserter(all.bundles));
  std::move(part.legacy.begin(), part.legacy.end(), std::back_inserter(all.legacy));
  std::move(part.unread.begin(), part.unread.end(), std::back_inserter(all.unread));
}

bool CarriesSignature(const Descriptor& layer) {
  return layer.media_type == kSimpleSigningMediaType &&
         LayerAnnotation(layer, kSignatureAnnotation).has_value();
}

}  // namespace

std::optional<LegacyCandidate> CandidateOf(const Descriptor& manifest, const Descriptor& layer,
                                           std::string payload) {
  if (!CarriesSignature(layer)) return std::nullopt;
  return LegacyCandidate{.manifest = manifest,
                         .payload = std::move(payload),
                         .signature = *LayerAnnotation(layer, kSignatureAnnotation),
                         .certificate = LayerAnnotation(layer, kCertificateAnnotation),
                         .log_entry = LayerAnnotation(layer, kLogEntryAnnotation),
                         .timestamp = LayerAnnotation(layer, kTimestampAnnotation)};
}

Result<Gathered> GatherBundles(Store& store, const Digest& image) {
  std::vector<Descriptor> listed = TRY(store.Referrers(image));
  listed = Worthwhile(std::move(listed));
  Gathered gathered;
  if (listed.size() > kMaxReferrersRead) {
    TRY(Record(gathered, util::StrCat(listed.size() - kMaxReferrersRead, " more referrers"),
               Error(Code::kBadInput, util::StrCat("at most ", kMaxReferrersRead, " are read"))));
    listed.erase(listed.begin() + kMaxReferrersRead, listed.end());
  }
  BlobReader blobs(store);
  for (const Descriptor& entry : listed) {
    Result<std::optional<BundleCandidate>> candidate =
        ReadReferrer(store, blobs, entry.digest, image);
    if (!candidate.ok()) {
      TRY(Record(gathered, util::StrCat("referrer ", entry.digest.text()),
                 std::move(candidate).error()));
    } else if (candidate.value().has_value()) {
      gathered.bundles.push_back(*std::move(candidate).value());
    }
  }
  return gathered;
}

Result<Gathered> GatherLegacy(Store& store, const Digest& image) {
  Gathered gathered;
  // A SHA-512 digest makes no tag, so that there is nothing to find.
  if (image.algorithm() != "sha256") return gathered;
  const std::optional<SignatureImage> found = TRY(ReadSignatureImage(store, image));
  if (!found.has_value()) return gathered;
  BlobReader blobs(store);
  std::map<Digest, std::string> read;
  std::size_t left = kMaxSignatureLayers;
  for (const Descriptor& layer : found->manifest.layers) {
    if (!CarriesSignature(layer)) continue;
    if (left-- == 0) {
      TRY(Record(
          gathered, "the last legacy signatures",
          Error(Code::kBadInput, util::StrCat("at most ", kMaxSignatureLayers, " are read"))));
      break;
    }
    Result<const std::string*> payload = ReadPayload(blobs, read, layer);
    if (!payload.ok()) {
      TRY(Record(gathered, util::StrCat("legacy signature ", layer.digest.text()),
                 std::move(payload).error()));
      continue;
    }
    std::optional<LegacyCandidate> candidate =
        CandidateOf(found->descriptor, layer, *payload.value());
    if (candidate) gathered.legacy.push_back(*std::move(candidate));
  }
  return gathered;
}

Result<Gathered> Join(Result<Gathered> bundles, Result<Gathered> legacy) {
  if (!bundles.ok() && !legacy.ok()) return std::move(bundles).error();
  Gathered all;
  if (bundles.ok()) {
    MoveInto(all, std::move(bundles).value());
  } else {
    TRY(Record(all, "the list of referrers", std::move(bundles).error()));
  }
  if (legacy.ok()) {
    MoveInto(all, std::move(legacy).value());
  } else {
    TRY(Record(all, "the legacy signatures", std::move(legacy).error()));
  }
  return all;
}

Result<Gathered> Gather(Store& store, const Digest& image) {
  Result<Gathered> bundles = GatherBundles(store, image);
  if (!bundles.ok() && bundles.error().code() == Code::kInterrupted) return bundles;
  return Join(std::move(bundles), GatherLegacy(store, image));
}

}  // namespace ociship::cosign
