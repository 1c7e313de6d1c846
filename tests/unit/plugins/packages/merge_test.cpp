// SPDX-License-Identifier: Apache-2.0
#include "merge.hpp"

#include "support/catch.hpp"

namespace meridian::packages {
namespace {

Package deb(const std::string& name, const std::string& version) {
  return {.type = "deb", .name = name, .version = version, .arch = "amd64"};
}

}  // namespace

TEST_CASE("merge: only the database that shows counts, and it says where each package came from") {
  Merge merge;
  merge.add(0, "status", false, {deb("a", "1"), deb("b", "1"), deb("gone", "1")});
  merge.add(1, "status", false, {deb("a", "1"), deb("b", "2")});
  merge.add(2, "status", true, {deb("a", "1"), deb("b", "2"), deb("c", "1")});
  const auto all = merge.take({});
  REQUIRE(all.size() == 3);
  CHECK(all[0].package.name == "a");
  CHECK(all[0].layer == 0);
  CHECK(all[1].layer == 1);
  CHECK(all[2].layer == 2);
}

TEST_CASE("merge: one package of several files is one component with their paths") {
  Merge merge;
  merge.add(1, "b/package.json", true, {{.type = "npm", .name = "x", .version = "1"}});
  merge.add(0, "package-lock.json", true,
            {{.type = "npm", .name = "x", .version = "1", .kind = Kind::kDeclared}});
  merge.add(2, "app.jar", true,
            {{.type = "maven", .name = "g:a", .version = "1", .inside = "b.jar"}});
  const auto all = merge.take({});
  REQUIRE(all.size() == 2);
  CHECK(all[0].paths == std::vector<std::string>{"app.jar:b.jar"});
  CHECK(all[1].paths == std::vector<std::string>{"b/package.json", "package-lock.json"});
  CHECK(all[1].package.kind == Kind::kInstalled);
  CHECK(all[1].layer == 0);
}

TEST_CASE("merge: facts are cut at 64 KiB and lose nothing") {
  std::vector<Package> packages;
  for (int i = 0; i < 3000; ++i) packages.push_back(deb("package-" + std::to_string(i), "1"));
  std::size_t count = 0;
  const auto facts = layer_facts(packages);
  CHECK(facts.size() > 1);
  for (const std::string& fact : facts) {
    CHECK(fact.size() <= kMaxFact);
    const auto parsed = parse_layer_fact(fact);
    REQUIRE(parsed);
    count += parsed->size();
  }
  CHECK(count == packages.size());
}

TEST_CASE("merge: a fact that is none of ours is seen") {
  for (const char* text : {"", "[]", "{}", R"({"packages": {}})", R"({"packages": [1]})",
                           R"({"packages": [{"name": "x"}]})"}) {
    CHECK_FALSE(parse_layer_fact(text));
  }
}

}  // namespace meridian::packages
