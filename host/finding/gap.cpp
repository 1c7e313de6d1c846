// SPDX-License-Identifier: Apache-2.0
#include "finding/gap.hpp"

namespace meridian::finding {

const char* to_text(GapKind kind) {
  switch (kind) {
    case GapKind::kUnreadable:
      return "unreadable";
    case GapKind::kCorrupt:
      return "corrupt";
    case GapKind::kLimit:
      return "limit";
    case GapKind::kPrivilege:
      return "privilege";
    case GapKind::kUnsupported:
      return "unsupported";
    case GapKind::kIntegrity:
      return "integrity";
    case GapKind::kChanged:
      return "changed";
    case GapKind::kRefused:
      return "refused";
    case GapKind::kMissingData:
      return "missing-data";
    case GapKind::kQuarantined:
      return "quarantined";
    case GapKind::kInterrupted:
      return "interrupted";
    case GapKind::kNetwork:
      return "network";
    case GapKind::kCrash:
      return "crash";
    case GapKind::kTimeout:
      return "timeout";
    case GapKind::kMemory:
      return "memory";
    case GapKind::kException:
      return "exception";
    case GapKind::kProtocol:
      return "protocol";
    case GapKind::kShutdown:
      return "shutdown";
  }
  return "unreadable";
}

GapKind gap_kind(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnreadable:
    case ErrorCode::kNotFound:  // a file that another one promised
      return GapKind::kUnreadable;
    case ErrorCode::kCorrupt:
    case ErrorCode::kInvalid:
      return GapKind::kCorrupt;
    case ErrorCode::kLimit:
      return GapKind::kLimit;
    case ErrorCode::kPrivilege:
      return GapKind::kPrivilege;
    case ErrorCode::kUnsupported:
      return GapKind::kUnsupported;
    case ErrorCode::kMissingData:
      return GapKind::kMissingData;
    case ErrorCode::kException:
      return GapKind::kException;
    case ErrorCode::kIntegrity:
      return GapKind::kIntegrity;
    case ErrorCode::kChanged:
      return GapKind::kChanged;
    case ErrorCode::kRefused:
      return GapKind::kRefused;
    case ErrorCode::kCancelled:
      return GapKind::kInterrupted;
    case ErrorCode::kMemory:
      return GapKind::kMemory;
  }
  return GapKind::kUnreadable;
}

}  // namespace meridian::finding
