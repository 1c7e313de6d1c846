// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "data/ecosystems.hpp"
#include "data/feeds.hpp"
#include "data/json_fields.hpp"

namespace meridian::data {

namespace {

using nlohmann::json;

/// "CVE-2021-1 CVE-2021-2 (+ XSA-3)": names with blanks between.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t blank = std::min(text.find(' ', from), text.size());
    std::string name = text.substr(from, blank - from);
    from = blank + 1;
    const bool is_id = name.size() > 3 && name.find('-') != std::string::npos;
    if (is_id) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

Result<void> read_alpine_secdb(std::string_view text, Sink& sink) {
  MERIDIAN_TRY(const json document, parse_bounded(text));
  const json* const packages = array_of(document, "packages");
  if (packages == nullptr) return Error(ErrorCode::kCorrupt, "without \"packages\"");
  const std::string release = name_of(document, "distroversion");
  // Wolfi and Chainguard publish the same shape, and have no releases.
  const std::string url = name_of(document, "apkurl") + name_of(document, "urlprefix");
  std::string id = "alpine";
  for (const char* const other : {"wolfi", "chainguard"}) {
    if (url.find(other) != std::string::npos) id = other;
  }
  const auto ecosystem = distribution(id, release);
  if (!ecosystem || ecosystem->name == "alpine:") {
    return Error(ErrorCode::kCorrupt, "without \"distroversion\"");
  }
  for (const json& entry : *packages) {
    const json* const package = object_of(entry, "pkg");
    const std::string name = package == nullptr ? "" : name_of(*package, "name");
    const json* const fixes = package == nullptr ? nullptr : object_of(*package, "secfixes");
    if (name.empty() || fixes == nullptr) {
      sink.failed(name.empty() ? "a package" : name,
                  Error(ErrorCode::kCorrupt, "without name or secfixes"));
      continue;
    }
    for (const auto& [version, ids] : fixes->items()) {
      if (!ids.is_array() || name_of(json(version)).empty()) {
        sink.failed(name, Error(ErrorCode::kCorrupt, "a version without a list"));
        continue;
      }
      Affected affected;
      affected.ecosystem = ecosystem->name;
      affected.order = ecosystem->order;
      affected.package = name;
      // "0": it never had the fault.
      if (version != "0") affected.intervals.push_back({"", version, ""});
      for (const json& line : ids) {
        std::vector<std::string> names = split(name_of(line));
        if (names.empty()) continue;
        // A line names one fault: the CVE first, then what else it is called.
        const auto cve = std::find_if(names.begin(), names.end(), [](const std::string& one) {
          return one.starts_with("CVE-");
        });
        Advisory advisory;
        if (cve != names.end()) std::iter_swap(names.begin(), cve);
        advisory.id = names.front();
        for (auto other = names.begin() + 1; other != names.end(); ++other) {
          if (!other->starts_with("CVE-")) advisory.aliases.push_back(*other);
        }
        MERIDIAN_CHECK(sink.add(advisory, {affected}));
        for (auto other = names.begin() + 1; other != names.end(); ++other) {
          if (!other->starts_with("CVE-")) continue;
          advisory.id = *other;
          MERIDIAN_CHECK(sink.add(advisory, {affected}));
        }
      }
    }
  }
  return {};
}

}  // namespace meridian::data
