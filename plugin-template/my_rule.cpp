// SPDX-License-Identifier: Apache-2.0
#include "my_rule.hpp"

bool begins_line(std::string_view before) {
  // Without a line feed rfind() answers npos, and npos + 1 is 0: all of it.
  const std::string_view on_line = before.substr(before.rfind('\n') + 1);
  return on_line.find_first_not_of(" \t") == std::string_view::npos;
}
