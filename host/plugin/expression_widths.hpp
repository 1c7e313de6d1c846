// SPDX-License-Identifier: Apache-2.0
//
// expression_widths.hpp: how long matches of an expression are. Hyperscan takes 50 us to say it,
// much of it to ask the processor for its features (cpuid, which leaves a virtual machine), and
// two hundred expressions are asked about twice at each start: what was asked once is known.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "plugin/pattern_database.hpp"

namespace meridian::plugin {

/// Of this process. From any thread.
class ExpressionWidths {
 public:
  static ExpressionWidths& known();
  /// Errors as of expression_width().
  Result<Width> of(const std::string& expression, bool caseless);
  /// What to_text() gave to an earlier process, with the same libhs. What is none is not taken.
  void take_up(const std::string& text);
  std::string to_text();
  /// How often Hyperscan was asked.
  std::size_t asked();

 private:
  std::mutex mutex_;                     // guards what is below
  std::map<std::string, Width> widths_;  // by digest
  std::size_t asked_ = 0;
};

}  // namespace meridian::plugin
