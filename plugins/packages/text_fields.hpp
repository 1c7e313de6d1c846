// SPDX-License-Identifier: Apache-2.0
//
// text_fields.hpp: lines and "Name: value" stanzas, as dpkg, Python and Java write them.
//
// Views into the text that is read.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meridian::packages {

/// The first line of `text`, without its end ("\n" or "\r\n"), which is taken off `text`.
std::string_view take_line(std::string_view& text);

/// Without blanks and tabs at both ends.
std::string_view trimmed(std::string_view text);

/// A pair of quotes around it, "\"" or "'", taken off.
std::string_view unquoted(std::string_view text);

/// One stanza: fields in order, a field's first line alone (what goes on in lines that begin with a
/// blank is left out). At most kMaxFields of them.
class Stanza {
 public:
  /// Takes lines off `text` until an empty one; empty lines before it are passed over.
  static Stanza take(std::string_view& text);

  bool empty() const { return fields_.empty(); }
  /// The first of that name, whatever the case; empty: none.
  std::string_view operator[](std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

constexpr std::size_t kMaxFields = 1000;

/// Whether ASCII letters of both are the same but for their case.
bool is_same_word(std::string_view one, std::string_view other);

std::string lower(std::string_view text);  // ASCII alone

}  // namespace meridian::packages
