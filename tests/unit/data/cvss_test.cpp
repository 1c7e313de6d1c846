// SPDX-License-Identifier: Apache-2.0
#include "data/cvss.hpp"

#include "support/catch.hpp"

using namespace meridian;
using data::cvss_score;

TEST_CASE("scores are those of FIRST's examples") {
  // CVSS v3.1 Examples; the last two round up where binary fractions would not.
  CHECK(cvss_score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H") == 10.0);
  CHECK(cvss_score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H") == 7.5);
  CHECK(cvss_score("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N") == 6.1);
  CHECK(cvss_score("CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H") == 8.6);
  CHECK(cvss_score("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H") == 7.8);
  CHECK(cvss_score("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N") == 1.6);
  CHECK(cvss_score("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N") == 6.4);
}

TEST_CASE("version 4: scores are those of FIRST's calculator") {
  const auto score = [](std::string reach, std::string impact) {
    return cvss_score("CVSS:4.0/" + reach + "/" + impact);
  };
  const std::string here = "VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
  CHECK(score("AV:N/AC:L/AT:N/PR:N/UI:N", "VC:H/VI:H/VA:H/SC:H/SI:H/SA:H") == 10.0);
  CHECK(score("AV:N/AC:L/AT:N/PR:N/UI:N", here) == 9.3);
  CHECK(score("AV:N/AC:L/AT:N/PR:N/UI:N", "VC:N/VI:N/VA:H/SC:N/SI:N/SA:N") == 8.7);
  CHECK(score("AV:L/AC:L/AT:N/PR:L/UI:N", here) == 8.5);
  CHECK(score("AV:N/AC:L/AT:P/PR:N/UI:P", here) == 7.7);
  CHECK(score("AV:L/AC:L/AT:P/PR:L/UI:N", here) == 7.3);
  CHECK(score("AV:N/AC:L/AT:N/PR:N/UI:A", "VC:N/VI:N/VA:N/SC:L/SI:L/SA:N") == 5.1);
  CHECK(score("AV:N/AC:L/AT:N/PR:N/UI:N", "VC:N/VI:N/VA:N/SC:N/SI:N/SA:N") == 0.0);
  CHECK(score("AV:N/AC:L/AT:N/PR:N/UI:N", here + "/E:U/CR:L") == 9.3);
}

TEST_CASE("without an impact the score is 0") {
  CHECK(cvss_score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N") == 0.0);
}

TEST_CASE("temporal metrics do not change the base score") {
  CHECK(cvss_score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/E:H") == 10.0);
}

TEST_CASE("what is no vector has no score") {
  for (const char* const vector :
       {"", "CVSS:3.1/", "CVSS:3.1/AV:N", "CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P", "7.5",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:X",
        "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "CVSS:4.0/AV:N/AC:H/AT:N/PR:N",
        "CVSS:4.0/AV:N/AV:N/AC:H/AT:N/PR:N/UI:N/VC:N/VI:H/VA:H/SC:N/SI:N/SA:N",
        "CVSS:4.0/AV:N/AC:H/AT:N/PR:N/UI:N/VC:N/VI:H/VA:H/SC:N/SI:N/SA:S"}) {
    CHECK_FALSE(cvss_score(vector));
  }
}

TEST_CASE("severities begin where FIRST says") {
  CHECK(data::severity_of(0) == finding::Severity::kInfo);
  CHECK(data::severity_of(0.1) == finding::Severity::kLow);
  CHECK(data::severity_of(4.0) == finding::Severity::kMedium);
  CHECK(data::severity_of(7.0) == finding::Severity::kHigh);
  CHECK(data::severity_of(8.9) == finding::Severity::kHigh);
  CHECK(data::severity_of(9.0) == finding::Severity::kCritical);
}
