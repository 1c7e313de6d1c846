// SPDX-License-Identifier: Apache-2.0
#include "scan/file_query.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/byte_count.hpp"
#include "base/escape.hpp"

namespace meridian::scan {
namespace {

using rootfs::EntryType;

std::optional<EntryType> type_of(char letter) {
  switch (letter) {
    case 'f':
      return EntryType::kRegular;
    case 'd':
      return EntryType::kDirectory;
    case 'l':
      return EntryType::kSymlink;
    case 'c':
      return EntryType::kCharDevice;
    case 'b':
      return EntryType::kBlockDevice;
    case 'p':
      return EntryType::kFifo;
    case 's':
      return EntryType::kSocket;
    default:
      return std::nullopt;
  }
}

/// All of `digits` in that base.
template <typename Number>
std::optional<Number> number_of(std::string_view digits, int base) {
  Number value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return value;
}

Error wrong(const char* option, const std::string& text, const char* expected) {
  return Error(ErrorCode::kInvalid,
               std::string(option) + " '" + base::escape(text) + "': expected " + expected);
}

Result<std::vector<plugin::Glob>> globs_of(const std::vector<std::string>& texts) {
  std::vector<plugin::Glob> globs;
  for (const std::string& text : texts) {
    MERIDIAN_TRY(auto glob, plugin::Glob::parse(text));
    globs.push_back(std::move(glob));
  }
  return globs;
}

bool any_matches(const std::vector<plugin::Glob>& globs, std::string_view text) {
  return std::any_of(globs.begin(), globs.end(),
                     [text](const plugin::Glob& glob) { return glob.matches(text); });
}

}  // namespace

Result<FileQuery> FileQuery::parse(const FileQueryTexts& texts) {
  FileQuery query;
  MERIDIAN_TRY(query.names_, globs_of(texts.names));
  MERIDIAN_TRY(query.paths_, globs_of(texts.paths));
  for (const char letter : texts.types) {
    const auto type = type_of(letter);
    if (!type) return wrong("--type", texts.types, "letters of fdlcbps");
    query.types_.push_back(*type);
  }
  if (!texts.mode_any.empty()) {
    const auto bits = number_of<std::uint32_t>(texts.mode_any, 8);
    if (!bits || *bits == 0 || *bits > 07777) {
      return wrong("--perm", texts.mode_any, "octal bits such as 6000");
    }
    query.mode_any_ = *bits;
  }
  if (texts.size.empty()) return query;
  query.by_size_ = true;
  const char sign = texts.size.front();
  const auto bytes =
      base::parse_byte_count(std::string_view(texts.size).substr(sign == '+' || sign == '-'));
  if (!bytes || (sign == '-' && *bytes == 0)) {
    return wrong("--size", texts.size, "N, +N or -N with k, M or G");
  }
  query.least_ = sign == '+' ? *bytes + 1 : sign == '-' ? 0 : *bytes;
  query.most_ = sign == '+' ? query.most_ : sign == '-' ? *bytes - 1 : *bytes;
  return query;
}

bool FileQuery::wants(const rootfs::RootfsPath& path, const rootfs::Stat& stat) const {
  if (!types_.empty() && std::find(types_.begin(), types_.end(), stat.type) == types_.end()) {
    return false;
  }
  if (by_size_ && (stat.type != EntryType::kRegular || stat.size < least_ || stat.size > most_)) {
    return false;
  }
  if (mode_any_ != 0 && (stat.mode & mode_any_) == 0) return false;
  if (!names_.empty() && !any_matches(names_, path.name())) return false;
  return paths_.empty() || any_matches(paths_, path.text());
}

}  // namespace meridian::scan
