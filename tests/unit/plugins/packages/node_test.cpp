// SPDX-License-Identifier: Apache-2.0
#include "node.hpp"

#include "support/catch.hpp"

namespace meridian::packages {
namespace {

using Names = std::vector<std::string>;

Names names(const Parsed& parsed) {
  Names out;
  for (const Package& package : parsed.packages)
    out.push_back(package.name + "=" + package.version);
  return out;
}

}  // namespace

TEST_CASE("node: an installed package, with each form of licence") {
  const Parsed parsed = parse_package_json(
      R"({"name": "@babel/core", "version": "7.1.0", "licenses": [{"type": "MIT"}, "ISC"]})");
  CHECK(names(parsed) == Names{"@babel/core=7.1.0"});
  CHECK(parsed.packages[0].licenses == Names{"ISC", "MIT"});
  CHECK(parse_package_json(R"({"name": "x", "version": "1", "license": {"type": "MIT"}})")
            .packages[0]
            .licenses == Names{"MIT"});
}

TEST_CASE("node: a package.json that only marks a folder is no package and no gap") {
  const Parsed parsed = parse_package_json(R"({"type": "module"})");
  CHECK(parsed.packages.empty());
  CHECK(parsed.problems.empty());
  CHECK(parse_package_json("{").problems.size() == 1);
}

TEST_CASE("node: package-lock of version 1 nests, and has aliases and folders") {
  CHECK(names(parse_npm_lock(R"({"lockfileVersion": 1, "dependencies": {
      "a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}},
      "alias": {"version": "npm:@s/real@3.0.0"}, "mine": {"version": "file:../mine"}}})")) ==
        Names{"a=1.0.0", "@s/real=3.0.0", "b=2.0.0"});
}

TEST_CASE("node: package-lock of version 3 has paths; the project and links are no packages") {
  CHECK(names(parse_npm_lock(R"({"lockfileVersion": 3, "packages": {
      "": {"name": "me", "version": "1.0.0"}, "node_modules/a": {"version": "1.0.0"},
      "node_modules/a/node_modules/@s/b": {"version": "2.0.0"},
      "node_modules/c": {"link": true, "resolved": "c"}, "c": {"version": "9"},
      "node_modules/alias": {"name": "real", "version": "3.0.0"}}})")) ==
        Names{"a=1.0.0", "@s/b=2.0.0", "real=3.0.0"});
  CHECK(parse_npm_lock(R"({"lockfileVersion": 3})").problems.empty());
  CHECK(parse_npm_lock("{}").problems.size() == 1);
}

TEST_CASE("node: yarn.lock of both kinds") {
  CHECK(names(parse_yarn_lock(
            "# yarn lockfile v1\n\n\"@babel/core@^7.0.0\", \"@babel/core@^7.1.0\":\n"
            "  version \"7.1.2\"\n  dependencies:\n    version \"^9\"\n\nfoo@^1:\n"
            "  version \"1.2.3\"\n\nalias@npm:real@^1:\n  version \"4.0.0\"\n")) ==
        Names{"@babel/core=7.1.2", "foo=1.2.3", "real=4.0.0"});
  CHECK(names(parse_yarn_lock(
            "__metadata:\n  version: 6\n\n\"foo@npm:^1, foo@npm:^1.2\":\n  version: 1.2.3\n"
            "  resolution: \"foo@npm:1.2.3\"\n\n\"me@workspace:.\":\n  version: "
            "0.0.0-use.local\n")) == Names{"foo=1.2.3"});
}

TEST_CASE("node: pnpm-lock of versions 5, 6 and 9") {
  CHECK(
      names(parse_pnpm_lock("lockfileVersion: 5.4\n\npackages:\n\n  /foo/1.2.3:\n    dev: false\n\n"
                            "  /@s/bar/2.0.0_react@18.0.0:\n    dev: true\n")) ==
      Names{"foo=1.2.3", "@s/bar=2.0.0"});
  CHECK(names(parse_pnpm_lock("lockfileVersion: '6.0'\n\npackages:\n\n"
                              "  /@s/bar@2.0.0(react@18.0.0):\n    dev: true\n")) ==
        Names{"@s/bar=2.0.0"});
  CHECK(names(parse_pnpm_lock("lockfileVersion: '9.0'\n\npackages:\n\n  '@s/bar@2.0.0':\n"
                              "    resolution: {integrity: x}\n\n  foo@1.0.0:\n    x: y\n\n"
                              "snapshots:\n\n  foo@1.0.0: {}\n")) ==
        Names{"@s/bar=2.0.0", "foo=1.0.0"});
}

}  // namespace meridian::packages
