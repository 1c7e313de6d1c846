// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "data/cvss.hpp"
#include "data/ecosystems.hpp"
#include "data/feeds.hpp"
#include "data/json_fields.hpp"
#include "data/sqlite.hpp"

namespace meridian::data {

namespace {

using finding::Severity;
using nlohmann::json;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// The part before `separator`, which leaves with it.
std::string_view take_part(std::string_view& text, std::string_view separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + separator.size());
  return trimmed(part);
}

/// One "< 1.2": narrows the interval. False: an operator that no interval can say.
bool narrow(std::string_view bound, Interval& interval) {
  const auto version = [&](std::size_t count) { return std::string(trimmed(bound.substr(count))); };
  if (bound.starts_with("<=")) {
    interval.last = version(2);
  } else if (bound.starts_with("<")) {
    interval.fixed = version(1);
  } else if (bound.starts_with(">=")) {
    interval.introduced = version(2);
  } else if (bound.starts_with(">")) {
    interval.introduced = ">" + version(1);
  } else if (bound.starts_with("=") || (!bound.empty() && bound.find_first_of("!~^*") != 0)) {
    interval.introduced = interval.last = version(bound.starts_with("=") ? 1 : 0);
  } else {
    return false;
  }
  return true;
}

Severity word(std::string_view text) {
  if (text == "negligible") return Severity::kInfo;
  return finding::parse_severity(text).value_or(Severity::kUnknown);
}

/// The first of each kind: they are in order of rank.
void take_severities(const json& blob, Advisory& advisory) {
  const json* const list = array_of(blob, "severities");
  if (list == nullptr) return;
  for (const json& one : *list) {
    if (!one.is_object() || !one.contains("value")) continue;
    if (one["value"].is_string()) {
      std::string text = name_of(one, "value");
      std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
      if (advisory.severity == Severity::kUnknown) advisory.severity = word(text);
    } else if (const json* const value = object_of(one, "value")) {
      const std::string vector = name_of(*value, "vector");
      if (!vector.starts_with("CVSS:") || advisory.score >= 0) continue;
      const auto computed = cvss_score(vector);
      const auto said = value->find("score");
      if (computed) {
        advisory.score = *computed;
      } else if (said != value->end() && said->is_number() && said->get<double>() > 0 &&
                 said->get<double>() <= 10) {
        advisory.score = said->get<double>();
      } else {
        continue;
      }
      advisory.vector = vector;
    }
  }
  if (advisory.severity == Severity::kUnknown && advisory.score >= 0) {
    advisory.severity = severity_of(advisory.score);
  }
}

Result<void> take_range(const json& range, Affected& affected) {
  const json* const version = object_of(range, "version");
  const json* const fix = object_of(range, "fix");
  const std::string state = fix == nullptr ? "" : name_of(*fix, "state");
  if (state == "unaffected" || state == "not-affected") return {};
  const std::string constraint = version == nullptr ? "" : name_of(*version, "constraint");
  MERIDIAN_TRY(auto intervals, parse_constraint(constraint));
  // "<= 1.2" and a fix beside it: nothing lies between.
  const std::string fixed = fix == nullptr || state != "fixed" ? "" : name_of(*fix, "version");
  if (intervals.size() == 1 && intervals[0].fixed.empty()) intervals[0].fixed = fixed;
  for (Interval& interval : intervals) affected.intervals.push_back(std::move(interval));
  if (state == "wont-fix") affected.state = state;
  return {};
}

}  // namespace

Result<std::vector<Interval>> parse_constraint(std::string_view text) {
  std::vector<Interval> intervals;
  text = trimmed(text);
  if (text.empty() || text == "none (unknown)") {
    intervals.emplace_back();
    return intervals;
  }
  while (!text.empty()) {
    std::string_view bounds = take_part(text, "||");
    Interval interval;
    while (!bounds.empty()) {
      const std::string_view bound = take_part(bounds, ",");
      if (narrow(bound, interval)) continue;
      return Error(ErrorCode::kInvalid, "a constraint with another operator");
    }
    intervals.push_back(std::move(interval));
  }
  return intervals;
}

Result<void> read_grype_row(const GrypeRow& row, Advisory& advisory, std::vector<Affected>& into) {
  std::optional<Ecosystem> ecosystem;
  if (row.os.empty()) {
    ecosystem = language(row.type);
  } else {
    const std::string major(row.major);
    ecosystem =
        distribution(row.os, row.minor.empty() ? major : major + "." + std::string(row.minor));
  }
  if (!ecosystem || row.package.empty() || row.package.size() > kMaxName || row.id.empty() ||
      row.id.size() > kMaxName) {
    return {};
  }
  MERIDIAN_TRY(const json affected_blob, parse_bounded(row.affected));
  if (!affected_blob.is_object()) return Error(ErrorCode::kCorrupt, "a blob that is no object");
  Affected affected;
  affected.ecosystem = ecosystem->name;
  affected.order = ecosystem->order;
  affected.package = normalised(ecosystem->name, row.package);
  const json* const ranges = array_of(affected_blob, "ranges");
  if (ranges == nullptr) return {};
  for (const json& range : *ranges) MERIDIAN_CHECK(take_range(range, affected));
  if (const json* const qualifiers = object_of(affected_blob, "qualifiers")) {
    const std::string module = name_of(*qualifiers, "rpm_modularity");
    if (!module.empty()) affected.state = "module";
  }

  MERIDIAN_TRY(const json blob, parse_bounded(row.advisory));
  if (!blob.is_object()) return Error(ErrorCode::kCorrupt, "a blob that is no object");
  advisory.id = std::string(row.id);
  advisory.published = std::string(row.published.substr(0, 32));
  advisory.summary = words_of(blob, "description");
  take_severities(blob, advisory);
  std::vector<std::string> names = names_of(affected_blob, "cves");
  for (std::string& alias : names_of(blob, "aliases")) names.push_back(std::move(alias));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  // One CVE is what everybody calls it; of a notice about several the notice is the name.
  const auto is_cve = [](const std::string& name) { return name.starts_with("CVE-"); };
  const auto cve = std::find_if(names.begin(), names.end(), is_cve);
  if (!is_cve(advisory.id) && std::count_if(names.begin(), names.end(), is_cve) == 1) {
    std::swap(advisory.id, *cve);
  }
  names.erase(std::remove(names.begin(), names.end(), advisory.id), names.end());
  advisory.aliases = std::move(names);
  into.push_back(std::move(affected));
  return {};
}

Result<void> read_grype(int file, Sink& sink) {
  MERIDIAN_TRY(const Sqlite database, Sqlite::open_read_only(file));
  MERIDIAN_TRY(Query about,
               Query::prepare(database, "SELECT model, build_timestamp FROM db_metadata"));
  MERIDIAN_TRY(const bool any, about.step());
  if (!any || about.number(0) != 6) {
    return Error(
        ErrorCode::kUnsupported,
        "a Grype database of schema " + std::to_string(any ? about.number(0) : 0) + "; 6 is read");
  }
  // "2024-11-21 10:00:00+00:00", as Go writes times into SQLite.
  std::string date(about.text(1).substr(0, 19));
  if (date.size() == 19) sink.dated(date.replace(10, 1, "T") + "Z");

  // The first has the columns of what is published, the second those of its first drafts.
  const auto select = [](const char* type, const char* os) {
    return std::string("SELECT v.name, v.published_date, coalesce(") + os +
           ", ''), coalesce(o.major_version, ''), coalesce(o.minor_version, ''), p." + type +
           ", p.name, vb.value, ab.value FROM affected_package_handles a"
           " JOIN vulnerability_handles v ON v.id = a.vulnerability_id"
           " JOIN packages p ON p.id = a.package_id JOIN blobs vb ON vb.id = v.blob_id"
           " JOIN blobs ab ON ab.id = a.blob_id"
           " LEFT JOIN operating_systems o ON o.id = a.operating_system_id"
           " WHERE v.withdrawn_date IS NULL AND v.status <> 'rejected' ORDER BY a.id";
  };
  auto prepared = Query::prepare(database, select("ecosystem", "o.release_id").c_str());
  if (!prepared) prepared = Query::prepare(database, select("type", "o.name").c_str());
  MERIDIAN_TRY(Query rows, std::move(prepared));
  while (true) {
    MERIDIAN_TRY(const bool row, rows.step());
    if (!row) return {};
    Advisory advisory;
    std::vector<Affected> affected;
    const GrypeRow one{rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4),
                       rows.text(5), rows.text(6), rows.text(7), rows.text(8)};
    if (auto read = read_grype_row(one, advisory, affected); !read) {
      sink.failed(std::string(one.id.substr(0, kMaxName)), read.error());
      continue;
    }
    if (!affected.empty()) MERIDIAN_CHECK(sink.add(advisory, affected));
  }
}

}  // namespace meridian::data
