// SPDX-License-Identifier: Apache-2.0
// A file that remembers what layers became. Tested by tests/transfer/layer_cache_test.cc.
#include "transfer/layer_cache.h"

#include <array>
#include <utility>

#include "crypto/hash.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::transfer {
namespace {

using util::StrCat;

// The number changes with the form of the lines.
constexpr std::string_view kFileName = "layers-1";
constexpr std::string_view kLockName = "layers-1.lock";
constexpr int kLockSeconds = 10;
constexpr mode_t kFileMode = 0600;

// RECIPE DIFF-ID DIGEST SIZE COMPRESSION, without the line end.
std::string FormatLine(std::string_view recipe, const Digest& diff_id, const StoredLayer& layer) {
  return StrCat(recipe, " ", diff_id.text(), " ", layer.digest.text(), " ", layer.size, " ",
                codec::Name(layer.compression));
}

struct Entry {
  std::string_view recipe;
  Digest diff_id;
  StoredLayer layer;
};

std::optional<codec::Compression> CompressionNamed(std::string_view name) {
  for (const codec::Compression compression :
       {codec::Compression::kNone, codec::Compression::kGzip, codec::Compression::kZstd}) {
    if (name == codec::Name(compression)) return compression;
  }
  return std::nullopt;
}

std::optional<Entry> ParseLine(std::string_view line) {
  const std::vector<std::string_view> parts = util::Split(line, ' ');
  if (parts.size() != 5 || parts[0].empty()) return std::nullopt;
  const Result<Digest> diff_id = Digest::Parse(parts[1]);
  const Result<Digest> digest = Digest::Parse(parts[2]);
  const std::optional<codec::Compression> compression = CompressionNamed(parts[4]);
  if (!diff_id.ok() || !digest.ok() || !compression) return std::nullopt;
  const std::optional<std::uint64_t> size = util::ParseUnsigned(parts[3]);
  if (!size) return std::nullopt;
  return Entry{parts[0], diff_id.value(), StoredLayer{digest.value(), *size, *compression}};
}

// The lines of a file whose first line is the SHA-256 of the others. kBadInput when it is not.
Result<std::vector<std::string_view>> LinesOf(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.ends_with('\n')) {
    return Error(Code::kBadInput, "it is cut off");
  }
  const std::string_view rest = text.substr(end + 1);
  if (crypto::Sha256(util::AsBytes(rest)).text() != text.substr(0, end)) {
    return Error(Code::kBadInput, "it is damaged");
  }
  std::vector<std::string_view> lines = util::Split(rest, '\n');
  lines.pop_back();  // what stands behind the last line end
  return lines;
}

// The file's text, empty when there is no file.
Result<std::string> ReadText(const std::string& path) {
  auto text = util::ReadFile(path, LayerCache::kMaxFileBytes);
  if (!text.ok() && text.error().code() == Code::kNotFound) return std::string();
  return text;
}

}  // namespace

LayerCache::LayerCache(std::string folder, std::string recipe)
    : folder_(std::move(folder)), recipe_(std::move(recipe)) {
  if (folder_.empty()) return;
  const Result<std::string> text = ReadText(FileName());
  if (text.ok() && text.value().empty()) return;
  const Result<std::vector<std::string_view>> lines =
      text.ok() ? LinesOf(text.value()) : text.error();
  if (!lines.ok()) {
    warning_ =
        StrCat("the cache ", util::Quoted(FileName()), " is not used: ", lines.error().message());
    return;
  }
  for (const std::string_view line : lines.value()) {
    if (!line.starts_with(StrCat(recipe_, " "))) continue;
    std::optional<Entry> entry = ParseLine(line);
    if (entry) found_.insert_or_assign(std::move(entry->diff_id), std::move(entry->layer));
  }
}

std::string LayerCache::FileName() const { return StrCat(folder_, "/", kFileName); }

std::optional<StoredLayer> LayerCache::Find(const Digest& diff_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = found_.find(diff_id);
  if (found == found_.end()) return std::nullopt;
  return found->second;
}

void LayerCache::Add(const Digest& diff_id, const StoredLayer& layer) {
  const std::lock_guard lock(mutex_);
  found_.insert_or_assign(diff_id, layer);
  added_.emplace_back(diff_id, layer);
}

Status LayerCache::Save() {
  const std::lock_guard lock(mutex_);
  if (folder_.empty() || added_.empty()) return Ok();
  TRY(util::MakeFolders(folder_));
  const util::FileLock file_lock =
      TRY(util::FileLock::Take(StrCat(folder_, "/", kLockName), kLockSeconds));
  // Others may have written since this one read; a damaged file is left behind.
  const Result<std::string> before = ReadText(FileName());
  std::vector<std::string> lines;
  if (before.ok()) {
    const Result<std::vector<std::string_view>> old = LinesOf(before.value());
    if (old.ok()) lines.assign(old.value().begin(), old.value().end());
  }
  for (const auto& [diff_id, layer] : added_) {
    std::string line = FormatLine(recipe_, diff_id, layer);
    std::erase(lines, line);
    lines.push_back(std::move(line));
  }
  std::string text;
  const std::size_t first = lines.size() > kMaxEntries ? lines.size() - kMaxEntries : 0;
  for (std::size_t i = first; i < lines.size(); ++i) text += StrCat(lines[i], "\n");
  text.insert(0, StrCat(crypto::Sha256(util::AsBytes(text)).text(), "\n"));
  TRY(util::WriteFileAtomically(FileName(), text, kFileMode));
  added_.clear();
  return Ok();
}

}  // namespace ociship::transfer
