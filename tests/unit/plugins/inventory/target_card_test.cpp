// SPDX-License-Identifier: Apache-2.0
//
// The fact of a target, through the host's own path from image to report.
#include "target_card.hpp"

#include <fstream>
#include <iterator>
#include <meridian/testing/testing.hpp>
#include <nlohmann/json.hpp>

#include "inventory_plugin.hpp"
#include "support/catch.hpp"

namespace meridian::inventory {
namespace {

using namespace testing;
using nlohmann::json;

const char* const kConfig = R"({"os": "linux", "architecture": "arm64", "variant": "v8",
    "created": "2026-01-02T03:04:05Z",
    "config": {"User": "app", "WorkingDir": "/srv", "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
               "Env": ["PATH=/bin"], "Labels": {"version": "1", "com.example.api-key": "abc"},
               "Entrypoint": ["/entry"], "Cmd": ["--password", "hunter2"]}})";

std::string spec() {
  std::ifstream file(MERIDIAN_SOURCE_DIR "/tests/data/docker-28/config.json");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The facts of image and container, by kind.
std::map<std::string, json> cards(const Outcome& outcome) {
  std::map<std::string, json> out;
  for (const auto& [schema, data] : outcome.facts()) {
    CHECK(schema == kSchema);
    const json card = json::parse(data);
    out[card["kind"].get<std::string>()] = card;
  }
  return out;
}

}  // namespace

TEST_CASE("inventory: an image's fact says what it is, and no value of its environment") {
  const auto outcome = scan<InventoryPlugin>(
      image()
          .name("demo:1")
          .config(kConfig)
          .env("DB_URL=postgres://ada:hunter2@db/x")
          .layer({file("usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
                  symbolic_link("etc/os-release", "../usr/lib/os-release")})
          .layer({}));
  CHECK(outcome.findings().empty());
  CHECK(outcome.gaps().empty());
  REQUIRE(outcome.facts().size() == 1);
  CHECK(outcome.facts()[0].second.find("hunter2") == std::string::npos);
  CHECK(outcome.facts()[0].second.find("abc") == std::string::npos);
  const json expected = {{"kind", "image"},
                         {"names", {"demo:1"}},
                         {"created", "2026-01-02T03:04:05Z"},
                         {"platform", "linux/arm64/v8"},
                         {"os", {{"ID", "debian"}, {"VERSION_ID", "12"}}},
                         {"user", "app"},
                         {"working_dir", "/srv"},
                         {"entrypoint", {"/entry"}},
                         {"command", {"--password", "[redacted]"}},
                         {"exposed_ports", {"53/udp", "80/tcp"}},
                         {"environment", {"PATH", "DB_URL"}},
                         {"labels", {{"version", "1"}, {"com.example.api-key", "[redacted]"}}},
                         {"layers", {{"count", 2}, {"bytes", 0}}}};
  CHECK(cards(outcome)["image"] == expected);
}

TEST_CASE("inventory: a container's fact says how it runs") {
  const auto outcome = scan<InventoryPlugin>(
      image().layer({}).container_spec(spec(), "synthesised").runtime_handler("runc"));
  auto card = cards(outcome)["container"];
  CHECK(card["state"] == "running");
  CHECK(card["os"].is_null());
  CHECK(card["layers"]["count"] == 2);
  const json& run = card["run"];
  CHECK(run["spec_origin"] == "synthesised");
  CHECK(run["runtime_handler"] == "runc");
  CHECK(run["privileged"] == false);
  CHECK(run["host_uid"] == 0);
  CHECK(run["capabilities_added"].empty());
  CHECK(run["host_namespaces"] == json{"user", "cgroup"});
  CHECK(run["seccomp"] == "filter");
  std::vector<std::string> mounted;
  for (const json& mount : card["mounts"]) mounted.push_back(mount["destination"]);
  CHECK(mounted == std::vector<std::string>{"/tt", "/ctx", "/data", "/etc/resolv.conf",
                                            "/etc/hostname", "/etc/hosts"});
  CHECK(card["mounts"][1]["read_only"] == true);
}

TEST_CASE("inventory: a container without a spec has no run, and the rest all the same") {
  auto card = cards(scan<InventoryPlugin>(image().layer({}).writable({})))["container"];
  CHECK(card["run"].is_null());
  CHECK_FALSE(card.contains("mounts"));
}

TEST_CASE("inventory: an os-release that cannot be read is a gap, none is not") {
  CHECK(scan<InventoryPlugin>(image().layer({file("etc/passwd", "")})).gaps().empty());
  const auto outcome =
      scan<InventoryPlugin>(image().layer({file("etc/os-release", std::string(100000, 'x'))}));
  REQUIRE(outcome.gaps().size() == 1);
  CHECK(outcome.gaps()[0].kind == "limit");
  CHECK(outcome.gaps()[0].path == "etc/os-release");
  CHECK(outcome.facts().size() == 1);
}

TEST_CASE("inventory: a target that says too much is cut, and the cut is a gap") {
  auto builder = image().layer({});
  for (int i = 0; i < 1000; ++i) {
    builder.env("V" + std::to_string(i) + "=x")
        .label("l" + std::to_string(i) + "=" + std::string(5000, 'y'));
  }
  const auto outcome = scan<InventoryPlugin>(builder);
  REQUIRE(outcome.facts().size() == 1);
  CHECK(outcome.facts()[0].second.size() <= kMaxCard);
  std::vector<std::string> kinds;
  for (const FoundGap& gap : outcome.gaps()) kinds.push_back(gap.kind);
  CHECK(kinds == std::vector<std::string>{"limit", "limit", "limit"});
  auto card = cards(outcome)["image"];
  CHECK_FALSE(card.contains("labels"));
  CHECK(card["environment"].size() == kMaxItems);
}

TEST_CASE("inventory: bytes that are no UTF-8 do not break the fact") {
  const auto outcome = scan<InventoryPlugin>(image().layer({}).env("\xff=1").cmd("\xfe"));
  CHECK(cards(outcome)["image"]["environment"][0] == "\xef\xbf\xbd");
}

}  // namespace meridian::inventory
