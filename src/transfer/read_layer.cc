// SPDX-License-Identifier: Apache-2.0
// One pass over the bytes of a layer: hash, uncompress or compress, and hand on (image-spec
// layer.md; config.md, "diff_ids"). Tested by read_layer_test.cc.
#include "transfer/read_layer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "archive/tar_header.h"
#include "crypto/hash.h"
#include "transfer/stored_layer.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;

// Bytes that were read already, and then the rest.
class Prefixed : public util::Reader {
 public:
  Prefixed(ByteView prefix, util::Reader& rest) : prefix_(prefix), rest_(rest) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
    if (prefix_.empty()) return rest_.Read(buffer);
    const std::size_t count = std::min(prefix_.size(), buffer.size());
    std::copy_n(prefix_.begin(), count, buffer.begin());
    prefix_ = prefix_.subspan(count);
    return count;
  }

 private:
  ByteView prefix_;
  util::Reader& rest_;
};

// A Reader that somebody else owns, for who wants to own one.
class Borrowed : public util::Reader {
 public:
  explicit Borrowed(util::Reader& reader) : reader_(reader) {}
  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override { return reader_.Read(buffer); }

 private:
  util::Reader& reader_;
};

// Hashes what is read through it and hands it to a stream, if there is one.
class StoredBytes : public util::Reader {
 public:
  StoredBytes(util::Reader& content, crypto::HashAlgorithm algorithm, BlobStream* stream,
              Pipeline& pipeline)
      : content_(content), stream_(stream), pipeline_(pipeline), hasher_(algorithm) {}

  Result<std::size_t> Read(std::span<std::uint8_t> buffer) override {
    Result<std::size_t> got = ReadAndForward(buffer);
    if (!got.ok()) failed_ = got.error();
    return got;
  }
  // The error that a Read gave, so that it is not taken for a fault of the compressed data.
  const std::optional<Error>& failed() const { return failed_; }

  // Reads what is left, hands on the last piece and gives the digest of everything.
  Result<Digest> Finish() {
    TRY(util::ReadThrough(*this));
    if (block_) PushBlock();
    return hasher_.Finish();
  }
  std::uint64_t size() const { return size_; }

 private:
  Result<std::size_t> ReadAndForward(std::span<std::uint8_t> buffer) {
    const std::size_t got = TRY(content_.Read(buffer));
    const ByteView bytes = ByteView(buffer).first(got);
    hasher_.Update(bytes);
    size_ += got;
    if (stream_ != nullptr) TRY(Forward(bytes));
    return got;
  }

  Status Forward(ByteView bytes) {
    while (!bytes.empty()) {
      if (!block_) block_ = TRY(pipeline_.TakeBlock());
      const std::span<std::uint8_t> room = block_->room().subspan(filled_);
      const std::size_t count = std::min(room.size(), bytes.size());
      std::copy_n(bytes.begin(), count, room.begin());
      filled_ += count;
      bytes = bytes.subspan(count);
      if (count == room.size()) PushBlock();
    }
    return Ok();
  }

  void PushBlock() {
    block_->Fill(filled_);
    block_->SendAsItIs();
    stream_->PushReady(std::move(block_));
    filled_ = 0;
  }

  util::Reader& content_;
  BlobStream* stream_;
  Pipeline& pipeline_;
  crypto::Hasher hasher_;
  std::uint64_t size_ = 0;
  std::unique_ptr<Block> block_;
  std::size_t filled_ = 0;
  std::optional<Error> failed_;
};

struct Plain {
  Digest digest;
  LayerForm form;
};

LayerForm FormOf(ByteView first) {
  return archive::LooksLikeTar(first) ? LayerForm::kTar : LayerForm::kOther;
}

Result<std::unique_ptr<util::Reader>> Uncompress(codec::Compression compression,
                                                 util::Reader& stored, const LayerPlan& plan) {
  return codec::Decompress(compression, std::make_unique<Borrowed>(stored),
                           codec::Trailing::kRefuse, util::Quoted(plan.name), plan.limit);
}

Status CheckSize(std::uint64_t size, const LayerPlan& plan) {
  if (size <= plan.limit.max_bytes) return Ok();
  return Error(Code::kBadInput, util::StrCat("layer ", util::Quoted(plan.name), " has more than ",
                                             util::HumanBytes(plan.limit.max_bytes),
                                             " uncompressed; --max-layer-size SIZE allows it"));
}

// Uncompresses all of `stored` for its digest.
Result<Plain> HashUncompressed(codec::Compression compression, util::Reader& stored,
                               const LayerPlan& plan) {
  const std::unique_ptr<util::Reader> plain = TRY(Uncompress(compression, stored, plan));
  util::Bytes buffer(kReadBytes);
  crypto::Hasher hasher(plan.diff_id_algorithm);
  std::size_t got = TRY(util::ReadFull(*plain, std::span(buffer).first(archive::kTarBlockBytes)));
  const LayerForm form = FormOf(ByteView(buffer).first(got));
  while (got > 0) {
    hasher.Update(ByteView(buffer).first(got));
    got = TRY(plain->Read(buffer));
  }
  return Plain{hasher.Finish(), form};
}

// A compressed layer, or any blob that is passed on as it is: the stored bytes are not changed.
Result<ReadLayer> ReadUnchanged(util::Reader& content, codec::Compression compression,
                                LayerForm form, const LayerPlan& plan, BlobStream* stream,
                                Pipeline& pipeline) {
  StoredBytes stored(content, plan.algorithm, stream, pipeline);
  std::optional<Result<Plain>> plain;
  if (compression != codec::Compression::kNone || plan.diff_id_algorithm != plan.algorithm) {
    plain = HashUncompressed(compression, stored, plan);
    if (stored.failed()) return *stored.failed();
  }
  const Digest digest = TRY(stored.Finish());
  ReadLayer layer{.stored = digest,
                  .stored_size = stored.size(),
                  .compression = compression,
                  .diff_id = digest,
                  .form = form,
                  .blob_compression = compression};
  if (plain && plain->ok()) {
    layer.diff_id = plain->value().digest;
    layer.form = plain->value().form;
  } else if (plain) {
    layer.diff_id = plain->error();
  }
  if (compression == codec::Compression::kNone) TRY(CheckSize(layer.stored_size, plan));
  return layer;
}

// Stores the bytes of a plain tar in blocks, as the pipeline compresses them. Blocks are cut by the
// content alone, so what is stored does not depend on how it was read. Gives the digest of the
// plain bytes and their count.
struct Packed {
  Digest digest;
  std::uint64_t size = 0;
};

Result<Packed> Pack(util::Reader& plain, const std::shared_ptr<BlobStream>& stream,
                    const LayerPlan& plan, Pipeline& pipeline) {
  using Position = codec::BlockCompressor::Position;
  const codec::LayerCompression& compression = pipeline.compression();
  const bool as_it_is = compression.format() == codec::Compression::kNone;
  crypto::Hasher hasher(plan.diff_id_algorithm);
  std::uint32_t crc = 0;
  std::uint64_t size = 0;
  stream->PushBytes(compression.Header());
  for (bool last = false; !last;) {
    std::unique_ptr<Block> block = TRY(pipeline.TakeBlock());
    const std::size_t got = TRY(util::ReadFull(plain, block->room()));
    block->Fill(got);
    hasher.Update(block->input());
    crc = codec::Crc32(crc, block->input());
    size += got;
    TRY(CheckSize(size, plan));
    last = got < block->room().size();
    if (as_it_is) {
      block->SendAsItIs();
      stream->PushReady(std::move(block));
    } else {
      pipeline.compressors().Submit(stream, std::move(block),
                                    last ? Position::kLast : Position::kInside);
    }
  }
  stream->PushBytes(compression.Trailer(crc, size));
  return Packed{hasher.Finish(), size};
}

Result<ReadLayer> PackPlain(util::Reader& content, const std::shared_ptr<BlobStream>& stream,
                            const LayerPlan& plan, Pipeline& pipeline) {
  // The same bytes may need two names.
  std::optional<StoredBytes> hashed;
  if (plan.algorithm != plan.diff_id_algorithm) {
    hashed.emplace(content, plan.algorithm, nullptr, pipeline);
  }
  const Packed packed = TRY(Pack(hashed ? *hashed : content, stream, plan, pipeline));
  Digest stored = packed.digest;
  if (hashed) stored = TRY(hashed->Finish());
  return ReadLayer{.stored = std::move(stored),
                   .stored_size = packed.size,
                   .diff_id = packed.digest,
                   .form = LayerForm::kTar,
                   .blob_compression = pipeline.compression().format()};
}

// Uncompresses `stored`, packs the content again, and says what it looks like.
Result<Plain> Repack(codec::Compression compression, util::Reader& stored,
                     const std::shared_ptr<BlobStream>& stream, const LayerPlan& plan,
                     Pipeline& pipeline) {
  const std::unique_ptr<util::Reader> uncompressed = TRY(Uncompress(compression, stored, plan));
  util::Bytes first(archive::kTarBlockBytes);
  const std::size_t got = TRY(util::ReadFull(*uncompressed, first));
  first.resize(got);
  Prefixed plain(first, *uncompressed);
  const Packed packed = TRY(Pack(plain, stream, plan, pipeline));
  return Plain{packed.digest, FormOf(first)};
}

// A layer in a form for which there is no media type: it is uncompressed and packed again. Damaged
// data is a matter for whoever wants it to be a layer.
Result<ReadLayer> PackAgain(util::Reader& content, codec::Compression compression,
                            const std::shared_ptr<BlobStream>& stream, const LayerPlan& plan,
                            Pipeline& pipeline) {
  StoredBytes stored(content, plan.algorithm, nullptr, pipeline);
  const Result<Plain> plain = Repack(compression, stored, stream, plan, pipeline);
  if (stored.failed()) return *stored.failed();
  if (!plain.ok() && plain.error().code() != Code::kBadInput) return plain.error();
  if (!plain.ok()) stream->Abandon(plain.error());
  const Digest digest = TRY(stored.Finish());
  ReadLayer layer{.stored = digest,
                  .stored_size = stored.size(),
                  .compression = compression,
                  .diff_id = digest,
                  .form = plain.ok() ? plain.value().form : LayerForm::kOther,
                  .blob_compression = pipeline.compression().format()};
  if (plain.ok()) {
    layer.diff_id = plain.value().digest;
  } else {
    layer.diff_id = plain.error();
  }
  return layer;
}

// What the plan means for content of this kind.
enum class Way { kHash, kPassOn, kPack, kPackAgain };

Way WayOf(Handling handling, codec::Compression compression, LayerForm form) {
  const bool plain = compression == codec::Compression::kNone;
  const bool plain_tar = plain && form == LayerForm::kTar;
  switch (handling) {
    case Handling::kHash:
      return Way::kHash;
    case Handling::kPassOn:
      return Way::kPassOn;
    case Handling::kTarOrBlob:
      return plain_tar ? Way::kPack : Way::kPassOn;
    case Handling::kLayer:
      if (plain) return plain_tar ? Way::kPack : Way::kHash;
      return KeepsItsBytes(compression) ? Way::kPassOn : Way::kPackAgain;
  }
  return Way::kHash;
}

Result<ReadLayer> ReadIn(Way way, util::Reader& content, codec::Compression compression,
                         LayerForm form, const LayerPlan& plan,
                         const std::shared_ptr<BlobStream>& stream, Pipeline& pipeline) {
  switch (way) {
    case Way::kPack:
      return PackPlain(content, stream, plan, pipeline);
    case Way::kPackAgain:
      return PackAgain(content, compression, stream, plan, pipeline);
    case Way::kHash:
    case Way::kPassOn:
      break;
  }
  return ReadUnchanged(content, compression, form, plan, stream.get(), pipeline);
}

}  // namespace

Result<ReadLayer> ReadLayerContent(util::Reader& content, const LayerPlan& plan,
                                   Pipeline& pipeline) {
  const std::shared_ptr<BlobMeter> meter = pipeline.NewMeter(plan.name, plan.total);
  MeteredReader metered(content, *meter);
  util::Bytes first(archive::kTarBlockBytes);
  const std::size_t got = TRY(util::ReadFull(metered, first));
  first.resize(got);
  const codec::Compression compression = archive::CompressionOf(first);
  const LayerForm form = FormOf(first);
  Prefixed whole(first, metered);
  const Way way = WayOf(plan.handling, compression, form);
  if (way == Way::kHash) {
    return ReadUnchanged(whole, compression, form, plan, nullptr, pipeline);
  }
  const bool passed_on =
      way == Way::kPassOn || pipeline.compression().format() == codec::Compression::kNone;
  meter->WorkIs(passed_on ? BlobStep::kReading : BlobStep::kCompressing);
  Pipeline::Opened opened = pipeline.Open(plan.send, meter);
  Result<ReadLayer> layer = ReadIn(way, whole, compression, form, plan, opened.stream, pipeline);
  if (!layer.ok()) {
    opened.stream->Fail(layer.error());
    return layer;
  }
  if (opened.stream->fate() == BlobStream::Fate::kAbandoned) return layer;
  meter->ReadToEnd();
  opened.stream->End();
  layer.value().blob = opened.blob;
  return layer;
}

}  // namespace ociship::transfer
