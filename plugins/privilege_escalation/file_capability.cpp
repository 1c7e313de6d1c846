// SPDX-License-Identifier: Apache-2.0
#include "file_capability.hpp"

#include <array>
#include <cstddef>

namespace meridian::privilege_escalation {
namespace {

constexpr std::uint32_t kVersionMask = 0xff000000;
constexpr std::uint32_t kEffective = 0x00000001;

constexpr auto kNames = std::to_array<std::string_view>({
    "cap_chown",
    "cap_dac_override",
    "cap_dac_read_search",
    "cap_fowner",
    "cap_fsetid",
    "cap_kill",
    "cap_setgid",
    "cap_setuid",
    "cap_setpcap",
    "cap_linux_immutable",
    "cap_net_bind_service",
    "cap_net_broadcast",
    "cap_net_admin",
    "cap_net_raw",
    "cap_ipc_lock",
    "cap_ipc_owner",
    "cap_sys_module",
    "cap_sys_rawio",
    "cap_sys_chroot",
    "cap_sys_ptrace",
    "cap_sys_pacct",
    "cap_sys_admin",
    "cap_sys_boot",
    "cap_sys_nice",
    "cap_sys_resource",
    "cap_sys_time",
    "cap_sys_tty_config",
    "cap_mknod",
    "cap_lease",
    "cap_audit_write",
    "cap_audit_control",
    "cap_setfcap",
    "cap_mac_override",
    "cap_mac_admin",
    "cap_syslog",
    "cap_wake_alarm",
    "cap_block_suspend",
    "cap_audit_read",
    "cap_perfmon",
    "cap_bpf",
    "cap_checkpoint_restore",
});

// chown, dac_override, dac_read_search (shadow's hashes, root's keys), fowner, setgid (group shadow
// or disk), setuid, sys_module, sys_rawio, sys_ptrace, sys_admin, mknod, setfcap.
constexpr auto kRoot = std::to_array<unsigned>({0, 1, 2, 3, 6, 7, 16, 17, 19, 21, 27, 31});

std::uint32_t word(std::string_view bytes, std::size_t index) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= std::uint32_t{static_cast<unsigned char>(bytes[index * 4 + i])} << (8 * i);
  }
  return value;
}

std::string names_of(std::uint64_t set) {
  std::string text;
  for (unsigned i = 0; i < 64; ++i) {
    if ((set >> i & 1) != 0) text.append(text.empty() ? "" : ",").append(capability_name(i));
  }
  return text;
}

}  // namespace

Result<FileCapability> parse_file_capability(std::string_view value) {
  if (value.size() < 4) {
    return Error(ErrorCode::kCorrupt,
                 "security.capability has " + std::to_string(value.size()) + " bytes");
  }
  FileCapability out;
  const std::uint32_t magic = word(value, 0);
  out.version = (magic & kVersionMask) >> 24;
  constexpr std::array<std::size_t, 4> kSizes = {0, 12, 20, 24};
  if (out.version < 1 || out.version > 3) {
    return Error(ErrorCode::kCorrupt,
                 "security.capability has version " + std::to_string(out.version));
  }
  if (value.size() != kSizes[out.version]) {
    return Error(ErrorCode::kCorrupt, "security.capability version " + std::to_string(out.version) +
                                          " has " + std::to_string(value.size()) +
                                          " bytes when it should be " +
                                          std::to_string(kSizes[out.version]));
  }
  out.effective = (magic & kEffective) != 0;
  out.permitted = word(value, 1);
  out.inheritable = word(value, 2);
  if (out.version >= 2) {
    out.permitted |= std::uint64_t{word(value, 3)} << 32;
    out.inheritable |= std::uint64_t{word(value, 4)} << 32;
  }
  if (out.version == 3) out.root_id = word(value, 5);
  return out;
}

std::string capability_name(unsigned number) {
  return number < kNames.size() ? std::string(kNames[number]) : "cap_" + std::to_string(number);
}

std::string capability_text(const FileCapability& capability) {
  const std::string flags = capability.effective ? "e" : "";
  std::string text;
  if (capability.permitted != 0) {
    text = names_of(capability.permitted) + "=" + flags +
           (capability.inheritable == capability.permitted ? "ip" : "p");
  }
  if (capability.inheritable != 0 && capability.inheritable != capability.permitted) {
    text.append(text.empty() ? "" : " ").append(names_of(capability.inheritable)).append("+i");
  }
  return text.empty() ? "=" : text;
}

std::vector<unsigned> root_capabilities(std::uint64_t permitted) {
  std::vector<unsigned> found;
  for (const unsigned one : kRoot) {
    if ((permitted >> one & 1) != 0) found.push_back(one);
  }
  return found;
}

}  // namespace meridian::privilege_escalation
