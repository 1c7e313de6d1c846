// SPDX-License-Identifier: Apache-2.0
#include "plugin/acceptance.hpp"

#include <catch2/catch.hpp>

#include "base/escape.hpp"
#include "base/limits.hpp"

namespace meridian::plugin {
namespace {

PluginFacts facts() {
  PluginFacts made;
  made.id = "org.example.x";
  made.version = "1.0.0";
  made.sdk = "1.0";
  made.digest = "sha256:1";
  made.subscriptions.rules = {{"one", "One", finding::Severity::kHigh, ""},
                              {"two", "Two", finding::Severity::kLow, ""}};
  made.subscriptions.files.push_back({7, {}});
  return made;
}

Manifest manifest() {
  Manifest made;
  made.id = "org.example.x";
  made.version = "1.0.0";
  made.rules = facts().subscriptions.rules;
  return made;
}

finding::RawFinding finding_of(const std::string& rule) {
  finding::RawFinding raw;
  raw.rule = rule;
  raw.path = "etc/x";
  raw.message = "said";
  return raw;
}

const finding::Gap& only_gap(const AcceptedOutput& accepted) {
  REQUIRE(accepted.output().gaps.size() == 1);
  return accepted.output().gaps.front();
}

/// Gives one finding that `spoil` made wrong; it must become a gap.
template <typename F>
std::string refused(F spoil) {
  const PluginFacts plugin = facts();
  AcceptedOutput accepted(plugin);
  finding::RawFinding raw = finding_of("one");
  spoil(raw);
  CHECK(accepted.finding(std::move(raw)) == Verdict::kRefused);
  CHECK(accepted.output().findings.empty());
  CHECK(only_gap(accepted).kind == finding::GapKind::kProtocol);
  return only_gap(accepted).message;
}

std::string why(const PluginFacts& said) {
  const auto checked = check_facts(said, manifest(), "sha256:1", "");
  return checked ? "" : checked.error().message();
}

}  // namespace

TEST_CASE("acceptance: a finding in order is taken, its severity the rule's if it has none") {
  const PluginFacts plugin = facts();
  AcceptedOutput accepted(plugin);
  auto raw = finding_of("one");
  raw.detail = R"({"kind":"k"})";
  CHECK(accepted.finding(raw) == Verdict::kTaken);
  raw.severity = finding::Severity::kInfo;
  CHECK(accepted.finding(raw) == Verdict::kTaken);
  REQUIRE(accepted.output().findings.size() == 2);
  CHECK(accepted.output().findings[0].severity == finding::Severity::kHigh);
  CHECK(accepted.output().findings[1].severity == finding::Severity::kInfo);
  CHECK(accepted.output().findings[0].detail == raw.detail);
  CHECK(accepted.output().gaps.empty());
}

TEST_CASE("acceptance: a finding that no sink would have given is a protocol gap") {
  CHECK(refused([](auto& raw) { raw.rule = "three"; }) ==
        "finding of rule 'three', which is not declared");
  CHECK(refused([](auto& raw) { raw.rule = std::string(1 << 20, '\x1b'); }).size() < 1000);
  CHECK(refused([](auto& raw) { raw.message = "\xff"; }) ==
        "finding of rule 'one': message is not UTF-8");
  CHECK(refused([](auto& raw) { raw.message.assign(limits::kMaxText + 1, 'x'); }) ==
        "finding of rule 'one': message of 4097 bytes, limit 4096");
  CHECK(refused([](auto& raw) { raw.field = "\x80"; }).ends_with("field is not UTF-8"));
  CHECK(refused([](auto& raw) {
          raw.remediation = "\xc0\x80";
        }).ends_with("remediation is not UTF-8"));
  refused([](auto& raw) { raw.path.assign(limits::kMaxPath + 1, 'x'); });
  refused([](auto& raw) { raw.evidence.assign(limits::kMaxEvidence + 1, 'x'); });
  refused([](auto& raw) { raw.secret.assign(limits::kMaxSecret + 1, 'x'); });
  refused([](auto& raw) { raw.detail.assign(limits::kMaxDetail + 1, ' '); });
}

TEST_CASE("acceptance: a detail that is none is left out, not the finding") {
  const PluginFacts plugin = facts();
  for (const char* const detail :
       {"1", "{}", R"({"kind":1})", R"({"kind":"k"} x)", "{\"kind\":\"\xff\"}"}) {
    AcceptedOutput accepted(plugin);
    auto raw = finding_of("two");
    raw.detail = detail;
    CHECK(accepted.finding(raw) == Verdict::kTaken);
    REQUIRE(accepted.output().findings.size() == 1);
    CHECK(accepted.output().findings.front().detail.empty());
    CHECK(only_gap(accepted).kind == finding::GapKind::kProtocol);
  }
  AcceptedOutput accepted(plugin);
  auto raw = finding_of("two");
  raw.detail = R"({"kind":"k","deep":)" + std::string(8000, '[') + std::string(8000, ']') + "}";
  CHECK(accepted.finding(raw) == Verdict::kTaken);
  CHECK(accepted.output().findings.front().detail.empty());
}

TEST_CASE("acceptance: findings past their number, and past their bytes, are one limit gap") {
  const PluginFacts plugin = facts();
  AcceptedOutput many(plugin);
  for (std::size_t i = 0; i < limits::kMaxFindingsPerUnit; ++i) {
    if (many.finding(finding_of("one")) != Verdict::kTaken) FAIL(i);
  }
  CHECK(many.finding(finding_of("one")) == Verdict::kLimit);
  CHECK(many.finding(finding_of("one")) == Verdict::kLimit);
  CHECK(only_gap(many).kind == finding::GapKind::kLimit);

  AcceptedOutput large(plugin);
  auto raw = finding_of("one");
  raw.secret.assign(limits::kMaxSecret, 'x');
  std::size_t taken = 0;
  while (large.finding(raw) == Verdict::kTaken) {
    ++taken;
    large.take();  // what is given away still counts
  }
  CHECK(taken == kMaxFindingBytesPerUnit / (limits::kMaxSecret + 9));
  CHECK(only_gap(large).kind == finding::GapKind::kLimit);
}

TEST_CASE("acceptance: facts past a bound are dropped, which is said once") {
  const PluginFacts plugin = facts();
  AcceptedOutput accepted(plugin);
  CHECK(accepted.fact({"key", "", ""}) == Verdict::kTaken);
  CHECK(accepted.fact({"", "", ""}) == Verdict::kLimit);
  CHECK(accepted.fact({std::string(128, 'k'), "", ""}) == Verdict::kLimit);
  CHECK(accepted.fact({"key", std::string(limits::kMaxPath + 1, 'x'), ""}) == Verdict::kLimit);
  CHECK(accepted.fact({"key", "", std::string(limits::kMaxFactBytes + 1, 'x')}) == Verdict::kLimit);
  CHECK(only_gap(accepted).kind == finding::GapKind::kLimit);
  CHECK(accepted.output().facts.size() == 1);

  const std::string value(limits::kMaxFactBytes, 'v');
  std::size_t taken = 0;
  while (accepted.fact({"key", "", value}) == Verdict::kTaken) {
    ++taken;
    accepted.take();
  }
  CHECK(taken ==
        limits::kMaxFactBytesPerUnit / (limits::kMaxFactBytes + std::string("key").size()));
}

TEST_CASE("acceptance: gaps are fitted, bounded, and say nothing that is the host's to say") {
  const PluginFacts plugin = facts();
  AcceptedOutput accepted(plugin);
  accepted.gap({finding::GapKind::kUnreadable, "org.other", "sha256:2", std::string(70'000, 'p'),
                std::string(5'000, '\xff'), "\x1b[2J", "rm -rf /"});
  const finding::Gap& gap = only_gap(accepted);
  CHECK((gap.plugin.empty() && gap.target.empty() && gap.reproduce.empty()));
  CHECK(gap.path.size() == limits::kMaxPath);
  CHECK((gap.message.size() <= limits::kMaxText && base::is_utf8(gap.message)));
  for (std::size_t i = 1; i < limits::kMaxGapsPerUnit; ++i) accepted.gap({});
  CHECK(accepted.output().gaps.size() == limits::kMaxGapsPerUnit);
  for (int i = 0; i < 3; ++i) CHECK(accepted.gap({}) == Verdict::kLimit);
  CHECK(accepted.output().gaps.size() == limits::kMaxGapsPerUnit + 1);
  CHECK(accepted.output().gaps.back().kind == finding::GapKind::kLimit);
  // A limit of findings is said beside them.
  CHECK(accepted.fact({"", "", ""}) == Verdict::kLimit);
  CHECK(accepted.output().gaps.size() == limits::kMaxGapsPerUnit + 2);
}

TEST_CASE("acceptance: the first failure stays; counts stay when what was said is taken") {
  const PluginFacts plugin = facts();
  AcceptedOutput accepted(plugin);
  accepted.failed(finding::GapKind::kCrash, "first");
  accepted.failed(finding::GapKind::kTimeout, "second");
  accepted.count_call(5);
  accepted.count_file(100);
  accepted.finding(finding_of("one"));
  CHECK(accepted.take().findings.size() == 1);
  const finding::UnitOutput rest = accepted.take();
  CHECK(rest.findings.empty());
  CHECK(rest.result == finding::UnitResult::kError);
  CHECK(rest.error_kind == finding::GapKind::kCrash);
  CHECK(rest.reason == "first");
  CHECK((rest.files == 1 && rest.bytes == 100 && rest.calls == 1 && rest.microseconds == 5));
}

TEST_CASE("acceptance: text is cut between characters, and fitting it twice changes nothing") {
  CHECK(fit_text("abc", 3) == "abc");
  CHECK(fit_text("abcd", 3) == "abc");
  CHECK(fit_text("ab\xc3\xa9", 3) == "ab");
  CHECK(fit_text("ab\xc3\xa9", 4) == "ab\xc3\xa9");
  CHECK(fit_text("\xff", 10) == "\\xff");
  const std::vector<std::string> texts{std::string(50, '\xff'),
                                       std::string("\xf0\x9f\x98\x80\xf0\x9f")};
  for (const std::string& text : texts) {
    for (std::size_t limit = 0; limit < 20; ++limit) {
      const std::string once = fit_text(text, limit);
      CHECK((once.size() <= limit && base::is_utf8(once)));
      CHECK(fit_text(once, limit) == once);
    }
  }
}

TEST_CASE("acceptance: a lane that loaded something else, or asks for too much") {
  CHECK(why(facts()).empty());
  auto said = facts();
  said.id = "org.example.y";
  CHECK(why(said).find("org.example.y") != std::string::npos);
  said = facts();
  said.digest = "sha256:2";
  CHECK(why(said).find("other bytes") != std::string::npos);
  said = facts();
  said.rules_digest = "sha256:3";
  CHECK_FALSE(why(said).empty());
  said = facts();
  said.sdk = std::string(64, 'x');
  CHECK(why(said).starts_with("sdk"));
  said = facts();
  std::swap(said.subscriptions.rules[0], said.subscriptions.rules[1]);
  CHECK(why(said).find("order") != std::string::npos);
  said = facts();
  said.subscriptions.rules[1].severity = finding::Severity::kInfo;
  CHECK(why(said).find("another severity") != std::string::npos);
  said = facts();
  said.subscriptions.files.resize(limits::kMaxSubscriptions + 1);
  CHECK(why(said).find("subscriptions of one kind") != std::string::npos);
  said = facts();
  said.subscriptions.merged.push_back({1, {}});
  said.subscriptions.merged[0].where.paths = {"[z-"};
  CHECK_FALSE(why(said).empty());
  said = facts();
  said.subscriptions.targets.emplace_back(1, 99);
  CHECK(why(said) == "target of kind 99");
  said = facts();
  said.subscriptions.patterns.resize(1);
  said.subscriptions.patterns[0].context = limits::kMaxContext + 1;
  CHECK(why(said).starts_with("context"));
}

}  // namespace meridian::plugin
