// SPDX-License-Identifier: Apache-2.0
#include "archive/members.h"

#include <doctest/doctest.h>

#include <string>

#include "load.h"

namespace ociship::archive {
namespace {

Member File(std::uint64_t size) { return {.type = MemberType::kRegular, .size = size}; }
Member Symlink(std::string target) {
  return {.type = MemberType::kSymlink, .target = std::move(target)};
}
Member HardLink(std::string target) {
  return {.type = MemberType::kHardLink, .target = std::move(target)};
}

// The size of the file that a name leads to.
std::uint64_t SizeOf(const Members& members, std::string_view name,
                     Members::Links links = Members::Links::kAll) {
  return members.Resolve(name, links).value().members->front().size;
}

void RequireRefusal(const Members& members, std::string_view name, std::string_view reason,
                    Members::Links links = Members::Links::kAll) {
  const auto found = members.Resolve(name, links);
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().code() == Code::kBadInput);
  CHECK_MESSAGE(Says(found.error(), reason), found.error().message());
}

}  // namespace

TEST_CASE("NormaliseName: dots, slashes at the ends and double slashes go, \"..\" stays") {
  CHECK(NormaliseName("./a//b/") == "a/b");
  CHECK(NormaliseName("/a/./b") == "a/b");
  CHECK(NormaliseName("a/../b") == "a/../b");
  CHECK(NormaliseName(".").empty());
  CHECK(NormaliseName("/").empty());
  CHECK(NormaliseName("").empty());
  CHECK(NormaliseName("...") == "...");
}

TEST_CASE("Members: a file is found by every way to write its name") {
  Members members;
  members.Add("./a//b", File(1)).value();
  CHECK(SizeOf(members, "a/b") == 1);
  CHECK(SizeOf(members, "/a/b/") == 1);
  RequireRefusal(members, "a", "not in the archive");
  RequireRefusal(members, "", "not in the archive");
  RequireRefusal(members, "x/../a/b", "not in the archive");
}

TEST_CASE("Members: a symbolic link is relative to its folder and may come before its target") {
  Members members;
  members.Add("one/layer.tar", Symlink("../two/layer.tar")).value();
  members.Add("two/layer.tar", Symlink("./real.tar")).value();
  members.Add("two/real.tar", File(7)).value();
  CHECK(SizeOf(members, "one/layer.tar") == 7);
  CHECK(members.Resolve("one/layer.tar", Members::Links::kAll).value().name == "two/real.tar");
}

TEST_CASE("Members: a hard link is relative to the archive") {
  Members members;
  members.Add("d/link", HardLink("./d/file")).value();
  members.Add("d/file", File(5)).value();
  members.Add("d/wrong", HardLink("file")).value();
  CHECK(SizeOf(members, "d/link") == 5);
  RequireRefusal(members, "d/wrong", "not in the archive");
}

TEST_CASE("Members: links out of the archive are refused and named") {
  Members members;
  members.Add("d/up", Symlink("../../etc/passwd")).value();
  members.Add("absolute", Symlink("/etc/passwd")).value();
  members.Add("hard", HardLink("../../etc/passwd")).value();
  members.Add("etc/passwd", File(1)).value();
  RequireRefusal(members, "d/up", "out of the archive");
  RequireRefusal(members, "absolute", "out of the archive");
  RequireRefusal(members, "hard", "not in the archive");
}

TEST_CASE("Members: a link to nothing, to a folder or to the archive itself is refused") {
  Members members;
  members.Add("nothing", Symlink("gone")).value();
  members.Add("folder", Symlink("d")).value();
  members.Add("root", Symlink(".")).value();
  members.Add("none", Symlink("")).value();
  members.Add("d", {.type = MemberType::kFolder}).value();
  members.Add("fifo", {.type = MemberType::kOther}).value();
  RequireRefusal(members, "nothing", "\"gone\"");
  RequireRefusal(members, "folder", "not a regular file");
  RequireRefusal(members, "root", "not in the archive");
  RequireRefusal(members, "none", "not in the archive");
  RequireRefusal(members, "fifo", "not a regular file");
}

TEST_CASE("Members: circles are refused") {
  Members members;
  members.Add("self", Symlink("self")).value();
  members.Add("a", Symlink("b")).value();
  members.Add("b", HardLink("a")).value();
  RequireRefusal(members, "self", "circle");
  RequireRefusal(members, "a", "circle");
}

TEST_CASE("Members: a chain of 40 links is followed and one of 41 is not") {
  Members members;
  for (int i = 0; i < 41; ++i) {
    members.Add("l" + std::to_string(i), Symlink("l" + std::to_string(i + 1))).value();
  }
  members.Add("l41", File(3)).value();
  CHECK(SizeOf(members, "l1") == 3);
  RequireRefusal(members, "l0", "circle");
}

TEST_CASE("Members: a symbolic link is refused where only a file is allowed, a hard link is not") {
  Members members;
  members.Add("s", Symlink("f")).value();
  members.Add("h", HardLink("f")).value();
  members.Add("h2", HardLink("s")).value();
  members.Add("f", File(2)).value();
  RequireRefusal(members, "s", "symbolic link", Members::Links::kHardOnly);
  RequireRefusal(members, "h2", "symbolic link", Members::Links::kHardOnly);
  CHECK(SizeOf(members, "h", Members::Links::kHardOnly) == 2);
}

TEST_CASE("Members: one name for different things is refused when it is used") {
  Members members;
  members.Add("a", File(1)).value();
  members.Add("a", Symlink("b")).value();
  members.Add("b", Symlink("c")).value();
  members.Add("b", Symlink("d")).value();
  members.Add("c", File(1)).value();
  members.Add("e", Symlink("c")).value();
  members.Add("e", Symlink("c")).value();
  RequireRefusal(members, "a", "more than once");
  RequireRefusal(members, "b", "more than once");
  CHECK(SizeOf(members, "e") == 1);
}

TEST_CASE("Members: more members than an image can have are refused") {
  Members members;
  for (std::size_t i = 0; i < kMaxMembers; ++i) members.Add("a", Member{}).value();
  CHECK_FALSE(members.Add("a", Member{}).ok());
}

TEST_CASE("Members: names and link targets together are bounded") {
  Members members;
  const std::string name(kMaxMemberNameBytes, 'n');
  const Member link{.type = MemberType::kSymlink, .target = name};
  for (std::size_t i = 0; i < kMaxNamesBytes / (2 * name.size()); ++i) {
    REQUIRE(members.Add(name, link).ok());
  }
  const auto refused = members.Add("n", Member{});
  REQUIRE_FALSE(refused.ok());
  CHECK(Says(refused.error(), "names"));
}

}  // namespace ociship::archive
