// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

namespace meridian::test {
namespace {

using namespace finding;

const std::string kBaseId = "sha256:" + std::string(60, 'a') + "0001";
const std::string kTopId = "sha256:" + std::string(60, 'b') + "0002";
const std::string kImageId = "sha256:4f1c0a2b3c4d" + std::string(52, '5');
const std::string kContainerId = "c0ffee000001" + std::string(52, '6');
const std::string kSecrets = "org.meridian.secrets";

TargetEntry image() {
  TargetEntry target;
  target.id = kImageId;
  target.kind = "image";
  target.names = {"shop/web:1.0", "shop/web:latest"};
  target.present_in = {
      {"docker", "", "/var/lib/docker", kImageId, {"shop/web:1.0", "shop/web:latest"}}};
  target.layers = {
      {kBaseId, kBaseId, "image", "recorded", "", 123456789, "ADD rootfs.tar / # buildkit"},
      {kTopId, kTopId, "image", "verified", "sha256:" + std::string(64, 'd'), 4096,
       "RUN rm /root/.aws/credentials"}};
  return target;
}

TargetEntry container() {
  TargetEntry target;
  target.id = kContainerId;
  target.kind = "container";
  target.names = {"web-1"};
  target.image_id = kImageId;
  target.state = "running";
  target.present_in = {{"docker", "", "/var/lib/docker", kContainerId, {"web-1"}},
                       {"containerd", "moby", "/var/lib/containerd", kContainerId, {}}};
  target.layers = {{kBaseId, kBaseId, "image", "recorded", "", 123456789, "ADD rootfs.tar /"},
                   {"overlay2-init", "", "init", "local", "", 0, ""},
                   {"overlay2-rw", "", "writable", "local", "", 2048, ""}};
  target.isolation =
      Isolation{"application-kernel", "runsc", {"/etc/docker/daemon.json: runtimes.runsc"}};
  return target;
}

FindingEntry deleted_key() {
  FindingEntry finding;
  finding.fingerprint = std::string(64, '1');
  finding.group = "g1";
  finding.plugin = kSecrets;
  finding.rule = "aws-access-key";
  finding.severity = Severity::kHigh;
  finding.confidence = Confidence::kHigh;
  finding.title = "AWS access key";
  finding.message = "key id with its secret key";
  finding.remediation = "revoke the key; a later layer does not remove it";
  finding.references = {"https://docs.aws.amazon.com/IAM/latest/UserGuide/"};
  finding.target = kImageId;
  finding.location = {"root/.aws/credentials", "", 2, 21, LayerPlace{0, kBaseId},
                      Visibility::kShadowed};
  finding.occurrences = {{"srv/app/.env", "", 7, 0, LayerPlace{1, kTopId}, Visibility::kVisible}};
  finding.evidence = Evidence{"secret", "AKIA************", true, 20};
  finding.detail = R"({"kind": "secret", "entropy": 4.25, "checked": ["structure", "entropy"]})";
  return finding;
}

FindingEntry variable() {
  FindingEntry finding;
  finding.fingerprint = std::string(64, '2');
  finding.plugin = kSecrets;
  finding.rule = "env-password";
  finding.severity = Severity::kCritical;
  finding.title = "Password in the environment";
  finding.target = kImageId;
  finding.location.field = "env:DB_PASSWORD";
  return finding;
}

FindingEntry run_time_token() {
  FindingEntry finding = deleted_key();
  finding.fingerprint = std::string(64, '3');
  finding.group.clear();
  finding.rule = "generic-token";
  finding.title = "Token";
  finding.message = "written at run time";
  finding.remediation.clear();
  finding.severity = Severity::kLow;
  finding.confidence = Confidence::kLow;
  finding.target = kContainerId;
  finding.location = {"tmp/token", "", 0, 0, LayerPlace{2, "overlay2-rw"}, Visibility::kVisible};
  finding.occurrences.clear();
  finding.evidence = Evidence{"text", "token=" + std::string(300, 'x'), false, 306};
  finding.detail.clear();
  return finding;
}

}  // namespace

Report empty_report() {
  Report report;
  report.version = "0.1.0";
  report.host = {"/", "node-1", "6.1.0-18-amd64", false, "none"};
  report.started = "2026-01-02T03:04:05Z";
  report.finished = "2026-01-02T03:04:06Z";
  return report;
}

Report rich_report() {
  Report report = empty_report();
  report.host.root = "/host";
  report.host.parallel_container = true;
  const std::string digest = "sha256:" + std::string(64, 'e');
  report.plugins = {{kSecrets, "1.2.0", digest, digest, "0.1", "this build", "built-in"},
                    {"org.example.modes", "0.3.0", digest, "", "0.1", "unsigned", "local"}};
  report.targets = {image(), container()};
  report.findings = {deleted_key(), variable(), run_time_token()};
  report.facts = {{kImageId, "org.example.modes", "meridian.packages/1", R"({"dpkg":["bash"]})"}};
  report.coverage = {
      {kImageId, "org.example.modes", PairResult::kClean, false, 1, "", 812, 90112, 12},
      {kImageId, kSecrets, PairResult::kFindings, true, 0, "", 812, 90112, 340},
      {kContainerId, "org.example.modes", PairResult::kClean, true, 0, "", 9, 100, 1},
      {kContainerId, kSecrets, PairResult::kFindings, true, 0, "", 9, 100, 1}};
  report.gaps = {{GapKind::kLimit, "org.example.modes", kImageId, "srv/huge.tar",
                  "34359738368 bytes, at most 268435456 are read", "", ""}};
  report.statistics = {2, 5, 4, 0, 821, 37, 13002342, 119, 45088768, 1.25};
  return report;
}

Report brief_report() {
  Report report = rich_report();
  report.plugins.pop_back();
  report.targets.pop_back();
  report.findings.pop_back();
  report.coverage.resize(2);
  return report;
}

Report hostile_report() {
  Report report = rich_report();
  const std::string both = kHostileName + kHostileBytes;
  report.version = report.started = report.finished = both;
  report.host = {both, both, both, true, both};
  report.plugins = {{both, both, both, both, both, both, both}};
  for (TargetEntry& target : report.targets) {
    target.id = both;
    target.names = {kHostileName, kHostileBytes};
    target.image_id = target.state = both;
    target.present_in = {{both, both, both, both, {both}}};
    target.layers = {{both, both, "image", "local", both, 1, both}};
    if (target.isolation) target.isolation->runtime = both;
    if (target.isolation) target.isolation->evidence = {both};
  }
  for (FindingEntry& finding : report.findings) {
    finding.fingerprint = finding.plugin = finding.rule = both;
    finding.title = finding.message = finding.remediation = finding.target = both;
    finding.references = {both};
    finding.location = {kHostileBytes, both, 1, 1, LayerPlace{0, both}, Visibility::kVisible};
    finding.occurrences = {finding.location};
    finding.occurrences.front().path = kHostileName;
    finding.evidence = Evidence{both, both, false, both.size()};
    finding.detail = "{\"kind\": \"x\", \"name\": \"" + both + "\"}";
  }
  report.facts = {{both, both, both, both}};
  for (CoverageEntry& pair : report.coverage) pair.target = pair.plugin = pair.reason = both;
  report.gaps = {{GapKind::kCorrupt, both, both, kHostileBytes, both, both, both}};
  return report;
}

Report incomplete_report() {
  Report report = empty_report();
  report.complete = false;
  report.targets = {image(), container()};
  report.coverage = {
      {kImageId, kSecrets, PairResult::kClean, false, 3, "", 812, 90112, 340},
      {kImageId, "org.example.crash", PairResult::kError, false, 1, "crash: signal 11", 0, 0, 0},
      {kContainerId, kSecrets, PairResult::kFindings, false, 0, "", 9, 100, 1},
      {kContainerId, "org.example.off", PairResult::kSkipped, true, 0, "--skip-plugin", 0, 0, 0}};
  for (const std::string& target : {kImageId, kContainerId}) {
    report.gaps.push_back({GapKind::kPrivilege, "", target, "etc/shadow", "permission denied",
                           "run as root, or add CAP_DAC_READ_SEARCH", "sudo meridian scan"});
  }
  for (int i = 0; i < 31; ++i) {
    report.gaps.push_back({GapKind::kUnreadable, kSecrets, kImageId,
                           "srv/file-" + std::to_string(i), "input/output error", "", ""});
  }
  report.statistics = {2, 5, 4, 0, 821, 37, 13002342, 119, 45088768, 1.25};
  return report;
}

}  // namespace meridian::test
