// SPDX-License-Identifier: Apache-2.0
//
// Against the official schemas: tests/e2e/sbom_test.py.
#include "report/components.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "report/format.hpp"
#include "sample.hpp"
#include "schema_check.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace meridian;
using nlohmann::json;
using report::Format;

namespace {

constexpr const char* kFact = R"({"packages": [
    {"type": "deb", "name": "bash", "version": "5.2-1", "kind": "installed", "arch": "amd64",
     "licenses": ["GPL-3+", "MIT"], "purl": "pkg:deb/debian/bash@5.2-1?arch=amd64", "layer": 0,
     "paths": ["var/lib/dpkg/status"]},
    {"type": "golang", "name": "stdlib", "version": "", "kind": "embedded",
     "purl": "pkg:golang/stdlib", "layer": 1, "paths": ["usr/bin/x", "usr/bin/y"]}]})";

finding::Report with_fact(const std::string& data) {
  finding::Report report = test::brief_report();
  report.facts = {{report.targets[0].id, "io.meridian.packages", "meridian.packages/1", data}};
  return report;
}

json parsed(const finding::Report& report, Format format) {
  return json::parse(render(report, format, {}), nullptr, false);
}

}  // namespace

TEST_CASE("components: the report lists what the facts say, with the layer's id") {
  const auto report = with_fact(kFact);
  const std::string text = render(report, Format::kJson, {});
  CHECK(test::violations(test::kReportSchema, text).empty());
  const json components = json::parse(text)["components"];
  REQUIRE(components.size() == 2);
  CHECK(components[0]["purl"] == "pkg:deb/debian/bash@5.2-1?arch=amd64");
  CHECK(components[0]["licenses"] == json::array({"GPL-3+", "MIT"}));
  CHECK(components[1]["layer"]["id"] == report.targets[0].layers[1].id);
  std::size_t lines = 0;
  for (const std::string& line : test::lines_of(render(report, Format::kJsonLines, {}))) {
    if (line.rfind(R"({"type":"component",)", 0) == 0) ++lines;
  }
  CHECK(lines == 2);
}

TEST_CASE("components: a fact that is not of its schema is no component, and stays a fact") {
  for (const char* data : {"", "[", R"({"packages": 1})", R"({"packages": [1, {"name": "x"}]})",
                           R"({"packages": [{"name": "x", "purl": "pkg:a/x", "layer": 9}]})",
                           R"({"packages": [{"name": "x", "purl": "http:", "layer": 0}]})",
                           R"({"packages": [{"name": "", "purl": "pkg:a/x", "layer": 0}]})",
                           R"({"packages": [{"name": "x", "purl": "pkg:a/x", "layer": -1}]})"}) {
    const json document = parsed(with_fact(data), Format::kJson);
    CHECK(document["components"].empty());
    CHECK(document["facts"].size() == 1);
    CHECK(parsed(with_fact(data), Format::kCycloneDx)["components"].empty());
    CHECK(parsed(with_fact(data), Format::kSpdx)["packages"].size() == 1);
  }
}

TEST_CASE("cyclonedx, spdx: the documents are the golden ones") {
  test::check_golden("report/brief.cdx.json", render(with_fact(kFact), Format::kCycloneDx, {}));
  test::check_golden("report/brief.spdx.json", render(with_fact(kFact), Format::kSpdx, {}));
}

TEST_CASE("cyclonedx: of several targets each holds its own, and every reference is one thing") {
  finding::Report report = test::rich_report();
  for (const auto& target : report.targets) {
    report.facts.push_back({target.id, "p", "meridian.packages/1", kFact});
  }
  const json document = parsed(report, Format::kCycloneDx);
  REQUIRE(document["components"].size() == 2);
  std::set<std::string> refs;
  for (const json& target : document["components"]) {
    CHECK(refs.insert(target["bom-ref"]).second);
    CHECK(target["components"].size() == 2);
    for (const json& one : target["components"]) CHECK(refs.insert(one["bom-ref"]).second);
  }
  CHECK(document["compositions"][0]["aggregate"] == "incomplete");
  CHECK(document["compositions"][1]["aggregate"] == "unknown");
}

TEST_CASE("cyclonedx, spdx: the number follows the content, not the time") {
  finding::Report later = with_fact(kFact);
  later.started = later.finished = "2027-01-01T00:00:00Z";
  const json one = parsed(with_fact(kFact), Format::kCycloneDx),
             other = parsed(later, Format::kCycloneDx);
  CHECK(one["serialNumber"] == other["serialNumber"]);
  CHECK(one["metadata"]["timestamp"] != other["metadata"]["timestamp"]);
  CHECK(parsed(with_fact("{}"), Format::kCycloneDx)["serialNumber"] != one["serialNumber"]);
  CHECK(parsed(with_fact(kFact), Format::kSpdx)["documentNamespace"] ==
        parsed(later, Format::kSpdx)["documentNamespace"]);
}

TEST_CASE("spdx: each licence that SPDX does not know is told once, and every element is related") {
  const json document = parsed(with_fact(kFact), Format::kSpdx);
  CHECK(document["hasExtractedLicensingInfos"].size() == 1);
  CHECK(document["packages"][1]["licenseDeclared"] == "LicenseRef-1 AND MIT");
  CHECK(document["packages"][2]["licenseDeclared"] == "NOASSERTION");
  CHECK(document["relationships"].size() == document["packages"].size());
}

TEST_CASE("cyclonedx, spdx: whatever a report holds, they are ASCII and JSON") {
  for (const auto& report : {test::empty_report(), test::rich_report(), test::hostile_report(),
                             test::incomplete_report()}) {
    for (const Format format : {Format::kCycloneDx, Format::kSpdx}) {
      const std::string text = render(report, format, {});
      CHECK(json::parse(text, nullptr, false).is_object());
      for (const char c : text) REQUIRE((c == '\n' || (c >= 0x20 && c <= 0x7e)));
    }
  }
}
