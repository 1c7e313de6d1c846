// SPDX-License-Identifier: Apache-2.0
//
// result.hpp: how everything here says that the world said no. The one SDK header that every floor
// of the host may include.
//
// Absence that is normal is std::optional; a bug of ours aborts; everything else is a Result.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

namespace meridian {

enum class ErrorCode : std::uint32_t {
  kUnreadable,   // the system refused: I/O error, permission
  kCorrupt,      // bytes do not follow their format
  kLimit,        // a named bound was crossed
  kPrivilege,    // a missing capability, and which
  kUnsupported,  // a format or feature that is recognised and not handled
  kMissingData,  // rules, signatures or a database that should be there
  kException,    // a plugin threw
  kNotFound,     // no such path, key or object
  kInvalid,      // usage or configuration
  kIntegrity,    // bytes differ from their digest
  kChanged,      // it moved while being read
  kRefused,      // policy says no
  kCancelled,    // the scan is ending
  kMemory,       // memory was refused
};

/// What went wrong, in words for a person: lower case, no period, numbers included.
class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  /// The same error, with where it happened put in front: "layer 3: entry 'x': truncated".
  Error in(std::string_view where) && {
    message_.insert(0, ": ").insert(0, where);
    return std::move(*this);
  }

 private:
  ErrorCode code_;
  std::string message_;
};

/// A value or an Error. Dropping one is a warning, so an error.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  // NOLINTNEXTLINE(google-explicit-constructor): `return Error(...)` reads as it should
  Result(Error error) : tl::expected<T, Error>(tl::unexpected<Error>(std::move(error))) {}
};

template <>
class [[nodiscard]] Result<void> : public tl::expected<void, Error> {
 public:
  Result() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): `return Error(...)` reads as it should
  Result(Error error) : tl::expected<void, Error>(tl::unexpected<Error>(std::move(error))) {}
};

}  // namespace meridian

#define MERIDIAN_JOIN_(a, b) a##b
#define MERIDIAN_JOIN(a, b) MERIDIAN_JOIN_(a, b)

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses
/// MERIDIAN_TRY(auto fd, open_beneath(...)); returns the error from this function, else declares.
#define MERIDIAN_TRY(declaration, expression)                                            \
  auto MERIDIAN_JOIN(meridian_try_, __LINE__) = (expression);                            \
  if (!MERIDIAN_JOIN(meridian_try_, __LINE__))                                           \
    return ::meridian::Error(std::move(MERIDIAN_JOIN(meridian_try_, __LINE__)).error()); \
  declaration = *std::move(MERIDIAN_JOIN(meridian_try_, __LINE__))
// NOLINTEND(bugprone-macro-parentheses)

/// MERIDIAN_CHECK(flush()); returns the error from this function.
#define MERIDIAN_CHECK(expression)                                  \
  do {                                                              \
    if (auto meridian_check_ = (expression); !meridian_check_)      \
      return ::meridian::Error(std::move(meridian_check_).error()); \
  } while (false)
