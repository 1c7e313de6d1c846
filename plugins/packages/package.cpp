// SPDX-License-Identifier: Apache-2.0
#include "package.hpp"

#include <algorithm>
#include <utility>

namespace meridian::packages {

std::string_view to_text(Kind kind) {
  switch (kind) {
    case Kind::kInstalled:
      return "installed";
    case Kind::kEmbedded:
      return "embedded";
    case Kind::kDeclared:
      return "declared";
  }
  return "";
}

void Collector::add(Package package) {
  if (!has_room()) {
    if (!std::exchange(full_, true)) {
      problem(Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxPackages) +
                                           " packages, the rest is not told"));
    }
    return;
  }
  if (package.name.empty()) return problem(Error(ErrorCode::kCorrupt, "a package without a name"));
  for (const std::string* text :
       {&package.name, &package.version, &package.arch, &package.source, &package.source_version}) {
    if (text->size() <= kMaxText) continue;
    return problem(Error(ErrorCode::kLimit, "package '" + package.name.substr(0, 64) +
                                                "' has a text of " + std::to_string(text->size()) +
                                                " bytes, limit " + std::to_string(kMaxText)));
  }
  std::vector<std::string>& licenses = package.licenses;
  std::erase_if(licenses,
                [](const std::string& one) { return one.empty() || one.size() > kMaxText; });
  std::sort(licenses.begin(), licenses.end());
  licenses.erase(std::unique(licenses.begin(), licenses.end()), licenses.end());
  if (licenses.size() > kMaxLicenses) licenses.resize(kMaxLicenses);
  parsed_.packages.push_back(std::move(package));
}

void Collector::problem(Error error) {
  if (parsed_.problems.size() < kMaxProblems) {
    parsed_.problems.push_back(std::move(error));
  } else {
    ++more_;
  }
}

Parsed Collector::take() {
  if (more_ > 0) {
    parsed_.problems.emplace_back(ErrorCode::kCorrupt,
                                  "and " + std::to_string(more_) + " more problems");
    more_ = 0;
  }
  return std::move(parsed_);
}

Parsed failed(ErrorCode code, std::string why) {
  Parsed parsed;
  parsed.problems.emplace_back(code, std::move(why));
  return parsed;
}

}  // namespace meridian::packages
