// SPDX-License-Identifier: Apache-2.0
#include "base/escape.hpp"
#include "report/format.hpp"
#include "report/wording.hpp"
#include "sample.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace meridian;
using Catch::Matchers::Contains;
using report::Format;

namespace {

std::string table(const finding::Report& report) { return render(report, Format::kTable, {}); }

std::string without_colour(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = text.find('m', i);
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

TEST_CASE("report table: the text is the golden one") {
  test::check_golden("report/rich.txt", table(test::rich_report()));
  test::check_golden("report/empty.txt", table(test::empty_report()));
  test::check_golden("report/incomplete.txt", table(test::incomplete_report()));
  test::check_golden("report/hostile.txt", table(test::hostile_report()));
}

TEST_CASE("report table: hostile names leave nothing that a terminal obeys, and one line each") {
  const std::string text = table(test::hostile_report());
  CHECK(base::is_utf8(text));
  for (const std::string& line : test::lines_of(text)) {
    // What is escaped already has no byte left to escape but backslashes.
    std::string doubled;
    for (const char c : line) doubled += c == '\\' ? std::string("\\\\") : std::string(1, c);
    CHECK(base::escape(line) == doubled);
  }
}

TEST_CASE("report table: without colour no escape byte, with colour the same words") {
  for (const auto& report :
       {test::rich_report(), test::hostile_report(), test::incomplete_report()}) {
    const std::string plain = table(report);
    const std::string coloured = render(report, Format::kTable, {.color = true});
    CHECK(plain.find('\x1b') == std::string::npos);
    CHECK(coloured.find('\x1b') != std::string::npos);
    CHECK(without_colour(coloured) == plain);
  }
}

TEST_CASE("report table: the worst finding comes first, in a target and among targets") {
  auto report = test::rich_report();
  std::swap(report.targets[0], report.targets[1]);
  const std::string text = table(report);
  const auto critical = text.find("  critical  ");
  const auto high = text.find("  high  ");
  const auto low = text.find("  low  ");
  REQUIRE(low != std::string::npos);
  CHECK(critical < high);
  CHECK(high < low);
}

TEST_CASE("report table: a deleted file is said to be deleted") {
  CHECK_THAT(
      table(test::rich_report()),
      Contains("root/.aws/credentials:2  layer 0 (aaaaaaaaaaaa)  deleted or overwritten later"));
}

TEST_CASE("report table: a pair with gaps is never just clean") {
  const std::string text = table(test::incomplete_report());
  CHECK_THAT(text, Contains("org.meridian.secrets  clean (incomplete: 3)\n"));
  CHECK_THAT(text,
             Contains("org.meridian.secrets: 1 clean (incomplete), 1 with findings (incomplete)"));
  CHECK_THAT(text, Contains("error (incomplete: 1): crash: signal 11"));
}

TEST_CASE("report table: gaps without the complete flag taken away still read as incomplete") {
  auto report = test::rich_report();
  report.coverage = {report.coverage[2]};
  report.coverage[0].complete = true;
  report.coverage[0].gaps = 2;
  CHECK_THAT(table(report), Contains("clean (incomplete: 2)"));
  report.coverage[0].gaps = 0;
  report.coverage[0].complete = false;
  CHECK_THAT(table(report), Contains("clean (incomplete)"));
}

TEST_CASE("report table: an incomplete report says so at its top") {
  CHECK(test::lines_of(table(test::incomplete_report())).at(2).substr(0, 11) == "incomplete:");
  CHECK_THAT(table(test::empty_report()), Contains("no plugin looked at any target"));
}

TEST_CASE("report table: equal gaps of several targets are one line, and the rest is counted") {
  const std::string text = table(test::incomplete_report());
  CHECK_THAT(text, Contains("33 (31 unreadable, 2 privilege)"));
  CHECK_THAT(text, Contains("etc/shadow: permission denied  [2 times]\n"));
  CHECK_THAT(text, Contains("mend: run as root, or add CAP_DAC_READ_SEARCH\n"));
  CHECK_THAT(text, Contains("  and 12 more: see --format json\n"));
}

TEST_CASE("report table: pairs beyond the listed ones are counted, not dropped") {
  auto report = test::incomplete_report();
  report.coverage.resize(1);
  for (int i = 0; i < 24; ++i) report.coverage.push_back(report.coverage[0]);
  CHECK_THAT(table(report), Contains("  and 5 more: see --format json\n"));
}

TEST_CASE("report table: two plugins with one last part are told apart") {
  auto report = test::rich_report();
  CHECK_THAT(table(report), Contains("  secrets/aws-access-key  "));
  report.plugins.push_back(report.plugins[0]);
  report.plugins.back().id = "net.evil.secrets";
  CHECK_THAT(table(report), Contains("  org.meridian.secrets/aws-access-key  "));
}

TEST_CASE("report table: a finding of a target that is not listed is still shown") {
  auto report = test::rich_report();
  report.targets.clear();
  CHECK_THAT(table(report), Contains("4f1c0a2b3c4d: 2 findings"));
}

TEST_CASE("wording: sizes, ids and clipping at their edges") {
  CHECK(report::size_text(0) == "0 B");
  CHECK(report::size_text(1023) == "1023 B");
  CHECK(report::size_text(1536) == "1.5 KiB");
  CHECK(report::size_text(~0ull) == "15.9 EiB");
  CHECK(report::seconds_text(1.25) == "1.3");
  CHECK(report::seconds_text(-1) == "?");
  CHECK(report::short_id("dir:/srv/root") == "dir:/srv/root");
  CHECK(report::short_id("deadbeef\x1b[2J") == "deadbeef\\x1b[2J");
  CHECK(report::short_id("sha256:" + std::string(64, 'a')) == std::string(12, 'a'));
  CHECK(report::clipped("a\xc3\xa9z", 3) == "a\xc3\xa9z");
  CHECK(report::clipped("a\xc3\xa9z", 2) == "a\xc3\xa9...");
  CHECK(report::padded("\xc3\xa9", 3) == "\xc3\xa9  ");
}
