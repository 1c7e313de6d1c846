// SPDX-License-Identifier: Apache-2.0
//
// image_config.hpp: an image's config file (OCI image-spec, config.md; Docker's is a superset).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"
#include "model/digest.hpp"

namespace meridian::model {

class Json;

struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;
  /// OS/ARCH[/VARIANT] in Go's words, as images carry them. kInvalid.
  static Result<Platform> parse(std::string_view text);
  /// "linux/arm64/v8"
  std::string text() const;
  auto operator<=>(const Platform&) const = default;
};

struct HistoryStep {
  std::string created;  // RFC 3339 as stored
  std::string created_by;
  std::string comment;
  bool empty_layer = false;
  /// Which layer it made: an index into diff_ids; empty for an empty step, or when the history
  /// and diff_ids do not add up.
  std::optional<std::size_t> layer;
};

struct ImageConfig {
  Platform platform;
  std::string created;
  std::vector<std::string> env;  // "NAME=value", bytes
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::string user;
  std::string working_dir;
  std::map<std::string, std::string> labels;
  std::vector<std::string> exposed_ports;  // "80/tcp", sorted
  std::vector<DiffId> diff_ids;            // bottom first
  std::vector<HistoryStep> history;
  std::string raw;  // the JSON as stored

  /// kCorrupt with the reason: not JSON, wrong types, a diffID that is none; kLimit past
  /// limits::kMaxLayers or kMaxJsonDepth. Missing optional fields are empty.
  static Result<ImageConfig> parse(std::string_view json);
  /// The command that made each layer, as many as diff_ids; "" where the history does not say.
  std::vector<std::string> layer_commands() const;
};

/// Env, Cmd, User, ...: the "config" of an image, which a container's record has as well.
Result<void> read_execution(const Json& config, ImageConfig& out);

}  // namespace meridian::model
