// SPDX-License-Identifier: Apache-2.0
//
// output.hpp: results to standard output or to a file.
#pragma once

#include <string>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::cli {

/// Whether write_output() could write there, asked before minutes of work. kInvalid names the path.
Result<void> check_output(const std::string& path);

/// To standard output ("-"), or to `path`: a new file of mode 0600 beside it, then renamed over it,
/// so that a reader sees the old report or the new one. kUnreadable names the file.
Result<void> write_output(const std::string& path, std::string_view text);

/// Whether the descriptor is a terminal.
bool is_terminal(int fd);

}  // namespace meridian::cli
