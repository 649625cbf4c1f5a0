// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_SUPPORT_FAILING_MEMORY_H_
#define OCISHIP_TESTS_SUPPORT_FAILING_MEMORY_H_

namespace ociship::testing {

// A program that links failing_memory.cc has an operator new that can be told to fail. One thread
// at a time.
void FailAllocationsAfter(long allowed);

enum class MemoryOutcome { kSufficed, kFailed };
// Ends that, and says whether an allocation has failed.
MemoryOutcome AllowAllocations();

}  // namespace ociship::testing

#endif  // OCISHIP_TESTS_SUPPORT_FAILING_MEMORY_H_
