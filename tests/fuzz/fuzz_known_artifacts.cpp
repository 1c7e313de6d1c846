// SPDX-License-Identifier: Apache-2.0
//
// fuzz_known_artifacts.cpp: any bytes as a Java archive, and as a rule. Looked into twice, an
// archive says the same; a search by pieces finds what a search of the whole does.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "archive_walk.hpp"
#include "version.hpp"

using namespace meridian::known_artifacts;

namespace {

const std::vector<ArtifactRule>& shipped() {
  static const std::vector<ArtifactRule> rules = [] {
    std::ifstream in(MERIDIAN_SOURCE_DIR "/plugins/known_artifacts/rules/rules.json");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto parsed = parse_rules(text);
    if (!parsed) std::abort();
    return *std::move(parsed);
  }();
  return rules;
}

void check(bool holds) {
  if (!holds) std::abort();
}

void check_search(const std::string& bytes) {
  ContentTest test;
  test.contains = {"PK", "a"};
  test.version = VersionTest{"v", {{"1", "2"}}};
  ContentSearch whole(test), pieces(test);
  whole.feed(bytes, true);
  constexpr std::size_t kStep = 64;
  for (std::size_t at = 0; at < bytes.size(); at += kStep) {
    const auto piece = std::string_view(bytes).substr(at, kStep + kSearchOverlap);
    pieces.feed(piece, at + piece.size() >= bytes.size());
  }
  check(bytes.empty() || whole.holds() == pieces.holds());
  check(compare_versions(whole.version(), pieces.version()) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  static const MemberIndex index(shipped());
  const ArchiveLook first = look_into_archive(bytes, index, shipped());
  const ArchiveLook second = look_into_archive(bytes, index, shipped());
  check(first.hits.size() == second.hits.size() && first.problems.size() == second.problems.size());
  for (std::size_t i = 0; i < first.hits.size(); ++i) {
    check(first.hits[i].inside == second.hits[i].inside &&
          first.hits[i].hit.path == second.hits[i].hit.path &&
          !index.of(first.hits[i].hit.path).empty());
  }
  (void)parse_rule(bytes).has_value();
  check_search(bytes);
  const std::size_t half = bytes.size() / 2;
  const std::string_view a = std::string_view(bytes).substr(0, half),
                         b = std::string_view(bytes).substr(half);
  const int order = compare_versions(a, b), back = compare_versions(b, a);
  check((order < 0) == (back > 0) && (order == 0) == (back == 0));
  check(compare_versions(a, a) == 0);
  return 0;
}
