// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "report/format.hpp"
#include "sample.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace meridian;
using nlohmann::ordered_json;
using report::Format;

namespace {

std::vector<finding::Report> samples() {
  return {test::empty_report(), test::brief_report(), test::rich_report(), test::hostile_report(),
          test::incomplete_report()};
}

bool is_plain_ascii(const std::string& text) {
  for (const char c : text) {
    if (c != '\n' && (c < 0x20 || c > 0x7e)) return false;
  }
  return true;
}

ordered_json parsed(const finding::Report& report) {
  return ordered_json::parse(render(report, Format::kJson, {}), nullptr, false);
}

/// The document that the lines carry together.
ordered_json union_of(const std::string& lines) {
  const std::map<std::string, std::string> lists = {
      {"plugin", "plugins"}, {"target", "targets"},       {"finding", "findings"},
      {"fact", "facts"},     {"component", "components"}, {"coverage", "coverage"},
      {"gap", "gaps"}};
  ordered_json all;
  for (const std::string& line : test::lines_of(lines)) {
    ordered_json object = ordered_json::parse(line, nullptr, false);
    REQUIRE(object.is_object());
    REQUIRE(object.begin().key() == "type");
    const std::string type = object["type"];
    object.erase("type");
    if (type == "statistics") {
      all["statistics"] = object;
    } else if (type == "scan") {
      all.update(object);
      all["components"] = ordered_json::array();
      for (const auto& [_, list] : lists) all[list] = ordered_json::array();
    } else {
      REQUIRE(lists.count(type) == 1);
      all[lists.at(type)].push_back(object);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("report json: the document is the golden one") {
  test::check_golden("report/brief.json", render(test::brief_report(), Format::kJson, {}));
  test::check_golden("report/empty.json", render(test::empty_report(), Format::kJson, {}));
}

TEST_CASE("report jsonl: the lines are the golden ones") {
  test::check_golden("report/rich.jsonl", render(test::rich_report(), Format::kJsonLines, {}));
  test::check_golden("report/hostile.jsonl",
                     render(test::hostile_report(), Format::kJsonLines, {}));
}

TEST_CASE("report json: it is laid out as the library would, with two blanks") {
  for (const auto& report : samples()) {
    CHECK(render(report, Format::kJson, {}) == parsed(report).dump(2, ' ', true) + "\n");
  }
}

TEST_CASE("report json: keys stand in the order of the contract") {
  std::vector<std::string> keys;
  const ordered_json document = parsed(test::rich_report());
  for (const auto& item : document.items()) keys.push_back(item.key());
  CHECK(keys == std::vector<std::string>{"schema", "meridian", "host", "started", "finished",
                                         "complete", "plugins", "targets", "findings", "components",
                                         "facts", "coverage", "gaps", "statistics"});
}

TEST_CASE("report json, jsonl: rendering twice gives the same bytes, with and without colour") {
  for (const auto& report : samples()) {
    for (const Format format : {Format::kJson, Format::kJsonLines, Format::kTable}) {
      CHECK(render(report, format, {}) == render(report, format, {}));
      CHECK(render_list(report, format, {}) == render_list(report, format, {}));
      if (format == Format::kTable) continue;
      CHECK(render(report, format, {}) == render(report, format, {.color = true}));
    }
  }
}

TEST_CASE("report jsonl: the union of all lines carries what the document carries") {
  for (const auto& report : samples()) {
    const auto lines = union_of(render(report, Format::kJsonLines, {}));
    // Without order, which a union of lines does not have.
    CHECK(nlohmann::json(lines) == nlohmann::json(parsed(report)));
  }
}

TEST_CASE("report json, jsonl: hostile names leave nothing that a terminal obeys") {
  const auto report = test::hostile_report();
  for (const Format format : {Format::kJson, Format::kJsonLines}) {
    CHECK(is_plain_ascii(render(report, format, {})));
    CHECK(is_plain_ascii(render_list(report, format, {})));
  }
}

TEST_CASE("report json: a path that is UTF-8 is exact, any other is escaped and exact in base64") {
  const auto document = parsed(test::hostile_report());
  const auto& finding = document["findings"][0];
  CHECK(finding["location"]["path"] == base::escape(test::kHostileBytes));
  CHECK(finding["location"]["path_base64"] == base::base64(test::kHostileBytes));
  CHECK(finding["occurrences"][0]["path"] == test::kHostileName);
  CHECK_FALSE(finding["occurrences"][0].contains("path_base64"));
  CHECK(document["gaps"][0]["path_base64"] == base::base64(test::kHostileBytes));
  CHECK(document["facts"][0]["data_base64"] ==
        base::base64(test::kHostileName + test::kHostileBytes));
}

TEST_CASE("report json: optional keys are absent when empty, others never") {
  auto report = test::rich_report();
  report.findings = {report.findings[1]};
  const auto document = parsed(report);
  const auto& finding = document["findings"][0];
  for (const char* key : {"group", "remediation", "occurrences", "detail"}) {
    CHECK_FALSE(finding.contains(key));
  }
  CHECK(finding["location"].size() == 2);
  CHECK(finding["evidence"].is_null());
  CHECK(document["targets"][0]["isolation"].is_null());
  CHECK(document["components"] == ordered_json::array());
  CHECK(finding["references"] == ordered_json::array());
}

TEST_CASE("report json: a detail of the promised shape is kept, keys in the plugin's order") {
  CHECK(parsed(test::rich_report())["findings"][0]["detail"].dump() ==
        R"({"kind":"secret","entropy":4.25,"checked":["structure","entropy"]})");
}

TEST_CASE("report json: a detail that is not an object with a kind stays readable as text") {
  const std::string deep =
      R"({"kind":"x","y":)" + std::string(5000, '[') + std::string(5000, ']') + "}";
  const std::string hostile = "{\"kind\": \"x\", \"y\": \"\xff\"}";
  for (const std::string& detail : {std::string("{"), std::string("[]"), std::string("{}"),
                                    std::string(R"({"kind":1})"), deep, hostile}) {
    auto report = test::rich_report();
    report.findings[0].detail = detail;
    const auto rendered = parsed(report)["findings"][0]["detail"];
    CHECK(rendered["kind"] == "malformed");
    CHECK(rendered["text"] == (base::is_utf8(detail) ? detail : base::escape(detail)));
  }
}

TEST_CASE("report json: numbers at their ends stay numbers") {
  auto report = test::rich_report();
  report.statistics.seconds = std::numeric_limits<double>::quiet_NaN();
  report.statistics.bytes_read = std::numeric_limits<std::uint64_t>::max();
  const auto document = parsed(report);
  CHECK(document["statistics"]["seconds"] == 0.0);
  CHECK(document["statistics"]["bytes_read"] == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("parse_format: takes the three names and no other") {
  CHECK(report::parse_format("table") == Format::kTable);
  CHECK(report::parse_format("json") == Format::kJson);
  CHECK(report::parse_format("jsonl") == Format::kJsonLines);
  for (const char* name : {"", "JSON", "json ", "sarif"}) CHECK_FALSE(report::parse_format(name));
}
