// SPDX-License-Identifier: Apache-2.0
#include "util/file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <thread>

#include "temp_folder.h"

namespace ociship::util {
namespace {

constexpr std::size_t kLimit = 1000;

mode_t ModeOf(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

template <typename T>
void CheckRefused(const Result<T>& result, Code code, std::string_view part) {
  REQUIRE_FALSE(result.ok());
  CAPTURE(result.error().message());
  CHECK(result.error().code() == code);
  CHECK(result.error().message().find(part) != std::string::npos);
}

TEST_CASE("Fd: owns, moves and releases its descriptor") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const Fd read_end(ends[0]);
  {
    Fd first(ends[1]);
    Fd second = std::move(first);
    CHECK(second.get() == ends[1]);
    first = std::move(second);
    CHECK(first.get() == ends[1]);
    CHECK(second.get() == -1);
  }
  CHECK(::fcntl(ends[1], F_GETFD) == -1);
  CHECK(::fcntl(ends[0], F_GETFD) != -1);
}

TEST_CASE("File: a regular file is read in order and at any place") {
  const testing::TempFolder folder;
  REQUIRE(WriteNewFile(folder / "a", "0123456789", 0600).ok());
  const Result<std::unique_ptr<File>> file = File::Open(folder / "a");
  REQUIRE(file.ok());
  CHECK(file.value()->kind() == File::Kind::kRegular);
  CHECK(file.value()->size() == 10);
  CHECK(file.value()->name() == folder / "a");
  std::uint8_t buffer[4];
  CHECK(file.value()->ReadAt(8, buffer).value() == 2);
  CHECK(buffer[0] == '8');
  CHECK(file.value()->ReadAt(10, buffer).value() == 0);
  CHECK(file.value()->ReadAt(~std::uint64_t{0}, buffer).value() == 0);
  FileReader reader(*file.value());
  CHECK(ReadAll(reader, kLimit, "it").value() == "0123456789");
}

TEST_CASE("File: folders and streams are told apart") {
  const testing::TempFolder folder;
  CHECK(File::Open(folder.path()).value()->kind() == File::Kind::kDirectory);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], "abc", 3) == 3);
  ::close(ends[1]);
  const auto file = File::Adopt(Fd(ends[0]), "standard input");
  REQUIRE(file.ok());
  CHECK(file.value()->kind() == File::Kind::kStream);
  CHECK(file.value()->size() == 0);
  FileReader reader(*file.value());
  CHECK(ReadAll(reader, kLimit, "it").value() == "abc");
}

TEST_CASE("File: what cannot be opened or read is an error with the path") {
  const testing::TempFolder folder;
  CheckRefused(File::Open(folder / "missing"), Code::kBadInput, folder / "missing");
  CheckRefused(File::Adopt(Fd(-1), "nothing"), Code::kBadInput, "nothing");
  std::uint8_t buffer[4];
  const auto file = File::Open(folder.path());
  CheckRefused(file.value()->Read(buffer), Code::kBadInput, folder.path());
  CheckRefused(file.value()->ReadAt(0, buffer), Code::kBadInput, folder.path());
}

TEST_CASE("ReadFile: as much as the limit is read, one byte more is refused") {
  const testing::TempFolder folder;
  REQUIRE(WriteNewFile(folder / "a", "1234", 0600).ok());
  CHECK(ReadFile(folder / "a", 4).value() == "1234");
  CheckRefused(ReadFile(folder / "a", 3), Code::kBadInput, "larger than 3 B");
}

TEST_CASE("ReadFile: a missing file is told from one that cannot be read") {
  const testing::TempFolder folder;
  REQUIRE(WriteNewFile(folder / "a", "", 0600).ok());
  CHECK(ReadFile(folder / "a", kLimit).value().empty());
  CheckRefused(ReadFile(folder / "b", kLimit), Code::kNotFound, folder / "b");
  CheckRefused(ReadFile(folder / "a/b", kLimit), Code::kNotFound, folder / "a/b");
  CheckRefused(ReadFile(folder.path(), kLimit), Code::kBadInput, folder.path());
}

TEST_CASE("WriteFileAtomically: makes the file with the mode and replaces it later") {
  const testing::TempFolder folder;
  REQUIRE(WriteFileAtomically(folder / "a", "old", 0600).ok());
  CHECK(ModeOf(folder / "a") == 0600);
  REQUIRE(::chmod((folder / "a").c_str(), 0640) == 0);
  REQUIRE(WriteFileAtomically(folder / "a", "new", 0600).ok());
  CHECK(ReadFile(folder / "a", kLimit).value() == "new");
  CHECK(ModeOf(folder / "a") == 0640);
  CHECK(folder.Count() == 1);
}

TEST_CASE("WriteFileAtomically: who has the old file open still reads the old content") {
  const testing::TempFolder folder;
  REQUIRE(WriteFileAtomically(folder / "a", "old", 0600).ok());
  const auto file = File::Open(folder / "a");
  REQUIRE(WriteFileAtomically(folder / "a", "new", 0600).ok());
  FileReader reader(*file.value());
  CHECK(ReadAll(reader, kLimit, "it").value() == "old");
}

TEST_CASE("WriteFileAtomically: a link is replaced, not followed") {
  const testing::TempFolder folder;
  REQUIRE(WriteNewFile(folder / "target", "kept", 0600).ok());
  REQUIRE(::symlink("target", (folder / "link").c_str()) == 0);
  REQUIRE(WriteFileAtomically(folder / "link", "new", 0600).ok());
  CHECK(ReadFile(folder / "target", kLimit).value() == "kept");
  CHECK(ReadFile(folder / "link", kLimit).value() == "new");
}

TEST_CASE("WriteFileAtomically: leftovers of another run are not touched") {
  const testing::TempFolder folder;
  const std::string leftover = folder / ("a.tmp-" + std::to_string(::getpid()) + "-0");
  REQUIRE(WriteNewFile(leftover, "left", 0600).ok());
  REQUIRE(WriteFileAtomically(folder / "a", "new", 0600).ok());
  CHECK(ReadFile(leftover, kLimit).value() == "left");
}

TEST_CASE("WriteFileAtomically: a failure leaves nothing behind") {
  const testing::TempFolder folder;
  REQUIRE(MakeFolders(folder / "a").ok());
  CheckRefused(WriteFileAtomically(folder / "a", "new", 0600), Code::kFailure, folder / "a");
  CHECK(folder.Count() == 1);
  CheckRefused(WriteFileAtomically(folder / "no/b", "new", 0600), Code::kFailure, folder / "no/b");
}

TEST_CASE("WriteNewFile: does not overwrite") {
  const testing::TempFolder folder;
  REQUIRE(WriteNewFile(folder / "a", "first", 0600).ok());
  CHECK(ModeOf(folder / "a") == 0600);
  CheckRefused(WriteNewFile(folder / "a", "second", 0600), Code::kBadInput, "exists already");
  CHECK(ReadFile(folder / "a", kLimit).value() == "first");
  REQUIRE(::symlink("missing", (folder / "link").c_str()) == 0);
  CheckRefused(WriteNewFile(folder / "link", "x", 0600), Code::kBadInput, "exists already");
  CheckRefused(WriteNewFile(folder / "no/b", "x", 0600), Code::kFailure, folder / "no/b");
}

TEST_CASE("WriteNewFile: a relative path is written to the working folder") {
  const testing::TempFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const Status written = WriteNewFile("name", "x", 0600);
  std::filesystem::current_path(before);
  CHECK(written.ok());
  CHECK(ReadFile(folder / "name", kLimit).value() == "x");
}

TEST_CASE("MakeFolders: makes what is missing and nothing where a file stands") {
  const testing::TempFolder folder;
  REQUIRE(MakeFolders(folder / "a/b/c").ok());
  CHECK(std::filesystem::is_directory(folder / "a/b/c"));
  CHECK(MakeFolders(folder / "a/b").ok());
  REQUIRE(WriteNewFile(folder / "file", "", 0600).ok());
  CheckRefused(MakeFolders(folder / "file/x"), Code::kFailure, folder / "file/x");
}

TEST_CASE("SystemError: says what, where and why") {
  errno = ENOENT;
  const Error error = SystemError(Code::kBadInput, "cannot open", "a\nb");
  CHECK(error.message() == "cannot open \"a\\x0ab\": No such file or directory");
}

TEST_CASE("FileLock: excludes a second one until it goes") {
  const testing::TempFolder folder;
  {
    const Result<FileLock> first = FileLock::Take(folder / "lock", 0);
    REQUIRE(first.ok());
    CheckRefused(FileLock::Take(folder / "lock", 0), Code::kUnavailable, folder / "lock");
    CHECK(FileLock::Take(folder / "other", 0).ok());
  }
  CHECK(FileLock::Take(folder / "lock", 0).ok());
  CheckRefused(FileLock::Take(folder / "no/lock", 0), Code::kFailure, folder / "no/lock");
}

TEST_CASE("FileLock: waits for the one who has it") {
  const testing::TempFolder folder;
  std::optional<FileLock> first = FileLock::Take(folder / "lock", 0).value();
  std::jthread waiting([&] { CHECK(FileLock::Take(folder / "lock", 600).ok()); });
  first.reset();
}

TEST_CASE("WriteResultFile: a link leads to the file that is replaced, a device is written to") {
  const testing::TempFolder folder;
  REQUIRE(WriteNewFile(folder / "real", "old", 0600).ok());
  REQUIRE(::symlink("real", (folder / "link").c_str()) == 0);
  CHECK(WriteResultFile(folder / "link", "new", 0644).ok());
  CHECK(ReadFile(folder / "real", 100).value() == "new");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(WriteResultFile(folder / "fresh", "x", 0644).ok());
  CHECK(ReadFile(folder / "fresh", 100).value() == "x");
  CHECK(WriteResultFile("/dev/null", "x", 0644).ok());
  CHECK(std::filesystem::is_character_file("/dev/null"));
  CHECK_FALSE(WriteResultFile(folder / "absent/file", "x", 0644).ok());
}

TEST_CASE("File: of one that was read in part the rest counts") {
  const testing::TempFolder folder;
  REQUIRE(WriteNewFile(folder / "f", "0123456789", 0600).ok());
  Fd fd(::open((folder / "f").c_str(), O_RDONLY));
  REQUIRE(::lseek(fd.get(), 4, SEEK_SET) == 4);
  const auto file = File::Adopt(std::move(fd), "f");
  REQUIRE(file.ok());
  CHECK(file.value()->size() == 6);
  RangeReader reader(*file.value(), 0, file.value()->size());
  CHECK(ReadAll(reader, 10, "f").value() == "456789");
}

TEST_CASE("ReadRegularFile: a file is read, a pipe and a folder are refused at once") {
  const testing::TempFolder folder;
  REQUIRE(WriteNewFile(folder / "a", "text", 0600).ok());
  CHECK(ReadRegularFile(folder / "a", kLimit).value() == "text");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CheckRefused(ReadRegularFile(folder / "pipe", kLimit), Code::kBadInput, "is no regular file");
  CheckRefused(ReadRegularFile(folder / ".", kLimit), Code::kBadInput, "is no regular file");
  CheckRefused(ReadRegularFile(folder / "none", kLimit), Code::kNotFound, "none");
}

}  // namespace
}  // namespace ociship::util
