// SPDX-License-Identifier: Apache-2.0
//
// isolated.hpp: what runs a test's container, and what its engine has. ../abi/isolation.h says what
// each text means.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "../isolation.hpp"
#include "../text.hpp"

namespace meridian::testing {

struct Setting {
  std::string name, value, source = "a file";
};

/// {.boundary = Boundary::kApplicationKernel, .handler = "runsc", .settings = {{"debug", "true"}}}
struct Isolated {
  Boundary boundary = Boundary::kUnknown;
  HandlerState state = HandlerState::kReady;
  bool is_default = false;
  std::string handler = {}, runtime = {}, program = {}, binary = {};
  std::vector<std::string> evidence = {};
  std::vector<Setting> settings = {};
};

/// Lends them in the shape of the tables; neither copied nor moved while lent.
class LentIsolations {
 public:
  explicit LentIsolations(const std::vector<Isolated>& all) {
    for (const Isolated& one : all) add(one);
  }
  LentIsolations(const LentIsolations&) = delete;
  LentIsolations& operator=(const LentIsolations&) = delete;
  ~LentIsolations() = default;
  const meridian_isolation* const* data() const { return pointers_.data(); }
  std::uint64_t size() const { return pointers_.size(); }

 private:
  void add(const Isolated& from) {
    auto& settings = settings_.emplace_back();
    auto& pointers = setting_pointers_.emplace_back();
    for (const Setting& one : from.settings) {
      pointers.push_back(&settings.emplace_back(meridian_runtime_setting{
          sizeof(meridian_runtime_setting), 0, lend(one.name), lend(one.value), lend(one.source)}));
    }
    pointers_.push_back(&records_.emplace_back(meridian_isolation{
        sizeof(meridian_isolation), static_cast<meridian_boundary>(from.boundary),
        static_cast<meridian_handler_state>(from.state), from.is_default ? 1u : 0u,
        lend(from.handler), lend(from.runtime), lend(from.program), lend(from.binary),
        texts_.emplace_back(from.evidence).get(), pointers.data(), pointers.size()}));
  }

  std::deque<LentStrings> texts_;
  std::deque<std::deque<meridian_runtime_setting>> settings_;
  std::deque<std::vector<const meridian_runtime_setting*>> setting_pointers_;
  std::deque<meridian_isolation> records_;
  std::vector<const meridian_isolation*> pointers_;
};

}  // namespace meridian::testing
