// SPDX-License-Identifier: Apache-2.0
#include "os_release.hpp"

#include "support/catch.hpp"

namespace meridian::inventory {

TEST_CASE("os_release: quotes and escapes as a shell takes them, other variables left out") {
  const auto os = parse_os_release(
      "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME='It''s'\n# ID=comment\nID=debian\r\n"
      "VERSION=\"a \\\"b\\\" \\$c\"\nVERSION_ID=12 # word\nHOME_URL=\"https://x\"\nno assignment\n"
      "ID_LIKE=a\nID_LIKE=b");
  CHECK(os == OsRelease{{"PRETTY_NAME", "Debian GNU/Linux 12 (bookworm)"},
                        {"NAME", "Its"},
                        {"ID", "debian"},
                        {"VERSION", "a \"b\" $c"},
                        {"VERSION_ID", "12"},
                        {"ID_LIKE", "b"}});
}

TEST_CASE("os_release: bytes that are no such file give nothing, and no end") {
  CHECK(parse_os_release("").empty());
  CHECK(parse_os_release(std::string_view("\0\0ID", 4)).empty());
  CHECK(parse_os_release("ID").empty());
  CHECK(parse_os_release("ID=\"open") == OsRelease{{"ID", "open"}});
  CHECK(parse_os_release("ID=\\") == OsRelease{{"ID", "\\"}});
  CHECK(parse_os_release(std::string(kMaxLines, '\n') + "ID=late").empty());
}

}  // namespace meridian::inventory
