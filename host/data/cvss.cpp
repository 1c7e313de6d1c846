// SPDX-License-Identifier: Apache-2.0
#include "data/cvss.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace meridian::data {

namespace {

using Metrics = std::map<std::string_view, std::string_view>;

std::optional<Metrics> metrics_of(std::string_view vector) {
  Metrics metrics;
  while (!vector.empty()) {
    const std::size_t slash = vector.find('/');
    const std::string_view part = vector.substr(0, slash);
    vector = slash == std::string_view::npos ? std::string_view() : vector.substr(slash + 1);
    const std::size_t colon = part.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    if (!metrics.emplace(part.substr(0, colon), part.substr(colon + 1)).second) return std::nullopt;
  }
  return metrics;
}

struct Weight {
  std::string_view metric, value;
  double weight;
};
constexpr Weight kWeights[] = {
    {"AV", "N", 0.85}, {"AV", "A", 0.62}, {"AV", "L", 0.55}, {"AV", "P", 0.2}, {"AC", "L", 0.77},
    {"AC", "H", 0.44}, {"UI", "N", 0.85}, {"UI", "R", 0.62}, {"C", "H", 0.56}, {"C", "L", 0.22},
    {"C", "N", 0},     {"I", "H", 0.56},  {"I", "L", 0.22},  {"I", "N", 0},    {"A", "H", 0.56},
    {"A", "L", 0.22},  {"A", "N", 0}};

std::optional<double> weight(const Metrics& metrics, std::string_view metric) {
  const auto found = metrics.find(metric);
  if (found == metrics.end()) return std::nullopt;
  for (const Weight& one : kWeights) {
    if (one.metric == metric && one.value == found->second) return one.weight;
  }
  return std::nullopt;
}

/// Privileges required weigh less where the scope changes.
std::optional<double> privileges(const Metrics& metrics, bool changed) {
  const auto found = metrics.find("PR");
  if (found == metrics.end()) return std::nullopt;
  if (found->second == "N") return 0.85;
  if (found->second == "L") return changed ? 0.68 : 0.62;
  if (found->second == "H") return changed ? 0.5 : 0.27;
  return std::nullopt;
}

/// Up to one decimal; by whole numbers, since 0.1 is none in binary (appendix A).
double round_up(double value) {
  const auto scaled = static_cast<long>(std::lround(value * 100'000));
  if (scaled % 10'000 == 0) return static_cast<double>(scaled) / 100'000;
  return (std::floor(static_cast<double>(scaled) / 10'000) + 1) / 10;
}

}  // namespace

std::optional<double> cvss_score(std::string_view vector) {
  if (vector.starts_with("CVSS:4.0/")) return cvss4_score(vector);
  if (!vector.starts_with("CVSS:3.0/") && !vector.starts_with("CVSS:3.1/")) return std::nullopt;
  const auto metrics = metrics_of(vector);
  if (!metrics) return std::nullopt;
  const auto scope = metrics->find("S");
  if (scope == metrics->end() || (scope->second != "U" && scope->second != "C")) {
    return std::nullopt;
  }
  const bool changed = scope->second == "C";
  const auto av = weight(*metrics, "AV"), ac = weight(*metrics, "AC"), ui = weight(*metrics, "UI");
  const auto c = weight(*metrics, "C"), i = weight(*metrics, "I"), a = weight(*metrics, "A");
  const auto pr = privileges(*metrics, changed);
  if (!av || !ac || !ui || !c || !i || !a || !pr) return std::nullopt;
  const double base = 1 - (1 - *c) * (1 - *i) * (1 - *a);
  const double impact =
      changed ? 7.52 * (base - 0.029) - 3.25 * std::pow(base - 0.02, 15) : 6.42 * base;
  if (impact <= 0) return 0.0;
  const double exploitability = 8.22 * *av * *ac * *pr * *ui;
  return round_up(std::min((changed ? 1.08 : 1) * (impact + exploitability), 10.0));
}

finding::Severity severity_of(double score) {
  if (score >= 9) return finding::Severity::kCritical;
  if (score >= 7) return finding::Severity::kHigh;
  if (score >= 4) return finding::Severity::kMedium;
  if (score > 0) return finding::Severity::kLow;
  return finding::Severity::kInfo;
}

}  // namespace meridian::data
