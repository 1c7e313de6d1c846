// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#include "unit/lane/confined_child.hpp"

using namespace meridian;
using namespace meridian::testing_support;
using lane::ForkMode;

#if defined(__x86_64__)
#define TRAP_INSTRUCTION "int3"
#define NO_INSTRUCTION "ud2"
#else
#define TRAP_INSTRUCTION "brk #0"
#define NO_INSTRUCTION "udf #0"
#endif

namespace {

/// Written through, so that no compiler proves what happens.
volatile std::uintptr_t nowhere = 0;

__attribute__((no_sanitize("undefined", "address", "thread"), noinline)) void write_to(
    std::uintptr_t address) {
  *reinterpret_cast<volatile char*>(address) = 1;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winfinite-recursion"
__attribute__((no_sanitize("undefined", "address", "thread"), noinline)) int dig(int depth) {
  volatile char room[1024];
  room[0] = static_cast<char>(depth);
  return dig(depth + 1) + room[0];
}
#pragma GCC diagnostic pop

int signal_that_ends(ConfinedChild& child) {
  child.finish();
  return WIFSIGNALED(child.status()) ? WTERMSIG(child.status()) : -1;
}

}  // namespace

TEST_CASE("signal guard: a write to nowhere is recorded with its address, and ends by SIGSEGV") {
  const std::uintptr_t address = GENERATE(std::uintptr_t{0}, std::uintptr_t{0x10});
  ConfinedChild child({}, ForkMode::kSingle, Step::kWorker,
                      [&](const Inside&) { write_to(nowhere + address); });
  CHECK(signal_that_ends(child) == SIGSEGV);
  CHECK(child.page().get()->signal == SIGSEGV);
  CHECK(child.page().get()->signal_code == 1);  // SEGV_MAPERR
  CHECK(child.page().get()->signal_address == address);
}

TEST_CASE("signal guard: an overflow of the stack is recorded") {
  ConfinedChild child({}, ForkMode::kSingle, Step::kWorker, [](const Inside&) { dig(0); });
  CHECK(signal_that_ends(child) == SIGSEGV);
  CHECK(child.page().get()->signal == SIGSEGV);
  CHECK(child.page().get()->signal_address != 0);
}

TEST_CASE("signal guard: abort, a trap, an illegal instruction end by their signal") {
  const auto [number, how] = GENERATE(table<int, void (*)()>({
      {SIGABRT, [] { std::abort(); }},
      {SIGABRT, [] { std::terminate(); }},
      {SIGABRT, [] { ::raise(SIGABRT); }},
      {SIGSEGV, [] { ::raise(SIGSEGV); }},
      {SIGTRAP, [] { __asm__ volatile(TRAP_INSTRUCTION); }},
      {SIGILL, [] { __asm__ volatile(NO_INSTRUCTION); }},
  }));
  void (*const end)() = how;
  ConfinedChild child({}, ForkMode::kSingle, Step::kWorker, [end](const Inside&) { end(); });
  CHECK(signal_that_ends(child) == number);
  CHECK(child.page().get()->signal == static_cast<std::uint32_t>(number));
}

TEST_CASE("signal guard: a signal of another process is told from the process' own") {
  for (const bool own : {true, false}) {
    ConfinedChild child({}, ForkMode::kSingle, Step::kWorker, [own](const Inside& inside) {
      if (own) ::raise(SIGABRT);
      while (true) inside.wait();
    });
    child.line();  // its level
    if (!own) REQUIRE(::kill(child.pid(), SIGABRT) == 0);
    CHECK(signal_that_ends(child) == SIGABRT);
    CHECK(child.page().get()->signal == SIGABRT);
    CHECK(child.page().get()->signal_foreign == (own ? 0u : 1u));
  }
}

TEST_CASE("signal guard: a failed allocation is noted with the call it was in") {
  if (kSanitized) return;  // their operator new asks no handler
  ConfinedChild child({}, ForkMode::kSingle, Step::kWorker, [](const Inside& inside) {
    inside.wait();
    try {
      ::operator delete(::operator new(SIZE_MAX / 2));
    } catch (const std::bad_alloc&) {
      inside.say("caught");
    }
  });
  child.line();  // its level
  child.page().get()->calls = 7;
  child.go_on();
  CHECK(child.finish().find("caught\n") != std::string::npos);
  CHECK(child.page().get()->starved == 7);
}

TEST_CASE("signal guard: a handler of the plugin's own does not hide refused calls") {
  ConfinedChild child({}, ForkMode::kSingle, Step::kWorker, [](const Inside& inside) {
    inside.say(std::to_string(::signal(SIGSYS, SIG_IGN) == SIG_ERR));
    inside.say(std::to_string(::signal(SIGUSR1, SIG_IGN) != SIG_ERR));
    inside.say(std::to_string(::socket(AF_INET, SOCK_STREAM, 0)));
  });
  const std::string said = child.finish();
  CHECK(said.substr(said.find('\n') + 1) == "1\n1\n-1\n");
  CHECK(contains(child.page().refused(), "socket"));
}

TEST_CASE("signal guard: numbers have names, unknown ones their number") {
  CHECK(lane::call_name(__NR_socket) == "socket");
  CHECK(lane::call_name(1023) == "call 1023");
}
