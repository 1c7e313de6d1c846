// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "report/format.hpp"
#include "sample.hpp"
#include "schema_check.hpp"
#include "support/catch.hpp"

using namespace meridian;
using nlohmann::json;
using report::Format;
using test::violations;

namespace {

json document() { return json::parse(render(test::rich_report(), Format::kJson, {})); }

bool is_valid(const json& report) { return violations(test::kReportSchema, report.dump()).empty(); }

json manifest() {
  return json::parse(R"({
    "id": "org.example.modes", "version": "1.0.0-rc.1", "summary": "s", "licence": "Apache-2.0",
    "library": "modes.so",
    "rules": [{"id": "world-writable", "title": "t", "severity": "low", "help": "h"}],
    "configuration": {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}},
    "needs": {"memory": 1048576, "seconds_per_file": 5, "scratch": 0, "threads": 0, "jit": false,
              "privileges": [], "pure_layer_function": true}})");
}

bool is_valid_manifest(const json& manifest) {
  return violations(test::kManifestSchema, manifest.dump()).empty();
}

}  // namespace

TEST_CASE("report schema: every rendered report is valid") {
  for (const auto& report : {test::empty_report(), test::brief_report(), test::rich_report(),
                             test::hostile_report(), test::incomplete_report()}) {
    auto valid = report;
    for (auto& finding : valid.findings) finding.group = "g1";
    CHECK(violations(test::kReportSchema, render(valid, Format::kJson, {})) == "");
    CHECK(violations(test::kListSchema, render_list(valid, Format::kJson, {})) == "");
  }
}

TEST_CASE("report schema: every severity, gap kind, result and visibility has its word there") {
  auto report = test::rich_report();
  const auto finding = report.findings[0];
  for (int i = 0; i <= static_cast<int>(finding::Severity::kCritical); ++i) {
    report.findings.push_back(finding);
    report.findings.back().severity = static_cast<finding::Severity>(i);
    report.findings.back().confidence = static_cast<finding::Confidence>(i % 3);
    report.findings.back().location.visibility = static_cast<finding::Visibility>(i % 3);
  }
  for (int i = 0; i <= static_cast<int>(finding::GapKind::kShutdown); ++i) {
    report.gaps.push_back({static_cast<finding::GapKind>(i), "", "", "", "m", "", ""});
  }
  for (int i = 0; i <= static_cast<int>(finding::PairResult::kSkipped); ++i) {
    report.coverage.push_back(report.coverage[0]);
    report.coverage.back().result = static_cast<finding::PairResult>(i);
  }
  CHECK(violations(test::kReportSchema, render(report, Format::kJson, {})) == "");
}

TEST_CASE("report schema: an unknown key is refused wherever the object is ours") {
  REQUIRE(is_valid(document()));
  for (const char* place :
       {"", "/meridian", "/host", "/plugins/0", "/targets/0", "/targets/0/present_in/0",
        "/targets/0/layers/0", "/targets/1/isolation", "/findings/0", "/findings/0/location",
        "/findings/0/location/layer", "/findings/0/occurrences/0", "/findings/0/evidence",
        "/facts/0", "/coverage/0", "/gaps/0", "/statistics"}) {
    json report = document();
    json& object = report[json::json_pointer(place)];
    REQUIRE(object.is_object());
    object["surprise"] = 1;
    INFO(place);
    CHECK_FALSE(is_valid(report));
  }
}

TEST_CASE("report schema: a missing key is refused wherever the contract promises it") {
  for (const char* place :
       {"", "/host", "/plugins/0", "/targets/0", "/targets/0/layers/0", "/findings/1",
        "/findings/1/location", "/facts/0", "/coverage/1", "/statistics"}) {
    const json whole = document();
    const json object = whole[json::json_pointer(place)];
    for (const auto& item : object.items()) {
      const bool optional = item.key() == "diff_id" || item.key() == "field";
      if (optional) continue;
      json report = whole;
      report[json::json_pointer(place)].erase(item.key());
      INFO(place << " without " << item.key());
      CHECK_FALSE(is_valid(report));
    }
  }
}

TEST_CASE("report schema: wrong words, types and signs are refused") {
  const std::vector<std::pair<const char*, json>> wrong = {
      {"/schema", "meridian.report/2"},
      {"/complete", "true"},
      {"/findings/0/severity", "severe"},
      {"/findings/0/severity", "HIGH"},
      {"/findings/0/confidence", "unknown"},
      {"/findings/0/location/visibility", "hidden"},
      {"/findings/0/location/line", 0},
      {"/findings/0/evidence", json::object()},
      {"/findings/0/detail", json::object()},
      {"/findings/0/detail/kind", 1},
      {"/coverage/0/result", "ok"},
      {"/coverage/0/gaps", -1},
      {"/gaps/0/kind", "whatever"},
      {"/targets/0/kind", "pod"},
      {"/targets/0/layers/0/size", 1.5},
      {"/targets/1/isolation/kind", "vm"},
      {"/components", nullptr},
      {"/statistics/seconds", nullptr}};
  for (const auto& [place, value] : wrong) {
    json report = document();
    report[json::json_pointer(place)] = value;
    INFO(place << " = " << value.dump());
    CHECK_FALSE(is_valid(report));
  }
}

TEST_CASE("report schema: a detail carries what the plugin likes beside its kind") {
  json report = document();
  report["findings"][0]["detail"]["more"] = {{"nested", {1, 2, 3}}};
  CHECK(is_valid(report));
}

TEST_CASE("manifest schema: a full and a minimal manifest are valid") {
  CHECK(violations(test::kManifestSchema, manifest().dump()) == "");
  json minimal = manifest();
  for (const char* key : {"rules", "configuration", "needs"}) minimal.erase(key);
  CHECK(violations(test::kManifestSchema, minimal.dump()) == "");
}

TEST_CASE("manifest schema: misspelt keys, wrong words and paths as library are refused") {
  REQUIRE(is_valid_manifest(manifest()));
  for (const char* place : {"", "/rules/0", "/needs"}) {
    json bad = manifest();
    bad[json::json_pointer(place)]["surprise"] = 1;
    CHECK_FALSE(is_valid_manifest(bad));
  }
  const std::vector<std::pair<const char*, json>> wrong = {
      {"/id", "modes"},        {"/id", "Org.Example"},      {"/id", "../x.y"},
      {"/version", "1.0"},     {"/library", "../modes.so"}, {"/rules/0/severity", "severe"},
      {"/needs/memory", -1},   {"/needs/jit", "no"},        {"/needs/privileges", "all"},
      {"/configuration", "{}"}};
  for (const auto& [place, value] : wrong) {
    json bad = manifest();
    bad[json::json_pointer(place)] = value;
    INFO(place << " = " << value.dump());
    CHECK_FALSE(is_valid_manifest(bad));
  }
  for (const char* key : {"id", "version", "summary", "licence", "library"}) {
    json bad = manifest();
    bad.erase(key);
    CHECK_FALSE(is_valid_manifest(bad));
  }
}

TEST_CASE("manifest schema: every manifest of this repository is valid") {
  const std::filesystem::path root(MERIDIAN_SOURCE_DIR);
  for (const auto& folder : {root / "plugins", root / "plugin-template"}) {
    if (!std::filesystem::is_directory(folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().filename() != "plugin.json") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(file)), {});
      INFO(entry.path().string());
      CHECK(violations(test::kManifestSchema, text) == "");
    }
  }
}
