// SPDX-License-Identifier: Apache-2.0
//
// content.hpp: whether a layer on disk is still what its engine unpacked. abi/content.h says what
// each text means.
//
// Views: valid until the callback returns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "abi/content.h"
#include "failure.hpp"
#include "privileges.hpp"
#include "result.hpp"
#include "text.hpp"

namespace meridian {

enum class ContentState : std::uint32_t { kNothing, kIntact, kChanged, kUnknown };

class ContentDifference {
 public:
  explicit ContentDifference(const meridian_content_difference* record) : record_(record) {}
  std::string_view path() const { return view(record_->path); }
  std::string_view what() const { return view(record_->what); }

 private:
  const meridian_content_difference* record_;
};

class ContentCheck {
 public:
  explicit ContentCheck(const meridian_content_check& record) : record_(record) {}
  ContentState state() const { return static_cast<ContentState>(record_.state); }
  /// Whether something could not be compared; why() then says what.
  bool is_incomplete() const { return record_.reason.size != 0; }
  Error why() const {
    return Error(Failure::code_of(record_.problem), std::string(view(record_.reason)));
  }
  std::string_view expected() const { return view(record_.expected); }
  std::string_view computed() const { return view(record_.computed); }
  /// The first ones, by path.
  Records<ContentDifference, meridian_content_difference> differences() const {
    return {record_.differences, record_.difference_count};
  }
  std::uint64_t total() const { return record_.total; }

 private:
  meridian_content_check record_;
};

}  // namespace meridian
