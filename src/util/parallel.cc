// SPDX-License-Identifier: Apache-2.0
// A loop over several threads. Tested by parallel_test.cc.
#include "util/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace ociship::util {
namespace {

// A thread's entry: what was thrown becomes an error here.
Status RunTask(const std::function<Status(std::size_t)>& task, std::size_t index) {
  try {
    return task(index);
  } catch (const std::exception& thrown) {
    return Error(Code::kFailure, thrown.what());
  }
}

}  // namespace

Status ForEachParallel(std::size_t count, unsigned threads,
                       const std::function<Status(std::size_t)>& task) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> first_error;
  const auto work = [&] {
    for (std::size_t index = next++; index < count; index = next++) {
      Status status = RunTask(task, index);
      if (status.ok()) continue;
      next = count;
      const std::lock_guard lock(mutex);
      if (!first_error) first_error = std::move(status).error();
      return;
    }
  };
  {
    std::vector<std::jthread> workers;
    const std::size_t wanted = std::min<std::size_t>(threads, count);
    try {
      for (std::size_t i = 1; i < wanted; ++i) workers.emplace_back(work);
    } catch (const std::system_error&) {
      // Where there are no more threads to be had, those that are there do it all.
    }
    work();
  }
  if (first_error) return *first_error;
  return Ok();
}

}  // namespace ociship::util
