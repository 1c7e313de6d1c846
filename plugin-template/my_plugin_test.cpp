// SPDX-License-Identifier: Apache-2.0
#define CATCH_CONFIG_MAIN
#include "my_plugin.hpp"

#include <catch2/catch.hpp>
#include <meridian/testing/testing.hpp>

#include "my_rule.hpp"

using namespace meridian::testing;

TEST_CASE("begins_line: only blanks may stand before") {
  CHECK(begins_line(""));
  CHECK(begins_line("Port 22\n  "));
  CHECK_FALSE(begins_line("Port 22\n# "));
}

TEST_CASE("my_plugin: finds root login, also in a file that a later layer deletes") {
  const auto r = scan<MyPlugin>(image()
                                    .layer({file("etc/ssh/sshd_config", "PermitRootLogin yes\n"),
                                            file("etc/motd", "PermitRootLogin yes\n")})
                                    .layer({whiteout("etc/ssh/sshd_config")}),
                                {.jobs = 3, .shuffle = 7});
  CHECK(r.finding("ssh-root-login").shadowed());
  CHECK(r.opened() == paths{"etc/ssh/sshd_config"});
}

TEST_CASE("my_plugin: a comment is no finding") {
  const auto r =
      scan<MyPlugin>(image().layer({file("etc/ssh/sshd_config", "#PermitRootLogin yes\n")}));
  CHECK(r.findings().empty());
}
