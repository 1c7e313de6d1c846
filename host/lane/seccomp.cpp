// SPDX-License-Identifier: Apache-2.0
#include "lane/seccomp.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/system_error.hpp"
#include "lane/sandbox_level.hpp"

namespace meridian::lane {

namespace {

constexpr unsigned kApiWithNotification = 6;  // seccomp_api_get(3): that of libseccomp 2.5

/// The program, through a pipe: a file or memory file may be refused already.
Result<std::vector<sock_filter>> program_of(scmp_filter_ctx context) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return base::system_error(errno, "pipe");
  const base::UniqueFd reader(ends[0]);
  base::UniqueFd writer(ends[1]);
  if (const int failed = seccomp_export_bpf(context, writer.get()); failed != 0) {
    return base::system_error(-failed, "seccomp filter");
  }
  writer.reset();
  // The kernel's largest program has 4096 instructions, half of what a pipe holds.
  std::vector<sock_filter> program(BPF_MAXINSNS + 1);
  const ssize_t got = ::read(reader.get(), program.data(), program.size() * sizeof(sock_filter));
  if (got < 0) return base::system_error(errno, "seccomp filter");
  program.resize(static_cast<std::size_t>(got) / sizeof(sock_filter));
  if (program.empty() || program.size() > BPF_MAXINSNS) {
    return Error(ErrorCode::kInvalid,
                 "seccomp filter of " + std::to_string(program.size()) + " instructions");
  }
  return program;
}

}  // namespace

Result<int> load_program(std::span<const sock_filter> program, unsigned flags) {
  const sock_fprog loaded{static_cast<unsigned short>(program.size()),
                          const_cast<sock_filter*>(program.data())};  // NOLINT: it is only read
  const long got = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &loaded);
  if (got >= 0) return static_cast<int>(got);
  return Error(ErrorCode::kUnsupported, reason_of(errno));
}

SeccompFilter::SeccompFilter(std::uint32_t otherwise) {
  // libseccomp asks the kernel what it has and then refuses rules; we ask by loading.
  seccomp_api_set(kApiWithNotification);
  context_.reset(seccomp_init(otherwise));
  if (!context_) {
    failed_ = ENOMEM;
    return;
  }
  // i386 and x32 numbers on x86-64: nothing that we load has any.
  failed_ = -seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  // A binary search over the numbers instead of a chain of a hundred comparisons.
  if (failed_ == 0) failed_ = -seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
}

void SeccompFilter::rule(std::uint32_t action, const char* call,
                         std::initializer_list<SeccompArgument> arguments) {
  const int number = seccomp_syscall_resolve_name(call);
  if (number < 0 || failed_ != 0) return;
  std::vector<scmp_arg_cmp> compared;
  for (const SeccompArgument& argument : arguments) {
    if (argument.compare == SCMP_CMP_MASKED_EQ) {
      compared.push_back({argument.index, argument.compare, argument.mask, argument.value});
    } else {
      compared.push_back({argument.index, argument.compare, argument.value, 0});
    }
  }
  failed_ = -seccomp_rule_add_array(context_.get(), action, number,
                                    static_cast<unsigned>(compared.size()), compared.data());
}

void SeccompFilter::rules(std::uint32_t action, std::initializer_list<const char*> calls) {
  for (const char* call : calls) rule(action, call);
}

Result<int> SeccompFilter::install(unsigned flags) const {
  if (failed_ != 0) return base::system_error(failed_, "seccomp rule");
  MERIDIAN_TRY(const auto program, program_of(context_.get()));
  return load_program(program, flags);
}

Result<void> SeccompFilter::load() const {
  MERIDIAN_CHECK(install(0));
  return {};
}

Result<base::UniqueFd> SeccompFilter::load_with_listener() const {
  MERIDIAN_TRY(const int listener, install(SECCOMP_FILTER_FLAG_NEW_LISTENER));
  return base::UniqueFd(listener);
}

}  // namespace meridian::lane
