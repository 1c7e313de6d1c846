// SPDX-License-Identifier: Apache-2.0
#include "model/image_config.hpp"

#include <algorithm>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "model/json.hpp"

namespace meridian::model {
namespace {

Result<void> read_platform(const Json& root, Platform& out) {
  MERIDIAN_TRY(out.os, root.text("os"));
  MERIDIAN_TRY(out.architecture, root.text("architecture"));
  MERIDIAN_TRY(out.variant, root.text("variant"));
  return {};
}

/// A Go set: an object whose keys are the ports.
Result<std::vector<std::string>> read_exposed_ports(const Json& config) {
  MERIDIAN_TRY(const Json set, config.object("ExposedPorts"));
  std::vector<std::string> ports;
  if (set.is_null()) return ports;
  MERIDIAN_TRY(const auto members, set.members());
  ports.reserve(members.size());
  for (const auto& [port, nothing] : members) ports.push_back(port);
  return ports;
}

Result<void> read_diff_ids(const Json& rootfs, std::vector<DiffId>& out) {
  MERIDIAN_TRY(const auto texts, rootfs.texts("diff_ids"));
  if (texts.size() > limits::kMaxLayers) {
    return Error(ErrorCode::kLimit, std::to_string(texts.size()) + " layers, at most " +
                                        std::to_string(limits::kMaxLayers) + " are read");
  }
  for (const std::string& text : texts) {
    MERIDIAN_TRY(DiffId id, DiffId::parse(text));
    out.push_back(std::move(id));
  }
  return {};
}

Result<void> read_history(const Json& root, std::vector<HistoryStep>& out) {
  MERIDIAN_TRY(const auto steps, root.list("history"));
  for (const Json& step : steps) {
    HistoryStep read;
    MERIDIAN_TRY(read.created, step.text("created"));
    MERIDIAN_TRY(read.created_by, step.text("created_by"));
    MERIDIAN_TRY(read.comment, step.text("comment"));
    MERIDIAN_TRY(read.empty_layer, step.flag("empty_layer"));
    out.push_back(std::move(read));
  }
  return {};
}

// A history that says more or fewer layers than there are is one nobody can place; a guess would
// blame the wrong command.
void map_history(std::vector<HistoryStep>& history, std::size_t layers) {
  const auto made = std::count_if(history.begin(), history.end(),
                                  [](const HistoryStep& step) { return !step.empty_layer; });
  if (static_cast<std::size_t>(made) != layers) return;
  std::size_t next = 0;
  for (HistoryStep& step : history) {
    if (!step.empty_layer) step.layer = next++;
  }
}

Result<ImageConfig> read_config(const Json& root) {
  ImageConfig out;
  MERIDIAN_CHECK(read_platform(root, out.platform));
  MERIDIAN_TRY(out.created, root.text("created"));
  MERIDIAN_TRY(const Json config, root.object("config"));
  MERIDIAN_CHECK(read_execution(config, out));
  MERIDIAN_TRY(const Json rootfs, root.object("rootfs"));
  MERIDIAN_CHECK(read_diff_ids(rootfs, out.diff_ids));
  MERIDIAN_CHECK(read_history(root, out.history));
  map_history(out.history, out.diff_ids.size());
  return out;
}

}  // namespace

Result<void> read_execution(const Json& config, ImageConfig& out) {
  MERIDIAN_TRY(out.env, config.texts("Env"));
  MERIDIAN_TRY(out.entrypoint, config.words("Entrypoint"));
  MERIDIAN_TRY(out.cmd, config.words("Cmd"));
  MERIDIAN_TRY(out.user, config.text("User"));
  MERIDIAN_TRY(out.working_dir, config.text("WorkingDir"));
  MERIDIAN_TRY(out.labels, config.text_map("Labels"));
  MERIDIAN_TRY(out.exposed_ports, read_exposed_ports(config));
  return {};
}

Result<Platform> Platform::parse(std::string_view text) {
  const auto first = text.find('/');
  const auto second = first == std::string_view::npos ? first : text.find('/', first + 1);
  Platform platform;
  platform.os = text.substr(0, first);
  if (first != std::string_view::npos) {
    platform.architecture = text.substr(first + 1, second - first - 1);
  }
  if (second != std::string_view::npos) platform.variant = text.substr(second + 1);
  const bool dangling = second != std::string_view::npos && platform.variant.empty();
  if (platform.os.empty() || platform.architecture.empty() || dangling ||
      platform.variant.find('/') != std::string::npos) {
    return Error(ErrorCode::kInvalid, "platform '" + base::escape(text) +
                                          "': expected OS/ARCH[/VARIANT], as linux/arm64");
  }
  return platform;
}

std::string Platform::text() const {
  std::string text = os + "/" + architecture;
  if (!variant.empty()) text += "/" + variant;
  return text;
}

std::vector<std::string> ImageConfig::layer_commands() const {
  std::vector<std::string> commands(diff_ids.size());
  for (const HistoryStep& step : history) {
    if (step.layer) commands[*step.layer] = step.created_by;
  }
  return commands;
}

Result<ImageConfig> ImageConfig::parse(std::string_view json) {
  auto root = Json::parse(json);
  if (!root) return std::move(root).error().in("image config");
  if (!root->is_object()) return Error(ErrorCode::kCorrupt, "image config: is no JSON object");
  auto config = read_config(*root);
  if (!config) return std::move(config).error().in("image config");
  config->raw = json;
  return config;
}

}  // namespace meridian::model
