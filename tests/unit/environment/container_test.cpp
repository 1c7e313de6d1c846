// SPDX-License-Identifier: Apache-2.0
//
// Claims about who is inside a container, from texts as the engines' containers show them.
#include "environment/container.hpp"

#include "support/catch.hpp"

using namespace meridian::environment;

namespace {

const std::string kId(64, 'a');

struct Case {
  std::string name, mounts, cgroup, kernel;
  bool docker_mark = false, podman_mark = false, first_pid_namespace = false;
  bool inside = true;
  std::string text;
};

ContainerSigns signs_of(const Case& one) {
  ContainerSigns signs;
  signs.mounts = meridian::store::parse_mount_details(one.mounts);
  if (!one.cgroup.empty()) signs.cgroups = {one.cgroup};
  signs.kernel = one.kernel;
  signs.docker_mark = one.docker_mark;
  signs.podman_mark = one.podman_mark;
  signs.first_pid_namespace = one.first_pid_namespace;
  return signs;
}

}  // namespace

TEST_CASE("container: found by its own mounts and cgroup, whatever files lie about") {
  const std::string plain = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n";
  const std::string overlay = "9 1 0:44 / / rw - overlay overlay rw,lowerdir=/l,upperdir=";
  const std::vector<Case> cases = {
      {"docker, overlay2", overlay + "/var/lib/docker/overlay2/" + kId + "/diff,workdir=/w\n", "",
       "", true, false, false, true, "a container of docker"},
      {"docker, data root of its own, vfs",
       "9 1 8:2 /vfs/dir/" + kId +
           " / rw - ext4 /dev/sdb rw\n"
           "10 9 8:2 /containers/" +
           kId + "/hosts /etc/hosts rw - ext4 /dev/sdb rw\n",
       "", "", false, false, false, true, "a container of docker"},
      {"docker, cgroup of the machine", plain, "/docker/" + kId, "", false, false, false, true,
       "a container of docker"},
      {"containerd",
       overlay + "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs\n", "",
       "", false, false, false, true, "a container of containerd"},
      {"podman", overlay + "/var/lib/containers/storage/overlay/" + kId + "/diff\n", "", "", false,
       true, false, true, "a container of podman"},
      {"podman, graph root of its own, vfs",
       "9 1 8:2 /r/vfs/dir/" + kId + " / rw - ext4 /dev/sdb rw\n10 9 8:2 /run/vfs-containers/" +
           kId + "/userdata/hosts /etc/hosts rw - ext4 /dev/sdb rw\n",
       "", "", false, false, false, true, "a container of podman"},
      {"kubernetes",
       overlay + "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs\n"
                 "10 9 8:1 /var/lib/kubelet/pods/7c1/etc-hosts /etc/hosts rw - ext4 /dev/sda1 rw\n",
       "", "", false, false, false, true, "a container of containerd, in a Kubernetes pod"},
      {"gvisor", "10 10 0:10 / / rw  - overlay none rw\n", "",
       "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n", true, false, false, true,
       "a container of docker, under gVisor"},
      {"a machine made from an image: the mark alone", plain, "/", "Linux version 6.1", true, false,
       true, false, "no container"},
      {"a live medium: overlay alone", overlay + "/run/live/rw\n", "/init.scope", "", false, false,
       true, false, "no container"},
      {"a mark and a pid namespace", plain, "", "", false, true, false, true,
       "a container of podman"},
      {"nothing is known", "", "", "", false, false, true, false, "no container"},
  };
  for (const Case& one : cases) {
    INFO(one.name);
    const Container found = find_container(signs_of(one));
    CHECK(found.inside == one.inside);
    CHECK(found.text() == one.text);
    CHECK(found.inside == !found.evidence.empty());
  }
}

TEST_CASE("mountinfo: options, propagation and kind, with and without optional fields") {
  const auto mounts = meridian::store::parse_mount_details(
      "36 35 98:0 /a\\040b /host ro,noatime master:1 propagate_from:2 - ext3 /dev/root "
      "rw,errors=continue\n"
      "10 10 0:10 / / rw  - overlay none rw,upperdir=/x\\054y\n"
      "11 10 0:11 / /p rw shared:7 - tmpfs tmpfs ro\n"
      "12 10 0:12 / /broken rw\n"
      "junk\n");
  REQUIRE(mounts.size() == 4);
  CHECK(mounts[0].place.root == "/a b");
  CHECK(mounts[0].options == "ro,noatime");
  CHECK(mounts[0].receives);
  CHECK(mounts[0].kind == "ext3");
  CHECK(meridian::store::has_option(mounts[0].super_options, "rw"));
  CHECK_FALSE(meridian::store::has_option(mounts[0].super_options, "r"));
  CHECK_FALSE(mounts[1].receives);
  CHECK(mounts[1].kind == "overlay");
  CHECK(meridian::store::option_value(mounts[1].super_options, "upperdir") == "/x,y");
  CHECK(mounts[2].receives);
  CHECK(mounts[3].kind.empty());
}
