// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/limits.hpp"
#include "data/ecosystems.hpp"
#include "data/feeds.hpp"
#include "data/json_fields.hpp"

namespace meridian::data {

namespace {

using finding::Severity;
using nlohmann::json;

/// https://www.debian.org/releases/
constexpr std::array kReleases = {
    std::pair{"jessie", "8"},    std::pair{"stretch", "9"},   std::pair{"buster", "10"},
    std::pair{"bullseye", "11"}, std::pair{"bookworm", "12"}, std::pair{"trixie", "13"},
    std::pair{"forky", "14"},    std::pair{"duke", "15"},     std::pair{"sid", "unstable"}};

std::string release_of(std::string_view codename) {
  for (const auto& [name, number] : kReleases) {
    if (codename == name) return number;
  }
  return "";
}

/// "low**" was decided by hand and means the same.
Severity urgency(std::string_view word) {
  while (word.ends_with('*')) word.remove_suffix(1);
  if (word == "unimportant") return Severity::kInfo;
  return finding::parse_severity(word).value_or(Severity::kUnknown);
}

std::optional<Affected> affected_of(const std::string& package, const std::string& codename,
                                    const json& release) {
  const std::string number = release_of(codename);
  if (number.empty() || !release.is_object()) return std::nullopt;
  const auto ecosystem = distribution("debian", number);
  Affected affected;
  affected.ecosystem = ecosystem->name;
  affected.order = ecosystem->order;
  affected.package = package;
  affected.severity = urgency(name_of(release, "urgency"));
  const std::string status = name_of(release, "status"), fixed = name_of(release, "fixed_version");
  if (status == "resolved") {
    // "0": this release never had the fault.
    if (!fixed.empty() && fixed != "0") affected.intervals.push_back({"", fixed, ""});
    return affected;
  }
  if (status != "open" && status != "undetermined") return std::nullopt;
  affected.intervals.emplace_back();
  if (status == "undetermined") affected.state = status;
  if (release.contains("nodsa")) {
    affected.state = name_of(release, "nodsa_reason");
    if (affected.state.empty()) affected.state = "no-dsa";
  }
  if (name_of(release, "urgency") == "end-of-life") affected.state = "end-of-life";
  return affected;
}

Result<void> take_package(const std::string& package, const json& issues, Sink& sink) {
  if (!issues.is_object()) {
    sink.failed(package, Error(ErrorCode::kCorrupt, "not an object"));
    return {};
  }
  for (const auto& [id, issue] : issues.items()) {
    const json* const releases = object_of(issue, "releases");
    if (releases == nullptr || name_of(json(id)).empty()) {
      sink.failed(package + " " + id, Error(ErrorCode::kCorrupt, "without \"releases\""));
      continue;
    }
    Advisory advisory;
    advisory.id = id;
    advisory.summary = words_of(issue, "description");
    std::vector<Affected> affected;
    for (const auto& [codename, release] : releases->items()) {
      if (auto one = affected_of(package, codename, release)) affected.push_back(*std::move(one));
    }
    if (!affected.empty()) MERIDIAN_CHECK(sink.add(advisory, affected));
  }
  return {};
}

}  // namespace

Result<void> read_debian_tracker(std::string_view text, Sink& sink) {
  std::string package;
  Result<void> result;
  std::size_t values = 0;
  // Each package leaves the tree when it is whole, so that 60 MB do not become a gigabyte.
  const auto take = [&](int depth, json::parse_event_t event, json& parsed) {
    if (!result) return false;
    // Of one package; the kernel has some tens of thousands.
    if (++values > limits::kMaxJsonValues || depth > static_cast<int>(limits::kMaxJsonDepth)) {
      result = Error(ErrorCode::kLimit, package + ": JSON too deep or with too many values");
      return false;
    }
    if (depth == 1 && event == json::parse_event_t::key) {
      package = name_of(parsed);
      values = 0;
    }
    const bool whole =
        event == json::parse_event_t::object_end || event == json::parse_event_t::array_end;
    if (depth != 1 || !(whole || event == json::parse_event_t::value)) return true;
    if (package.empty()) {
      sink.failed("a package", Error(ErrorCode::kCorrupt, "its name is too long, or none"));
    } else {
      result = take_package(package, parsed, sink);
    }
    return false;
  };
  const auto rest = json::parse(text.begin(), text.end(), take, false);
  MERIDIAN_CHECK(result);
  if (!rest.is_object()) return Error(ErrorCode::kCorrupt, "not JSON, or cut short");
  return {};
}

}  // namespace meridian::data
