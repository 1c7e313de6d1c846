// SPDX-License-Identifier: Apache-2.0
#include "scan/integrity.hpp"

#include <string_view>

namespace meridian::scan {

namespace {

bool differs(std::string_view claimed, const std::optional<std::string>& computed) {
  if (!computed || claimed == *computed) return false;
  return claimed.substr(0, claimed.find(':')) == computed->substr(0, computed->find(':'));
}

}  // namespace

std::optional<std::string> integrity_fault(const model::Layer& layer,
                                           const std::optional<std::string>& stored,
                                           const std::optional<std::string>& decoded) {
  std::string fault;
  if (layer.digest && differs(layer.digest->text(), stored)) {
    fault = "blob " + layer.digest->text() + ": its content is " + *stored;
  }
  if (layer.diff_id && differs(layer.diff_id->text(), decoded)) {
    fault += (fault.empty() ? "" : "; ") + ("layer " + layer.diff_id->text()) + " decodes to " +
             *decoded;
  }
  if (fault.empty()) return std::nullopt;
  return fault;
}

}  // namespace meridian::scan
