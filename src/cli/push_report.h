// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_PUSH_REPORT_H_
#define OCISHIP_CLI_PUSH_REPORT_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "cli/commands.h"
#include "cli/output.h"
#include "ociship/push.h"

// What a push says: while it runs, and at its end.
namespace ociship::cli {

// A line on standard error for every layer.
class LineObserver : public PushObserver {
 public:
  explicit LineObserver(Output& output) : output_(output) {}
  void LayerStored(const Digest& digest, std::uint64_t size, LayerState state) override;
  void Notice(std::string_view text) override { output_.Note(text); }

 private:
  Output& output_;
};

struct PlannedLayer {
  std::uint64_t size = 0;  // bytes as it would be stored
  LayerState state = LayerState::kSent;
};
using PlannedLayers = std::map<Digest, PlannedLayer>;

// Keeps what a plan would send.
class PlanObserver : public PushObserver {
 public:
  explicit PlanObserver(Output& output) : output_(output) {}
  void LayerStored(const Digest& digest, std::uint64_t size, LayerState state) override {
    const std::lock_guard lock(mutex_);
    layers_.try_emplace(digest, PlannedLayer{size, state});
  }
  void Notice(std::string_view text) override { output_.Note(text); }

  // After the push has ended.
  const PlannedLayers& layers() const { return layers_; }

 private:
  Output& output_;
  std::mutex mutex_;
  PlannedLayers layers_;
};

// The answer of a push: one NAME@DIGEST a line, or the document ociship/push/v1.
std::string FormatPush(const std::string& name, const PushResult& result, Format format);

// The answer of a dry run: digests, tags and layers, or the document ociship/push-plan/v1.
std::string FormatPlan(const std::string& name, const PushResult& result,
                       const PlannedLayers& layers, Format format);

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_PUSH_REPORT_H_
