// SPDX-License-Identifier: Apache-2.0
//
// system_orders.cpp: dpkg, rpm and apk.
#include <array>
#include <string>
#include <vector>

#include "orders.hpp"

namespace meridian::vulnerabilities {
namespace {

/// [epoch:]upstream[-revision]
struct Parts {
  std::string_view epoch, upstream, revision;
  bool has_revision = false;
};

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

/// What dpkg refuses; what it only warns of is taken.
std::optional<Parts> dpkg_parts(std::string_view text) {
  Parts parts;
  if (text.empty() || !is_printable(text)) return std::nullopt;
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    parts.epoch = text.substr(0, colon);
    if (!is_number(parts.epoch)) return std::nullopt;
    text.remove_prefix(colon + 1);
  }
  const std::size_t dash = text.rfind('-');
  parts.upstream = text.substr(0, dash);
  if (dash != std::string_view::npos) {
    parts.revision = text.substr(dash + 1);
    if (parts.revision.empty()) return std::nullopt;
  }
  if (parts.upstream.empty()) return std::nullopt;
  return parts;
}

/// "~" before the end, letters before all else.
int dpkg_rank(std::string_view text) {
  if (text.empty() || is_digit(text[0])) return 0;
  if (text[0] == '~') return -1;
  return is_letter(text[0]) ? text[0] : text[0] + 256;
}

int compare_dpkg_part(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    while ((!a.empty() && !is_digit(a[0])) || (!b.empty() && !is_digit(b[0]))) {
      if (dpkg_rank(a) != dpkg_rank(b)) return dpkg_rank(a) < dpkg_rank(b) ? -1 : 1;
      if (!a.empty()) a.remove_prefix(1);
      if (!b.empty()) b.remove_prefix(1);
    }
    const int order = compare_numbers(take_while(a, is_digit), take_while(b, is_digit));
    if (order != 0) return order;
  }
  return 0;
}

std::optional<Parts> rpm_parts(std::string_view text) {
  if (text.empty() || !is_printable(text)) return std::nullopt;
  Parts parts;
  std::string_view rest = text;
  const std::string_view digits = take_while(rest, is_digit);
  if (!rest.empty() && rest[0] == ':') {
    parts.epoch = digits;
    text = rest.substr(1);
  }
  const std::size_t dash = text.rfind('-');
  parts.upstream = text.substr(0, dash);
  parts.has_revision = dash != std::string_view::npos;
  if (parts.has_revision) parts.revision = text.substr(dash + 1);
  return parts;
}

/// rpmvercmp: parts of digits or letters; what lies between them only parts them.
int compare_rpm_part(std::string_view a, std::string_view b) {
  const auto is_between = [](char c) {
    return !is_digit(c) && !is_letter(c) && c != '~' && c != '^';
  };
  while (!a.empty() || !b.empty()) {
    take_while(a, is_between);
    take_while(b, is_between);
    const char one = a.empty() ? '\0' : a[0], other = b.empty() ? '\0' : b[0];
    if (one == '~' || other == '~') {
      if (one != other) return one == '~' ? -1 : 1;
    } else if (one == '^' || other == '^') {
      // After the end, and before whatever else goes on.
      if (one == '\0' || other == '\0') return one == '\0' ? -1 : 1;
      if (one != other) return one == '^' ? -1 : 1;
    } else {
      if (one == '\0' || other == '\0') break;
      const auto kind = is_digit(one) ? is_digit : is_letter;
      const std::string_view part = take_while(a, kind), with = take_while(b, kind);
      if (with.empty()) return is_digit(one) ? 1 : -1;
      const int order = is_digit(one) ? compare_numbers(part, with) : sign(part.compare(with));
      if (order != 0) return order;
      continue;
    }
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.empty() && b.empty() ? 0 : a.empty() ? -1 : 1;
}

/// The kinds of apk's parts, in the order in which they may follow each other; where two versions
/// part, the later kind is the older version.
enum class ApkKind { kFirst, kDigits, kLetter, kSuffix, kSuffixNumber, kCommit, kRevision, kEnd };

struct ApkPart {
  ApkKind kind = ApkKind::kEnd;
  int rank = 0;                // of a letter or suffix
  std::string_view text = {};  // of a number or commit
};

constexpr std::array<std::string_view, 4> kBefore = {"alpha", "beta", "pre", "rc"};
constexpr std::array<std::string_view, 5> kAfter = {"cvs", "svn", "git", "hg", "p"};

std::optional<int> suffix_rank(std::string_view word) {
  const auto* const before = std::find(kBefore.begin(), kBefore.end(), word);
  if (before != kBefore.end()) return static_cast<int>(before - kBefore.end());
  const auto* const after = std::find(kAfter.begin(), kAfter.end(), word);
  if (after == kAfter.end()) return std::nullopt;
  return static_cast<int>(after - kAfter.begin());
}

/// digits{.digits}[letter]{_suffix[digits]}[~commit][-rdigits]
std::optional<std::vector<ApkPart>> apk_parts(std::string_view text) {
  std::vector<ApkPart> parts;
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto take = [&text](std::string_view start) {
    if (text.substr(0, start.size()) != start) return false;
    text.remove_prefix(start.size());
    return true;
  };
  for (ApkKind kind = ApkKind::kFirst; kind == ApkKind::kFirst || take(".");
       kind = ApkKind::kDigits) {
    const std::string_view digits = take_while(text, is_digit);
    if (digits.empty()) return std::nullopt;
    parts.push_back({kind, 0, digits});
  }
  if (!text.empty() && is_lower(text[0])) {
    parts.push_back({ApkKind::kLetter, text[0]});
    text.remove_prefix(1);
  }
  while (take("_")) {
    const auto rank = suffix_rank(take_while(text, is_lower));
    if (!rank) return std::nullopt;
    parts.push_back({ApkKind::kSuffix, *rank});
    const std::string_view digits = take_while(text, is_digit);
    if (!digits.empty()) parts.push_back({ApkKind::kSuffixNumber, 0, digits});
  }
  if (take("~")) {
    const std::string_view commit = take_while(text, is_hex);
    if (commit.empty()) return std::nullopt;
    parts.push_back({ApkKind::kCommit, 0, commit});
  }
  if (take("-r")) {
    const std::string_view digits = take_while(text, is_digit);
    if (digits.empty()) return std::nullopt;
    parts.push_back({ApkKind::kRevision, 0, digits});
  }
  if (!text.empty()) return std::nullopt;
  parts.emplace_back();
  return parts;
}

/// Behind a dot a number with a zero in front is a fraction: 1.01 is older than 1.1.
int compare_apk_part(const ApkPart& a, const ApkPart& b) {
  if (a.rank != b.rank) return a.rank < b.rank ? -1 : 1;
  const bool is_text = a.kind == ApkKind::kCommit ||
                       (a.kind == ApkKind::kDigits && (a.text[0] == '0' || b.text[0] == '0'));
  return is_text ? sign(a.text.compare(b.text)) : compare_numbers(a.text, b.text);
}

}  // namespace

std::optional<int> compare_dpkg(std::string_view a, std::string_view b) {
  const auto one = dpkg_parts(a), other = dpkg_parts(b);
  if (!one || !other) return std::nullopt;
  if (const int order = compare_numbers(one->epoch, other->epoch); order != 0) return order;
  if (const int order = compare_dpkg_part(one->upstream, other->upstream); order != 0) return order;
  return compare_dpkg_part(one->revision, other->revision);
}

std::optional<int> compare_rpm(std::string_view a, std::string_view b) {
  const auto one = rpm_parts(a), other = rpm_parts(b);
  if (!one || !other) return std::nullopt;
  if (const int order = compare_numbers(one->epoch, other->epoch); order != 0) return order;
  if (const int order = compare_rpm_part(one->upstream, other->upstream); order != 0) return order;
  if (one->has_revision != other->has_revision) return one->has_revision ? 1 : -1;
  return compare_rpm_part(one->revision, other->revision);
}

std::optional<int> compare_apk(std::string_view a, std::string_view b) {
  const auto one = apk_parts(a), other = apk_parts(b);
  if (!one || !other) return std::nullopt;
  for (std::size_t i = 0;; ++i) {
    const ApkPart &left = (*one)[i], &right = (*other)[i];
    if (left.kind != right.kind) {
      if (left.kind == ApkKind::kSuffix && left.rank < 0) return -1;
      if (right.kind == ApkKind::kSuffix && right.rank < 0) return 1;
      return left.kind > right.kind ? -1 : 1;
    }
    if (left.kind == ApkKind::kEnd) return 0;
    const int order = compare_apk_part(left, right);
    if (order != 0) return order;
  }
}

}  // namespace meridian::vulnerabilities
