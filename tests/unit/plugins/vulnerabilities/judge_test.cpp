// SPDX-License-Identifier: Apache-2.0
#include "judge.hpp"

#include "support/catch.hpp"

using namespace meridian;
using namespace meridian::vulnerabilities;

namespace {

Candidate candidate(std::string id, std::string kind, std::string ranges,
                    std::vector<std::string> aliases = {}) {
  Candidate made;
  made.id = std::move(id);
  made.kind = made.source = std::move(kind);
  made.ranges = std::move(ranges);
  made.aliases = std::move(aliases);
  return made;
}

std::string told(const std::vector<Candidate>& candidates, const std::string& version = "1.0") {
  const Judgement judgement = judge(candidates, Ecosystem::kDpkg, version);
  std::string all;
  for (const Vulnerability& one : judgement.affected) {
    all += one.said.id;
    for (const std::string& alias : one.aliases) all += "=" + alias;
    all += "<" + one.fixed + " ";
  }
  for (const std::string& id : judgement.unknown) all += id + "? ";
  return all;
}

}  // namespace

TEST_CASE("the names of one vulnerability are one finding") {
  CHECK(told({candidate("GHSA-1", "osv", "\t2\t"),
              candidate("CVE-1", "osv", "\t2\t", {"GHSA-1", "GO-1"}),
              candidate("GO-1", "osv", "\t2\t", {"GHSA-1"})}) == "CVE-1=GHSA-1=GO-1<2 ");
  CHECK(told({candidate("PYSEC-1", "osv", "\t2\t", {"GHSA-1"}),
              candidate("GHSA-1", "osv", "\t2\t")}) == "PYSEC-1=GHSA-1<2 ");
}

TEST_CASE("two CVEs of one notice stay two") {
  CHECK(told({candidate("CVE-1", "osv", "\t2\t", {"DSA-1"}),
              candidate("CVE-2", "osv", "\t2\t", {"DSA-1"})}) == "CVE-1=DSA-1<2 CVE-2=DSA-1<2 ");
}

TEST_CASE("the distribution's own feed is believed, whatever it says") {
  CHECK(told({candidate("CVE-1", "osv", "\t2\t"), candidate("CVE-1", "debian", "")}) == "");
  CHECK(told({candidate("CVE-1", "grype", "\t2\t"), candidate("CVE-1", "debian", "\t1.5\t")}) ==
        "CVE-1<1.5 ");
  CHECK(told({candidate("CVE-1", "grype", "\t\t"), candidate("CVE-1", "osv", "\t1.0\t")}) == "");
}

TEST_CASE("of two records of one feed the one that knows a fix") {
  CHECK(told({candidate("CVE-1", "osv", "\t\t"), candidate("CVE-1", "osv", "\t2\t")}) ==
        "CVE-1<2 ");
}

TEST_CASE("what cannot be compared is told apart from what is not affected") {
  CHECK(told({candidate("CVE-1", "osv", "\t2\t")}, "no version") == "CVE-1? ");
}

TEST_CASE("an advisory of a module is for packages of modules") {
  auto of_module = candidate("CVE-1", "grype", "\t\t");
  of_module.state = "module";
  CHECK(told({of_module}, "1.0-1.el8") == "");
  CHECK(told({of_module}, "1.0-1.module+el8.4+1") == "CVE-1< ");
}

TEST_CASE("severity: the distribution's, the advisory's, anybody's") {
  Candidate said;
  Rating rating;
  CHECK(severity_of(said, rating) == Severity::kUnknown);
  rating.severity = Severity::kHigh;
  CHECK(severity_of(said, rating) == Severity::kHigh);
  said.severity = Severity::kMedium;
  CHECK(severity_of(said, rating) == Severity::kMedium);
  said.own_severity = Severity::kInfo;
  CHECK(severity_of(said, rating) == Severity::kInfo);
}

TEST_CASE("what was left unfixed on purpose is one step lower, and never below low") {
  Candidate said;
  said.own_severity = Severity::kHigh;
  for (const char* const state : {"no-dsa", "postponed", "ignored", "wont-fix"}) {
    said.state = state;
    CHECK(severity_of(said, {}) == Severity::kMedium);
  }
  said.own_severity = Severity::kLow;
  CHECK(severity_of(said, {}) == Severity::kLow);
}
