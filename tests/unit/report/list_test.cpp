// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "report/format.hpp"
#include "sample.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace meridian;
using Catch::Matchers::Contains;
using nlohmann::ordered_json;
using report::Format;

TEST_CASE("list table: the text is the golden one") {
  test::check_golden("report/list.txt", render_list(test::rich_report(), Format::kTable, {}));
  test::check_golden("report/list-hostile.txt",
                     render_list(test::hostile_report(), Format::kTable, {}));
}

TEST_CASE("list json: the document is the golden one") {
  test::check_golden("report/list.json", render_list(test::rich_report(), Format::kJson, {}));
}

TEST_CASE("list json: targets and gaps are those of the report") {
  const auto report = test::incomplete_report();
  const auto list = ordered_json::parse(render_list(report, Format::kJson, {}));
  const auto whole = ordered_json::parse(render(report, Format::kJson, {}));
  std::vector<std::string> keys;
  for (const auto& item : list.items()) keys.push_back(item.key());
  CHECK(keys == std::vector<std::string>{"schema", "meridian", "host", "targets", "gaps"});
  CHECK(list["schema"] == "meridian.list/1");
  CHECK(list["targets"] == whole["targets"]);
  CHECK(list["gaps"] == whole["gaps"]);
}

TEST_CASE("list jsonl: the lines carry what the document carries") {
  const auto report = test::hostile_report();
  ordered_json all;
  for (const auto& line : test::lines_of(render_list(report, Format::kJsonLines, {}))) {
    auto object = ordered_json::parse(line);
    const std::string type = object["type"];
    object.erase("type");
    if (type == "list") {
      all.update(object);
    } else {
      all[type + "s"].push_back(object);
    }
  }
  CHECK(all == ordered_json::parse(render_list(report, Format::kJson, {})));
}

TEST_CASE("list table: columns line up below their headings") {
  const auto lines = test::lines_of(render_list(test::rich_report(), Format::kTable, {}));
  REQUIRE(lines.size() > 2);
  for (const char* column : {"NAME", "ID", "LAYERS", "SIZE", "STATE", "RUNTIME"}) {
    const auto at = lines[0].find(std::string("  ") + column) + 2;
    for (std::size_t row = 1; row < 3; ++row) {
      CHECK(lines[row][at - 1] == ' ');
      CHECK(lines[row][at] != ' ');
    }
  }
}

TEST_CASE("list table: a very long name does not widen the other rows") {
  auto report = test::rich_report();
  report.targets[1].names = {std::string(5000, 'n')};
  const auto lines = test::lines_of(render_list(report, Format::kTable, {}));
  CHECK(lines.at(1).size() < 200);
  CHECK(lines.at(2).size() > 5000);
}

TEST_CASE("list table: sizes that overflow stay at the largest") {
  auto report = test::rich_report();
  report.targets[0].layers[0].size = ~0ull;
  CHECK_THAT(render_list(report, Format::kTable, {}), Contains("15.9 EiB"));
}

TEST_CASE("list table: an empty list and a nameless image are said in words") {
  CHECK_THAT(render_list(test::empty_report(), Format::kTable, {}), Contains("no target\n"));
  auto report = test::rich_report();
  report.targets[0].names.clear();
  CHECK_THAT(render_list(report, Format::kTable, {}), Contains("image      <none>  "));
}
