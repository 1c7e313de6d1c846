// SPDX-License-Identifier: Apache-2.0
#include "match.hpp"

#include "support/catch.hpp"

using namespace meridian::vulnerabilities;
using Verdict = Match::Verdict;

namespace {

std::string told(const std::string& version, const std::string& ranges,
                 Ecosystem order = Ecosystem::kDpkg) {
  const Match result = match(order, version, ranges);
  if (result.verdict == Verdict::kUnknown) return "unknown";
  if (result.verdict == Verdict::kNotAffected) return "no";
  return "yes " + result.fixed;
}

}  // namespace

TEST_CASE("a fix is not in the interval, the last version is") {
  CHECK(told("1.0-1", "\t1.0-2\t") == "yes 1.0-2");
  CHECK(told("1.0-2", "\t1.0-2\t") == "no");
  CHECK(told("1.0-2", "\t\t1.0-2") == "yes ");
  CHECK(told("1.0-3", "\t\t1.0-2") == "no");
}

TEST_CASE("the first version is in the interval unless it says otherwise") {
  CHECK(told("2", "2\t3\t") == "yes 3");
  CHECK(told("1.9", "2\t3\t") == "no");
  CHECK(told("2", ">2\t3\t") == "no");
  CHECK(told("2.1", ">2\t3\t") == "yes 3");
}

TEST_CASE("without bounds every version is affected, without a line none") {
  CHECK(told("not a version", "\t\t") == "yes ");
  CHECK(told("1", "") == "no");
}

TEST_CASE("epochs and backports") {
  CHECK(told("1:1.0-1", "\t2.0-1\t") == "no");
  CHECK(told("3.0.11-1~deb12u2", "\t3.0.13-1~deb12u1\t") == "yes 3.0.13-1~deb12u1");
  CHECK(told("3.0.13-1~deb12u1", "\t3.0.13-1~deb12u1\t") == "no");
  CHECK(told("1:3.0.1-43.el9_0", "\t1:3.0.1-43.el9_0\t", Ecosystem::kRpm) == "no");
}

TEST_CASE("several intervals: the fix of the one that it is in") {
  const std::string ranges = "2.0-beta9\t2.3.1\t\n2.4\t2.12.2\t\n2.13.0\t2.15.0\t";
  CHECK(told("2.14.1", ranges, Ecosystem::kMaven) == "yes 2.15.0");
  CHECK(told("2.12.2", ranges, Ecosystem::kMaven) == "no");
  CHECK(told("2.0-beta9", ranges, Ecosystem::kMaven) == "yes 2.3.1");
}

TEST_CASE("listed versions count as they are spelt, or as they compare") {
  CHECK(told("1.0.0", "=0.9\n=1.0.0", Ecosystem::kSemver) == "yes ");
  CHECK(told("1.0", "=1.0.0", Ecosystem::kPep440) == "yes ");
  CHECK(told("odd one", "=odd one", Ecosystem::kSemver) == "yes ");
  CHECK(told("1.1", "=1.0.0", Ecosystem::kPep440) == "no");
}

TEST_CASE("what cannot be compared is not known, unless another line is sure") {
  CHECK(told("not a version", "\t1.0\t", Ecosystem::kSemver) == "unknown");
  CHECK(told("1.0", "\tnot a version\t", Ecosystem::kSemver) == "unknown");
  CHECK(told("1.0", "\tnot a version\t\n\t2.0\t", Ecosystem::kSemver) == "yes 2.0");
}

TEST_CASE("each word of the database has its order") {
  for (const char* const word :
       {"dpkg", "rpm", "apk", "semver", "pep440", "maven", "rubygems", "go", "nuget", "composer"}) {
    CHECK(order_of(word));
  }
  CHECK_FALSE(order_of("calver"));
}
