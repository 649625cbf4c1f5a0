// SPDX-License-Identifier: Apache-2.0
#include "archive/tar.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "load.h"
#include "piece_reader.h"
#include "tar_builder.h"
#include "temp_folder.h"
#include "util/process.h"
#include "util/try.h"

namespace ociship::archive {
namespace {

using namespace std::string_literals;
using testing::PieceReader;
using testing::TarBuilder;

struct Entry {
  TarMember member;
  std::string content;
};

Result<std::vector<Entry>> ReadTar(TarReader& tar) {
  std::vector<Entry> entries;
  while (true) {
    std::optional<TarMember> member = TRY(tar.Next());
    if (!member) return entries;
    std::string content = TRY(util::ReadAll(tar, 64 << 20, "content"));
    entries.push_back({std::move(*member), std::move(content)});
  }
}

Result<std::vector<Entry>> ReadStream(std::string bytes, std::size_t step = 1 << 20) {
  TarReader tar(
      std::make_unique<StreamTarInput>(std::make_unique<PieceReader>(std::move(bytes), step)),
      "sample");
  return ReadTar(tar);
}

// Headers alone, as an index does it.
Result<std::vector<TarMember>> ReadHeaders(util::RandomReader& file) {
  TarReader tar(std::make_unique<FileTarInput>(file, 0), "sample");
  std::vector<TarMember> members;
  while (true) {
    std::optional<TarMember> member = TRY(tar.Next());
    if (!member) return members;
    members.push_back(std::move(*member));
  }
}

void RequireTarRefusal(const std::string& bytes, std::string_view reason) {
  for (const std::size_t step : {1 << 20, 100}) {
    const auto result = ReadStream(bytes, step);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code() == Code::kBadInput);
    CHECK_MESSAGE(Says(result.error(), reason), result.error().message());
  }
  const auto file = MemoryFile(bytes);
  CHECK_FALSE(ReadHeaders(*file).ok());
}

}  // namespace

TEST_CASE("TarReader: members of all kinds come in their order with content") {
  const std::string bytes = TarBuilder()
                                .Folder("d/")
                                .File("d/a", "hello")
                                .Symlink("s", "../x")
                                .HardLink("h", "d/a")
                                .Header("fifo", '6', 0)
                                .File("empty", "")
                                .File("big", std::string(100'000, 'b'))
                                .Finish();
  for (const std::size_t step : {1, 511, 512, 4096, 1 << 20}) {
    const auto entries = ReadStream(bytes, step).value();
    REQUIRE(entries.size() == 7);
    CHECK(entries[0].member.type == MemberType::kFolder);
    CHECK(entries[1].member.type == MemberType::kRegular);
    CHECK(entries[1].content == "hello");
    CHECK(entries[2].member.type == MemberType::kSymlink);
    CHECK(entries[2].member.target == "../x");
    CHECK(entries[3].member.type == MemberType::kHardLink);
    CHECK(entries[3].member.target == "d/a");
    CHECK(entries[4].member.type == MemberType::kOther);
    CHECK(entries[5].member.size == 0);
    CHECK(entries[6].content == std::string(100'000, 'b'));
  }
}

TEST_CASE("TarReader: offsets are those of header and content, with extensions and without") {
  TarBuilder tar;
  tar.File("first", "1");
  const std::size_t header = tar.size();
  tar.Pax(TarBuilder::PaxRecord("path", "second")).LongName("second\0"s);
  const std::size_t data = tar.size() + TarBuilder::kBlock;
  tar.File("short", "content");
  const auto file = MemoryFile(tar.Finish());
  const auto members = ReadHeaders(*file).value();
  REQUIRE(members.size() == 2);
  CHECK(members[0].header_offset == 0);
  CHECK(members[0].data_offset == 512);
  CHECK(members[1].header_offset == header);
  CHECK(members[1].data_offset == data);
}

TEST_CASE("TarReader: names of pax are UTF-8 whatever the locale") {
  const std::string bytes =
      TarBuilder()
          .Pax(TarBuilder::PaxRecord("path", "gr\xc3\xbc\xc3\x9f/\xe5\xb1\xa4.tar"))
          .File("x", "a")
          .Pax(TarBuilder::PaxRecord("linkpath", "\xe5\xb1\xa4"))
          .Symlink("l", "x")
          .Finish();
  const auto entries = ReadStream(bytes).value();
  CHECK(entries[0].member.name == "gr\xc3\xbc\xc3\x9f/\xe5\xb1\xa4.tar");
  CHECK(entries[1].member.target == "\xe5\xb1\xa4");
}

TEST_CASE("TarReader: names of ustar are any bytes") {
  const auto entries = ReadStream(TarBuilder().File("caf\xe9", "a").Finish()).value();
  CHECK(entries[0].member.name == "caf\xe9");
}

TEST_CASE("TarReader: long names of GNU and sizes in base 256 are read") {
  const std::string name(300, 'n');
  const std::string bytes = TarBuilder()
                                .LongName(name + '\0')
                                .File("short", "a")
                                .RawHeader("b", '0', "\x80\0\0\0\0\0\0\0\0\0\0\x03"s)
                                .Data("abc")
                                .Finish();
  const auto entries = ReadStream(bytes).value();
  CHECK(entries[0].member.name == name);
  CHECK(entries[1].content == "abc");
}

TEST_CASE("TarReader: a global pax header lasts and other records are passed over") {
  const std::string bytes = TarBuilder()
                                .Pax(TarBuilder::PaxRecord("comment", "all of it"), 'g')
                                .Pax(TarBuilder::PaxRecord("SCHILY.xattr.user.a", "\0\x01"s))
                                .File("a", "1")
                                .Finish();
  CHECK(ReadStream(bytes).value().size() == 1);
}

TEST_CASE("TarReader: a global pax header that names, links or sizes members is refused") {
  for (const std::string& record :
       {TarBuilder::PaxRecord("path", "a"), TarBuilder::PaxRecord("linkpath", "a"),
        TarBuilder::PaxRecord("size", "1"), TarBuilder::PaxRecord("GNU.sparse.size", "1")}) {
    RequireTarRefusal(TarBuilder().Pax(record, 'g').File("a", "1").Finish(), "global");
  }
}

TEST_CASE("TarReader: names of pax in another character set are the bytes that stand there") {
  const std::string bytes = TarBuilder()
                                .Pax(TarBuilder::PaxRecord("hdrcharset", "BINARY") +
                                     TarBuilder::PaxRecord("path", "caf\xe9"))
                                .File("x", "a")
                                .Finish();
  CHECK(ReadStream(bytes).value()[0].member.name == "caf\xe9");
}

TEST_CASE("TarReader: names are bytes, also those of pax that are no UTF-8") {
  const std::string bytes =
      TarBuilder()
          .Pax(TarBuilder::PaxRecord("path", "caf\xe9") + TarBuilder::PaxRecord("uname", "\xff"))
          .File("x", "a")
          .Finish();
  const auto entries = ReadStream(bytes).value();
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].member.name == "caf\xe9");
  CHECK(entries[0].content == "a");
}

TEST_CASE("TarReader: the size of pax and not that of the header counts") {
  const std::string bytes = TarBuilder()
                                .Pax(TarBuilder::PaxRecord("size", "5"))
                                .Header("a", '0', 0)
                                .Data("hello")
                                .File("b", "2")
                                .Finish();
  const auto entries = ReadStream(bytes).value();
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].content == "hello");
  CHECK(entries[1].content == "2");
}

TEST_CASE("TarReader: numbers may have spaces around them, and none is no size") {
  for (const std::string& size :
       {"         12 "s, "0000000012\0 "s, "00000000012 "s, "12          "s, " 0000000012\0"s}) {
    CAPTURE(size);
    const auto entries =
        ReadStream(TarBuilder().RawHeader("a", '0', size).Data("0123456789").Finish());
    REQUIRE_MESSAGE(entries.ok(), entries.error().message());
    CHECK(entries.value()[0].content == "0123456789");
  }
  const auto none = ReadStream(TarBuilder().RawHeader("a", '0', std::string(12, ' ')).Finish());
  REQUIRE(none.ok());
  CHECK(none.value()[0].member.size == 0);
}

TEST_CASE("TarReader: a contiguous file is a file, and an unknown type is none") {
  const std::string bytes = TarBuilder()
                                .Header("seven", '7', 3)
                                .Data("abc")
                                .Header("null", '\0', 3)
                                .Data("def")
                                .Header("unknown", 'Z', 3)
                                .Data("ghi")
                                .Header("continued", 'M', 3)
                                .Data("jkl")
                                .Header("device", '3', 0)
                                .Header("block", '4', 0)
                                .File("last", "mno")
                                .Finish();
  for (const std::size_t step : {100, 1 << 20}) {
    const auto entries = ReadStream(bytes, step).value();
    REQUIRE(entries.size() == 7);
    CHECK(entries[0].content == "abc");
    CHECK(entries[1].content == "def");
    for (const std::size_t other : {2, 3, 4, 5}) {
      CAPTURE(other);
      CHECK(entries[other].member.type == MemberType::kOther);
      CHECK(entries[other].content.empty());
    }
    CHECK(entries[6].content == "mno");
  }
}

TEST_CASE("TarReader: headers of v7, with a checksum of either kind") {
  for (const auto kind : {TarBuilder::Sum::kUnsigned, TarBuilder::Sum::kSigned}) {
    const auto v7 = [&](std::string_view name, std::size_t size) {
      std::string header = TarBuilder().Header(name, '\0', size).Unfinished();
      header.replace(257, 8, std::string(8, '\0'));
      return TarBuilder::Summed(header, kind);
    };
    const std::string bytes =
        TarBuilder().Raw(v7("caf\xe9/", 0)).Raw(v7("caf\xe9/a", 3)).Data("abc").Finish();
    const auto entries = ReadStream(bytes).value();
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].member.type == MemberType::kFolder);
    CHECK(entries[1].member.name == "caf\xe9/a");
    CHECK(entries[1].content == "abc");
  }
}

TEST_CASE("TarReader: a prefix of ustar belongs to the name, and in a GNU header it does not") {
  std::string header = TarBuilder().Header("name", '0', 0).Unfinished();
  header.replace(345, 6, "prefix");
  CHECK(ReadStream(TarBuilder().Raw(TarBuilder::Summed(header)).Finish()).value()[0].member.name ==
        "prefix/name");
  header.replace(257, 8, std::string_view("ustar  \0", 8));
  CHECK(ReadStream(TarBuilder().Raw(TarBuilder::Summed(header)).Finish()).value()[0].member.name ==
        "name");
}

TEST_CASE("TarReader: a link with a size means two things, and what is taken for a header is one") {
  const std::string bytes =
      TarBuilder().Header("l", '2', 512, "x").Data(std::string(512, 'd')).File("a", "1").Finish();
  CHECK_FALSE(ReadStream(bytes).ok());
}

TEST_CASE("TarReader: sparse members are bounded together, and not only each") {
  const std::string size = std::to_string(kMaxSparseBytes / 2 + 1);
  const std::string pax = TarBuilder::PaxRecord("GNU.sparse.size", size) +
                          TarBuilder::PaxRecord("GNU.sparse.numblocks", "1") +
                          TarBuilder::PaxRecord("GNU.sparse.map", "0,10");
  TarBuilder tar;
  tar.Pax(pax).File("a", "0123456789");
  const auto one = MemoryFile(TarBuilder(tar).Finish());
  CHECK(ReadHeaders(*one).ok());
  const auto two = MemoryFile(tar.Pax(pax).File("b", "0123456789").Finish());
  const auto refused = ReadHeaders(*two);
  REQUIRE_FALSE(refused.ok());
  CHECK(Says(refused.error(), "sparse"));
}

TEST_CASE("TarReader: a sparse map that contradicts itself never ends in a crash or a wrong size") {
  const auto with = [](std::string_view size, std::string_view map) {
    return TarBuilder()
        .Pax(TarBuilder::PaxRecord("GNU.sparse.size", size) +
             TarBuilder::PaxRecord("GNU.sparse.numblocks", "2") +
             TarBuilder::PaxRecord("GNU.sparse.map", map))
        .File("a", "0123456789")
        .Finish();
  };
  for (const std::string_view map : {"0,5,100,5", "100,5,0,5", "0,5,2,5", "0,50,100,5", "0,5",
                                     "0,5,-1,5", "0,5,9223372036854775807,5", "x", ""}) {
    for (const std::string_view size : {"200", "3", "-1", "9223372036854775807", ""}) {
      CAPTURE(map);
      CAPTURE(size);
      const auto entries = ReadStream(with(size, map));
      if (!entries.ok()) {
        CHECK(entries.error().code() == Code::kBadInput);
        continue;
      }
      CHECK(entries.value()[0].content.size() == entries.value()[0].member.size);
    }
  }
}

TEST_CASE("TarReader: a name with a NUL inside is refused") {
  RequireTarRefusal(
      TarBuilder().Pax(TarBuilder::PaxRecord("path", "l1.tar\0evil"s)).File("x", "a").Finish(),
      "NUL");
  RequireTarRefusal(TarBuilder()
                        .Pax(TarBuilder::PaxRecord("linkpath", "l1.tar\0evil"s))
                        .Symlink("x", "y")
                        .Finish(),
                    "NUL");
  RequireTarRefusal(TarBuilder().LongName("l1.tar\0evil\0"s).File("x", "a").Finish(), "NUL");
}

TEST_CASE("TarReader: malformed pax records are refused") {
  for (const std::string& records : {"0 path=a\n"s, "9 path=ab"s, "99 path=a\n"s, "path=a\n"s,
                                     "-9 path=a\n"s, "8 path a\n"s, "10 path=ab\n"s, "5 =a\n"s}) {
    CAPTURE(records);
    CHECK_FALSE(ReadStream(TarBuilder().Pax(records).File("x", "a").Finish()).ok());
  }
}

TEST_CASE("TarReader: a name of more than 4096 bytes is refused, one of 4096 is not") {
  const auto with = [](std::size_t size) {
    return TarBuilder().LongName(std::string(size, 'n') + '\0').File("x", "a").Finish();
  };
  CHECK(ReadStream(with(4096)).value()[0].member.name.size() == 4096);
  RequireTarRefusal(with(4097), "4096");
}

TEST_CASE("TarReader: negative sizes are refused") {
  RequireTarRefusal(TarBuilder().RawHeader("a", '0', std::string(12, '\xff')).Finish(), "size");
  CHECK_FALSE(
      ReadStream(TarBuilder().Pax(TarBuilder::PaxRecord("size", "-512")).File("a", "b").Finish())
          .ok());
}

TEST_CASE("TarReader: a wrong header checksum is refused") {
  std::string bytes = TarBuilder().File("a", "b").File("c", "d").Finish();
  bytes[1024] = 'X';
  RequireTarRefusal(bytes, "after member \"a\"");
}

TEST_CASE("TarReader: a hard link with content of its own is no link") {
  const auto entries = ReadStream(TarBuilder()
                                      .Pax(TarBuilder::PaxRecord("size", "3"))
                                      .Header("h", '1', 3, "a")
                                      .Data("abc")
                                      .Finish());
  if (entries.ok()) CHECK(entries.value()[0].member.type == MemberType::kOther);
}

TEST_CASE("TarReader: a stream cut off inside a member or header is refused") {
  const std::string whole =
      TarBuilder().File("a", std::string(1000, 'a')).File("b", "2").Unfinished();
  for (std::size_t size = 1; size < whole.size(); ++size) {
    // Between the members, or in what only fills up a block.
    if (size >= 512 + 1000 && size <= 512 + 1024) continue;
    if (size > whole.size() - 512) continue;
    CAPTURE(size);
    CHECK_FALSE(ReadStream(whole.substr(0, size)).ok());
  }
}

TEST_CASE("TarReader: a missing end is told") {
  const std::string bytes = TarBuilder().File("a", "b").Unfinished();
  for (const std::size_t zeros : {std::size_t{0}, std::size_t{512}, std::size_t{1024}}) {
    const auto file = MemoryFile(bytes + std::string(zeros, '\0'));
    TarReader tar(std::make_unique<FileTarInput>(*file, 0), "sample");
    REQUIRE(tar.Next().value());
    REQUIRE_FALSE(tar.Next().value());
    CHECK(tar.end() == (zeros == 0 ? TarReader::End::kMissing : TarReader::End::kMarked));
  }
}

TEST_CASE("TarReader: an archive that ends without filling up its last block is whole") {
  TarBuilder tar;
  tar.File("a", "first").File("b", std::string(1000, 'b'));
  const std::string whole = tar.Unfinished();
  for (std::size_t missing = 1; missing <= 24; ++missing) {
    const std::string bytes = whole.substr(0, whole.size() - missing);
    for (const std::size_t step : {100, 1 << 20}) {
      const auto entries = ReadStream(bytes, step);
      REQUIRE_MESSAGE(entries.ok(), entries.error().message());
      CHECK(entries.value().back().content == std::string(1000, 'b'));
    }
    const auto file = MemoryFile(bytes);
    CHECK(ReadHeaders(*file).value().size() == 2);
  }
  RequireTarRefusal(whole.substr(0, whole.size() - 512), "");
  CHECK_FALSE(ReadStream(whole.substr(0, whole.size() - 25)).ok());
}

TEST_CASE("TarReader: content that is not read is passed over") {
  TarBuilder builder;
  for (int i = 0; i < 20; ++i) builder.File("f" + std::to_string(i), std::string(300'000, 'x'));
  TarReader tar(std::make_unique<StreamTarInput>(std::make_unique<PieceReader>(builder.Finish())),
                "sample");
  int members = 0;
  while (tar.Next().value()) ++members;
  CHECK(members == 20);
}

TEST_CASE("TarReader: sparse members have their holes, in every format of GNU tar") {
  const testing::TempFolder folder;
  const std::string path = folder / "holes";
  std::string content(3 << 20, '\0');
  content.replace(1 << 20, 5, "hello");
  content.replace(2 << 20, 5, "world");
  {
    std::ofstream file(path, std::ios::binary);
    for (const std::size_t at : {std::size_t{1} << 20, std::size_t{2} << 20}) {
      file.seekp(static_cast<std::streamoff>(at));
      file.write(content.data() + at, 5);
    }
  }
  REQUIRE(::truncate(path.c_str(), static_cast<off_t>(content.size())) == 0);  // a hole at the end
  for (const std::vector<std::string>& format : {std::vector<std::string>{"--format=gnu"},
                                                 {"--format=posix", "--sparse-version=0.0"},
                                                 {"--format=posix", "--sparse-version=0.1"},
                                                 {"--format=posix", "--sparse-version=1.0"}}) {
    CAPTURE(format.back());
    std::vector<std::string> command = {"tar", "--sparse", "-C", folder.path()};
    command.insert(command.end(), format.begin(), format.end());
    command.insert(command.end(), {"-cf", folder / "out.tar", "holes"});
    const auto made = util::RunProcess(command, {});
    REQUIRE((made.ok() && made.value().exit_status == 0));
    const std::string bytes = util::ReadFile(folder / "out.tar", 8 << 20).value();
    REQUIRE(bytes.size() < content.size());

    const auto entries = ReadStream(bytes).value();
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].member.name == "holes");
    CHECK(entries[0].member.storage == Storage::kSparse);
    CHECK(entries[0].content == content);

    // Again from its header on, as an index opens it.
    const auto file = MemoryFile(bytes);
    const auto members = ReadHeaders(*file).value();
    TarReader again(std::make_unique<FileTarInput>(*file, members[0].header_offset), "sample",
                    members[0].header_offset);
    REQUIRE(again.Next().value());
    CHECK(util::ReadAll(again, 64 << 20, "content").value() == content);
  }
}

TEST_CASE("TarReader: a sparse member of enormous size is refused") {
  const std::string bytes = TarBuilder()
                                .Pax(TarBuilder::PaxRecord("GNU.sparse.size", "9000000000") +
                                     TarBuilder::PaxRecord("GNU.sparse.numblocks", "1") +
                                     TarBuilder::PaxRecord("GNU.sparse.offset", "0") +
                                     TarBuilder::PaxRecord("GNU.sparse.numbytes", "1"))
                                .File("a", "b")
                                .Finish();
  RequireTarRefusal(bytes, "sparse");
}

}  // namespace ociship::archive
