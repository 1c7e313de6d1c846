// SPDX-License-Identifier: Apache-2.0
//
// fuzz_lane_frames.cpp: the first byte chooses a type of frame, the rest is its payload. What
// decodes, encodes to the same bytes: a value has one encoding. What a plugin is said to have
// found is bounded, whoever says it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/escape.hpp"
#include "lane/messages.hpp"
#include "plugin/acceptance.hpp"

using namespace meridian;

namespace {

void must(bool held) {
  if (!held) std::abort();
}

const plugin::PluginFacts& declared() {
  static const plugin::PluginFacts kFacts = [] {
    plugin::PluginFacts facts;
    facts.subscriptions.rules = {{"r", "", finding::Severity::kLow, ""}};
    return facts;
  }();
  return kFacts;
}

template <typename T>
void accept(const T& message) {
  plugin::AcceptedOutput accepted(declared());
  if constexpr (std::is_same_v<T, lane::message::Finding>) {
    const auto verdict = accepted.finding(message.finding);
    must(accepted.output().findings.size() == (verdict == plugin::Verdict::kTaken ? 1 : 0));
  } else if constexpr (std::is_same_v<T, lane::message::Fact>) {
    accepted.fact(message.fact);
  } else if constexpr (std::is_same_v<T, lane::message::Gap>) {
    accepted.gap(message.gap);
  } else if constexpr (std::is_same_v<T, lane::message::PluginDone>) {
    accepted.failed(message.error_kind, message.reason);
    must(accepted.output().reason.size() <= plugin::kMaxReason);
  } else if constexpr (std::is_same_v<T, lane::message::PluginLoaded>) {
    // The lane was given what it says, so that its wishes are reached.
    plugin::Manifest manifest;
    manifest.id = message.facts.id;
    manifest.version = message.facts.version;
    manifest.rules = message.facts.subscriptions.rules;
    static_cast<void>(
        check_facts(message.facts, manifest, message.facts.digest, message.facts.rules_digest));
  }
  for (const finding::Gap& gap : accepted.output().gaps) {
    must(base::is_utf8(gap.message) && gap.message.size() <= limits::kMaxText);
  }
  for (const finding::RawFinding& raw : accepted.output().findings) {
    must(base::is_utf8(raw.message) && base::is_utf8(raw.field) && raw.rule == "r");
  }
}

template <typename T>
void check(std::string_view payload) {
  const auto decoded = lane::decode<T>(payload);
  if (!decoded) {
    must(decoded.error().code() == ErrorCode::kCorrupt && !decoded.error().message().empty());
    return;
  }
  must(lane::encode(*decoded) == payload);
  accept(*decoded);
}

template <std::size_t... I>
void check_type(std::size_t type, std::string_view payload, std::index_sequence<I...>) {
  const auto one = [&]<std::size_t N>() {
    if (N == type) check<std::tuple_element_t<N, lane::Messages>>(payload);
  };
  (one.template operator()<I>(), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::size_t kTypes = std::tuple_size_v<lane::Messages>;
  check_type(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1},
             std::make_index_sequence<kTypes>());
  return 0;
}
