// SPDX-License-Identifier: Apache-2.0
//
// quote.hpp: foreign text as one word of a shell, one scalar of YAML, one field of --mount.
#pragma once

#include <string>
#include <string_view>

namespace meridian::deploy {

/// One word for a POSIX shell; bare where that is the same.
std::string shell_word(std::string_view text);
/// A double-quoted scalar. `text` is UTF-8.
std::string yaml_text(std::string_view text);
/// One KEY=VALUE of docker's --mount, which is a line of CSV.
std::string csv_field(std::string_view text);
/// Every `$` twice: compose and kubernetes replace variables in what they read.
std::string without_variables(std::string_view text);
/// `text` as comment lines of at most 100 columns: INDENT, "# ", words.
std::string comment(std::string_view text, std::string_view indent);

}  // namespace meridian::deploy
