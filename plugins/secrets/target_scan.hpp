// SPDX-License-Identifier: Apache-2.0
//
// target_scan.hpp: secrets in what an image or container is configured with: environment, labels,
// entry point, command and the image's history.
//
// One secret that an instruction put into the environment stands in history too; it is reported
// where it acts: environment first, history only for values that nothing else has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/result.hpp>

#include "judge.hpp"

namespace meridian::secrets {

/// The texts of a target. Views; valid for the call.
struct TargetTexts {
  struct Step {
    std::string_view created_by = {};
    std::optional<std::uint32_t> layer = {};
  };
  std::vector<std::string_view> env = {};     // "NAME=value"
  std::vector<std::string_view> labels = {};  // "key=value"
  // Of a container's image: reported with that, so not again here.
  std::vector<std::string_view> image_env = {};
  std::vector<std::string_view> image_labels = {};
  std::vector<std::string_view> entrypoint = {};
  std::vector<std::string_view> cmd = {};
  std::vector<Step> history = {};
};

struct TargetFinding {
  std::size_t rule = 0;
  std::string field = {};  // "env:NAME", "label:KEY", "entrypoint", "cmd", "history:N"
  std::optional<std::uint32_t> layer = {};
  Verdict verdict = {};
};

/// A text that could not be searched.
struct TargetGap {
  std::string field = {};
  Error why;
};

struct TargetResult {
  std::vector<TargetFinding> findings = {};
  std::vector<TargetGap> gaps = {};
};

TargetResult scan_target(const TargetTexts& texts, const Judge& judge, Scratch& scratch);

/// The words of a history step or command line that are assignments: "|1 TOKEN=x /bin/sh",
/// "ENV A='b c'", "export B=\"c\"". Quotes are taken off. At most kMaxWords of them.
std::vector<std::string> assignments(std::string_view text);

constexpr std::size_t kMaxWords = 4096;

}  // namespace meridian::secrets
