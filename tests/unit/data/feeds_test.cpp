// SPDX-License-Identifier: Apache-2.0
#include "data/feeds.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace meridian;

namespace {

struct Records {
  std::vector<data::Advisory> advisories;
  std::vector<std::vector<data::Affected>> packages;
  std::vector<data::Statement> statements;
  std::vector<std::string> failures;
  std::string date;
};

class Kept final : public data::Sink, public Records {
 public:
  Result<void> add(const data::Advisory& advisory,
                   const std::vector<data::Affected>& affected) override {
    advisories.push_back(advisory);
    packages.push_back(affected);
    return {};
  }
  Result<void> add(const data::Statement& statement) override {
    statements.push_back(statement);
    return {};
  }
  void failed(const std::string& what, const Error&) override { failures.push_back(what); }
  void dated(std::string_view text) override { date = text; }
};

std::string text(const std::vector<data::Interval>& intervals) {
  std::string all;
  for (const auto& one : intervals) {
    all += "[" + one.introduced + "," + one.fixed + "," + one.last + "]";
  }
  return all;
}

std::string record(const std::string& events, const std::string& more = "") {
  return R"({"id": "GHSA-1", "modified": "2024-01-01T00:00:00Z", "aliases": ["CVE-2024-1"])" +
         more +
         R"(, "affected": [{"package": {"ecosystem": "PyPI", "name": "A_b"}, "ranges": [)"
         R"({"type": "ECOSYSTEM", "events": [)" +
         events + "]}]}]}";
}

Records osv(const std::string& record) {
  Kept kept;
  REQUIRE(data::read_osv(record, kept));
  return kept;
}

}  // namespace

TEST_CASE("OSV: events become intervals") {
  const auto kept = osv(record(R"({"introduced": "0"}, {"fixed": "1.2"}, {"introduced": "2"},)"
                               R"({"last_affected": "2.5"}, {"introduced": "3"})"));
  REQUIRE(kept.advisories.size() == 1);
  CHECK(kept.advisories[0].id == "CVE-2024-1");
  CHECK(kept.advisories[0].aliases == std::vector<std::string>{"GHSA-1"});
  CHECK(kept.packages[0][0].package == "a-b");
  CHECK(text(kept.packages[0][0].intervals) == "[,1.2,][2,,2.5][3,,]");
  CHECK(kept.date == "2024-01-01T00:00:00Z");
}

TEST_CASE("OSV: a fix in version 0 is a word of never affected") {
  CHECK(osv(record(R"({"introduced": "0"}, {"fixed": "0"})")).packages[0][0].intervals.empty());
}

TEST_CASE("OSV: what was withdrawn adds nothing") {
  const std::string withdrawn = R"(, "withdrawn": "2024-02-01T00:00:00Z")";
  CHECK(osv(record(R"({"introduced": "0"})", withdrawn)).advisories.empty());
}

TEST_CASE("OSV: severity is the record's word, else of its vector") {
  const std::string vector = R"(, "severity": [{"type": "CVSS_V3", "score":)"
                             R"( "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}])";
  const auto by_vector = osv(record(R"({"introduced": "0"})", vector)).advisories[0];
  CHECK(by_vector.severity == finding::Severity::kHigh);
  CHECK(by_vector.score == 7.5);
  const auto by_word = osv(record(R"({"introduced": "0"})",
                                  vector + R"(, "database_specific": {"severity": "MODERATE"})"))
                           .advisories[0];
  CHECK(by_word.severity == finding::Severity::kMedium);
  CHECK(by_word.score == 7.5);
}

TEST_CASE("OSV: versions count where no range does") {
  const auto kept = osv(R"({"id": "MAL-1", "affected": [{"package": {"ecosystem": "npm",)"
                        R"("name": "x"}, "versions": ["6.6.6", 7, "a\u0001b"]}]})");
  CHECK(kept.packages[0][0].versions == std::vector<std::string>{"6.6.6"});
  CHECK(kept.advisories[0].severity == finding::Severity::kCritical);
}

TEST_CASE("OSV: a notice about two CVEs is two advisories") {
  const auto kept = osv(R"({"id": "RLSA-1", "upstream": ["CVE-2024-1", "CVE-2024-2"], "affected":)"
                        R"([{"package": {"ecosystem": "Rocky Linux:9", "name": "x"}, "ranges":)"
                        R"([{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]})");
  REQUIRE(kept.advisories.size() == 2);
  CHECK(kept.advisories[1].id == "CVE-2024-2");
  CHECK(kept.advisories[1].aliases == std::vector<std::string>{"RLSA-1"});
}

TEST_CASE("OSV: what is no record is said") {
  Kept kept;
  for (const char* const bad : {"", "[]", "{}", R"({"id": 7})", "{\"id\": \"x\""}) {
    CHECK_FALSE(data::read_osv(bad, kept));
  }
}

TEST_CASE("Debian: a state for each release") {
  Kept kept;
  REQUIRE(data::read_debian_tracker(R"({"sudo": {"CVE-1": {"releases": {
      "bookworm": {"status": "open", "urgency": "low**", "nodsa": "Minor", "nodsa_reason": ""},
      "bullseye": {"status": "resolved", "fixed_version": "0", "urgency": "unimportant"},
      "sid": {"status": "resolved", "fixed_version": "1:2-3", "urgency": "not yet assigned"},
      "hamm": {"status": "open"}}},
      "CVE-2": {}}, "odd": 7})",
                                    kept));
  REQUIRE(kept.packages.size() == 1);
  REQUIRE(kept.packages[0].size() == 3);
  const auto& [open, never, fixed] =
      std::tie(kept.packages[0][0], kept.packages[0][1], kept.packages[0][2]);
  CHECK(open.ecosystem == "debian:12");
  CHECK(text(open.intervals) == "[,,]");
  CHECK(open.state == "no-dsa");
  CHECK(open.severity == finding::Severity::kLow);
  CHECK(never.intervals.empty());
  CHECK(never.severity == finding::Severity::kInfo);
  CHECK(fixed.ecosystem == "debian:unstable");
  CHECK(text(fixed.intervals) == "[,1:2-3,]");
  CHECK(kept.failures == std::vector<std::string>{"sudo CVE-2", "odd"});
}

TEST_CASE("Debian: what is cut short is said") {
  Kept kept;
  CHECK_FALSE(data::read_debian_tracker(R"({"sudo": {"CVE-1": {)", kept));
  CHECK_FALSE(data::read_debian_tracker("7", kept));
  CHECK(kept.advisories.empty());
}

TEST_CASE("Alpine: a line names one fault, or several") {
  Kept kept;
  REQUIRE(data::read_alpine_secdb(R"json({"distroversion": "v3.18", "packages": [
      {"pkg": {"name": "x", "secfixes": {"1-r0": ["CVE-1 GHSA-2 (+ 3)", "CVE-4 CVE-5"],
                                         "0": ["CVE-6"]}}},
      {"pkg": 7}]})json",
                                  kept));
  std::string ids;
  for (const auto& one : kept.advisories) ids += one.id + " ";
  CHECK(ids == "CVE-6 CVE-1 CVE-4 CVE-5 ");
  CHECK(kept.packages[0][0].intervals.empty());
  CHECK(text(kept.packages[1][0].intervals) == "[,1-r0,]");
  CHECK(kept.advisories[1].aliases == std::vector<std::string>{"GHSA-2"});
  CHECK(kept.failures.size() == 1);
  CHECK_FALSE(data::read_alpine_secdb(R"({"packages": []})", kept));
}

TEST_CASE("Grype: constraints become intervals") {
  const auto parsed = [](std::string_view constraint) {
    const auto intervals = data::parse_constraint(constraint);
    return intervals ? text(*intervals) : "refused";
  };
  CHECK(parsed("< 1.2") == "[,1.2,]");
  CHECK(parsed(">=1.0,<1.2 || > 2.0, <= 2.5||= 3") == "[1.0,1.2,][>2.0,,2.5][3,,3]");
  CHECK(parsed("") == "[,,]");
  CHECK(parsed("none (unknown)") == "[,,]");
  CHECK(parsed("!= 1") == "refused");
  CHECK(parsed("~> 1.2") == "refused");
}

TEST_CASE("Grype: a row") {
  data::Advisory advisory;
  std::vector<data::Affected> affected;
  const data::GrypeRow row{
      "RHSA-1",
      "2024-01-01",
      "redhat",
      "9",
      "",
      "rpm",
      "x",
      R"({"severities": [{"scheme": "CHMLN", "value": "Negligible"}], "aliases": []})",
      R"({"cves": ["CVE-1"], "ranges": [{"version": {"constraint": "< 0:1.2-3.el9"},
          "fix": {"state": "wont-fix"}}], "qualifiers": {}})"};
  REQUIRE(data::read_grype_row(row, advisory, affected));
  CHECK(advisory.id == "CVE-1");
  CHECK(advisory.aliases == std::vector<std::string>{"RHSA-1"});
  CHECK(advisory.severity == finding::Severity::kInfo);
  REQUIRE(affected.size() == 1);
  CHECK(affected[0].ecosystem == "rhel:9");
  CHECK(affected[0].state == "wont-fix");
}

TEST_CASE("OpenVEX: each product of each statement") {
  Kept kept;
  REQUIRE(data::read_openvex(R"({"timestamp": "2024-01-01T00:00:00Z", "author": "a", "statements": [
      {"vulnerability": {"name": "CVE-1", "aliases": ["GHSA-1"]}, "status": "not_affected",
       "products": [{"@id": "pkg:oci/x", "subcomponents": [{"@id": "pkg:deb/debian/y"}]},
                    {"@id": "https://no.purl", "identifiers": {"purl": "pkg:npm/z"}}]},
      {"vulnerability": "CVE-2", "status": "fixed", "products": ["pkg:npm/w"]},
      {"vulnerability": "CVE-3", "status": "perhaps", "products": ["pkg:npm/w"]}, 7]})",
                             kept));
  REQUIRE(kept.statements.size() == 5);
  CHECK(kept.statements[0].vulnerability == "GHSA-1");
  CHECK(kept.statements[0].subcomponent == "pkg:deb/debian/y");
  CHECK(kept.statements[1].product == "pkg:npm/z");
  CHECK(kept.statements[4].status == "fixed");
  CHECK(kept.failures.size() == 2);
}
