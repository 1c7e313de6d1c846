// SPDX-License-Identifier: Apache-2.0
//
// host_path.hpp: an absolute path as the scanned machine writes it, without the host root's prefix.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::model {

/// Starts with '/', has no NUL. It may hold "..", "." and links: only HostRoot resolves it.
class HostPath {
 public:
  static Result<HostPath> parse(std::string_view text);
  const std::string& text() const { return text_; }
  /// `name` is one path component that was checked by its own type (an id, a digest), or a constant
  /// of ours ("image/overlay2").
  HostPath operator/(std::string_view name) const;

  auto operator<=>(const HostPath&) const = default;

 private:
  explicit HostPath(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace meridian::model
