// SPDX-License-Identifier: Apache-2.0
// Reads the members of a tar (POSIX.1-2017, pax; GNU tar manual, "Basic Tar Format") with
// libarchive. Tested by tests/archive/tar_test.cc.
#include "archive/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "archive/tar_header.h"
#include "util/bytes.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

// What libarchive says of names, links and users that it cannot convert.
constexpr std::string_view kUnconverted = "can't be converted from";

using Handle = struct ::archive;
using util::StrCat;

struct FreeHandle {
  void operator()(Handle* handle) const { archive_read_free(handle); }
};

// libarchive converts names of pax headers to the character set of the locale, and in the C locale
// it cannot.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{})) {}
  ~Utf8Locale() {
    if (locale_ != locale_t{}) freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;
  locale_t get() const { return locale_; }

 private:
  locale_t locale_;
};

// The locale of this thread for as long as it lives.
class LocaleScope {
 public:
  explicit LocaleScope(const Utf8Locale& locale)
      : previous_(locale.get() == locale_t{} ? locale_t{} : uselocale(locale.get())) {}
  ~LocaleScope() {
    if (previous_ != locale_t{}) uselocale(previous_);
  }
  LocaleScope(const LocaleScope&) = delete;
  LocaleScope& operator=(const LocaleScope&) = delete;

 private:
  locale_t previous_;
};

la_ssize_t ReadCallback(Handle* handle, void* data, const void** buffer) noexcept {
  auto* feed = static_cast<TarFeed*>(data);
  const ByteView bytes = feed->Next();
  if (feed->failure()) {
    archive_set_error(handle, EIO, "input error");
    return ARCHIVE_FATAL;
  }
  *buffer = bytes.data();
  return static_cast<la_ssize_t>(bytes.size());
}

la_int64_t SkipCallback(Handle*, void* data, la_int64_t request) noexcept {
  auto* feed = static_cast<TarFeed*>(data);
  return request <= 0 ? 0
                      : static_cast<la_int64_t>(feed->Skip(static_cast<std::uint64_t>(request)));
}

std::string ReasonOf(Handle* handle) {
  const char* text = archive_error_string(handle);
  return text == nullptr ? std::string("damaged tar") : util::Printable(text);
}

MemberType TypeOf(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return MemberType::kHardLink;
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
      return MemberType::kRegular;
    case AE_IFLNK:
      return MemberType::kSymlink;
    case AE_IFDIR:
      return MemberType::kFolder;
    default:  // an integer, and devices and fifos are all the same here
      return MemberType::kOther;
  }
}

// libarchive takes every type that it does not know for a regular file, others pass over it (ustar,
// "typeflag": regular, the same in v7, contiguous; and GNU's sparse).
bool IsRegularType(char type) { return type == '0' || type == '\0' || type == '7' || type == 'S'; }

// nullopt when there is none, or more than kMaxMemberNameBytes.
std::optional<std::string> NameText(const char* text) {
  if (text == nullptr) return std::nullopt;
  const std::string_view view = text;
  if (view.size() > kMaxMemberNameBytes) return std::nullopt;
  return std::string(view);
}

}  // namespace

struct TarReader::State {
  State(std::unique_ptr<TarInput> input, std::string name, std::uint64_t offset)
      : feed(std::move(input)), what(std::move(name)), base(offset), handle(archive_read_new()) {}

  std::uint64_t Consumed() const {
    return static_cast<std::uint64_t>(archive_filter_bytes(handle.get(), 0));
  }

  TarFeed feed;  // outlives the handle
  std::string what;
  std::uint64_t base;
  Utf8Locale locale;
  std::unique_ptr<Handle, FreeHandle> handle;
  archive_entry* entry = nullptr;  // owned by the handle
  enum class Position { kBefore, kInside, kEnd } position = Position::kBefore;
  End end = End::kMissing;
  std::string member;  // for messages
  Storage storage = Storage::kPlain;
  std::uint64_t left = 0;    // of the content
  std::uint64_t sparse = 0;  // bytes of all sparse members so far
  // Where the content of a plain member ends, counted in what was fed.
  std::uint64_t content_end = 0;

  // Whether the input ended inside the zeros that fill up the last block of a member, as some
  // writers leave them out with the end of the archive: nothing is missing.
  bool EndedInPadding() const {
    const std::uint64_t padded =
        (content_end + kTarBlockBytes - 1) / kTarBlockBytes * kTarBlockBytes;
    return feed.position() >= content_end && feed.position() < padded;
  }
};

TarReader::TarReader(std::unique_ptr<TarInput> input, std::string what, std::uint64_t base)
    : state_(std::make_unique<State>(std::move(input), std::move(what), base)) {
  Handle* handle = state_->handle.get();
  // Only the lack of memory makes these fail. Compression is not libarchive's business: codec does
  // it, faster.
  if (handle == nullptr || archive_read_support_format_tar(handle) != ARCHIVE_OK) std::abort();
}

TarReader::~TarReader() = default;

Result<std::optional<TarMember>> TarReader::Next() {
  State& state = *state_;
  Handle* handle = state.handle.get();
  if (state.position == State::Position::kEnd) return std::optional<TarMember>();
  state.left = 0;
  int result = ARCHIVE_OK;
  {
    const LocaleScope scope(state.locale);
    if (state.position == State::Position::kBefore) {
      result =
          archive_read_open2(handle, &state.feed, nullptr, ReadCallback, SkipCallback, nullptr);
      state.position = State::Position::kInside;
    }
    if (result == ARCHIVE_OK) result = archive_read_next_header(handle, &state.entry);
  }
  if (state.feed.failure()) return *state.feed.failure();
  if (result == ARCHIVE_FATAL && state.EndedInPadding()) {
    state.position = State::Position::kEnd;
    return std::optional<TarMember>();
  }
  if (result == ARCHIVE_EOF) {
    state.position = State::Position::kEnd;
    const auto expected = static_cast<std::uint64_t>(archive_read_header_position(handle));
    state.end = state.feed.position() > expected ? End::kMarked : End::kMissing;
    return std::optional<TarMember>();
  }
  // Warnings are refused too: a header that is half understood means one thing here and another
  // thing elsewhere. Only names are bytes, and need not be UTF-8 as pax wants them.
  const bool unconverted =
      result == ARCHIVE_WARN && ReasonOf(handle).find(kUnconverted) != std::string::npos;
  if (result != ARCHIVE_OK && !unconverted) {
    return BadHeader(StrCat("the next header cannot be used: ", ReasonOf(handle)));
  }
  TarMember member = TRY(Describe());
  state.feed.Forget(state.Consumed());
  return std::optional<TarMember>(std::move(member));
}

// The bytes of the header of the present member, with its extensions.
Result<TarHeaderFacts> TarReader::ReadFacts() {
  State& state = *state_;
  const auto begin = static_cast<std::uint64_t>(archive_read_header_position(state.handle.get()));
  const std::uint64_t end = state.Consumed();
  const auto header = end >= begin ? state.feed.Recall(begin, end) : std::nullopt;
  if (!header) return BadHeader("the next extended header is too large");
  return InspectTarHeader(*header);
}

Result<TarMember> TarReader::Describe() {
  State& state = *state_;
  const LocaleScope scope(state.locale);
  const Result<TarHeaderFacts> facts = ReadFacts();
  auto name = NameText(archive_entry_pathname(state.entry));
  if (!name && facts.ok() && facts.value().path) name = NameText(facts.value().path->c_str());
  if (!name) {
    return BadHeader(StrCat("a name is missing or has more than ", kMaxMemberNameBytes, " bytes"));
  }
  state.member = *name;
  TarMember member{.name = std::move(*name), .type = TypeOf(state.entry)};
  if (member.type == MemberType::kHardLink || member.type == MemberType::kSymlink) {
    const bool hard = member.type == MemberType::kHardLink;
    auto target =
        NameText(hard ? archive_entry_hardlink(state.entry) : archive_entry_symlink(state.entry));
    if (!target && facts.ok() && facts.value().link) {
      target = NameText(facts.value().link->c_str());
    }
    if (!target) return Bad("its link target is missing or too long");
    member.target = std::move(*target);
  }
  const la_int64_t size = archive_entry_size(state.entry);
  if (size < 0) return Bad("its size is negative");
  // pax allows a hard link with content of its own; whoever uses one is told so.
  if (member.type == MemberType::kHardLink && size > 0) member.type = MemberType::kOther;

  if (!facts.ok()) return Bad(facts.error().message());
  if (member.type == MemberType::kRegular && !IsRegularType(facts.value().type)) {
    member.type = MemberType::kOther;
  }
  const bool sparse = archive_entry_sparse_count(state.entry) > 0;
  member.storage = sparse ? Storage::kSparse : facts.value().storage;
  const std::uint64_t end = state.Consumed();
  member.header_offset =
      state.base + static_cast<std::uint64_t>(archive_read_header_position(state.handle.get()));
  member.data_offset = state.base + end;
  if (member.type == MemberType::kRegular) member.size = static_cast<std::uint64_t>(size);
  if (member.storage == Storage::kSparse) {
    if (member.size > kMaxSparseBytes - state.sparse) {
      return Bad(StrCat("it is sparse, and with it more than ", util::HumanBytes(kMaxSparseBytes),
                        " are, write the archive without sparse members"));
    }
    state.sparse += member.size;
  }
  state.storage = member.storage;
  state.left = member.size;
  state.content_end = member.storage == Storage::kPlain ? end + member.size : 0;
  return member;
}

Result<std::size_t> TarReader::Read(std::span<std::uint8_t> buffer) {
  State& state = *state_;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), state.left));
  if (wanted == 0) return std::size_t{0};
  const la_ssize_t result = archive_read_data(state.handle.get(), buffer.data(), wanted);
  if (state.feed.failure()) return *state.feed.failure();
  if (result < 0) return Bad(ReasonOf(state.handle.get()));
  auto got = static_cast<std::size_t>(result);
  if (got == 0) {
    if (state.storage == Storage::kPlain) return Bad("its content is cut off");
    // A hole at the end.
    std::ranges::fill(buffer.first(wanted), std::uint8_t{0});
    got = wanted;
  }
  state.left -= got;
  state.feed.Forget(state.Consumed());
  return got;
}

TarReader::End TarReader::end() const { return state_->end; }

Status TarReader::ReadTrailing() {
  const std::uint64_t end = state_->feed.position();
  while (!state_->feed.Next().empty()) {
    state_->feed.Forget(state_->feed.position());
    if (state_->feed.position() - end > kMaxTrailingBytes) {
      return Error(Code::kBadInput, StrCat(state_->what, ": it goes on for more than ",
                                           util::HumanBytes(kMaxTrailingBytes), " after its end"));
    }
  }
  if (state_->feed.failure()) return *state_->feed.failure();
  return Ok();
}

// Of a member that has no name yet.
Error TarReader::BadHeader(std::string_view reason) const {
  if (state_->member.empty()) return Error(Code::kBadInput, StrCat(state_->what, ": ", reason));
  return Error(Code::kBadInput,
               StrCat(state_->what, ": after member ", util::Quoted(state_->member), ": ", reason));
}

Error TarReader::Bad(std::string_view reason) const {
  return Error(Code::kBadInput,
               StrCat(state_->what, ": member ", util::Quoted(state_->member), ": ", reason));
}

}  // namespace ociship::archive
