// SPDX-License-Identifier: Apache-2.0
//
// The plugin over images made in code: which files it asks for, what it says of them.
#include <fstream>
#include <iterator>
#include <meridian/testing/testing.hpp>

#include "support/catch.hpp"
#include "weak_password_plugin.hpp"

namespace meridian::weak_password {
namespace {

using namespace meridian::testing;

Options options(std::string settings = "") {
  return {.settings = std::move(settings), .rules = {{"words.txt", "password\nmonkey\ndragon\n"}}};
}

constexpr const char* kRoot = "root:$1$abcdefgh$gyPqltr49ET96qfEMI36o/:19000:0:99999:7:::\n";

}  // namespace

TEST_CASE("weak-password: an account of the system, whose password is not said") {
  const auto result =
      scan<WeakPasswordPlugin>(image().layer({file("etc/shadow", kRoot)}), options());
  const Found& found = result.finding("weak-login-password");
  CHECK(found.message == "the password of root is number 3 of the list of common ones");
  CHECK(found.path == "etc/shadow");
  CHECK(found.severity == Severity::kHigh);
  CHECK(found.field == "account:root");
  CHECK(found.evidence.find("dragon") == std::string::npos);
  CHECK(result.gaps().empty());
}

TEST_CASE("weak-password: what an upper layer overwrites is shadowed") {
  const auto result = scan<WeakPasswordPlugin>(
      image().layer({file("etc/shadow", kRoot)}).layer({file("etc/shadow", "root:*:1::::::\n")}),
      options());
  CHECK(result.finding("weak-login-password").shadowed());
}

TEST_CASE("weak-password: two accounts of one file are two findings; an own word counts") {
  const auto result = scan<WeakPasswordPlugin>(
      image().layer({file("srv/.htpasswd", "ann:{PLAIN}monkey\nben:{PLAIN}Our-Company-1\n")}),
      options(R"({"words": ["Our-Company-1"]})"));
  REQUIRE(result.findings().size() == 2);
  CHECK(result.findings()[1].message == "the password of ben is one of the operator's own words");
  CHECK(result.findings()[0].message ==
        "the password of ann is number 3 of the list of common ones");
}

TEST_CASE("weak-password: a hash that is not known and a file that is too large are gaps") {
  const auto result = scan<WeakPasswordPlugin>(
      image().layer({file("etc/shadow", "odd:$9$what:1::::::\n"),
                     file("opt/redis.conf", std::string((4 << 20) + 1, '#'))}),
      options());
  CHECK(result.findings().empty());
  REQUIRE(result.gaps().size() == 2);
  CHECK(result.gaps()[1].path == "etc/shadow");
  CHECK(result.gaps()[0].path == "opt/redis.conf");
}

TEST_CASE("weak-password: variables of an image, and of a container only what its image has not") {
  const auto result = scan<WeakPasswordPlugin>(image()
                                                   .layer({file("x", "")})
                                                   .env("POSTGRES_PASSWORD=dragon")
                                                   .env("POSTGRES_HOST_AUTH_METHOD=trust")
                                                   .container_env("REDIS_PASSWORD=monkey"),
                                               options());
  CHECK(result.finding("weak-password-setting").field == "env:POSTGRES_PASSWORD");
  CHECK(result.finding("weak-password-setting").severity == Severity::kMedium);
  CHECK(result.finding("service-without-password").field == "env:POSTGRES_HOST_AUTH_METHOD");
  CHECK(result.finding("weak-password-setting", TargetKind::kContainer).field ==
        "env:REDIS_PASSWORD");
}

TEST_CASE("weak-password: a sample's file is not opened, nor what nobody asks for") {
  const auto result = scan<WeakPasswordPlugin>(
      image().layer({file("app/.env.example", "DB_PASSWORD=dragon"),
                     file("app/.env", "DB_PASSWORD=dragon"), file("etc/hosts", "x")}),
      options());
  CHECK(result.opened() == paths{"app/.env"});
  CHECK(result.finding("weak-password-setting").path == "app/.env");
}

TEST_CASE("weak-password: without its list it does not start") {
  CHECK_THROWS_WITH(scan<WeakPasswordPlugin>(image().layer({}), Options{}),
                    Catch::Contains("words.txt"));
}

}  // namespace meridian::weak_password
