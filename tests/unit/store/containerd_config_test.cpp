// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/config.hpp"

#include <algorithm>

#include "store/containerd/toml.hpp"
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

TEST_CASE("containerd config: what its Kubernetes plugin runs pods with", "[store][containerd]") {
  const std::string tables[] = {"plugins.\"io.containerd.grpc.v1.cri\".containerd",
                                "plugins.cri.containerd",
                                "plugins.'io.containerd.cri.v1.runtime'.containerd"};
  for (const std::string& table : tables) {
    const auto file = parse_config("[" + table + "]\ndefault_runtime_name = 'runsc'\n[" + table +
                                   ".runtimes.runsc]\nruntime_type = 'io.containerd.runsc.v1'\n[" +
                                   table + ".runtimes.runsc.options]\nConfigPath = '/r.toml'\n[" +
                                   table + ".runtimes.crun.options]\nBinaryName = '/crun'\n")
                          .value();
    CHECK(file.default_handler == "runsc");
    CHECK(file.handlers == CriHandlers{{"runsc", {"io.containerd.runsc.v1", "", "/r.toml"}},
                                       {"crun", {"", "/crun", ""}}});
  }
  const auto none = parse_config("[plugins.other.containerd.runtimes.x]\nruntime_type = 'y'\n");
  CHECK(none->handlers.empty());
}

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

TEST_CASE("toml: strings of every kind, and what they stand among", "[store][containerd]") {
  const auto entries = parse_toml(R"(# TOML 1.0
a = "\b\t\n\f\r\"\\ \u00e9\U0001F600"
'b c' = 'C:\new\' # a literal
"d".e . f = """
two
lines \
     in one ""quoted"" """"
g = '''
\n 'it' '''''
h = [ "x", # one
  'y',
  """z""" , ]
i = [ "x", [ "y" ] ]
j = { k = "x", l = [ { m = 1 } ] }
n = 1979-05-27T07:32:00Z
o=-1.5e3
[ p . "q.r" ]
s = []
[[t.u]]
v = true
)");
  REQUIRE(entries);
  const auto at = [&](const std::vector<std::string>& path) {
    for (const auto& entry : *entries) {
      if (entry.path == path) return entry;
    }
    FAIL("no entry " + path.back());
    return TomlEntry();
  };
  using Kind = TomlEntry::Kind;
  CHECK(entries->size() == 11);
  CHECK(at({"a"}).text == "\b\t\n\f\r\"\\ \xC3\xA9\xF0\x9F\x98\x80");
  CHECK(at({"b c"}).text == "C:\\new\\");
  CHECK(at({"d", "e", "f"}).text == "two\nlines in one \"\"quoted\"\" \"");
  CHECK(at({"g"}).text == "\\n 'it' ''");
  CHECK(at({"h"}).texts == std::vector<std::string>{"x", "y", "z"});
  CHECK(at({"h"}).line == 10);
  for (const char* other : {"i", "j", "n", "o"}) {
    CHECK(at({other}).kind == Kind::kOther);
    CHECK(at({other}).texts.empty());
  }
  CHECK(at({"p", "q.r", "s"}).kind == Kind::kTexts);
  CHECK(at({"t", "u", "", "v"}).line == 20);
}

TEST_CASE("toml: what is none is told with its line", "[store][containerd][hostile]") {
  for (const std::string wrong : {"a",
                                  "a =",
                                  "a = ",
                                  "= 1",
                                  "a = \"x",
                                  "a = 'x\n'",
                                  R"(a = "\x")",
                                  R"(a = "\u12")",
                                  R"(a = "\ud800")",
                                  R"(a = "\U00110000")",
                                  "a = '''x",
                                  "a = 1 2 = 3",
                                  "a = 'x' 'y'",
                                  "a = [",
                                  "a = [}",
                                  "a = [ 'x'",
                                  "a = {]",
                                  "[a",
                                  "[[a]",
                                  "[a]]",
                                  "[a] b = 1",
                                  "[.a]",
                                  "[a.]",
                                  "a..b = 1",
                                  "a = ]",
                                  "a = ,",
                                  "'''a''' = 1",
                                  "a = 1\rb = 2"}) {
    INFO(wrong);
    const auto parsed = parse_toml("# first\n" + wrong);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code() == ErrorCode::kCorrupt);
    CHECK(parsed.error().message().find("line ") == 0);
  }
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
  CHECK(parse_config("grpc = { address = '/x' }").error().code() == ErrorCode::kUnsupported);
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
  const auto told = [&reading](ErrorCode code) {
    return std::count_if(reading.problems.begin(), reading.problems.end(),
                         [code](const auto& problem) { return problem.error.code() == code; });
  };
  CHECK(told(ErrorCode::kUnsupported) == 1);
  CHECK(told(ErrorCode::kLimit) == 1);
  CHECK(reading.problems.size() < 10);
}

TEST_CASE("containerd config: files imported twice are no more files", "[store][containerd]") {
  TempDir host;
  host.file("etc/containerd/config.toml", "imports = ['d/*', 'd/*', 'd/7', 'config.toml']\n");
  for (int i = 0; i < 99; ++i) host.file("etc/containerd/d/" + std::to_string(i), "root = '/x'\n");
  const auto reading = read(host);
  for (const auto& problem : reading.problems) FAIL(problem.path + problem.error.message());
  CHECK(reading.config.root == "/x");
}

}  // namespace meridian::store::containerd
