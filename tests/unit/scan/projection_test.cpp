// SPDX-License-Identifier: Apache-2.0
//
// What a layer's findings become in a target, through the host's whole path over trees in memory.
#include <algorithm>

#include "probe_plugin.hpp"
#include "support/catch.hpp"

using namespace meridian::testing;
using meridian::TargetKind;
using probe::Probe;

namespace {
const std::string kToken = "TOKEN-0123456789ABCDEF";
const std::string kOther = "TOKEN-FEDCBA9876543210";
}  // namespace

TEST_CASE("projection: a secret that a later layer deletes is shadowed, with its layer", "[scan]") {
  const auto r =
      scan<Probe>(image().layer({file("srv/x", "key " + kToken)}).layer({whiteout("srv/x")}));
  const Found& found = r.finding("token");
  CHECK(found.shadowed());
  CHECK(found.layer == 0);
  CHECK(found.path == "srv/x");
  CHECK(found.line == 1);
  CHECK(found.column == 5);
}

TEST_CASE("projection: an overwritten file is shadowed, below an opaque directory too", "[scan]") {
  const auto overwritten =
      scan<Probe>(image().layer({file("srv/x", kToken)}).layer({file("srv/x", "clean")}));
  CHECK(overwritten.finding("token").shadowed());
  const auto opaque_dir =
      scan<Probe>(image().layer({file("srv/d/x", kToken)}).layer({opaque("srv/d")}));
  CHECK(opaque_dir.finding("token").shadowed());
  const auto replaced =
      scan<Probe>(image().layer({file("srv/d/x", kToken)}).layer({file("srv/d", "now a file")}));
  CHECK(replaced.finding("token").shadowed());
}

TEST_CASE("projection: what is visible is not reported again as shadowed", "[scan]") {
  const auto r = scan<Probe>(
      image().layer({file("srv/x", kToken)}).layer({file("srv/x", "moved\n" + kToken)}));
  const Found& found = r.finding("token");
  CHECK(found.visible());
  CHECK(found.layer == 1);
  CHECK(found.line == 2);
  CHECK(found.occurrences == 1);
}

TEST_CASE("projection: two values at one place are two findings", "[scan]") {
  const auto r = scan<Probe>(image().layer({file("srv/x", kToken + "\n" + kOther)}));
  REQUIRE(r.findings().size() == 3);  // and "count"
  CHECK(r.findings()[0].fingerprint != r.findings()[1].fingerprint);
}

TEST_CASE("projection: the secret is shown nowhere, not even where the plugin wrote it", "[scan]") {
  const auto r = scan<Probe>(image().layer({file("srv/x", kToken)}));
  CHECK(r.finding("token").evidence == "TOKE********");
  CHECK(r.finding("token").message == "found TOKE********");
}

TEST_CASE("projection: nor in a fact, of whichever plugin", "[scan]") {
  const auto r = scan<Probe>(image().layer({file("srv/told", "value " + kToken)}));
  const std::pair<std::string, std::string> told{"probe.told/1", "value TOKE********"};
  CHECK(std::count(r.facts().begin(), r.facts().end(), told) == 1);
}

TEST_CASE("projection: a container has its image's findings and those of its writable layer",
          "[scan]") {
  const auto r = scan<Probe>(
      image()
          .layer({file("srv/x", kToken), file("srv/y", kOther)})
          .env("A=1")
          .container_env("B=2")
          .writable({whiteout("srv/y"), file("run/z", "TOKEN-" + std::string(16, 'Z'))}));
  int visible = 0;
  int shadowed = 0;
  for (const Found& found : r.findings()) {
    if (found.target != TargetKind::kContainer || found.rule != "token") continue;
    visible += found.visible() ? 1 : 0;
    shadowed += found.shadowed() ? 1 : 0;
    if (found.path == "run/z") CHECK(found.layer == 1);
  }
  CHECK(visible == 2);
  CHECK(shadowed == 1);
  CHECK(r.finding("env", TargetKind::kContainer).field == "env:B");
  CHECK(r.finding("env").field == "env:A");
}

TEST_CASE("projection: files that nobody wants are not opened", "[scan]") {
  const auto r = scan<Probe>(image().layer({file("big", std::string((1 << 20) + 1, 'x')),
                                            file("etc/a.conf", "a"), symbolic_link("l", "big")}));
  CHECK(r.opened() == paths{"etc/a.conf"});
}

TEST_CASE("projection: an exception costs its file, is an error of the pair, and the rest goes on",
          "[scan][hostile]") {
  const auto r = scan<Probe>(image().layer(
      {file("etc/a.conf", "a"), file("etc/throw.conf", "b"), file("etc/z.conf", kToken)}));
  CHECK(r.finding("token").path == "etc/z.conf");
  REQUIRE(r.endings().size() == 1);
  CHECK(r.endings()[0].result == "error");
  CHECK(r.endings()[0].reason.find("etc/throw.conf") != std::string::npos);
  CHECK(r.endings()[0].reason.find("this file is too much") != std::string::npos);
  REQUIRE(r.gaps().size() == 1);
  CHECK(r.gaps()[0].kind == "exception");
}

TEST_CASE("projection: a plugin's gap is a gap of the pair, which is not simply clean", "[scan]") {
  const auto r = scan<Probe>(image().layer({file("etc/gap.conf", "b")}));
  REQUIRE(r.gaps().size() == 1);
  CHECK(r.gaps()[0].kind == "corrupt");
  CHECK(r.gaps()[0].path == "etc/gap.conf");
}

TEST_CASE("projection: finish_target gets facts bottom layer first, with visibility", "[scan]") {
  const auto r = scan<Probe>(image()
                                 .layer({file("etc/a.conf", "1"), file("usr/etc/real", "text")})
                                 .layer({file("etc/a.conf", "2"), file("etc/b.conf", "3"),
                                         symbolic_link("etc/link", "/usr/etc/real")}));
  CHECK(r.finding("count").evidence == "files@0=1 marker@0-=x files@1=2 marker@1=x text");
  REQUIRE(r.facts().size() == 1);
  CHECK(r.facts()[0].first == "probe.count/1");
}

TEST_CASE("projection: results are the same for every number of jobs and every order", "[scan]") {
  ImageBuilder many = image().env("A=1").container_env("B=2");
  for (int i = 0; i < 12; ++i) {
    const std::string n = std::to_string(i);
    many.layer({file("srv/" + n, kToken + "\n" + kOther), file("etc/" + n + ".conf", n),
                file("srv/same", "TOKEN-" + std::string(16, static_cast<char>('A' + i)))});
  }
  const Outcome reference = scan<Probe>(many);
  for (const std::uint32_t jobs : {1u, 2u, 3u, 8u}) {
    for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u}) {
      CHECK(scan<Probe>(many, {.jobs = jobs, .shuffle = seed}) == reference);
    }
  }
}
