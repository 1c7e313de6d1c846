// SPDX-License-Identifier: Apache-2.0
//
// escape.hpp: foreign bytes made fit for a terminal, a log or JSON.
#pragma once

#include <string>
#include <string_view>

namespace meridian::base {

/// For people: control bytes, DEL, invalid UTF-8, bidirectional and other invisible format
/// characters as \xNN or \u{NNNN}; a backslash as \\. What it returns is valid UTF-8 on one line.
std::string escape(std::string_view bytes);

bool is_utf8(std::string_view bytes);

/// RFC 4648, with padding.
std::string base64(std::string_view bytes);

std::string hex(std::string_view bytes);

}  // namespace meridian::base
