// SPDX-License-Identifier: Apache-2.0
#include "languages.hpp"

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

TEST_CASE("python: name, version and licence of the header, not of the description") {
  const Parsed parsed = parse_python_metadata(
      "Metadata-Version: 2.1\nName: Flask_Cors\nVersion: 4.0\nLicense: UNKNOWN\n"
      "Classifier: License :: OSI Approved :: MIT License\n\nName: other\nVersion: 9\n");
  CHECK(names(parsed) == Names{"Flask_Cors=4.0"});
  CHECK(parsed.packages[0].licenses == Names{"MIT License"});
  CHECK(parse_python_metadata("Name: x\nVersion: 1\nLicense-Expression: MIT OR Apache-2.0\n")
            .packages[0]
            .licenses == Names{"MIT OR Apache-2.0"});
  CHECK(parse_python_metadata("Name: x\n").problems.size() == 1);
}

TEST_CASE("ruby: a gemspec's stub line, its assignments, and at last its name") {
  CHECK(names(parse_gemspec("x", "# -*- encoding: utf-8 -*-\n# stub: rake 13.0.6 ruby lib\n")) ==
        Names{"rake=13.0.6"});
  const Parsed written = parse_gemspec(
      "x",
      "Gem::Specification.new do |s|\n  s.name = \"nokogiri\".freeze\n  s.version = '1.15.0'\n"
      "  s.licenses = [\"MIT\".freeze, \"Ruby\".freeze]\n  s.required_ruby_version = \">= 2\"\n");
  CHECK(names(written) == Names{"nokogiri=1.15.0"});
  CHECK(written.packages[0].licenses == Names{"MIT", "Ruby"});
  CHECK(names(parse_gemspec("a/specifications/ruby-ole-1.2.12.gemspec", "s.version = VERSION\n")) ==
        Names{"ruby-ole=1.2.12"});
  CHECK(parse_gemspec("a/x.gemspec", "").problems.size() == 1);
}

TEST_CASE("ruby: of a lock file what is resolved, not what it needs, and no other section") {
  CHECK(names(parse_gemfile_lock(
            "GIT\n  remote: x\n  specs:\n    mine (0.1)\n\nGEM\n  remote: https://rubygems.org/\n"
            "  specs:\n    rack (2.2.3)\n    rails (7.0.1-x86_64-linux)\n      rack (~> 2.0)\n\n"
            "PLATFORMS\n  ruby\n\nDEPENDENCIES\n  rails\n")) == Names{"rack=2.2.3", "rails=7.0.1"});
}

TEST_CASE("php: both versions of installed.json, and the lock file with what is for developers") {
  CHECK(names(parse_composer_installed(
            R"([{"name": "monolog/monolog", "version": "2.9.1", "license": ["MIT"]}])")) ==
        Names{"monolog/monolog=2.9.1"});
  CHECK(names(parse_composer_installed(R"({"packages": [{"name": "a/b", "version": "v1"}]})")) ==
        Names{"a/b=v1"});
  CHECK(names(parse_composer_lock(R"({"packages": [{"name": "a/b", "version": "1"}],
        "packages-dev": [{"name": "c/d", "version": "2"}]})")) == Names{"a/b=1", "c/d=2"});
  CHECK(parse_composer_lock("{}").problems.size() == 1);
  CHECK(parse_composer_installed("[{\"name\": 7}]").problems.size() == 1);
}

TEST_CASE("rust: packages of a lock file") {
  CHECK(names(parse_cargo_lock("version = 3\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\n"
                               "dependencies = [\n \"x\",\n]\n\n[[package]]\nname = \"me\"\n"
                               "version = \"0.1.0\"\n\n[metadata]\nname = \"no\"\n")) ==
        Names{"serde=1.0.1", "me=0.1.0"});
}

TEST_CASE("dotnet: libraries of type package") {
  CHECK(names(parse_dotnet_deps(R"({"libraries": {"App/1.0.0": {"type": "project"},
        "Newtonsoft.Json/13.0.3": {"type": "package"}}})")) == Names{"Newtonsoft.Json=13.0.3"});
  CHECK(parse_dotnet_deps("{}").problems.size() == 1);
}

TEST_CASE("languages: values without end are a limit before they take memory") {
  std::string many = "[";
  for (std::size_t i = 0; i < 1'100'000; ++i) many += "[],";
  const Parsed parsed = parse_composer_installed(many + "1]");
  REQUIRE(parsed.problems.size() == 1);
  CHECK(parsed.problems[0].code() == ErrorCode::kLimit);
}

TEST_CASE("languages: brackets without end are refused or left out, and take no stack") {
  const std::string deep(200'000, '[');
  CHECK(parse_composer_installed(deep).problems.size() == 1);
  CHECK(parse_composer_installed(deep + std::string(200'000, ']')).packages.empty());
}

}  // namespace meridian::packages
