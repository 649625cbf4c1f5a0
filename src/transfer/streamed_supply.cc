// SPDX-License-Identifier: Apache-2.0
// Layers of an archive that is read once, from front to back: every member that can be a layer is
// stored as it passes, and the manifest, which comes last, is resolved against what was taken.
// Tested by push_test.cc.
#include <thread>
#include <variant>

#include "oci/write_blob.h"
#include "transfer/blob_supply.h"
#include "util/byte_pipe.h"
#include "util/parallel.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

constexpr std::size_t kReadBackBytes = 1 << 20;

// What a member's name says about its content: the first part of it that has the form of a digest,
// as in "blobs/sha256/HEX", "HEX/layer.tar" and "HEX.tar". A hint, never a proof.
std::optional<Digest> ClaimedDigest(std::string_view member) {
  for (const std::string_view part : util::Split(member, '/')) {
    const std::string_view stem = part.substr(0, part.find('.'));
    for (const std::string_view algorithm : {"sha256:", "sha512:"}) {
      Result<Digest> digest = Digest::Parse(util::StrCat(algorithm, stem));
      if (digest.ok()) return std::move(digest).value();
    }
  }
  return std::nullopt;
}

Error NotATar(std::string_view member) {
  return Error(Code::kBadInput, util::StrCat("layer ", util::Quoted(member), " is not a tar"));
}

Error Vanished(const Digest& digest) {
  return Error(Code::kFailure,
               util::StrCat("blob ", digest.text(), " vanished from the destination: push again"));
}

// Files of which the whole name is the digest of their bytes: blobs of an OCI layout, and of
// skopeo's `dir:`.
bool IsBlobName(std::string_view member) {
  constexpr std::size_t kHexDigits = 64;
  return member.starts_with("blobs/sha") ||
         (member.size() == kHexDigits && ClaimedDigest(member).has_value());
}

// Names of crane and others say the digest of the compressed bytes.
bool NamesStoredBytes(std::string_view member) {
  return IsBlobName(member) || member.ends_with(".tar.gz") || member.ends_with(".tar.zst");
}

// What passed was hashed with SHA-256, as nearly everybody does.
bool NeedsOtherHash(const ReadLayer& taken, crypto::HashAlgorithm algorithm) {
  return taken.diff_id.ok() && crypto::AlgorithmOf(taken.diff_id.value()) != algorithm;
}

ArchivedLayer Archived(const ReadLayer& taken, const Digest& diff_id) {
  return {.diff_id = diff_id, .compression = taken.compression, .size = taken.stored_size};
}

}  // namespace

// What to do with a member before anybody has said what it is for. What the destination has, as far
// as the member's name is true, is only hashed.
Result<Handling> StreamedSupply::Plan(const std::string& member, std::uint64_t size) {
  const Handling usual = IsBlobName(member) ? Handling::kTarOrBlob : Handling::kLayer;
  if (Find(member) != nullptr) return Handling::kHash;  // the archive compares the digests
  const std::optional<Digest> claimed = ClaimedDigest(member);
  if (!claimed) return PlanUnclaimed(usual);
  const std::optional<StoredLayer> stored =
      TRY(FindStored({.diff_id = *claimed, .size = size}, context_));
  if (stored) return Handling::kHash;
  if (NamesStoredBytes(member)) {
    const oci::Presence presence = TRY(context_.lookup.LookUp(*claimed, size));
    if (presence == oci::Presence::kThere) return Handling::kHash;
  }
  return names_ == Names::kFalse ? PlanUnclaimed(usual) : usual;
}

// A name that says nothing (docker before 25). Where the destination has an image to compare with
// and the archive can be read again, nothing is compressed before it is known to be new.
Handling StreamedSupply::PlanUnclaimed(Handling usual) const {
  const bool compare = archive_.repeatable() == archive::Archive::Repeatable::kYes &&
                       context_.known.knowledge() == KnownLayers::Knowledge::kSome;
  return compare ? Handling::kHash : usual;
}

// Whether the names of this archive are true is learnt from those that were read.
void StreamedSupply::JudgeName(const std::string& member, const ReadLayer& layer) {
  const std::optional<Digest> claimed = ClaimedDigest(member);
  if (!claimed || layer.form != LayerForm::kTar) return;
  const bool is_true =
      layer.stored == *claimed || (layer.diff_id.ok() && layer.diff_id.value() == *claimed);
  names_ = is_true ? Names::kTrue : Names::kFalse;
}

Result<Digest> StreamedSupply::Take(const std::string& member, std::uint64_t size,
                                    util::Reader& content) {
  const crypto::HashAlgorithm algorithm = archive::BlobAlgorithm(member);
  LayerPlan plan{.name = member};
  plan.total = size;
  plan.send.sending = context_.sending;
  plan.send.algorithm = algorithm;
  plan.algorithm = algorithm;
  plan.limit = context_.limit;
  if (pass_ == Pass::kFirst) {
    plan.handling = TRY(Plan(member, size));
  } else {
    const auto missing = missing_.find(member);
    const ReadLayer* const before = Find(member);
    if (missing == missing_.end() && before != nullptr) {
      TRY(util::ReadThrough(content));
      return before->stored;
    }
    plan.handling = Handling::kHash;
    if (missing != missing_.end()) {
      plan.handling = missing->second.handling;
      plan.diff_id_algorithm = missing->second.diff_id_algorithm;
      missing_.erase(missing);
    }
  }
  ReadLayer layer = TRY(ReadLayerContent(content, plan, context_.pipeline));
  JudgeName(member, layer);
  const Digest stored = layer.stored;
  // A name that comes again was taken already, except what the second pass reads once more.
  if (layer.blob) {
    taken_.insert_or_assign(member, std::move(layer));
  } else {
    taken_.try_emplace(member, std::move(layer));
  }
  return stored;
}

const ReadLayer* StreamedSupply::Find(const std::string& member) const {
  const auto found = taken_.find(member);
  return found == taken_.end() ? nullptr : &found->second;
}

Status StreamedSupply::Prepare(const std::vector<archive::Image>& images) {
  for (const archive::Image& image : images) TRY(FindMissing(image));
  if (missing_.empty()) return Ok();
  if (archive_.repeatable() == archive::Archive::Repeatable::kNo) {
    const auto& [member, wanted] = *missing_.begin();
    const std::string_view why = wanted.diff_id_algorithm == crypto::HashAlgorithm::kSha256
                                     ? " is not what its name says"
                                     : " has a diff ID that is no SHA-256";
    return Error(Code::kBadInput, util::StrCat("member ", util::Quoted(member), why,
                                               ", and has passed: push the archive from a file"));
  }
  pass_ = Pass::kSecond;
  return archive_.Drain(*this);
}

// A hash that nobody made yet is worth more than what was wanted of the member before.
void StreamedSupply::Want(const std::string& member, const Wanted& wanted) {
  const std::lock_guard lock(mutex_);
  const auto [place, is_new] = missing_.emplace(member, wanted);
  if (!is_new && wanted.diff_id_algorithm != crypto::HashAlgorithm::kSha256) place->second = wanted;
}

// Members that were only hashed, and whose content the destination does not have, or that were
// hashed in another way than their diff IDs.
Status StreamedSupply::FindMissingLayer(const archive::DockerLayer& layer) {
  const ReadLayer* const taken = Find(layer.member);
  if (taken == nullptr) return Ok();
  const Wanted wanted{Handling::kLayer, crypto::AlgorithmOf(layer.diff_id)};
  if (NeedsOtherHash(*taken, wanted.diff_id_algorithm)) {
    Want(layer.member, wanted);
    return Ok();
  }
  if (taken->blob) return Ok();
  TRY(CheckLayer(*taken, layer.diff_id, layer.member));
  const std::optional<StoredLayer> stored = TRY(FindTaken(*taken, layer.diff_id));
  if (!stored) Want(layer.member, wanted);
  return Ok();
}

Status StreamedSupply::FindMissingBlob(const archive::OciBlob& blob) {
  const ReadLayer* const taken = blob.member.empty() ? nullptr : Find(blob.member);
  if (taken == nullptr) return Ok();
  Wanted wanted{Handling::kPassOn, crypto::HashAlgorithm::kSha256};
  if (blob.diff_id) {
    wanted.diff_id_algorithm = crypto::AlgorithmOf(*blob.diff_id);
    if (NeedsOtherHash(*taken, wanted.diff_id_algorithm)) {
      Want(blob.member, wanted);
      return Ok();
    }
  }
  if (taken->blob) return Ok();
  const oci::Presence presence =
      TRY(context_.lookup.LookUp(blob.descriptor.digest, blob.descriptor.size));
  if (presence == oci::Presence::kThere) return Ok();
  std::optional<StoredLayer> stored;
  if (blob.diff_id) stored = TRY(FindTaken(*taken, *blob.diff_id));
  if (!stored) Want(blob.member, wanted);
  return Ok();
}

Status StreamedSupply::FindMissing(const archive::Image& image) {
  if (const auto* docker = std::get_if<archive::DockerImage>(&image.content)) {
    return util::ForEachParallel(docker->layers.size(), context_.look_ups, [&](std::size_t i) {
      return FindMissingLayer(docker->layers[i]);
    });
  }
  const auto& oci = std::get<archive::OciImage>(image.content);
  return util::ForEachParallel(oci.blobs.size(), context_.look_ups,
                               [&](std::size_t i) { return FindMissingBlob(oci.blobs[i]); });
}

// Where the destination has a layer that was only hashed.
Result<std::optional<StoredLayer>> StreamedSupply::FindTaken(const ReadLayer& taken,
                                                             const Digest& diff_id) const {
  if (KeepsItsBytes(taken.compression)) {
    const oci::Presence presence = TRY(context_.lookup.LookUp(taken.stored, taken.stored_size));
    if (presence == oci::Presence::kThere) {
      return std::optional(StoredLayer{taken.stored, taken.stored_size, taken.compression});
    }
  }
  return FindStored(Archived(taken, diff_id), context_);
}

Result<StoredLayer> StreamedSupply::FinishLayer(const archive::DockerLayer& layer) {
  const ReadLayer* const taken = Find(layer.member);
  if (taken == nullptr) return NotATar(layer.member);
  TRY(CheckLayer(*taken, layer.diff_id, layer.member));
  if (taken->blob) {
    StoredLayer stored = TRY(FinishedLayer(*taken, context_));
    return HasMediaType(stored.compression) ? stored : PackStored(layer, stored);
  }
  const std::optional<StoredLayer> stored = TRY(FindTaken(*taken, layer.diff_id));
  if (stored) {
    context_.observer.LayerStored(stored->digest, stored->size, LayerState::kKnown);
    return *stored;
  }
  return Vanished(layer.diff_id);
}

Result<std::vector<StoredLayer>> StreamedSupply::StoreLayers(
    const std::vector<archive::DockerLayer>& layers) {
  std::map<Digest, StoredLayer> distinct;
  std::vector<StoredLayer> stored;
  for (const archive::DockerLayer& layer : layers) {
    const auto found = distinct.find(layer.diff_id);
    if (found == distinct.end()) {
      StoredLayer finished = TRY(FinishLayer(layer));
      stored.push_back(distinct.emplace(layer.diff_id, std::move(finished)).first->second);
      continue;
    }
    const ReadLayer* const taken = Find(layer.member);
    if (taken == nullptr) return NotATar(layer.member);
    TRY(CheckLayer(*taken, layer.diff_id, layer.member));
    stored.push_back(found->second);
  }
  return stored;
}

Status StreamedSupply::FinishBlob(const archive::OciBlob& blob) {
  const Descriptor& expected = blob.descriptor;
  const ReadLayer* const taken = Find(blob.member);
  if (taken == nullptr || taken->stored != expected.digest || taken->stored_size != expected.size) {
    return Error(Code::kBadInput, util::StrCat("blob ", util::Quoted(blob.member),
                                               " does not have its digest and size"));
  }
  TRY(CheckOciLayer(*taken, blob));
  if (taken->blob) {
    const StoredLayer stored = TRY(FinishedLayer(*taken, context_));
    return stored.digest == expected.digest ? Ok() : ReadBack(blob, stored);
  }
  const oci::Presence presence = TRY(context_.lookup.LookUp(expected.digest, expected.size));
  if (presence == oci::Presence::kThere) {
    context_.observer.LayerStored(expected.digest, expected.size, LayerState::kKnown);
    return Ok();
  }
  const Digest& diff_id = blob.diff_id ? *blob.diff_id : expected.digest;
  const std::optional<StoredLayer> stored = TRY(FindTaken(*taken, diff_id));
  if (!stored) return Vanished(expected.digest);
  return ReadBack(blob, *stored);
}

// A plain layer was compressed as it passed, and now a manifest that is kept byte for byte names
// its plain form: the destination has the compressed one, so it is read back from there.
Status StreamedSupply::ReadBack(const archive::OciBlob& blob, const StoredLayer& stored) {
  if (context_.mode == PushRequest::Mode::kPlan) return Ok();  // nothing is there to be read
  LayerPlan plan{.name = blob.member, .handling = Handling::kPassOn};
  plan.total = blob.descriptor.size;
  plan.send.sending = Sending::kAtOnce;
  plan.send.expected = blob.descriptor;
  plan.algorithm = crypto::AlgorithmOf(blob.descriptor.digest);
  plan.limit = context_.limit;
  const ReadLayer layer = TRY(ReadStored(stored, plan));
  TRY(context_.pipeline.Wait(*layer.blob));
  return Ok();
}

// A layer that was stored as it was under the name of a blob, and turns out to be one of an image
// whose manifest is made here: its compression has no media type, so it is packed again.
Result<StoredLayer> StreamedSupply::PackStored(const archive::DockerLayer& layer,
                                               const StoredLayer& stored) {
  if (context_.mode == PushRequest::Mode::kPlan) {
    return Error(Code::kUsage, util::StrCat("what layer ", util::Quoted(layer.member),
                                            " becomes cannot be planned from a stream"));
  }
  LayerPlan plan{.name = layer.member};
  plan.send.sending = context_.sending;
  plan.limit = context_.limit;
  const ReadLayer again = TRY(ReadStored(stored, plan));
  TRY(CheckLayer(again, layer.diff_id, layer.member));
  return FinishedLayer(again, context_);
}

// Reads the content of a blob that the destination has.
Result<ReadLayer> StreamedSupply::ReadStored(const StoredLayer& stored, const LayerPlan& plan) {
  const Descriptor packed{.digest = stored.digest, .size = stored.size};
  auto pipe = std::make_unique<util::BytePipe>(kReadBackBytes);
  util::BytePipe& joint = *pipe;
  const std::unique_ptr<util::Reader> plain =
      TRY(codec::Decompress(stored.compression, std::move(pipe), codec::Trailing::kRefuse,
                            util::Quoted(plan.name), context_.limit));
  std::jthread reader([&] {
    const Status status = context_.destination.ReadBlob(packed, joint);
    if (status.ok()) {
      joint.Close();
    } else {
      joint.Fail(status.error());
    }
  });
  Result<ReadLayer> layer = ReadLayerContent(*plain, plan, context_.pipeline);
  if (!layer.ok()) joint.Fail(layer.error());
  reader.join();
  return layer;
}

// A small document whose content is known.
Status StreamedSupply::StoreKept(const archive::OciBlob& blob) {
  TRY(CheckKept(blob, context_));
  const oci::Sent sent =
      TRY(oci::WriteSmallBlob(context_.destination, blob.descriptor.digest, blob.content));
  TellKept(blob, sent == oci::Sent::kSent ? LayerState::kSent : LayerState::kWasThere, context_);
  return Ok();
}

Status StreamedSupply::StoreBlobs(const std::vector<archive::OciBlob>& blobs) {
  TRY(util::ForEachParallel(blobs.size(), context_.jobs, [&](std::size_t i) {
    return blobs[i].member.empty() ? StoreKept(blobs[i]) : Ok();
  }));
  for (const archive::OciBlob& blob : blobs) {
    if (!blob.member.empty()) TRY(FinishBlob(blob));
  }
  return Ok();
}

}  // namespace ociship::transfer
