// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

#include "base/read_file.hpp"
#include "lane/landlock.hpp"
#include "unit/lane/confined_child.hpp"

using namespace meridian;
using namespace meridian::testing_support;
using lane::ForkMode;

namespace {

/// A system library that this process has not loaded.
std::string spare_library() {
  for (const char* name : {"libutil.so.1", "libnsl.so.1", "libanl.so.1", "libBrokenLocale.so.1"}) {
    for (const char* folder : {"/usr/lib/x86_64-linux-gnu/", "/usr/lib/aarch64-linux-gnu/"}) {
      if (std::filesystem::exists(folder + std::string(name))) return folder + std::string(name);
    }
  }
  return "";
}

base::UniqueFd sealed_copy(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  base::UniqueFd fd(::memfd_create("plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(base::write_all(fd.get(), bytes));
  REQUIRE(::fcntl(fd.get(), F_ADD_SEALS,
                  F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0);
  return fd;
}

std::string load(const std::string& path) {
  return ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr ? "loaded" : ::dlerror();
}

}  // namespace

TEST_CASE("sandbox: a system library and sealed bytes load in the first step, not in the second") {
  const std::string library = spare_library();
  REQUIRE(!library.empty());
  const base::UniqueFd sealed = sealed_copy(library);
  const Step step = GENERATE(Step::kLane, Step::kSecond);
  ConfinedChild child({}, ForkMode::kSingle, step, [&](const Inside& inside) {
    inside.say(load("/proc/self/fd/" + std::to_string(sealed.get())));
    inside.say(load(std::filesystem::path(library).filename()));
  });
  const std::string said = child.finish();
  INFO(said);
  const std::string after = said.substr(said.find('\n') + 1);
  CHECK((after == "loaded\nloaded\n") == (step == Step::kLane));
  CHECK(child.status() == 0);
  // Without Landlock the file does not even open.
  const bool maps = step == Step::kSecond && lane::landlock_abi() != 0;
  CHECK(contains(child.page().refused(), "mmap") == maps);
}

TEST_CASE("sandbox: what ordinary code does goes on and refuses nothing, in every step") {
  const auto [mode, step] = GENERATE(table<ForkMode, Step>({{ForkMode::kSingle, Step::kLane},
                                                            {ForkMode::kSingle, Step::kWorker},
                                                            {ForkMode::kFork, Step::kSecond}}));
  const base::UniqueFd given(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  ConfinedChild child({}, mode, step, [&](const Inside& inside) {
    std::vector<std::string> many;
    for (int i = 0; i < 10'000; ++i) many.emplace_back(1000, 'x');
    const std::vector<char> large(64u << 20, 'y');
    inside.say("memory " + std::to_string(many.size() + large.size() % 2));
    char bytes[16];
    inside.say("random " + std::to_string(::getrandom(bytes, sizeof bytes, 0)));
    inside.say("read " + std::to_string(::pread(given.get(), bytes, sizeof bytes, 0)));
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    inside.say("time " + std::to_string(::localtime_r(&now, &parts) != nullptr));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    try {
      throw std::runtime_error("thrown");
    } catch (const std::exception& error) {
      inside.say(error.what());
    }
  });
  const std::string said = child.finish();
  CHECK(said.substr(said.find('\n') + 1) == "memory 10000\nrandom 16\nread 16\ntime 1\nthrown\n");
  CHECK(child.status() == 0);
  CHECK(child.page().refused() == std::vector<std::string>());
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RUNTIME_MAKES_THREADS  // so its sandbox lets everybody
#endif
#endif

TEST_CASE("sandbox: threads run where they were declared; std::thread throws where they were not") {
  lane::SandboxNeeds needs;
  needs.threads = GENERATE(false, true);
  const auto [mode, step] = GENERATE(
      table<ForkMode, Step>({{ForkMode::kSingle, Step::kLane}, {ForkMode::kFork, Step::kWorker}}));
  auto warden = lane::ForkWarden::start();
  REQUIRE(warden);
  ConfinedChild child(needs, mode, step, [](const Inside& inside) {
    inside.wait();
    try {
      int value = 0;
      std::thread([&value] { value = 7; }).join();
      inside.say("ran " + std::to_string(value));
    } catch (const std::system_error& error) {
      inside.say("refused");
    }
  });
  base::UniqueFd listener = child.take_listener();
  const bool asks = static_cast<bool>(listener);
  const auto id =
      asks ? (*warden)->add(std::move(listener), {0, nullptr, needs.threads ? 2u : 0u}) : 0;
  child.go_on();
  const std::string said = child.finish();
#ifdef RUNTIME_MAKES_THREADS
  return;
#endif
  CHECK(said.substr(said.find('\n') + 1) == (needs.threads ? "ran 7\n" : "refused\n"));
  CHECK(child.status() == 0);
  const auto refused = (*warden)->take_refused(id);
  REQUIRE(refused.calls.size() == (asks && !needs.threads ? 1u : 0u));
  if (!refused.calls.empty()) CHECK(lane::call_name(refused.calls[0].call) == "clone");
}
