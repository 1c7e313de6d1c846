// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "data/cvss.hpp"
#include "data/ecosystems.hpp"
#include "data/feeds.hpp"
#include "data/json_fields.hpp"

namespace meridian::data {

namespace {

using finding::Severity;
using nlohmann::json;

constexpr std::size_t kMaxVersions = 20'000;  // that one record names for a package

bool is_cve(std::string_view id) { return id.starts_with("CVE-"); }

/// GitHub's words, Ubuntu's, and the usual ones.
Severity word(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (text == "moderate") return Severity::kMedium;
  if (text == "negligible") return Severity::kInfo;
  if (text == "important") return Severity::kHigh;
  return finding::parse_severity(text).value_or(Severity::kUnknown);
}

/// What the record, or its entry of one package, says: the first CVSS, and a word.
void take_severity(const json& object, Advisory& advisory) {
  if (const json* const list = array_of(object, "severity")) {
    for (const json& one : *list) {
      if (!one.is_object()) continue;
      const std::string score = name_of(one, "score");
      if (const auto number = cvss_score(score)) {
        if (advisory.score >= 0) continue;
        advisory.score = *number;
        advisory.vector = score;
      } else if (name_of(one, "type") == "Ubuntu") {
        advisory.severity = word(score);
      }
    }
  }
  for (const char* const key : {"database_specific", "ecosystem_specific"}) {
    const json* const specific = object_of(object, key);
    if (specific == nullptr || advisory.severity != Severity::kUnknown) continue;
    advisory.severity = word(name_of(*specific, "severity"));
  }
}

/// Bounds in the order of the list, as all feeds write them. A git range is of commits.
void take_range(const json& range, Affected& to) {
  if (name_of(range, "type") == "GIT") return;
  const json* const events = array_of(range, "events");
  if (events == nullptr) return;
  std::optional<Interval> open;
  for (const json& event : *events) {
    if (!event.is_object()) continue;
    const std::string introduced = name_of(event, "introduced"), fixed = name_of(event, "fixed"),
                      last = name_of(event, "last_affected");
    if (!introduced.empty()) {
      if (open) to.intervals.push_back(*std::exchange(open, std::nullopt));
      open.emplace();
      if (introduced != "0") open->introduced = introduced;
    } else if (open && !(fixed.empty() && last.empty())) {
      open->fixed = fixed;
      open->last = last;
      // Debian's "0" as a fix: never affected.
      if (fixed != "0") to.intervals.push_back(*open);
      open.reset();
    }
  }
  if (open) to.intervals.push_back(*open);
}

struct Packages {
  std::vector<Affected> list;
  bool any_known = false;
};

Packages packages_of(const json& record, Advisory& advisory) {
  Packages packages;
  const json* const list = array_of(record, "affected");
  if (list == nullptr) return packages;
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  for (const json& entry : *list) {
    const json* const package = object_of(entry, "package");
    if (package == nullptr) continue;
    const auto ecosystem = osv_ecosystem(name_of(*package, "ecosystem"));
    const std::string name = name_of(*package, "name");
    if (!ecosystem || name.empty()) continue;
    packages.any_known = true;
    Affected affected;
    affected.ecosystem = ecosystem->name;
    affected.order = ecosystem->order;
    affected.package = normalised(ecosystem->name, name);
    bool has_range = false;
    if (const json* const ranges = array_of(entry, "ranges")) {
      for (const json& range : *ranges) {
        if (!range.is_object()) continue;
        has_range = has_range || name_of(range, "type") != "GIT";
        take_range(range, affected);
      }
    }
    // A list of versions beside a range is the range, spelt out.
    if (!has_range) affected.versions = names_of(entry, "versions");
    if (affected.versions.size() > kMaxVersions) affected.versions.resize(kMaxVersions);
    take_severity(entry, advisory);
    const auto [place, added] =
        places.try_emplace({affected.ecosystem, affected.package}, packages.list.size());
    if (added) {
      packages.list.push_back(std::move(affected));
      continue;
    }
    Affected& same = packages.list[place->second];
    same.intervals.insert(same.intervals.end(), affected.intervals.begin(),
                          affected.intervals.end());
    same.versions.insert(same.versions.end(), affected.versions.begin(), affected.versions.end());
  }
  return packages;
}

}  // namespace

Result<void> read_osv(std::string_view text, Sink& sink) {
  MERIDIAN_TRY(const json record, parse_bounded(text));
  if (!record.is_object()) return Error(ErrorCode::kCorrupt, "not an object");
  const std::string id = name_of(record, "id");
  if (id.empty()) return Error(ErrorCode::kCorrupt, "an OSV record without \"id\"");
  sink.dated(name_of(record, "modified"));
  if (record.contains("withdrawn") && !record["withdrawn"].is_null()) return {};

  Advisory advisory;
  advisory.summary = words_of(record, "summary");
  if (advisory.summary.empty()) advisory.summary = words_of(record, "details");
  advisory.published = name_of(record, "published");
  take_severity(record, advisory);
  if (id.starts_with("MAL-")) advisory.severity = Severity::kCritical;
  const Packages packages = packages_of(record, advisory);
  if (!packages.any_known) return {};
  if (advisory.severity == Severity::kUnknown && advisory.score >= 0) {
    advisory.severity = severity_of(advisory.score);
  }

  std::vector<std::string> names = names_of(record, "aliases");
  for (const char* const key : {"upstream", "related"}) {
    // Of a distribution's notice: what it fixes. Elsewhere "related" is another matter.
    const bool notice = packages.list.front().ecosystem.find(':') != std::string::npos;
    if (!notice && key != std::string_view("upstream")) continue;
    for (std::string& name : names_of(record, key)) {
      if (is_cve(name)) names.push_back(std::move(name));
    }
  }
  names.push_back(id);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const auto first = std::partition(names.begin(), names.end(), is_cve);
  std::vector<std::string> cves(names.begin(), first), others(first, names.end());
  std::sort(cves.begin(), cves.end());
  std::sort(others.begin(), others.end());
  if (cves.empty()) {
    cves.push_back(id);
    others.erase(std::remove(others.begin(), others.end(), id), others.end());
  }
  advisory.aliases = std::move(others);
  for (std::string& cve : cves) {
    advisory.id = std::move(cve);
    MERIDIAN_CHECK(sink.add(advisory, packages.list));
  }
  return {};
}

}  // namespace meridian::data
