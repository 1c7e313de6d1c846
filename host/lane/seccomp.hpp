// SPDX-License-Identifier: Apache-2.0
//
// seccomp.hpp: one seccomp filter, composed by libseccomp and loaded by us: the kernel's flags and
// its refusals are then ours to see.
#pragma once

#include <linux/filter.h>
#include <seccomp.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

/// An argument of a call that a rule wants: equal to `value` under `mask`. The calls that take an
/// int or a flag word of 32 bits are compared in those (libc may leave anything above).
struct SeccompArgument {
  unsigned index = 0;
  scmp_compare compare = SCMP_CMP_EQ;
  std::uint64_t value = 0;
  std::uint64_t mask = 0;  // of SCMP_CMP_MASKED_EQ
};

constexpr SeccompArgument equals(unsigned index, std::uint32_t value) {
  return {index, SCMP_CMP_MASKED_EQ, value, 0xffffffffu};
}
constexpr SeccompArgument has_bits(unsigned index, std::uint32_t bits, std::uint32_t of) {
  return {index, SCMP_CMP_MASKED_EQ, bits, of};
}

/// Makes a program hold for the calling thread; gives what the kernel gives for `flags`. Errors as
/// SeccompFilter::load().
Result<int> load_program(std::span<const sock_filter> program, unsigned flags);

class SeccompFilter {
 public:
  /// What happens to calls without a rule: SCMP_ACT_TRAP or SCMP_ACT_ALLOW. Calls in another
  /// architecture's numbers end the process.
  explicit SeccompFilter(std::uint32_t otherwise);

  /// For calls that meet all `arguments`. A call that this architecture or libseccomp does not know
  /// has no rule: it meets `otherwise`.
  void rule(std::uint32_t action, const char* call,
            std::initializer_list<SeccompArgument> arguments = {});
  void rules(std::uint32_t action, std::initializer_list<const char*> calls);

  /// Makes it hold for the calling thread; needs no_new_privs. kUnsupported: the
  /// kernel refused, with the reason alone as message; else a rule could not be made.
  Result<void> load() const;
  /// The same, and gives the descriptor that SCMP_ACT_NOTIFY speaks to. kUnsupported: the kernel
  /// has no notification, or somebody listens already.
  Result<base::UniqueFd> load_with_listener() const;

 private:
  Result<int> install(unsigned flags) const;
  struct Release {
    void operator()(void* context) const { seccomp_release(context); }
  };
  std::unique_ptr<void, Release> context_;
  int failed_ = 0;  // errno of the first rule that could not be made
};

}  // namespace meridian::lane
