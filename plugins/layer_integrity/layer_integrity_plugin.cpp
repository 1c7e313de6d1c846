// SPDX-License-Identifier: Apache-2.0
#include "layer_integrity_plugin.hpp"

#include <string>

namespace meridian::layer_integrity {
namespace {

constexpr std::string_view kLayerChanged = "layer-changed";
constexpr std::string_view kBlobChanged = "blob-changed";
constexpr std::string_view kPull =
    "keep a copy for whoever investigates, stop its containers, remove the image with all that "
    "uses the layer, and pull it again; find out who could write below the engine's folder";

/// "etc/passwd (content), bin/sh (mode), and 3 more"
std::string listed(const ContentCheck& check) {
  std::string text;
  for (const ContentDifference one : check.differences()) {
    if (!text.empty()) text += ", ";
    if (!one.path().empty()) text.append(one.path()).append(" ");
    text.append("(").append(one.what()).append(")");
  }
  const std::uint64_t more = check.total() - check.differences().size();
  if (more > 0) text += ", and " + std::to_string(more) + " more";
  return text;
}

/// A time alone is what a careless backup changes.
bool only_times(const ContentCheck& check) {
  for (const ContentDifference one : check.differences()) {
    if (one.what() != "mtime") return false;
  }
  return check.total() == check.differences().size();
}

bool is_blob(const ContentCheck& check) {
  return check.differences().size() == 1 && check.differences()[0].path().empty();
}

void report(const Layer& layer, const ContentCheck& check, TargetSink& out) {
  const std::string name(layer.diff_id().empty() ? layer.id() : layer.diff_id());
  const bool blob = is_blob(check);
  const std::string what = listed(check);
  const std::string message =
      blob ? "layer " + name + ": its " + std::string(check.differences()[0].what()) + " is not " +
                 std::string(check.expected()) + " any more, but " + std::string(check.computed())
           : "layer " + name + " is not what was unpacked any more: " + what;
  out.report({.rule = blob ? kBlobChanged : kLayerChanged,
              .message = message,
              .field = "layer:" + name,
              .evidence = what,
              .remediation = kPull,
              .layer = layer.index(),
              .severity = only_times(check) ? Severity::kLow : Severity::kHigh,
              .confidence = Confidence::kHigh});
}

}  // namespace

void LayerIntegrityPlugin::subscribe(Subscriptions& on) const {
  on.rule({.id = std::string(kLayerChanged),
           .severity = Severity::kHigh,
           .title = "A layer was changed on disk",
           .help = "https://github.com/opencontainers/image-spec/blob/main/layer.md"});
  on.rule({.id = std::string(kBlobChanged),
           .severity = Severity::kHigh,
           .title = "A layer's blob or record was changed on disk",
           .help = "https://github.com/opencontainers/image-spec/blob/main/descriptor.md"});
  on.image(&LayerIntegrityPlugin::target);
  on.container(&LayerIntegrityPlugin::target);
}

void LayerIntegrityPlugin::target(const Target& target, TargetSink& out) const {
  for (std::size_t i = 0; i < target.layer_count(); ++i) {
    const Layer layer = target.layer(i);
    const auto check = target.check_content(i);
    if (!check) {
      out.gap("", Error(check.error()).in("layer " + std::string(layer.id())));
      continue;
    }
    if (check->state() == ContentState::kChanged) report(layer, *check, out);
    if (check->is_incomplete()) {
      out.gap("", check->why().in("layer " + std::string(layer.id()) + " was not compared"));
    }
  }
}

}  // namespace meridian::layer_integrity
