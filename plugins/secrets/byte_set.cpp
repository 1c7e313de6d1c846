// SPDX-License-Identifier: Apache-2.0
#include "byte_set.hpp"

namespace meridian::secrets {

ByteSet& ByteSet::add(std::string_view bytes) {
  for (const char byte : bytes) bytes_[static_cast<unsigned char>(byte)] = true;
  return *this;
}

ByteSet& ByteSet::add_range(unsigned first, unsigned last) {
  for (unsigned byte = first; byte <= last; ++byte) bytes_[byte] = true;
  return *this;
}

ByteSet& ByteSet::remove(std::string_view bytes) {
  for (const char byte : bytes) bytes_[static_cast<unsigned char>(byte)] = false;
  return *this;
}

std::optional<ByteSet> ByteSet::named(std::string_view name) {
  ByteSet set;
  if (name == "none") return set;
  if (name == "any") return set.add_range(0, 255);
  if (name == "digit") return set.add_range('0', '9');
  if (name == "hex") return set.add_range('0', '9').add_range('a', 'f').add_range('A', 'F');
  if (name == "line") return set.add_range(0x20, 0xff).add("\t").remove("\x7f");
  // What a value may hold where nothing quotes it.
  if (name == "text") return set.add_range(0x21, 0xff).remove("\x7f\"'`,;<>\\");
  set.add_range('0', '9').add_range('a', 'z').add_range('A', 'Z');
  if (name == "alnum") return set;
  if (name == "word") return set.add("_");
  if (name == "base64") return set.add("+/=");
  if (name == "base64url") return set.add("_-");
  if (name == "token") return set.add("_-.~+/=%");
  return std::nullopt;
}

std::size_t ByteSet::span(std::string_view text) const {
  std::size_t i = 0;
  while (i < text.size() && has(text[i])) ++i;
  return i;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return result;
}

}  // namespace meridian::secrets
