// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/config.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace meridian::store::containerd {
namespace {

using testing_support::TempDir;

struct Reading {
  Config config;
  std::vector<model::Problem> problems;
};

Reading read(const TempDir& host) {
  const auto root = rootfs::HostRoot::open(host.path()).value();
  Reading out;
  out.config = read_config(*root, *model::HostPath::parse(kConfigFile), out.problems);
  return out;
}

}  // namespace

TEST_CASE("containerd config: root, address and imports of any version", "[store][containerd]") {
  CHECK(parse_config("")->root.empty());
  const auto one = parse_config("root = \"/a b\"  # here\n[grpc]\n  address='/run/x'\n").value();
  CHECK(one.root == "/a b");
  CHECK(one.address == "/run/x");
  // A key of a table, and what stands in a text, are not the root.
  const auto two = parse_config(R"(
version = 2
disabled_plugins = ["cri"]
imports = [
  "/etc/containerd/conf.d/*.toml",
  'one.toml',
]
note = '''
root = "/wrong"
'''
[plugins."io.containerd.grpc.v1.cri"]
  root = "/wrong"
[debug]
  address = "/wrong"
)")
                       .value();
  CHECK(two.root.empty());
  CHECK(two.address.empty());
  CHECK(two.imports == std::vector<std::string>{"/etc/containerd/conf.d/*.toml", "one.toml"});
}

TEST_CASE("containerd config: what is wrong is told with its place",
          "[store][containerd][hostile]") {
  for (const std::string wrong : {"root = ", "root = 7", "imports = 'x'", "imports = [7]", "[a",
                                  "root = '/x'\nroot = '/y'", "[grpc]\naddress = {}", "\xff = 1"}) {
    INFO(wrong);
    const auto parsed = parse_config(wrong);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code() == ErrorCode::kCorrupt);
  }
  CHECK(parse_config("root = '/x'\n[").error().message().find("line 2") == 0);
  std::string nested = "a";
  for (int i = 0; i < 100'000; ++i) nested += ".a";
  CHECK(parse_config(nested + " = 1").error().code() == ErrorCode::kLimit);
  CHECK_FALSE(parse_config("a = " + std::string(100'000, '[')));
  // The deepest tree that is let through.
  std::string dotted = "a";
  for (int i = 0; i < 64; ++i) dotted += ".a";
  std::string deepest = dotted + " = ";
  for (int i = 0; i < 15; ++i) deepest += "[\n{" + dotted + " = ";
  (void)parse_config(deepest + "1");
  for (int i = 0; i < 15; ++i) deepest += (i == 0 ? "1}]" : "}]");
  CHECK(parse_config(deepest));
}

TEST_CASE("containerd config: imported files win, in their order", "[store][containerd]") {
  TempDir host;
  CHECK(read(host).config.root == "/var/lib/containerd");
  host.file("etc/containerd/config.toml",
            "root = '/one'\nimports = ['conf.d/*.toml', '/etc/last.toml']\n");
  host.file("etc/containerd/conf.d/a.toml", "root = '/two'\n[grpc]\naddress = '/run/two'\n");
  host.file("etc/containerd/conf.d/b.toml", "imports = ['../config.toml', 'c.inc']\n");
  host.file("etc/containerd/conf.d/c.inc", "");
  host.file("etc/containerd/conf.d/ignored.inc", "root = '/wrong'\n");
  host.file("etc/last.toml", "root = '/three'\n");
  auto reading = read(host);
  for (const auto& problem : reading.problems) FAIL(problem.path + problem.error.message());
  CHECK(reading.config.root == "/three");
  CHECK(reading.config.address == "/run/two");
  host.remove("etc/last.toml");
  host.file("etc/containerd/conf.d/b.toml", "root = ");
  reading = read(host);
  CHECK(reading.config.root == "/two");
  REQUIRE(reading.problems.size() == 2);
  CHECK(reading.problems[0].path == "/etc/containerd/conf.d/b.toml");
  CHECK(reading.problems[1].path == "/etc/last.toml");
}

TEST_CASE("containerd config: imports have an end", "[store][containerd][hostile]") {
  TempDir host;
  host.file("etc/containerd/config.toml", "imports = ['d/*', '/etc/*/x.toml', '/dev/null']\n");
  for (int i = 0; i < 300; ++i) host.file("etc/containerd/d/" + std::to_string(i), "root = '/x'\n");
  const auto reading = read(host);
  CHECK(reading.config.root == "/x");
  bool patterns = false;
  for (const auto& problem : reading.problems) {
    patterns = patterns || problem.error.code() == ErrorCode::kUnsupported;
  }
  CHECK(patterns);
  CHECK(reading.problems.size() < 10);
}

}  // namespace meridian::store::containerd
