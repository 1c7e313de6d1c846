// SPDX-License-Identifier: Apache-2.0
//
// target_card.hpp: what the fact "meridian.inventory/1" says of a target. inventory-1.schema.json
// is its shape.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <meridian/target.hpp>

#include "os_release.hpp"

namespace meridian::inventory {

struct Card {
  std::string json;              // at most kMaxCard bytes
  std::vector<std::string> cut;  // what does not stand there in full, and why
};

/// A fact may have 64 KiB (abi/finding.h).
constexpr std::size_t kMaxCard = 64 << 10;
constexpr std::size_t kMaxItems = 500;  // of one list
constexpr std::size_t kMaxText = 1024;  // bytes of one text, cut silently: it ends in "..."

/// No value of an environment variable is in it, and of commands and labels what mask.hpp leaves.
Card target_card(const Target& target, const std::optional<OsRelease>& os);

}  // namespace meridian::inventory
