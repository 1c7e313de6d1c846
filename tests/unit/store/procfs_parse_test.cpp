// SPDX-License-Identifier: Apache-2.0
#include "store/procfs/parse.hpp"
#include "support/catch.hpp"

using namespace meridian;
using namespace meridian::store;

namespace {

using Texts = std::vector<std::string>;

std::string stat_line(const std::string& name, char state, const std::string& start) {
  return "4242 (" + name + ") " + state + " 17 4242 4242 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 " +
         start + " 1000 10 1\n";
}

const std::string kStatus =
    "Name:\tsleep\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t4242\nPPid:\t17\n"
    "Uid:\t1000\t1001\t1001\t1001\nGid:\t50\t51\t51\t51\nNStgid:\t4242\t1\nNSpid:\t4242\t7\t1\n"
    "CapInh:\t0000000000000000\nCapPrm:\t0000000000000401\nCapEff:\t0000000000000001\n"
    "CapBnd:\t8000000000000000\nCapAmb:\t0000000000000000\nSeccomp:\t2\n";

std::string without(std::string text, const std::string& line) {
  const auto at = text.find(line);
  REQUIRE(at != std::string::npos);
  text.erase(at, text.find('\n', at) + 1 - at);
  return text;
}

}  // namespace

TEST_CASE("procfs: stat, whatever the process calls itself") {
  for (const std::string name : {"sleep", "a) S 1 (b", "(((", ")))", "", "two\nlines", ") Z 0 "}) {
    INFO(name);
    const auto stat = parse_process_stat(stat_line(name, 'R', "1663313"));
    REQUIRE(stat);
    CHECK(stat->name == name);
    CHECK(stat->state == 'R');
    CHECK(stat->parent == 17);
    CHECK(stat->start_time == 1663313);
  }
  for (const char* text : {"", "1 (x", "1 (x) ", ") (", "1 (x) S 1 2",
                           "1 (x) S x 1 1 0 -1 4 1 0 0 0 0 0 0 0 20 0 1 0 7",
                           "1 (x) S 1 1 1 0 -1 4 1 0 0 0 0 0 0 0 20 0 1 0 x",
                           "1 (x) S 1 1 1 0 -1 4 1 0 0 0 0 0 0 0 20 0 1 0 18446744073709551616"}) {
    INFO(text);
    CHECK_FALSE(parse_process_stat(text));
  }
}

TEST_CASE("procfs: status: effective ids, every pid, capabilities by name") {
  const auto status = parse_process_status(kStatus);
  REQUIRE(status);
  CHECK(status->uid == 1001);
  CHECK(status->gid == 51);
  CHECK(status->pids == std::vector<std::int64_t>{4242, 7, 1});
  CHECK(status->capabilities.effective == Texts{"CAP_CHOWN"});
  CHECK(status->capabilities.permitted == Texts{"CAP_CHOWN", "CAP_NET_BIND_SERVICE"});
  CHECK(status->capabilities.bounding == Texts{"CAP_63"});  // of a kernel to come
  for (const char* line : {"Uid", "Gid", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
    INFO(line);
    CHECK_FALSE(parse_process_status(without(kStatus, line)));
  }
  CHECK(parse_process_status(without(kStatus, "NSpid")).value().pids.empty());
}

TEST_CASE("procfs: cgroups of v1, v2 and both") {
  CHECK(parse_cgroup_paths("12:cpu,cpuacct:/docker/a\n1:name=systemd:/docker/a\n0::/\n") ==
        Texts{"/docker/a", "/"});
  CHECK(parse_cgroup_paths("0::/../a:b\n") == Texts{"/../a:b"});
  CHECK(parse_cgroup_paths("no line\n\n0::relative\n").empty());
}

TEST_CASE("procfs: the cgroup names its container, however engines spell that") {
  const std::string id(64, 'c');
  for (const std::string& path :
       {"/docker/" + id, "/../" + id, "/docker/" + id + "/init.scope",
        "/system.slice/docker-" + id + ".scope", "/machine.slice/libpod-" + id + ".scope/container",
        "/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + id + ".scope",
        "/system.slice/containerd.service/kubepods-besteffort-pod1.slice:cri-containerd:" + id}) {
    INFO(path);
    CHECK(names_container(path, id));
    CHECK(names_any_container(path));
    CHECK_FALSE(names_container(path, std::string(64, 'd')));
    CHECK_FALSE(names_container(path, id.substr(1)));
  }
  for (const std::string& path : {"/docker/x" + id, "/docker/" + id + "x", id + "-init",
                                  std::string("/"), std::string("/user.slice/session-1.scope")}) {
    INFO(path);
    CHECK_FALSE(names_container(path, id));
  }
  CHECK_FALSE(names_any_container("/user.slice/session-1.scope"));
  CHECK_FALSE(names_container("/", ""));
}

TEST_CASE("procfs: sockets that listen, and no others") {
  Sockets found;
  parse_inet_sockets(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 "
      "11 1 0000000000000000 100 0 0 10 0\n"
      "   1: 0100007F:1F90 0100007F:8000 01 00000000:00000000 00:00000000 00000000  1000        0 "
      "12 1\n"
      "   2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 "
      "0 1\n"
      "   3: 0100007:0050 00000000:0000 0A 0:0 0:0 0 0 0 13\n   4: short\n",
      "tcp", found);
  parse_inet_sockets(
      "   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 "
      "0:0 "
      "0 0 0 21\n",
      "tcp6", found);
  parse_inet_sockets(
      "  1: 00000000:0035 00000000:0000 07 0:0 0:0 0 0 0 31\n"
      "  2: 00000000:0035 0100007F:0035 01 0:0 0:0 0 0 0 32\n",
      "udp", found);
  parse_unix_sockets(
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 41 /run/with blank\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 42 @abstract\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01    43\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 44 /run/connected\n",
      found);
  std::string text;
  for (const auto& [inode, socket] : found) {
    text += std::to_string(inode) + " " + socket.protocol + " " + socket.address + " " +
            std::to_string(socket.port) + "\n";
  }
  CHECK(text ==
        "11 tcp 127.0.0.1 8080\n21 tcp6 ::1 22\n31 udp 0.0.0.0 53\n"
        "41 unix /run/with blank 0\n42 unix @abstract 0\n43 unix  0\n");
}

TEST_CASE("procfs: a socket's path with a line break forges a line, not another's inode") {
  Sockets found;
  parse_unix_sockets(
      "0000000000000000: 00000002 00000000 00010000 0001 01 41 /run/true\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 42 /tmp/x\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 41 /run/forged\n",
      found);
  CHECK(found.at(41).address == "/run/true");
}

TEST_CASE("procfs: links, marks and arguments") {
  CHECK(inode_of_link("socket:[77]", "socket") == 77);
  CHECK(inode_of_link("pid:[4026531836]", "pid") == 4026531836);
  for (const char* text : {"socket:[77", "socket:77]", "pipe:[77]", "socket:[]", "socket:[x]", "",
                           "socket", "socket:[", "socket:[18446744073709551616]"}) {
    INFO(text);
    CHECK(inode_of_link(text, "socket") == 0);
  }
  std::string path = "/bin/x (deleted)";
  CHECK(take_deleted_mark(path));
  CHECK(path == "/bin/x");
  CHECK_FALSE(take_deleted_mark(path));
  CHECK(parse_arguments(std::string("a\0\0b c\0", 7)) == Texts{"a", "", "b c"});
  CHECK(parse_arguments("unfinished") == Texts{"unfinished"});
  CHECK(parse_arguments("").empty());
}
