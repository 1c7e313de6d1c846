// SPDX-License-Identifier: Apache-2.0
//
// layer_parts_test.cpp: when a layer may be divided, what has it shown again as a whole, and what
// its parts come to.
#include "scan/layer_parts.hpp"

#include "base/limits.hpp"
#include "support/catch.hpp"

namespace meridian::scan {
namespace {

finding::UnitOutput said(const std::string& path) {
  finding::UnitOutput output;
  output.findings.push_back({.rule = "rule",
                             .message = "",
                             .path = path,
                             .field = "",
                             .evidence = "",
                             .secret = "",
                             .detail = "",
                             .remediation = ""});
  output.facts.push_back({"key", path, "value"});
  output.gaps.push_back({finding::GapKind::kUnreadable, "", "", path, "unread", "", ""});
  output.files = 3;
  output.bytes = 30;
  output.calls = 5;  // two of them the unit's begin and end
  output.microseconds = 7;
  return output;
}

LayerResult part(const std::string& path) {
  LayerResult result;
  result.end = UnitEnd::kDone;
  result.outputs = {said(path), said(path)};
  result.files = 4;
  result.opened = 3;
  result.bytes = 40;
  result.bytes_read = 30;
  return result;
}

lane::PluginSet set_of(std::vector<bool> asks_for_end) {
  lane::PluginSet set;
  for (const bool asks : asks_for_end) {
    plugin::PluginFacts facts;
    facts.subscriptions.layer_done = asks;
    set.plugins.push_back(std::make_shared<const plugin::PluginFacts>(std::move(facts)));
  }
  return set;
}

const lane::LeftOut kNobody;

}  // namespace

TEST_CASE("layer_parts: who asks for a layer's end sees all of it at once, unless left out") {
  CHECK(may_be_divided(set_of({false, false}), kNobody));
  CHECK_FALSE(may_be_divided(set_of({false, true}), kNobody));
  CHECK(may_be_divided(set_of({false, true}), {{1, said("known")}}));
}

TEST_CASE("layer_parts: the sum is what one run would have said") {
  const LayerResult whole = join_parts({part("a"), part("b"), part("c")}, kNobody);
  CHECK(whole.end == UnitEnd::kDone);
  CHECK(whole.files == 12);
  CHECK(whole.opened == 9);
  CHECK(whole.bytes == 120);
  CHECK(whole.bytes_read == 90);
  REQUIRE(whole.outputs.size() == 2);
  const finding::UnitOutput& output = whole.outputs[1];
  REQUIRE(output.findings.size() == 3);
  CHECK(output.findings[2].path == "c");
  CHECK(output.facts.size() == 3);
  CHECK(output.gaps.size() == 3);
  CHECK(output.files == 9);
  CHECK(output.bytes == 90);
  CHECK(output.calls == 5 + 3 + 3);
  CHECK(output.microseconds == 21);
}

TEST_CASE("layer_parts: what stands instead of a plugin's words counts once") {
  const LayerResult whole = join_parts({part("a"), part("a")}, {{0, said("a")}});
  CHECK(whole.outputs[0].findings.size() == 1);
  CHECK(whole.outputs[0].calls == 5);
  CHECK(whole.outputs[1].findings.size() == 2);
}

TEST_CASE("layer_parts: a failure stays, and so does where the scan was cut") {
  std::vector<LayerResult> parts = {part("a"), part("b"), part("c")};
  parts[1].end = UnitEnd::kInterrupted;
  parts[2].outputs[0].result = finding::UnitResult::kError;
  parts[2].outputs[0].reason = "why";
  const LayerResult whole = join_parts(parts, kNobody);
  CHECK(whole.end == UnitEnd::kInterrupted);
  CHECK(whole.outputs[0].result == finding::UnitResult::kError);
  CHECK(whole.outputs[0].reason == "why");
  CHECK(whole.outputs[1].result == finding::UnitResult::kDone);
}

TEST_CASE("layer_parts: what could show the division has the layer shown whole") {
  std::vector<LayerResult> parts = {part("a"), part("b")};
  REQUIRE_FALSE(shows_division(parts, kNobody));
  auto& output = parts[1].outputs[0];
  SECTION("a part that was not shown to its end") { parts[1].end = UnitEnd::kNotStarted; }
  SECTION("a failure") { output.result = finding::UnitResult::kError; }
  SECTION("a limit") { output.gaps.front().kind = finding::GapKind::kLimit; }
  SECTION("redirected names") { parts[1].redirects.push_back({{}, "to"}); }
  SECTION("more bytes than a layer's patterns search") { parts[1].bytes = limits::kMaxLayerBytes; }
  SECTION("findings of all parts that one run might have cut") {
    for (LayerResult& one : parts) {
      one.outputs[0].findings.resize(limits::kMaxFindingsPerUnit / 4 + 1);
    }
  }
  SECTION("facts") { output.facts.resize(limits::kMaxFactsPerUnit); }
  SECTION("bytes of facts") { output.facts.front().value.resize(limits::kMaxFactBytesPerUnit / 2); }
  SECTION("gaps") { output.gaps.resize(limits::kMaxGapsPerUnit, output.gaps.front()); }
  CHECK(shows_division(parts, kNobody));
}

TEST_CASE("layer_parts: what is known of those left out is no reason") {
  std::vector<LayerResult> parts = {part("a"), part("b")};
  parts[0].outputs[0].result = finding::UnitResult::kError;
  CHECK_FALSE(shows_division(parts, {{0, said("known")}}));
}

}  // namespace meridian::scan
