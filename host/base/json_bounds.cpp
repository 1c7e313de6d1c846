// SPDX-License-Identifier: Apache-2.0
#include "base/json_bounds.hpp"

#include <array>
#include <string>

#include "base/limits.hpp"

namespace meridian::base {
namespace {

/// Characters that mean something outside of a string.
constexpr std::array<bool, 256> kMeans = [] {
  std::array<bool, 256> means{};
  for (const char c : {'"', '[', '{', ']', '}', ','})
    means.at(static_cast<unsigned char>(c)) = true;
  return means;
}();

}  // namespace

Result<void> check_json_bounds(std::string_view text) {
  std::size_t depth = 0;
  std::size_t values = 1;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    if (!kMeans[static_cast<unsigned char>(c)]) continue;
    if (c == '"') quoted = true;
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    // Each value but the first follows one of these.
    if (c == '[' || c == '{' || c == ',') ++values;
    if (depth > limits::kMaxJsonDepth) {
      return Error(ErrorCode::kLimit,
                   "JSON nested deeper than " + std::to_string(limits::kMaxJsonDepth));
    }
    if (values > limits::kMaxJsonValues) {
      return Error(ErrorCode::kLimit,
                   "JSON with more than " + std::to_string(limits::kMaxJsonValues) + " values");
    }
  }
  return {};
}

}  // namespace meridian::base
