// SPDX-License-Identifier: Apache-2.0
//
// The plugin through the host's own path from image to report, with facts of a plugin of the
// test's.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <meridian/testing/testing.hpp>

#include "data/import.hpp"
#include "data/writer.hpp"
#include "database.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "vulnerabilities_plugin.hpp"

namespace meridian::vulnerabilities {
namespace {

using namespace testing;

const base::Cancel kNever;

/// Of tests/data/vulnerabilities, made once.
const std::string& database() {
  static const std::string bytes = [] {
    const testing_support::TempDir folder;
    const std::string path = folder.at("v.db");
    auto writer = data::Writer::begin(path, kNever);
    REQUIRE(writer);
    data::Imported imported;
    REQUIRE(data::import_feed(MERIDIAN_SOURCE_DIR "/tests/data/vulnerabilities", {}, **writer,
                              imported));
    REQUIRE((*writer)->commit());
    std::ifstream file(path, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), {});
  }();
  return bytes;
}

/// It, and one who says what is installed: each file "packages.json" is a fact.
class WithPackages final : public Plugin<> {
 public:
  Result<void> configure(const Config& config, const RuleData& data) override {
    return plugin_.configure(config, data);
  }
  void subscribe(Subscriptions& on) const override {
    plugin_.subscribe(on);
    on.layer_files({.names = {"packages.json"}}, [](const File& file, NoState&, LayerSink& out) {
      if (auto text = file.content(1 << 20)) {
        out.fact("meridian.packages/1", *text, file.path());
      }
    });
  }

 private:
  VulnerabilitiesPlugin plugin_;
};

std::string package(const std::string& type, const std::string& name, const std::string& version,
                    const std::string& more = "") {
  return R"({"packages": [{"type": ")" + type + R"(", "name": ")" + name + R"(", "version": ")" +
         version + R"(", "kind": "installed")" + more + "}]}";
}

Outcome scan_of(std::vector<Entry> entries) {
  entries.push_back(file("etc/os-release", "ID=debian\nVERSION_ID=12\n"));
  return testing::scan<WithPackages>(image().layer(std::move(entries)),
                                     {.data = {{"vulnerabilities", database()}}});
}

bool has_gap(const Outcome& outcome, const std::string& kind) {
  return std::any_of(outcome.gaps().begin(), outcome.gaps().end(),
                     [&](const auto& gap) { return gap.kind == kind; });
}

TEST_CASE("a vulnerable package is found where it is installed") {
  const auto outcome = scan_of({file("srv/packages.json", package("npm", "lodash", "4.17.15"))});
  const auto& found = outcome.finding("vulnerable-package");
  CHECK(found.path == "srv/packages.json");
  CHECK(found.severity == Severity::kHigh);
  CHECK(found.remediation == "Update lodash to 4.17.19 or later.");
  CHECK(outcome.gaps().empty());
}

TEST_CASE("a patched one is not") {
  const auto outcome = scan_of({file("srv/packages.json", package("npm", "lodash", "4.17.21"))});
  CHECK(outcome.findings().empty());
  CHECK(outcome.gaps().empty());
}

TEST_CASE("a version without a place in the order is a gap") {
  const auto outcome = scan_of({file("srv/packages.json", package("npm", "lodash", "latest"))});
  CHECK(outcome.findings().empty());
  CHECK(has_gap(outcome, "unsupported"));
}

TEST_CASE("an ecosystem that the database has nothing on is a gap") {
  const auto outcome = scan_of({file("srv/packages.json", package("nuget", "x", "1"))});
  CHECK(has_gap(outcome, "missing-data"));
}

TEST_CASE("a fact that is not of its schema is a gap") {
  CHECK(has_gap(scan_of({file("srv/packages.json", R"({"packages": 7})")}), "corrupt"));
}

TEST_CASE("without a database, or with another, there is a gap and no finding") {
  const auto without = testing::scan<WithPackages>(image().layer({file("x", "y")}));
  CHECK(has_gap(without, "missing-data"));
  for (const std::string& bytes : {std::string("no database"), std::string(),
                                   database().substr(0, 4096), database().substr(0, 9000)}) {
    const auto outcome = testing::scan<WithPackages>(image().layer({file("x", "y")}),
                                                     {.data = {{"vulnerabilities", bytes}}});
    CHECK(outcome.findings().empty());
    CHECK_FALSE(outcome.gaps().empty());
  }
}

TEST_CASE("Python of a distribution's package is not looked up twice") {
  const std::string yaml = package("pypi", "PyYAML", "5.1");
  CHECK(scan_of({file("usr/lib/python3/dist-packages/packages.json", yaml),
                 file("var/packages.json", package("deb", "python3-yaml", "5.1-1"))})
            .findings()
            .empty());
  CHECK(scan_of({file("usr/local/lib/python3.11/packages.json", yaml),
                 file("var/packages.json", package("deb", "python3-yaml", "5.1-1"))})
            .findings()
            .size() == 1);
}

}  // namespace
}  // namespace meridian::vulnerabilities
