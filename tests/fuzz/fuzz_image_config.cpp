// SPDX-License-Identifier: Apache-2.0
//
// Property: what parses keeps its bounds, and its history points only at layers it has.
#include <cstdint>
#include <cstdlib>

#include "base/limits.hpp"
#include "model/image_config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = meridian::model::ImageConfig::parse(text);
  if (!config) return 0;
  if (config->diff_ids.size() > meridian::limits::kMaxLayers || config->raw != text) std::abort();
  for (const auto& step : config->history) {
    if (step.layer && *step.layer >= config->diff_ids.size()) std::abort();
    if (step.layer && step.empty_layer) std::abort();
  }
  if (config->layer_commands().size() != config->diff_ids.size()) std::abort();
  return 0;
}
