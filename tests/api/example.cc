// SPDX-License-Identifier: Apache-2.0
// The public interface as a program uses it: pushes the archive that is its argument into a layout
// folder, signs and verifies it, and shows what the verification of an unsigned image is.
#include <cstdio>
#include <filesystem>
#include <thread>

#include "ociship/push.h"
#include "ociship/sign.h"
#include "ociship/store.h"
#include "ociship/verify.h"

namespace {

using namespace std::chrono_literals;

class WallClock : public ociship::Clock {
 public:
  std::chrono::sys_seconds Now() const override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
  void Sleep(std::chrono::milliseconds time, const ociship::Cancel&) override {
    std::this_thread::sleep_for(time);
  }
};

class Quiet : public ociship::PushObserver {
 public:
  void LayerStored(const ociship::Digest&, std::uint64_t, ociship::LayerState) override {}
  void Notice(std::string_view) override {}
};

int Fail(const ociship::Error& error) {
  std::fprintf(stderr, "%s\n", error.message().c_str());
  return static_cast<int>(error.code());
}

int Run(const char* archive, const std::string& folder) {
  const auto destination = ociship::Reference::Parse("oci:" + folder + "/layout");
  if (!destination.ok()) return Fail(destination.error());
  WallClock clock;
  const ociship::Cancel cancel;
  const ociship::Effects effects{.clock = clock, .cancel = cancel};
  const auto store = ociship::OpenStore(destination.value().repository(), effects,
                                        {.mode = ociship::StoreOptions::Mode::kCreate});
  if (!store.ok()) return Fail(store.error());

  Quiet observer;
  const auto pushed = ociship::Push(*store.value(), {.sources = {archive}}, effects, observer);
  if (!pushed.ok()) return Fail(pushed.error());

  const auto pair = ociship::GenerateKeyPair("secret");
  if (!pair.ok()) return Fail(pair.error());
  const auto policy = ociship::VerifyPolicy::WithKey(pair.value().public_key);
  if (!policy.ok()) return Fail(policy.error());

  // Nobody has signed it yet: this fails, with a code of its own.
  const auto too_early =
      ociship::VerifyImage(*store.value(), pushed.value().images[0].digest, policy.value());
  if (too_early.ok() || too_early.error().code() != ociship::Code::kNoSignature) return 1;

  const std::string key_path = folder + "/cosign.key";
  std::FILE* const file = std::fopen(key_path.c_str(), "w");
  if (file == nullptr) return 1;
  std::fputs(pair.value().private_key.c_str(), file);
  std::fclose(file);
  const auto key = ociship::SigningKey::FromFile(key_path, "secret");
  if (!key.ok()) return Fail(key.error());
  const auto image = store.value()->Resolve(pushed.value().images[0].digest);
  if (!image.ok()) return Fail(image.error());
  const auto signature =
      ociship::SignImage(*store.value(), image.value(), key.value(), {.now = clock.Now()});
  if (!signature.ok()) return Fail(signature.error());

  const auto verified =
      ociship::VerifyImage(*store.value(), pushed.value().images[0].digest, policy.value());
  if (!verified.ok()) return Fail(verified.error());
  std::printf("verified %s\n", verified.value().digest().text().c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::string folder = (std::filesystem::temp_directory_path() / "example-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 1;
  const int code = Run(argv[1], folder);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return code;
}
