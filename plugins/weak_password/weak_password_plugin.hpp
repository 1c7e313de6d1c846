// SPDX-License-Identifier: Apache-2.0
//
// weak_password_plugin.hpp: passwords that somebody would guess, and doors that ask for none.
//
// Files are read and tried with their layer, so that a base's are tried once.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/plugin.hpp>

#include "key_files.hpp"
#include "reading.hpp"
#include "words.hpp"

namespace meridian::weak_password {

/// Of one unit.
struct Unit {
  Guesser guesser;
};

class WeakPasswordPlugin final : public Plugin<Unit> {
 public:
  Result<void> configure(const Config& config, const RuleData& data) override;
  void subscribe(Subscriptions& on) const override;

 private:
  /// What a finding is called: of an account with a password that was guessed, and of one without.
  struct Rules {
    const char* weak;
    const char* open;
  };
  void file(const File& file, Reader reader, Rules rules, Unit& unit, LayerSink& out) const;
  void key(const File& file, LayerSink& out) const;
  void try_key(const File& file, std::string_view bytes,
               std::chrono::steady_clock::time_point deadline, LayerSink& out) const;
  void image(const Target& target, Unit& unit, TargetSink& out) const;
  void container(const Target& target, Unit& unit, TargetSink& out) const;
  /// Of variables.
  void report(const Reading& reading, Unit& unit, TargetSink& out) const;

  std::optional<Words> words_;
  std::chrono::milliseconds budget_{0};
};

}  // namespace meridian::weak_password
