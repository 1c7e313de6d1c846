// SPDX-License-Identifier: Apache-2.0
#include "archive_walk.hpp"

#include "zip_file.hpp"

namespace meridian::known_artifacts {
namespace {

const Members kLog4j = {{"org/apache/logging/log4j/core/lookup/JndiLookup.class", "lookup"},
                        {"org/apache/logging/log4j/core/net/JndiManager.class", "manager"}};

ArchiveLook looked(const std::string& bytes) {
  const auto rules = shipped_rules();
  return look_into_archive(bytes, MemberIndex(rules), rules);
}

std::string nested(std::size_t depth, std::string inner) {
  for (std::size_t i = 0; i < depth; ++i) inner = zip_of({{"a.jar", inner}}, "compression=store");
  return inner;
}

}  // namespace

TEST_CASE("archive: what lies in an archive within is found, to a depth") {
  const auto deep = looked(nested(kMaxNesting, zip_of(kLog4j)));
  REQUIRE(deep.hits.size() == 1);
  CHECK(deep.hits[0].inside == "a.jar:a.jar:a.jar:a.jar:");
  CHECK(deep.problems.empty());
  const auto deeper = looked(nested(kMaxNesting + 1, zip_of(kLog4j)));
  CHECK(deeper.hits.empty());
  REQUIRE(deeper.problems.size() == 1);
  CHECK(deeper.problems[0].code() == ErrorCode::kLimit);
}

TEST_CASE("archive: two copies in one are two hits") {
  Members both = kLog4j;
  for (const auto& [name, bytes] : kLog4j) both.emplace_back("shaded/" + name, bytes);
  CHECK(looked(zip_of(both)).hits.size() == 2);
}

TEST_CASE("archive: what cannot be unpacked is said, and the rest is looked at") {
  Members members = kLog4j;
  members.emplace_back("lib/bomb.jar", std::string(kMaxNested + 1, '\0'));
  const auto bomb = looked(zip_of(members));
  CHECK(bomb.hits.size() == 1);
  REQUIRE(bomb.problems.size() == 1);
  CHECK(bomb.problems[0].code() == ErrorCode::kLimit);
  CHECK(bomb.problems[0].message().find("lib/bomb.jar: ") == 0);

  Members broken = kLog4j;
  broken.emplace_back("lib/broken.jar", "no zip file");
  const auto look = looked(zip_of(broken));
  CHECK(look.hits.size() == 1);
  REQUIRE(look.problems.size() == 1);
  CHECK(look.problems[0].message().find("lib/broken.jar") == 0);
}

TEST_CASE("archive: an encrypted class is a gap") {
  const auto look = looked(zip_of(kLog4j, "zip:encryption=traditional", "secret"));
  CHECK(look.hits.empty());
  REQUIRE_FALSE(look.problems.empty());
  CHECK(look.problems[0].code() == ErrorCode::kUnsupported);
}

TEST_CASE("archive: a cut or damaged one is a gap") {
  const std::string whole = zip_of(kLog4j);
  for (const std::string& bytes : {whole.substr(0, whole.size() / 2), std::string("PK\3\4"),
                                   std::string(), std::string(100, 'x')}) {
    const auto look = looked(bytes);
    CHECK(look.hits.empty());
    CHECK_FALSE(look.problems.empty());
  }
}

}  // namespace meridian::known_artifacts
