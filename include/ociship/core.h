// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CORE_H_
#define OCISHIP_CORE_H_

// The words that every other header uses: Code, Error, Result<T>, Status, ByteView, and the effects
// that a caller hands in: Clock and Cancel.
//
// ERRORS. No function of this library throws for what may happen outside the program. A function
// that can fail gives a Result<T>, and a Result must be looked at: it is [[nodiscard]], it has no
// conversion to bool, Result<bool> does not compile, and value() of a failure ends the process.
//
//   Result<Digest> digest = Digest::Parse("sha256:zz");
//   if (!digest.ok()) {
//     puts(digest.error().message().c_str());  // digest "sha256:zz": ...
//     return ExitCode(digest.error().code());  // 25
//   }
//   Use(digest.value());
//
// A function that gives nothing but success or failure returns Status, which is Result<void>;
// Ok() makes the success.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace ociship {

// Bytes that belong to somebody else; valid as long as the owner leaves them alone.
using ByteView = std::span<const std::uint8_t>;

// Why something failed: a closed list, so that callers can switch over it. The number is the exit
// code of the program.
enum class Code : int {
  kFailure = 1,          // none of the others
  kUsage = 2,            // the caller asked for something impossible
  kNoSignature = 10,     // verify: the image has no signature
  kNoReference = 11,     // verify: the reference does not exist
  kNoMatch = 12,         // verify: signatures exist, none matches
  kNoCertificate = 13,   // verify: the signature carries no certificate
  kUnauthorized = 20,    // the registry wants other credentials
  kNotFound = 21,        // repository, manifest or blob is not there
  kTagConflict = 22,     // the tag is immutable, or would move backwards
  kRateLimited = 23,     // the registry asks to come later
  kUnavailable = 24,     // network or server
  kBadInput = 25,        // file, archive, manifest or key file that cannot be used
  kSigningService = 30,  // Fulcio, Rekor or the timestamp authority
  kTrustMaterial = 31,   // trusted root or TUF metadata
  kUnknown = 41,         // could not find out
  kInterrupted = 130,    // the caller cancelled
};

// A code for the program and one sentence for the person. The sentence says what failed, on what,
// and what to do; it ends without a full stop and never holds a secret.
class [[nodiscard]] Error {
 public:
  Error(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  Code code() const { return code_; }
  const std::string& message() const { return message_; }
  // Which check refused, as a stable word for machines: "checkpoint-signature", "tuf-expired".
  // Empty where the code says enough. docs/reasons.md lists all words.
  std::string_view reason() const { return reason_; }

  // The same error with "context: " in front.
  Error While(std::string_view context) && {
    message_.insert(0, ": ").insert(0, context);
    return std::move(*this);
  }
  Error While(std::string_view context) const& { return Error(*this).While(context); }

  // The same error with a reason, which must be of static storage.
  Error Because(std::string_view reason) && {
    reason_ = reason;
    return std::move(*this);
  }

  // The same message under another code, where a caller knows better what the failure means.
  Error As(Code code) && {
    code_ = code;
    return std::move(*this);
  }

 private:
  Code code_;
  std::string message_;
  std::string_view reason_;
};

// A T, or the Error that kept it from being made.
template <typename T>
class [[nodiscard]] Result {
  static_assert(!std::is_same_v<T, bool>, "a verdict is not a bool: use an enum");
  static_assert(!std::is_reference_v<T> && !std::is_same_v<T, Error>);

 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }

  // The value. Ends the process when there is none.
  const T& value() const& {
    Require(ok());
    return *std::get_if<0>(&state_);
  }
  T& value() & {
    Require(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    Require(ok());
    return std::move(*std::get_if<0>(&state_));
  }

  // The error. Ends the process when there is none.
  const Error& error() const& {
    Require(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    Require(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  static void Require(bool holds) {
    if (!holds) std::abort();
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }

  // Does nothing on success and ends the process otherwise.
  void value() const {
    if (!ok()) std::abort();
  }
  const Error& error() const& {
    if (ok()) std::abort();
    return *error_;
  }
  Error&& error() && {
    if (ok()) std::abort();
    return std::move(*error_);
  }

 private:
  friend Result<void> Ok();
  Result() = default;

  std::optional<Error> error_;
};

using Status = Result<void>;

// The one way to make a successful Status.
inline Status Ok() { return Status(); }

// Says that the person does not want the result any more: requested from a signal handler or
// another thread, asked by everything that can take long, which then ends with kInterrupted.
class Cancel {
 public:
  void Request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }
  Status Check() const {
    if (requested()) return Error(Code::kInterrupted, "interrupted");
    return Ok();
  }

 private:
  static_assert(std::atomic<bool>::is_always_lock_free);  // for the signal handler
  std::atomic<bool> requested_{false};
};

// Time as the caller sees it. The library never looks at the clock of the machine by itself.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::sys_seconds Now() const = 0;
  // Waits between two tries; returns early when `cancel` is requested.
  virtual void Sleep(std::chrono::milliseconds time, const Cancel& cancel) = 0;
};

// What operations that can take long are handed. Both outlive everything that was made with them.
struct Effects {
  Clock& clock;
  const Cancel& cancel;
};

}  // namespace ociship

#endif  // OCISHIP_CORE_H_
