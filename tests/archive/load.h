// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_ARCHIVE_LOAD_H_
#define OCISHIP_TESTS_ARCHIVE_LOAD_H_

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "archive/archive.h"
#include "crypto/hash.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/io.h"
#include "util/text.h"
#include "util/try.h"

// Opens archives that a test holds in memory, as a file and as a pipe.
namespace ociship::archive {

// Hashes what it gets.
class HashingIntake : public BlobIntake {
 public:
  Result<Digest> Take(const std::string& member, std::uint64_t size,
                      util::Reader& content) override {
    crypto::Hasher hasher(BlobAlgorithm(member));
    util::Bytes buffer(3001);
    std::uint64_t count = 0;
    while (true) {
      const std::size_t got = TRY(content.Read(buffer));
      if (got == 0) break;
      count += got;
      hasher.Update(ByteView(buffer).first(got));
    }
    if (count != size) return Error(Code::kFailure, "the intake got another size");
    Digest digest = hasher.Finish();
    taken.insert_or_assign(member, digest);
    order.push_back(member);
    return digest;
  }

  std::map<std::string, Digest> taken;
  std::vector<std::string> order;
};

// A regular file without a name.
inline std::unique_ptr<util::File> MemoryFile(std::string_view bytes) {
  util::Fd fd(memfd_create("archive", MFD_CLOEXEC));
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written <= 0) std::abort();
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  ::lseek(fd.get(), 0, SEEK_SET);
  return util::File::Adopt(std::move(fd), "sample.tar").value();
}

// The reading end of a stream that another thread fills.
class StreamFile {
 public:
  explicit StreamFile(std::string bytes) : bytes_(std::move(bytes)) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
    file_ = util::File::Adopt(util::Fd(ends[0]), "sample.tar").value();
    writer_ = std::thread([this, to = util::Fd(ends[1])] {
      std::string_view rest = bytes_;
      while (!rest.empty()) {
        const ssize_t sent = ::send(to.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;  // the reader had enough
        rest.remove_prefix(static_cast<std::size_t>(sent));
      }
    });
  }
  ~StreamFile() {
    file_.reset();
    writer_.join();
  }
  std::unique_ptr<util::File> Take() { return std::move(file_); }

 private:
  std::string bytes_;
  std::unique_ptr<util::File> file_;
  std::thread writer_;
};

// An archive that was opened and, if it is a stream, drained.
struct Loaded {
  std::unique_ptr<Archive> archive;
  std::vector<Image> images;
  std::map<std::string, Digest> taken;  // by the intake of a stream
};

inline Result<Loaded> Load(std::unique_ptr<util::File> file,
                           Archive::Format format = Archive::Format::kAny) {
  Loaded loaded;
  loaded.archive = TRY(Archive::Open(std::move(file), {.format = format}));
  if (loaded.archive->shape() == Archive::Shape::kStreamed) {
    HashingIntake intake;
    TRY(loaded.archive->Drain(intake));
    loaded.taken = std::move(intake.taken);
  }
  loaded.images = TRY(loaded.archive->Images());
  return loaded;
}

inline Result<Loaded> LoadFile(std::string_view bytes,
                               Archive::Format format = Archive::Format::kAny) {
  return Load(MemoryFile(bytes), format);
}

inline Result<Loaded> LoadStream(std::string bytes,
                                 Archive::Format format = Archive::Format::kAny) {
  StreamFile stream(std::move(bytes));
  return Load(stream.Take(), format);
}

// The SHA-256 of a member, wherever it went.
inline Result<Digest> MemberDigest(Loaded& loaded, const std::string& member) {
  if (loaded.archive->shape() == Archive::Shape::kStreamed) {
    const auto found = loaded.taken.find(member);
    if (found == loaded.taken.end()) return Error(Code::kFailure, "the intake did not get it");
    return found->second;
  }
  const std::unique_ptr<util::Reader> reader = TRY(loaded.archive->OpenBlob(member));
  const std::string content = TRY(util::ReadAll(*reader, 64 << 20, member));
  const std::uint64_t size = TRY(loaded.archive->BlobSize(member));
  if (size != content.size()) return Error(Code::kFailure, "its size is another");
  return crypto::Sha256(util::AsBytes(content));
}

inline Digest DigestOf(std::string_view content) { return crypto::Sha256(util::AsBytes(content)); }

// Messages are for people: what is wrong, and with which member.
inline bool Says(const Error& error, std::string_view text) {
  return error.message().find(text) != std::string::npos;
}

inline const DockerImage& DockerOf(const Loaded& loaded, std::size_t index = 0) {
  return std::get<DockerImage>(loaded.images.at(index).content);
}
inline const OciImage& OciOf(const Loaded& loaded, std::size_t index = 0) {
  return std::get<OciImage>(loaded.images.at(index).content);
}

}  // namespace ociship::archive

#endif  // OCISHIP_TESTS_ARCHIVE_LOAD_H_
