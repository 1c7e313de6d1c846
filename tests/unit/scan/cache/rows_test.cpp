// SPDX-License-Identifier: Apache-2.0
//
// rows_test.cpp: what is kept of a unit, what is not, and what comes back.
#include "scan/cache/rows.hpp"

#include "lane/wire.hpp"
#include "support/catch.hpp"

namespace meridian::scan {
namespace {

const Seal kSeal(std::string(Seal::kKeyBytes, 'k'));
const std::string kValue = "ghp_" + std::string(36, 'q');

plugin::PluginFacts facts() {
  plugin::PluginFacts facts;
  facts.id = "org.example.p";
  facts.subscriptions.rules = {{"key", "A key", finding::Severity::kHigh, ""}};
  return facts;
}

finding::UnitOutput output() {
  finding::UnitOutput output;
  output.files = 3;
  output.bytes = 40;
  output.calls = 9;
  output.microseconds = 1000;
  finding::RawFinding finding;
  finding.rule = "key";
  finding.severity = finding::Severity::kHigh;
  finding.path = "etc/key";
  finding.line = 2;
  finding.secret = kValue;
  finding.evidence = kValue;
  finding.message = "found " + kValue + " here";
  finding.detail = R"({"kind":"k","v":")" + kValue + "\"}";
  finding.remediation = "change " + kValue;
  output.findings = {finding};
  output.facts = {{"org.example/1", "etc/x", "value"}};
  output.gaps = {{finding::GapKind::kCorrupt, "", "", "etc/y", "no tar", "", ""}};
  return output;
}

Scrubber secrets_of(const finding::UnitOutput& output) {
  Scrubber secrets(&kSeal);
  for (const auto& finding : output.findings) secrets.add(finding);
  return secrets;
}

std::optional<KeptOutput> kept(const finding::UnitOutput& output) {
  return keep(output, secrets_of(output), kSeal);
}

}  // namespace

TEST_CASE("rows: no value of a secret is kept, and all else comes back", "[scan]") {
  const finding::UnitOutput before = output();
  const auto row = kept(before);
  REQUIRE(row);
  const std::string bytes = lane::encode(*row);
  CHECK(bytes.find(kValue) == std::string::npos);
  auto again = lane::decode<KeptOutput>(bytes);
  REQUIRE(again);
  CHECK(lane::encode(*again) == bytes);
  const auto after = recall(*std::move(again), facts());
  REQUIRE(after);
  CHECK(after->result == finding::UnitResult::kDone);
  CHECK(after->files == 3);
  CHECK(after->bytes == 40);
  CHECK(after->calls == 0);  // nothing was called
  REQUIRE(after->findings.size() == 1);
  const finding::RawFinding& finding = after->findings.front();
  CHECK(finding.sealed == kSeal.seal(kValue));
  CHECK(finding.path == "etc/key");
  CHECK(finding.line == 2);
  CHECK(finding.message == "found ghp_******** here");
  CHECK(after->facts.front().value == "value");
  CHECK(after->gaps == before.gaps);
}

TEST_CASE("rows: what could not be looked at just then is not kept", "[scan]") {
  using finding::GapKind;
  for (int kind = 0; kind <= static_cast<int>(GapKind::kShutdown); ++kind) {
    finding::UnitOutput one = output();
    one.gaps.front().kind = static_cast<GapKind>(kind);
    CAPTURE(finding::to_text(one.gaps.front().kind));
    const bool stays = one.gaps.front().kind == GapKind::kCorrupt ||
                       one.gaps.front().kind == GapKind::kUnsupported ||
                       one.gaps.front().kind == GapKind::kLimit ||
                       one.gaps.front().kind == GapKind::kMissingData;
    CHECK(kept(one).has_value() == stays);
  }
  finding::UnitOutput failed = output();
  failed.result = finding::UnitResult::kError;
  CHECK_FALSE(kept(failed));
}

TEST_CASE("rows: a fact with a secret of its unit is not kept", "[scan]") {
  finding::UnitOutput one = output();
  one.facts.push_back({"own", "", "the key is " + kValue});
  CHECK_FALSE(kept(one));
  one.facts.back().value = "the key is secret";
  CHECK(kept(one));
}

TEST_CASE("rows: what a plugin would not say now is no row", "[scan]") {
  const auto changed = [](auto&& change) {
    KeptOutput row = *kept(output());
    change(row);
    return recall(std::move(row), facts()).has_value();
  };
  CHECK(changed([](KeptOutput&) {}));
  CHECK_FALSE(changed([](KeptOutput& row) { row.findings.front().finding.rule = "other"; }));
  CHECK_FALSE(changed([](KeptOutput& row) { row.findings.front().finding.secret = "value"; }));
  CHECK_FALSE(changed([](KeptOutput& row) { row.findings.front().secret->mac = "short"; }));
  CHECK_FALSE(changed([](KeptOutput& row) { row.findings.front().finding.detail = "no JSON"; }));
  CHECK_FALSE(changed([](KeptOutput& row) { row.findings.front().finding.message = "\xff"; }));
  CHECK_FALSE(changed([](KeptOutput& row) { row.facts.front().key.clear(); }));
  CHECK_FALSE(changed([](KeptOutput& row) { row.gaps.front().kind = finding::GapKind::kTimeout; }));
}

TEST_CASE("rows: a layer comes back as it was walked, and was not read", "[scan]") {
  LayerResult layer;
  layer.end = UnitEnd::kDone;
  layer.decoded_digest = "sha256:" + std::string(64, 'a');
  layer.files = 7;
  layer.opened = 3;
  layer.bytes = 100;
  layer.bytes_read = 50;
  layer.redirects = {{rootfs::RootfsPath::parse("b").value(), "/a"}};
  auto row = lane::decode<KeptLayer>(lane::encode(keep(layer)));
  REQUIRE(row);
  const auto again = recall(*row);
  REQUIRE(again);
  CHECK(again->end == UnitEnd::kDone);
  CHECK(again->cached);
  CHECK(again->decoded_digest == layer.decoded_digest);
  CHECK(again->files == 7);
  CHECK(again->opened == 0);
  CHECK(again->bytes_read == 0);
  CHECK(again->redirects.front().to == "/a");
  row->decoded_digest = "sha256:short";
  CHECK_FALSE(recall(*row));
}

}  // namespace meridian::scan
