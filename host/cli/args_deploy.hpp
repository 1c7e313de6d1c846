// SPDX-License-Identifier: Apache-2.0
//
// args_deploy.hpp: the command line of `deploy`, and how durations are written in all of them. For
// args.cpp.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/args.hpp"

namespace meridian::cli {

/// "90", "90s", "5m", "2h", "500ms"; at most a year.
std::optional<std::chrono::milliseconds> parse_duration(const std::string& text);

/// What the parser writes into; it outlives parsing.
struct DeployWords {
  DeployArgs args;
  std::string memory, cpus, every;
};

/// What is wrong with the words, if anything; else `args` is whole.
std::optional<std::string> finish_deploy(DeployWords& words);

}  // namespace meridian::cli
