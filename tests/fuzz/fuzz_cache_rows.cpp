// SPDX-License-Identifier: Apache-2.0
//
// fuzz_cache_rows.cpp: the first byte chooses a kind of row. What decodes encodes to the same
// bytes; what a plugin "said" is within the bounds of what a worker may say, has no value of a
// secret, and is kept again as the same row.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "lane/wire.hpp"
#include "scan/cache/rows.hpp"

using namespace meridian;

namespace {

void must(bool held) {
  if (!held) std::abort();
}

template <typename T>
std::optional<T> decoded(std::string_view bytes) {
  auto value = lane::decode<T>(bytes);
  if (!value) return std::nullopt;
  must(lane::encode(*value) == bytes);
  return *std::move(value);
}

void check_output(std::string_view bytes) {
  auto row = decoded<scan::KeptOutput>(bytes);
  if (!row) return;
  static const plugin::PluginFacts facts = [] {
    plugin::PluginFacts made;
    made.id = "org.example.p";
    made.subscriptions.rules = {{"key", "", finding::Severity::kHigh, ""}};
    return made;
  }();
  static const scan::Seal seal(std::string(scan::Seal::kKeyBytes, 'k'));
  const auto output = scan::recall(*std::move(row), facts);
  if (!output) return;
  must(output->result == finding::UnitResult::kDone && output->calls == 0);
  must(output->findings.size() <= limits::kMaxFindingsPerUnit);
  for (const finding::RawFinding& found : output->findings) {
    must(found.secret.empty() && found.rule == "key" && found.path.size() <= limits::kMaxPath);
    must(!found.sealed || found.sealed->mac.size() == 32);
  }
  const scan::Scrubber none(&seal);
  const auto again = scan::keep(*output, none, seal);
  must(again.has_value());
  auto same = scan::recall(*again, facts);
  must(same && same->findings.size() == output->findings.size() && same->gaps == output->gaps);
}

void check_layer(std::string_view bytes) {
  auto row = decoded<scan::KeptLayer>(bytes);
  if (!row) return;
  const auto layer = scan::recall(*std::move(row));
  if (!layer) return;
  must(layer->cached && layer->end == scan::UnitEnd::kDone && layer->outputs.empty());
  must(lane::encode(scan::keep(*layer)) == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      check_output(bytes);
      break;
    case 1:
      check_layer(bytes);
      break;
    case 2:
      decoded<scan::KeptPlugin>(bytes);
      break;
    default:
      decoded<scan::KeptSightings>(bytes);
  }
  return 0;
}
