// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "judges.hpp"

namespace meridian::privilege_escalation {
namespace {

constexpr std::size_t kMaxLooks = 4000;
constexpr int kDevDepth = 4;
constexpr int kElsewhereDepth = 2;

// Numbers of devices: Documentation/admin-guide/devices.txt of the kernel.
struct Verdict {
  const char* what = nullptr;  // nullptr: every container has it
  Severity severity = Severity::kUnknown;
};

Verdict verdict_of(const meridian_stat& stat) {
  const std::uint32_t major = stat.device_major;
  const std::uint32_t minor = stat.device_minor;
  if (S_ISBLK(stat.mode)) {
    if (major == 7) return {"a loop device", Severity::kLow};
    if (major == 1) return {"a RAM disk", Severity::kLow};
    if (major == 11) return {"an optical drive", Severity::kLow};
    return {"a raw disk: its file systems are read and written past all permissions",
            Severity::kHigh};
  }
  switch (major) {
    case 0:
      return {};  // 0:0 is a whiteout, which is no device
    case 1:
      if (minor == 1) return {"the machine's memory", Severity::kHigh};
      if (minor == 2) return {"the kernel's memory", Severity::kHigh};
      if (minor == 4) return {"the machine's I/O ports", Severity::kHigh};
      if (minor == 11) return {"the kernel's log", Severity::kLow};
      return {};  // null, zero, full, random, urandom
    case 4:
    case 5:
    case 136:
      return {};  // terminals
    case 10:
      if (minor == 229) return {"FUSE, by which file systems are made up", Severity::kLow};
      if (minor == 232) return {"KVM", Severity::kLow};
      if (minor == 200) return {"TUN/TAP, by which network traffic is made up", Severity::kLow};
      if (minor == 223) return {"uinput, by which keys are pressed", Severity::kMedium};
      return {"a device of the machine", Severity::kLow};
    case 21:
      return {"SCSI commands to a disk", Severity::kHigh};
    case 90:
      return {"flash memory", Severity::kHigh};
    default:
      return {"a device of the machine", Severity::kLow};
  }
}

class DeviceJudge {
 public:
  explicit DeviceJudge(Subject& subject) : subject_(subject) {}

  void folder(const std::string& path, int depth) {
    const auto where = subject_.tree().stat(path.empty() ? "." : path);
    if (!where || !S_ISDIR(where->mode)) return;  // a link leads to a folder that is looked at
    for (const std::string& name : subject_.list(path)) {
      const std::string one = path.empty() ? name : path + "/" + name;
      if (++looks_ > kMaxLooks) {
        return subject_.gap("dev",
                            Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxLooks) +
                                                         " names where device nodes stand"));
      }
      const auto stat = subject_.tree().stat(one);
      if (!stat) {
        if (stat.error().code() != ErrorCode::kNotFound) subject_.gap(one, stat.error());
        continue;
      }
      if (S_ISDIR(stat->mode) && depth > 1) folder(one, depth - 1);
      if (S_ISBLK(stat->mode) || S_ISCHR(stat->mode)) node(one, *stat);
    }
  }

 private:
  void node(const std::string& path, const meridian_stat& stat) {
    const Verdict verdict = verdict_of(stat);
    if (verdict.what == nullptr) return;
    const std::string numbers = std::string(S_ISBLK(stat.mode) ? "block " : "character ") +
                                std::to_string(stat.device_major) + ":" +
                                std::to_string(stat.device_minor);
    subject_.report(
        {"device-node", verdict.severity, path, numbers + ": " + verdict.what, numbers});
  }

  Subject& subject_;
  std::size_t looks_ = 0;
};

}  // namespace

void judge_devices(Subject& subject) {
  DeviceJudge judge(subject);
  judge.folder("dev", kDevDepth);
  for (const char* folder : {"", "tmp", "var/tmp", "root", "home", "opt", "srv", "mnt", "media",
                             "run", "usr/local/bin"}) {
    judge.folder(folder, *folder == '\0' ? 1 : kElsewhereDepth);
  }
}

}  // namespace meridian::privilege_escalation
