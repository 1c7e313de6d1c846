// SPDX-License-Identifier: Apache-2.0
#include "content_test.hpp"

#include "support/catch.hpp"
#include "version.hpp"

namespace meridian::known_artifacts {
namespace {

int sign(int value) { return value < 0 ? -1 : value > 0 ? 1 : 0; }

/// As a plugin's file is searched, with pieces of `step` bytes.
ContentSearch searched(const ContentTest& test, std::string_view text, std::size_t step) {
  ContentSearch search(test);
  for (std::size_t at = 0; at < text.size(); at += step) {
    const std::string_view piece = text.substr(at, step + kSearchOverlap);
    search.feed(piece, at + piece.size() >= text.size());
  }
  return search;
}

}  // namespace

TEST_CASE("versions: parts are numbers or words, and some words come first") {
  const std::vector<std::string_view> rising = {"1.0-alpha",
                                                "1.0-beta2",
                                                "1.0-rc1",
                                                "1.0",
                                                "1.0a",
                                                "1.0g",
                                                "1.0.1",
                                                "1.0.2",
                                                "1.0.10",
                                                "1.1",
                                                "1.1.0.1",
                                                "2",
                                                "18446744073709551616"};
  for (std::size_t i = 0; i < rising.size(); ++i) {
    for (std::size_t j = 0; j < rising.size(); ++j) {
      INFO(rising[i] << " and " << rising[j]);
      CHECK(sign(compare_versions(rising[i], rising[j])) == (i < j ? -1 : i > j ? 1 : 0));
    }
  }
  CHECK(compare_versions("2.0", "2") == 0);
  CHECK(compare_versions("2.0.0-RC1", "2") < 0);
  CHECK(compare_versions("2022-10-24T18-35-07Z", "2023-03-20T20-16-18Z") < 0);
  CHECK(compare_versions("", "") == 0);
}

TEST_CASE("content: texts and versions are found wherever a piece ends") {
  ContentTest test;
  test.contains = {"needle", std::string("\0\x01z", 3)};
  test.lacks = {"hay"};
  test.version = VersionTest{"Version ", {{"1.2", "1.4"}}};
  std::string text(3000, '.');
  text.replace(990, 6, "needle");
  text.replace(1500, 3, std::string("\0\x01z", 3));
  text.replace(2001, 14, "Version 1.3.7,");
  for (const std::size_t step :
       {std::size_t{1}, std::size_t{7}, std::size_t{993}, std::size_t{4000}}) {
    INFO(step);
    const ContentSearch search = searched(test, text, step);
    CHECK(search.version() == "1.3.7");
    CHECK(search.holds());
  }
  CHECK_FALSE(searched(test, text + "hay", 100).holds());
  CHECK_FALSE(searched(test, text + " Version 1.10", 100).holds());  // the newest is its own
  CHECK(searched(test, text + " Version 1.10", 100).version() == "1.10");
  CHECK(searched(test, text + " Version x", 100).holds());
  // Cut behind a dash it would be a release.
  const std::string release = std::string(1000, '.') + "Version 1.3-rc1 ";
  for (std::size_t step = 1; step < 40; ++step) {
    CHECK(searched(test, release, step + kSearchOverlap).version() == "1.3-rc1");
  }
  CHECK_FALSE(searched(test, "", 100).holds());
}

TEST_CASE("content: a range is from, up to but not before") {
  const std::vector<VersionRange> ranges = {{"", "1.0"}, {"2.0", "2.5.1"}};
  for (const char* const in : {"0.1", "0.9.9", "2.0", "2.5", "1.0-rc1"}) CHECK(is_in(ranges, in));
  for (const char* const out : {"1.0", "1.9", "2.5.1", "3"}) CHECK_FALSE(is_in(ranges, out));
}

}  // namespace meridian::known_artifacts
