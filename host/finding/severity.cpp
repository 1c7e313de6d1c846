// SPDX-License-Identifier: Apache-2.0
#include "finding/severity.hpp"

namespace meridian::finding {

const char* to_text(Severity severity) {
  switch (severity) {
    case Severity::kUnknown:
      return "unknown";
    case Severity::kInfo:
      return "info";
    case Severity::kLow:
      return "low";
    case Severity::kMedium:
      return "medium";
    case Severity::kHigh:
      return "high";
    case Severity::kCritical:
      return "critical";
  }
  return "unknown";
}

const char* to_text(Confidence confidence) {
  switch (confidence) {
    case Confidence::kLow:
      return "low";
    case Confidence::kMedium:
      return "medium";
    case Confidence::kHigh:
      return "high";
  }
  return "low";
}

std::optional<Severity> parse_severity(std::string_view text) {
  for (const Severity severity : {Severity::kUnknown, Severity::kInfo, Severity::kLow,
                                  Severity::kMedium, Severity::kHigh, Severity::kCritical}) {
    if (text == to_text(severity)) return severity;
  }
  return std::nullopt;
}

}  // namespace meridian::finding
