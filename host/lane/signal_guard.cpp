// SPDX-License-Identifier: Apache-2.0
#include "lane/signal_guard.hpp"

#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>

#include "base/system_error.hpp"

namespace meridian::lane {

namespace {

/// Our handlers take under a page; a sanitizer's interceptors below them more.
constexpr std::size_t kAlternateStack = 64 << 10;
constexpr std::size_t kGuard = 64 << 10;  // a multiple of every page size
constexpr std::array kEnding = {SIGSEGV, SIGBUS,  SIGILL,  SIGFPE,
                                SIGABRT, SIGTRAP, SIGXFSZ, SIGXCPU};
constexpr int kSeccompCode = 1;  // SYS_SECCOMP

// A handler gets no argument, so it needs one place it can find.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<FlightPage*> guarded_page{nullptr};

void return_from_call(void* context, long value) {
  auto& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  machine.gregs[REG_RAX] = value;
#elif defined(__aarch64__)
  machine.regs[0] = static_cast<unsigned long long>(value);
#else
#error "where does this architecture keep the result of a system call?"
#endif
}

void on_refused_call(int, siginfo_t* info, void* context) {
  if (info->si_code != kSeccompCode) return;  // somebody's kill
  FlightPage* const page = guarded_page.load();
  if (page != nullptr) note_refused(*page, static_cast<std::size_t>(info->si_syscall));
  return_from_call(context, -EPERM);
}

/// A fault of the instruction itself comes again when the handler returns, and then ends us.
bool comes_again(int number, int code) {
  return code > 0 &&
         (number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE);
}

/// The disposition is the default one again already (SA_RESETHAND).
void on_ending(int number, siginfo_t* info, void*) {
  if (FlightPage* const page = guarded_page.load(); page != nullptr) {
    page->signal_code.store(static_cast<std::uint32_t>(info->si_code));
    // Sent by a process, si_addr is its pid and uid.
    const bool fault = info->si_code > 0;
    page->signal_address.store(fault ? reinterpret_cast<std::uintptr_t>(info->si_addr) : 0);
    page->signal_foreign.store(!fault && info->si_pid != ::getpid() ? 1 : 0);
    page->signal.store(static_cast<std::uint32_t>(number));
  }
  if (comes_again(number, info->si_code)) return;
  ::syscall(SYS_tgkill, ::getpid(), ::syscall(SYS_gettid), number);
  ::_exit(128 + number);  // whoever answers for signals said no
}

/// Whoever lets it pass, or may not, aborts: then it is for want of memory. A plugin with a C++
/// runtime of its own has its own handler.
[[noreturn]] void on_failed_allocation() {
  if (FlightPage* const page = guarded_page.load(); page != nullptr) {
    page->starved.store(page->calls.load());
  }
  throw std::bad_alloc();
}

Result<void> use_own_stack() {
  void* const memory = ::mmap(nullptr, kGuard + kAlternateStack, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return base::system_error(errno, "signal stack");
  // The stack grows down, into memory that is none.
  if (::mprotect(memory, kGuard, PROT_NONE) != 0) return base::system_error(errno, "signal stack");
  stack_t stack{};
  stack.ss_sp = static_cast<char*>(memory) + kGuard;
  stack.ss_size = kAlternateStack;
  if (::sigaltstack(&stack, nullptr) != 0) return base::system_error(errno, "signal stack");
  return {};
}

}  // namespace

Result<void> install_signal_guard(FlightPage* page) {
  guarded_page.store(page);
  std::set_new_handler(on_failed_allocation);
  MERIDIAN_CHECK(use_own_stack());
  struct sigaction action {};
  action.sa_sigaction = on_refused_call;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
  if (::sigaction(SIGSYS, &action, nullptr) != 0) return base::system_error(errno, "SIGSYS");
  action.sa_sigaction = on_ending;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | static_cast<int>(SA_RESETHAND);
  for (const int number : kEnding) {
    if (::sigaction(number, &action, nullptr) != 0) return base::system_error(errno, "sigaction");
  }
  return {};
}

void use_flight_page(FlightPage* page) { guarded_page.store(page); }

std::string call_name(std::uint32_t number) {
  char* const found =
      seccomp_syscall_resolve_num_arch(seccomp_arch_native(), static_cast<int>(number));
  if (found == nullptr) return "call " + std::to_string(number);
  std::string name = found;
  std::free(found);  // NOLINT(cppcoreguidelines-no-malloc): libseccomp's malloc
  return name;
}

}  // namespace meridian::lane
