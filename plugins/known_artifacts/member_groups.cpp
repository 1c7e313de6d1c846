// SPDX-License-Identifier: Apache-2.0
#include "member_groups.hpp"

#include <algorithm>
#include <utility>

namespace meridian::known_artifacts {
namespace {

std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
}

/// Of whole parts: "net/X" is one of "a/net/X", not of "subnet/X".
bool is_suffix(std::string_view path, std::string_view suffix) {
  if (path.size() < suffix.size()) return false;
  const std::size_t before = path.size() - suffix.size();
  return path.substr(before) == suffix && (before == 0 || path[before - 1] == '/');
}

}  // namespace

MemberIndex::MemberIndex(const std::vector<ArtifactRule>& rules) : rules_(&rules) {
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    for (std::size_t test = 0; test < rules[rule].archives.size(); ++test) {
      const auto& members = rules[rule].archives[test].members;
      for (std::size_t member = 0; member < members.size(); ++member) {
        by_name_.emplace(last_part(members[member].suffix), MemberId{rule, test, member});
      }
    }
  }
}

const MemberTest& MemberIndex::test(const MemberId& id) const {
  return (*rules_)[id.rule].archives[id.test].members[id.member];
}

std::vector<MemberId> MemberIndex::of(std::string_view path) const {
  std::vector<MemberId> out;
  const auto [first, last] = by_name_.equal_range(last_part(path));
  for (auto it = first; it != last; ++it) {
    if (is_suffix(path, test(it->second).suffix)) out.push_back(it->second);
  }
  return out;
}

std::vector<std::string> MemberIndex::suffixes() const {
  std::vector<std::string> out;
  for (const auto& [name, id] : by_name_) out.push_back(test(id).suffix);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void MemberGroups::add(const MemberId& id, std::string_view path, bool holds, std::string version) {
  const std::string& suffix = rules_[id.rule].archives[id.test].members[id.member].suffix;
  const std::string folder(path.substr(0, path.size() - suffix.size()));
  Seen& seen = groups_[{id.rule, id.test, folder}][id.member];
  seen.holds = seen.holds || holds;
  seen.path = path;
  seen.version = std::move(version);
}

std::vector<GroupHit> MemberGroups::hits() const {
  std::vector<GroupHit> out;
  for (const auto& [key, seen] : groups_) {
    const std::size_t rule = std::get<0>(key);
    const auto& members = rules_[rule].archives[std::get<1>(key)].members;
    const auto first = seen.find(0);
    if (first == seen.end() || !first->second.holds) continue;
    std::string version;
    bool all = true;
    for (std::size_t i = 0; i < members.size() && all; ++i) {
      const auto found = seen.find(i);
      if (members[i].absent) {
        all = found == seen.end();
      } else if (found == seen.end()) {
        all = members[i].content.asks() && members[i].content.holds_of_nothing();
      } else {
        all = found->second.holds;
        if (!found->second.version.empty()) version = found->second.version;
      }
    }
    if (all) out.push_back({rule, first->second.path, std::move(version)});
  }
  return out;
}

}  // namespace meridian::known_artifacts
