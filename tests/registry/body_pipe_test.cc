// SPDX-License-Identifier: Apache-2.0
#include "registry/body_pipe.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>

#include "util/bytes.h"

using ociship::Code;
using ociship::Result;
using ociship::registry::BodyPipe;
using ociship::util::AsBytes;
using ociship::util::Cancel;

namespace {

std::string ReadSome(BodyPipe& pipe, std::size_t size) {
  std::string buffer(size, '?');
  const Result<std::size_t> got = pipe.Read({reinterpret_cast<std::uint8_t*>(buffer.data()), size});
  return got.ok() ? buffer.substr(0, got.value()) : "error";
}

}  // namespace

TEST_CASE("BodyPipe: bytes come out in order and in the pieces that are wanted") {
  const Cancel cancel;
  BodyPipe pipe(10);
  CHECK(pipe.Write(AsBytes("abcdef"), cancel).value() == BodyPipe::Put::kTaken);
  CHECK(ReadSome(pipe, 4) == "abcd");
  CHECK(pipe.Write(AsBytes("ghijkl"), cancel).value() == BodyPipe::Put::kTaken);
  CHECK(ReadSome(pipe, 100) == "efghij");
  CHECK(ReadSome(pipe, 100) == "kl");
  CHECK(pipe.taken() == 12);
}

TEST_CASE("BodyPipe: after Close what is left comes, then the end") {
  const Cancel cancel;
  BodyPipe pipe(10);
  REQUIRE(pipe.Write(AsBytes("abc"), cancel).ok());
  pipe.Close();
  CHECK(ReadSome(pipe, 100) == "abc");
  CHECK_FALSE(pipe.drained());
  CHECK(ReadSome(pipe, 100).empty());
  CHECK(pipe.drained());
}

TEST_CASE("BodyPipe: much more than the capacity goes through between two threads") {
  const Cancel cancel;
  BodyPipe pipe(1000);
  std::string sent;
  for (int i = 0; i < 20'000; ++i) sent.append(std::to_string(i));
  std::thread maker([&] {
    for (std::size_t at = 0; at < sent.size(); at += 777) {
      if (!pipe.Write(AsBytes(std::string_view(sent).substr(at, 777)), cancel).ok()) return;
    }
    pipe.Close();
  });
  std::string received;
  for (std::string piece = ReadSome(pipe, 333); !piece.empty(); piece = ReadSome(pipe, 333)) {
    received.append(piece);
  }
  maker.join();
  CHECK(received == sent);
}

TEST_CASE("BodyPipe: a sender that has stopped frees the maker, also while it waits") {
  const Cancel cancel;
  BodyPipe pipe(4);
  std::thread sender([&] {
    ReadSome(pipe, 2);
    pipe.End();
  });
  CHECK(pipe.Write(AsBytes("abcdefghijkl"), cancel).value() == BodyPipe::Put::kEnded);
  CHECK(pipe.Write(AsBytes("m"), cancel).value() == BodyPipe::Put::kEnded);
  CHECK(pipe.WaitForEnd(cancel).ok());
  CHECK(pipe.taken() == 2);
  sender.join();
}

TEST_CASE("BodyPipe: a cancel frees the maker while it waits for room or for the end") {
  Cancel cancel;
  BodyPipe pipe(4);
  std::thread person([&] { cancel.Request(); });
  const Result<BodyPipe::Put> put = pipe.Write(AsBytes("abcdefghijkl"), cancel);
  REQUIRE_FALSE(put.ok());
  CHECK(put.error().code() == Code::kInterrupted);
  CHECK_FALSE(pipe.WaitForEnd(cancel).ok());
  person.join();
}

TEST_CASE("BodyPipe: Abort frees the sender while it waits") {
  BodyPipe pipe(4);
  std::thread maker([&] { pipe.Abort(); });
  CHECK(ReadSome(pipe, 10) == "error");
  CHECK(ReadSome(pipe, 10) == "error");
  CHECK_FALSE(pipe.drained());
  maker.join();
}
