// SPDX-License-Identifier: Apache-2.0
#include "model/host_path.hpp"

#include "base/escape.hpp"
#include "base/limits.hpp"

namespace meridian::model {

Result<HostPath> HostPath::parse(std::string_view text) {
  if (text.size() > limits::kMaxPath) {
    return Error(ErrorCode::kLimit, "path of " + std::to_string(text.size()) + " bytes");
  }
  if (text.empty() || text[0] != '/') {
    return Error(ErrorCode::kInvalid, "'" + base::escape(text) + "' is no absolute path");
  }
  if (text.find('\0') != std::string_view::npos) {
    return Error(ErrorCode::kInvalid, "'" + base::escape(text) + "' holds a NUL byte");
  }
  return HostPath(std::string(text));
}

HostPath HostPath::operator/(std::string_view name) const {
  std::string joined = text_;
  if (joined.back() != '/') joined += '/';
  return HostPath(joined.append(name));
}

}  // namespace meridian::model
