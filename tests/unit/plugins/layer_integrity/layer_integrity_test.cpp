// SPDX-License-Identifier: Apache-2.0
//
// What the host says of layers, as findings and gaps. That it says the truth is tested over real
// stores (tests/integration) and in tests/unit/store/layer_check_test.cpp.
#include <meridian/testing/testing.hpp>

#include "layer_integrity_plugin.hpp"
#include "support/catch.hpp"

namespace meridian::layer_integrity {

using testing::Content;
using testing::image;

namespace {

testing::Outcome run(std::vector<Content> contents) {
  auto builder = image();
  for (Content& one : contents) builder.layer({}).content(std::move(one));
  return testing::scan<LayerIntegrityPlugin>(builder);
}

}  // namespace

TEST_CASE("layer-integrity: intact layers and those without a record say nothing") {
  const auto outcome = run({{}, {.state = ContentState::kNothing}});
  CHECK(outcome.findings().empty());
  CHECK(outcome.gaps().empty());
}

TEST_CASE("layer-integrity: a changed layer is high and names its files") {
  const auto outcome = run({{},
                            {.state = ContentState::kChanged,
                             .differences = {{"bin/sh", "mode"}, {"etc/passwd", "content"}},
                             .total = 5}});
  const auto found = outcome.finding("layer-changed");
  CHECK(found.severity == Severity::kHigh);
  CHECK(found.layer == 1);
  CHECK(found.evidence == "bin/sh (mode), etc/passwd (content), and 3 more");
  CHECK(outcome.gaps().empty());
}

TEST_CASE("layer-integrity: times alone are low, and not with anything else") {
  const auto severity = [](std::vector<std::pair<std::string, std::string>> differences) {
    return run({{.state = ContentState::kChanged, .differences = std::move(differences)}})
        .finding("layer-changed")
        .severity;
  };
  CHECK(severity({{"a", "mtime"}, {"b", "mtime"}}) == Severity::kLow);
  CHECK(severity({{"a", "mtime"}, {"b", "mode, mtime"}}) == Severity::kHigh);
}

TEST_CASE("layer-integrity: a blob is a rule of its own") {
  const auto outcome = run({{.state = ContentState::kChanged,
                             .expected = "sha256:1",
                             .computed = "sha256:2",
                             .differences = {{"", "blob"}}}});
  CHECK(outcome.finding("blob-changed").message.find("sha256:1 any more, but sha256:2") !=
        std::string::npos);
}

TEST_CASE("layer-integrity: what was not compared is a gap, beside what was found") {
  const auto outcome =
      run({{.state = ContentState::kUnknown, .reason = "no blob"},
           {.state = ContentState::kChanged, .reason = "lost", .differences = {{"a", "removed"}}}});
  CHECK(outcome.findings().size() == 1);
  REQUIRE(outcome.gaps().size() == 2);
  CHECK(outcome.gaps()[0].message == "layer layer-0 was not compared: no blob");
}

}  // namespace meridian::layer_integrity
