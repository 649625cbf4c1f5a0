// SPDX-License-Identifier: Apache-2.0
// operator new for tests of what happens when there is no memory. Used by c_abi_test.cc.
#include "failing_memory.h"

#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

namespace ociship::testing {
namespace {

constexpr long kNoLimit = std::numeric_limits<long>::max();

std::atomic<long> left{kNoLimit};
std::atomic<int> failed{0};

void* Allocate(std::size_t size) {
  if (left.load() != kNoLimit && left.fetch_sub(1) <= 0) {
    failed.store(1);
    return nullptr;
  }
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

void FailAllocationsAfter(long allowed) {
  failed.store(0);
  left.store(allowed);
}

MemoryOutcome AllowAllocations() {
  left.store(kNoLimit);
  return failed.load() == 0 ? MemoryOutcome::kSufficed : MemoryOutcome::kFailed;
}

}  // namespace ociship::testing

void* operator new(std::size_t size) {
  void* const memory = ociship::testing::Allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return ociship::testing::Allocate(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
