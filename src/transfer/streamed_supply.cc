// SPDX-License-Identifier: Apache-2.0
// Layers of an archive that is read once, from front to back: every member that can be a layer is
// stored as it passes, and the manifest, which comes last, is resolved against what was taken.
// Tested by push_test.cc.
#include <algorithm>
#include <thread>

#include "oci/write_blob.h"
#include "transfer/blob_supply.h"
#include "util/byte_pipe.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

constexpr std::size_t kReadBackBytes = 1 << 20;

// What a member's name says about its content: the first part of it that has the form of a SHA-256,
// as in "blobs/sha256/HEX", "HEX/layer.tar" and "HEX.tar". A hint, never a proof.
std::optional<Digest> ClaimedDigest(std::string_view member) {
  for (const std::string_view part : util::Split(member, '/')) {
    const std::string_view stem = part.substr(0, part.find('.'));
    Result<Digest> digest = Digest::Parse(util::StrCat("sha256:", stem));
    if (digest.ok()) return std::move(digest).value();
  }
  return std::nullopt;
}

bool IsLayoutBlob(std::string_view member) { return member.starts_with("blobs/sha256/"); }

}  // namespace

Result<Handling> StreamedSupply::Plan(const std::string& member, std::uint64_t size) {
  const Handling usual = IsLayoutBlob(member) ? Handling::kCompressOrPassOn : Handling::kCompress;
  if (Find(member) != nullptr) return Handling::kHash;  // the archive compares the digests
  const std::optional<Digest> claimed = ClaimedDigest(member);
  if (!claimed) return usual;
  if (const std::optional<Descriptor> known = context_.known.Find(*claimed)) {
    const oci::Presence presence =
        TRY(oci::LookUpBlob(context_.destination, known->digest, known->size));
    if (presence == oci::Presence::kThere) return Handling::kHash;
  }
  if (IsLayoutBlob(member)) {
    const oci::Presence presence = TRY(oci::LookUpBlob(context_.destination, *claimed, size));
    if (presence == oci::Presence::kThere) return Handling::kHash;
  }
  return usual;
}

Result<Digest> StreamedSupply::Take(const std::string& member, std::uint64_t size,
                                    util::Reader& content) {
  const Handling handling = TRY(Plan(member, size));
  ReadLayer layer = TRY(
      ReadLayerContent(content, {.name = member, .handling = handling, .sending = context_.sending},
                       context_.pipeline));
  const Digest stored = layer.stored;
  taken_.try_emplace(member, std::move(layer));
  return stored;
}

const ReadLayer* StreamedSupply::Find(const std::string& member) const {
  const auto found = taken_.find(member);
  return found == taken_.end() ? nullptr : &found->second;
}

Result<Descriptor> StreamedSupply::FinishLayer(const archive::DockerLayer& layer) {
  const ReadLayer* const taken = Find(layer.member);
  if (taken == nullptr) {
    return Error(Code::kBadInput,
                 util::StrCat("layer ", util::Quoted(layer.member), " is not a tar"));
  }
  TRY(CheckLayer(*taken, layer.diff_id, layer.member));
  if (taken->blob) return FinishedLayer(*taken, *taken->blob, context_.pipeline);
  if (const std::optional<Descriptor> known = context_.known.Find(layer.diff_id)) {
    context_.progress.LayerStored(known->digest, known->size, LayerState::kKnown);
    return *known;
  }
  // The name promised a layer that the destination has, and the content is another one.
  return Error(Code::kBadInput,
               util::StrCat("layer ", util::Quoted(layer.member),
                            " is not what its name says, and has passed: push it from a file"));
}

Result<std::vector<Descriptor>> StreamedSupply::StoreLayers(
    const std::vector<archive::DockerLayer>& layers) {
  std::vector<Descriptor> descriptors;
  for (const archive::DockerLayer& layer : layers) {
    const Descriptor stored = TRY(FinishLayer(layer));
    descriptors.push_back(stored);
  }
  return descriptors;
}

Status StreamedSupply::FinishBlob(const archive::OciBlob& blob) {
  const Descriptor& expected = blob.descriptor;
  const ReadLayer* const taken = Find(blob.member);
  if (taken == nullptr || taken->stored != expected.digest || taken->stored_size != expected.size) {
    return Error(Code::kBadInput, util::StrCat("blob ", util::Quoted(blob.member),
                                               " does not have its digest and size"));
  }
  if (blob.diff_id) TRY(CheckDiffId(*taken, *blob.diff_id, blob.member));
  std::optional<Descriptor> compressed;
  if (taken->blob) {
    const SentBlob sent = TRY(context_.pipeline.Wait(*taken->blob));
    if (sent.digest == expected.digest) return Ok();
    compressed = TRY(FinishedLayer(*taken, *taken->blob, context_.pipeline));
  } else {
    const oci::Presence presence =
        TRY(oci::LookUpBlob(context_.destination, expected.digest, expected.size));
    if (presence == oci::Presence::kThere) return Ok();
    compressed = context_.known.Find(expected.digest);
  }
  if (!compressed) {
    return Error(Code::kFailure, util::StrCat("blob ", expected.digest.text(),
                                              " vanished from the destination: push again"));
  }
  return ReadBack(blob, *compressed);
}

// A plain layer was compressed as it passed, and now a manifest that is kept byte for byte names
// its plain form: the destination has the compressed one, so it is read back from there.
Status StreamedSupply::ReadBack(const archive::OciBlob& blob, const Descriptor& compressed) {
  auto pipe = std::make_unique<util::BytePipe>(kReadBackBytes);
  util::BytePipe& joint = *pipe;
  const std::unique_ptr<util::Reader> plain = TRY(codec::Decompress(
      codec::Compression::kGzip, std::move(pipe), codec::Trailing::kRefuse, blob.member));
  std::jthread reader([&] {
    const Status status = context_.destination.ReadBlob(compressed, joint);
    if (status.ok()) {
      joint.Close();
    } else {
      joint.Fail(status.error());
    }
  });
  Result<ReadLayer> layer = ReadLayerContent(*plain,
                                             {.name = blob.member,
                                              .handling = Handling::kPassOn,
                                              .sending = Sending::kAtOnce,
                                              .expected = blob.descriptor},
                                             context_.pipeline);
  if (!layer.ok()) joint.Fail(layer.error());
  reader.join();
  if (!layer.ok()) return std::move(layer).error();
  TRY(context_.pipeline.Wait(*layer.value().blob));
  return Ok();
}

Status StreamedSupply::StoreBlobs(const std::vector<archive::OciBlob>& blobs) {
  for (const archive::OciBlob& blob : blobs) {
    if (!blob.member.empty()) {
      TRY(FinishBlob(blob));
    } else {
      TRY(oci::WriteSmallBlob(context_.destination, blob.descriptor.digest, blob.content));
    }
  }
  return Ok();
}

}  // namespace ociship::transfer
