// SPDX-License-Identifier: Apache-2.0
//
// compare_versions.cpp: one line a pair, "A<tab>B": prints -1, 0, 1, or "?" for no version. The
// first argument names the ecosystem.
#include <iostream>
#include <map>
#include <string>

#include "versions/version_order.hpp"

int main(int argc, char** argv) {
  using meridian::vulnerabilities::Ecosystem;
  const std::map<std::string, Ecosystem> names = {
      {"dpkg", Ecosystem::kDpkg},     {"rpm", Ecosystem::kRpm},
      {"apk", Ecosystem::kApk},       {"semver", Ecosystem::kSemver},
      {"nuget", Ecosystem::kNuGet},   {"composer", Ecosystem::kComposer},
      {"pep440", Ecosystem::kPep440}, {"maven", Ecosystem::kMaven},
      {"gem", Ecosystem::kRubyGems},  {"go", Ecosystem::kGo}};
  const auto found = argc == 2 ? names.find(argv[1]) : names.end();
  if (found == names.end()) return 2;
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) return 2;
    const auto order = compare(found->second, std::string_view(line).substr(0, tab),
                               std::string_view(line).substr(tab + 1));
    std::cout << (order ? std::to_string((*order > 0) - (*order < 0)) : "?") << '\n';
  }
  return 0;
}
