// SPDX-License-Identifier: Apache-2.0
#include "finding/report.hpp"

namespace meridian::finding {

const char* to_text(Visibility visibility) {
  switch (visibility) {
    case Visibility::kVisible:
      return "visible";
    case Visibility::kShadowed:
      return "shadowed";
    case Visibility::kNone:
      return "none";
  }
  return "none";
}

const char* to_text(PairResult result) {
  switch (result) {
    case PairResult::kClean:
      return "clean";
    case PairResult::kFindings:
      return "findings";
    case PairResult::kError:
      return "error";
    case PairResult::kSkipped:
      return "skipped";
  }
  return "error";
}

}  // namespace meridian::finding
