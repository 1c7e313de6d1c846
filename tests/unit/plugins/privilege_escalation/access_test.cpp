// SPDX-License-Identifier: Apache-2.0
//
// Who may change what root runs: by file, folder, link and sticky bit.
#include "example_image.hpp"

namespace meridian::privilege_escalation {

using testing::directory;
using testing::file;

namespace {

/// Whether a job of root's crontab is found to be changeable.
bool changeable(std::vector<testing::Entry> entries) {
  entries.push_back(file("etc/crontab", "* * * * * root /opt/a/job\n"));
  entries.push_back(file("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1000:60::/:/bin/sh\n"));
  entries.push_back(file("etc/group", "root:x:0:\nstaff:x:50:\napps:x:60:\n"));
  const auto outcome = run(std::move(entries));
  CHECK(outcome.gaps().empty());
  bool found = false;
  for (const std::string& one : said(outcome)) {
    found = found || one.compare(0, 18, "root-runs-writable") == 0;
  }
  return found;
}

testing::Entry owned(testing::Entry entry, std::uint32_t uid, std::uint32_t gid) {
  entry.uid = uid;
  entry.gid = gid;
  return entry;
}

}  // namespace

TEST_CASE("access: by the mode, owner and group of the file") {
  CHECK_FALSE(changeable({file("opt/a/job", "", 0755)}));
  CHECK(changeable({file("opt/a/job", "", 0757)}));
  CHECK(changeable({owned(file("opt/a/job", "", 0755), 1000, 0)}));
  CHECK(changeable({owned(file("opt/a/job", "", 0555), 1000, 0)}));  // it may change the mode
  CHECK(changeable({owned(file("opt/a/job", "", 0775), 0, 60)}));
  CHECK_FALSE(changeable({owned(file("opt/a/job", "", 0775), 0, 50)}));  // nobody is in staff
  CHECK_FALSE(changeable({owned(file("opt/a/job", "", 0755), 0, 60)}));
}

TEST_CASE("access: by the folders above, unless they are sticky") {
  CHECK(changeable({directory("opt", 0777), file("opt/a/job", "", 0755)}));
  CHECK(changeable({directory("opt/a", 0777), file("opt/a/job", "", 0755)}));
  CHECK_FALSE(changeable({directory("opt/a", 01777), file("opt/a/job", "", 0755)}));
  CHECK(changeable({directory("opt/a", 01777), owned(file("opt/a/job", "", 0755), 1000, 0)}));
  CHECK(changeable({owned(directory("opt/a", 01777), 1000, 0), file("opt/a/job", "", 0755)}));
}

TEST_CASE("access: by where a link leads, and by where it stands") {
  CHECK(changeable({testing::symbolic_link("opt/a", "../srv"), file("srv/job", "", 0777)}));
  CHECK(changeable({directory("srv", 0777), file("srv/job", ""),
                    testing::symbolic_link("opt/a/job", "/srv/job")}));
  CHECK(changeable({directory("opt/a", 0777), file("srv/job", ""),
                    testing::symbolic_link("opt/a/job", "/srv/job")}));
  CHECK_FALSE(changeable({file("srv/job", ""), testing::symbolic_link("opt/a/job", "/srv/job")}));
  CHECK_FALSE(changeable({testing::symbolic_link("opt/a", "a")}));  // a loop: nothing is there
}

TEST_CASE("access: what is not there may be put there") {
  CHECK(changeable({directory("opt", 0777)}));
  CHECK_FALSE(changeable({directory("opt", 0755)}));
}

}  // namespace meridian::privilege_escalation
