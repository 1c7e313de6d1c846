// SPDX-License-Identifier: Apache-2.0
//
// failure.hpp: between the failure record of the C tables and Error.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "abi/entry.h"
#include "result.hpp"

namespace meridian {

/// A failure record lent to one call.
class Failure {
 public:
  Failure() { record_.struct_size = sizeof record_; }
  meridian_failure* get() { return &record_; }

  /// What the call that answered `status` said; the buffer need not be terminated.
  Error error(meridian_status status) const {
    const std::string text(record_.text, ::strnlen(record_.text, sizeof record_.text));
    switch (status) {
      case MERIDIAN_NOT_FOUND:
        return Error(ErrorCode::kNotFound, text.empty() ? "not found" : text);
      case MERIDIAN_CANCELLED:
        return Error(ErrorCode::kCancelled, "the scan is ending");
      case MERIDIAN_LIMIT:
        return Error(ErrorCode::kLimit, text.empty() ? "limit reached" : text);
      default:
        return Error(code_of(record_.problem), text.empty() ? "no reason given" : text);
    }
  }

  static ErrorCode code_of(meridian_problem problem) {
    switch (problem) {
      case MERIDIAN_PROBLEM_CORRUPT:
        return ErrorCode::kCorrupt;
      case MERIDIAN_PROBLEM_LIMIT:
        return ErrorCode::kLimit;
      case MERIDIAN_PROBLEM_PRIVILEGE:
        return ErrorCode::kPrivilege;
      case MERIDIAN_PROBLEM_UNSUPPORTED:
        return ErrorCode::kUnsupported;
      case MERIDIAN_PROBLEM_MISSING_DATA:
        return ErrorCode::kMissingData;
      case MERIDIAN_PROBLEM_EXCEPTION:
        return ErrorCode::kException;
      case MERIDIAN_PROBLEM_MEMORY:
        return ErrorCode::kMemory;
      default:
        return ErrorCode::kUnreadable;
    }
  }

  static meridian_problem problem_of(ErrorCode code) {
    switch (code) {
      case ErrorCode::kCorrupt:
      case ErrorCode::kIntegrity:
        return MERIDIAN_PROBLEM_CORRUPT;
      case ErrorCode::kLimit:
        return MERIDIAN_PROBLEM_LIMIT;
      case ErrorCode::kPrivilege:
        return MERIDIAN_PROBLEM_PRIVILEGE;
      case ErrorCode::kUnsupported:
        return MERIDIAN_PROBLEM_UNSUPPORTED;
      case ErrorCode::kMissingData:
        return MERIDIAN_PROBLEM_MISSING_DATA;
      case ErrorCode::kException:
        return MERIDIAN_PROBLEM_EXCEPTION;
      case ErrorCode::kMemory:
        return MERIDIAN_PROBLEM_MEMORY;
      default:
        return MERIDIAN_PROBLEM_UNREADABLE;
    }
  }

 private:
  meridian_failure record_{};
};

/// Thrown by not_applicable(), for the fence around a callback.
struct NotApplicable {};

/// Ends the callback it is called from: this file or target is none of the plugin's business. What
/// was reported before stays; nothing is noted as an error or a gap.
[[noreturn]] inline void not_applicable() { throw NotApplicable{}; }

/// Fills the record that a caller lent (it may be null); text beyond its end is cut.
inline void describe(meridian_failure* failure, meridian_problem problem, std::string_view text) {
  if (failure == nullptr) return;
  failure->problem = problem;
  const std::size_t length = std::min(text.size(), sizeof failure->text - 1);
  std::memcpy(failure->text, text.data(), length);
  failure->text[length] = '\0';
}

/// The status for an Error, and its words in the record.
inline meridian_status fail(meridian_failure* failure, const Error& error) {
  describe(failure, Failure::problem_of(error.code()), error.message());
  switch (error.code()) {
    case ErrorCode::kNotFound:
      return MERIDIAN_NOT_FOUND;
    case ErrorCode::kCancelled:
      return MERIDIAN_CANCELLED;
    default:
      return MERIDIAN_FAILED;
  }
}

}  // namespace meridian
