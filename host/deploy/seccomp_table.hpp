// SPDX-License-Identifier: Apache-2.0
//
// seccomp_table.hpp: which system calls a scan makes, as groups with reasons. Everything else is
// refused with EPERM.
//
// From recordings (strace -f of every command over a docker data root and over archives,
// glibc 2.36, x86_64, 2026-11: tests/data/deploy/recorded_calls.txt; a test holds both together).
// Names that stand for the same on aarch64, or that libc takes on another kernel, are in the same
// group. A name that an architecture does not have is passed over by every engine.
#pragma once

#include <span>
#include <string_view>

namespace meridian::deploy {

struct CallGroup {
  enum class When { kAlways, kReadOnly, kWrites };  // kWrites: the plan has a writable folder
  When when;
  std::string_view reason;
  std::string_view calls;  // apart by spaces
};

/// Allowed with any argument.
std::span<const CallGroup> allowed_calls();

/// Allowed if `argument & mask` is `value`.
struct MaskedCall {
  CallGroup::When when;
  std::string_view reason;
  std::string_view call;
  unsigned index;
  unsigned mask;
  unsigned value;
};
std::span<const MaskedCall> masked_calls();

/// Answered ENOSYS, so that libc and the program take their other way: what they ask for stands in
/// memory, where a filter cannot see it.
std::span<const CallGroup> absent_calls();

}  // namespace meridian::deploy
