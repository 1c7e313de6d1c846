// SPDX-License-Identifier: Apache-2.0
#include "target_scan.hpp"

#include <algorithm>

#include "rule_source.hpp"

namespace meridian::secrets {
namespace {

const Judge& shipped() {
  static const std::unique_ptr<Judge> judge = judge_of(shipped_rules());
  return *judge;
}

// "field rule=value", in order.
std::vector<std::string> scan(const TargetTexts& texts) {
  Scratch scratch;
  std::vector<std::string> lines;
  const TargetResult result = scan_target(texts, shipped(), scratch);
  for (const TargetFinding& finding : result.findings) {
    lines.push_back(finding.field + " " + shipped().rules()[finding.rule].id + "=" +
                    finding.verdict.value);
  }
  for (const TargetGap& gap : result.gaps) lines.push_back(gap.field + " gap");
  return lines;
}

using Lines = std::vector<std::string>;

const std::string kGitHub = std::string("ghp_zQWBuTSOoRi4A9spHc") + "VY5ncnsDkxkJ" + "0mLq17";

}  // namespace

TEST_CASE("target: environment, with '=' in the value, and by the more special rule") {
  const std::string token = "GH=" + kGitHub;
  CHECK(scan({.env = {"PATH=/usr/bin", "DB_PASSWORD=hunter2=x", token}}) ==
        Lines{"env:DB_PASSWORD environment-secret=hunter2=x", "env:GH github-token=" + kGitHub});
  CHECK(scan({.env = {"GITHUB_TOKEN=" + kGitHub}}).size() == 1);
  CHECK(
      scan({.env = {"GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D", "LANG=C.UTF-8"}}).empty());
  CHECK(scan({.env = {"=", "", "NOVALUE", "TOKEN="}}).empty());
}

TEST_CASE("target: what ENV put into the environment is not told again from history") {
  for (const char* step :
       {"/bin/sh -c #(nop)  ENV DB_PASSWORD=hunter2", "ENV DB_PASSWORD=hunter2"}) {
    INFO(step);
    CHECK(scan({.env = {"DB_PASSWORD=hunter2"}, .history = {{step, {}}}}) ==
          Lines{"env:DB_PASSWORD environment-secret=hunter2"});
  }
  // A passphrase with blanks stands in history without quotes.
  CHECK(scan({.env = {"DB_PASSWORD=correct horse 7 battery"},
              .history = {{"ENV DB_PASSWORD=correct horse 7 battery", {}}}})
            .size() == 1);
  CHECK(scan({.env = {"DB_PASSWORD=hunter2"}, .history = {{"ENV DB_PASSWORD=0ld-hunter", {}}}}) ==
        Lines{"env:DB_PASSWORD environment-secret=hunter2",
              "history:0 environment-secret=0ld-hunter"});
}

TEST_CASE("target: build arguments and commands in history, once, with their layer") {
  const std::string argument = "|1 NPM_AUTH_TOKEN=q9X2vB7k /bin/sh -c npm ci";
  Scratch scratch;
  const TargetTexts texts{.history = {{"FROM scratch", {}}, {argument, 3}, {argument, 4}}};
  const TargetResult result = scan_target(texts, shipped(), scratch);
  REQUIRE(result.findings.size() == 1);
  CHECK(result.findings[0].field == "history:1");
  CHECK(result.findings[0].layer == 3u);
  CHECK(result.findings[0].verdict.value == "q9X2vB7k");
  CHECK(scan({.history = {{"RUN curl -u ci:Zk83mQp1x https://repo.internal/x", {}}}}) ==
        Lines{"history:0 curl-user-password=Zk83mQp1x"});
}

TEST_CASE("target: labels, command and entry point") {
  const std::string label = "ci.token=" + kGitHub;
  CHECK(scan({.labels = {label}}) == Lines{"label:ci.token github-token=" + kGitHub});
  CHECK(scan({.entrypoint = {"/app", "--db-password", "Zk83mQp1x"}}) ==
        Lines{"entrypoint command-line-password=Zk83mQp1x"});
  CHECK(scan({.cmd = {"sh", "-c", "export API_KEY=Zk83mQp1x && run"}}) ==
        Lines{"cmd environment-secret=Zk83mQp1x"});
}

TEST_CASE("target: a container tells only what its image has not") {
  CHECK(scan({.env = {"A_PASSWORD=hunter2", "B_PASSWORD=hunter3"},
              .image_env = {"A_PASSWORD=hunter2"}}) ==
        Lines{"env:B_PASSWORD environment-secret=hunter3"});
  // The same name with another value is the container's own.
  CHECK(scan({.env = {"A_PASSWORD=hunter9"}, .image_env = {"A_PASSWORD=hunter2"}}).size() == 1);
  const std::string label = "ci.token=" + kGitHub;
  CHECK(scan({.labels = {label}, .image_labels = {label}}).empty());
}

TEST_CASE("target: too long a text is a gap, and a long name is cut") {
  const std::string huge = "X_PASSWORD=" + std::string(Matcher::kMaxText, 'a');
  CHECK(scan({.env = {huge}}) == Lines{"env:X_PASSWORD gap"});
  const std::string name = std::string(500, 'A') + "_PASSWORD=hunter2";
  for (const std::string& line : scan({.env = {name}})) CHECK(line.size() < 200);
}

TEST_CASE("assignments: words, quotes and prefixes") {
  CHECK(assignments("|2 A=1 B=\"x y\" /bin/sh -c C='z' run && D=4;E=5") ==
        Lines{"A=1", "B=x y", "C=z", "D=4", "E=5"});
  CHECK(assignments("--flag=x 9A=1 =z a-b=c").empty());
  CHECK(assignments("A=\"never closed").size() == 1);
  CHECK(assignments(std::string(100000, ' ')).empty());
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "A=1 ";
  CHECK(assignments(many).size() == kMaxWords);
}

}  // namespace meridian::secrets
