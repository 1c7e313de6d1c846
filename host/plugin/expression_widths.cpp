// SPDX-License-Identifier: Apache-2.0
#include "plugin/expression_widths.hpp"

#include <sstream>

#include "base/limits.hpp"
#include "base/sha256.hpp"

namespace meridian::plugin {
namespace {

/// As many as plugins have: an expression of its own for each start of the program is not kept.
constexpr std::size_t kMost = limits::kMaxSubscriptions;

std::string key_of(const std::string& expression, bool caseless) {
  return base::sha256_hex((caseless ? 'i' : '-') + expression);
}

}  // namespace

ExpressionWidths& ExpressionWidths::known() {
  static ExpressionWidths widths;
  return widths;
}

Result<Width> ExpressionWidths::of(const std::string& expression, bool caseless) {
  const auto key = key_of(expression, caseless);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = widths_.find(key); found != widths_.end()) return found->second;
  }
  MERIDIAN_TRY(const Width width, expression_width(expression.c_str(), caseless));
  const std::lock_guard lock(mutex_);
  ++asked_;
  if (widths_.size() < kMost) widths_.emplace(key, width);
  return width;
}

/// A line for each: digest, least, most, 1 if there is no most.
void ExpressionWidths::take_up(const std::string& text) {
  const std::lock_guard lock(mutex_);
  std::istringstream lines(text);
  std::string digest;
  Width width;
  while (widths_.size() < kMost && lines >> digest >> width.min >> width.max >> width.unbounded)
    widths_.emplace(digest, width);
}

std::string ExpressionWidths::to_text() {
  const std::lock_guard lock(mutex_);
  std::ostringstream lines;
  for (const auto& [key, width] : widths_)
    lines << key << ' ' << width.min << ' ' << width.max << ' ' << width.unbounded << '\n';
  return lines.str();
}

std::size_t ExpressionWidths::asked() {
  const std::lock_guard lock(mutex_);
  return asked_;
}

}  // namespace meridian::plugin
