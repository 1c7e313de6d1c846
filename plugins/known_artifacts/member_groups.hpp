// SPDX-License-Identifier: Apache-2.0
//
// member_groups.hpp: which files of an archive, or of a tree, rules ask for, and what they say
// together.
//
// A class may be anywhere: "shaded/org/apache/..." holds a copy of its own. So members belong
// together that lie below the same folder, which is what stands before their suffix.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "rule.hpp"

namespace meridian::known_artifacts {

/// A member of a test of a rule, by their indexes.
struct MemberId {
  std::size_t rule = 0, test = 0, member = 0;
};

/// The members of all rules, by the last part of their path.
class MemberIndex {
 public:
  /// `rules` outlive it.
  explicit MemberIndex(const std::vector<ArtifactRule>& rules);
  /// Those that a path may be, any bytes.
  std::vector<MemberId> of(std::string_view path) const;
  const MemberTest& test(const MemberId& id) const;
  std::vector<std::string> suffixes() const;

 private:
  const std::vector<ArtifactRule>* rules_;
  std::multimap<std::string, MemberId, std::less<>> by_name_;
};

/// Where a rule's archive test holds.
struct GroupHit {
  std::size_t rule = 0;
  std::string path;     // of the first member
  std::string version;  // that decided; may be empty
};

/// What was seen of one archive, or of one tree.
class MemberGroups {
 public:
  explicit MemberGroups(const std::vector<ArtifactRule>& rules) : rules_(rules) {}
  /// A member at `path`, whose content test holds or not.
  void add(const MemberId& id, std::string_view path, bool holds, std::string version);
  std::vector<GroupHit> hits() const;

 private:
  struct Seen {
    bool holds = false;
    std::string path, version;
  };
  const std::vector<ArtifactRule>& rules_;
  std::map<std::tuple<std::size_t, std::size_t, std::string>, std::map<std::size_t, Seen>> groups_;
};

}  // namespace meridian::known_artifacts
