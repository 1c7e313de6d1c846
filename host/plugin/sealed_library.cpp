// SPDX-License-Identifier: Apache-2.0
//
// sealed_library.cpp: see sealed_library.hpp.
#include "plugin/sealed_library.hpp"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <mutex>
#include <string>
#include <vector>

#include "base/system_error.hpp"
#include "plugin/refusal.hpp"

namespace meridian::plugin {
namespace {

struct Mapped {
  base::UniqueFd file;
  boost::dll::shared_library library;
};

/// Never unloads: code of a plugin may still be referred to (threads, atexit, unique symbols).
void keep_for_life(Mapped mapped) {
  static std::mutex mutex;
  // NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): never destroyed
  static auto* const kept = new std::vector<Mapped>();
  const std::lock_guard<std::mutex> lock(mutex);
  kept->push_back(std::move(mapped));
}

}  // namespace

Result<meridian_entry_function> load_sealed(base::UniqueFd file) {
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  using boost::dll::load_mode::rtld_local;
  using boost::dll::load_mode::rtld_now;
  boost::dll::fs::error_code failed;
  std::string loaders_words;
  auto library = base::seam("its constructors", [&] {
    boost::dll::shared_library made(path, failed, rtld_now | rtld_local);
    const char* const words = failed ? ::dlerror() : nullptr;  // of this thread
    if (words != nullptr) loaders_words = words;
    return made;
  });
  // The loader does not throw: it is a constructor's.
  if (!library) {
    const bool memory = library.error().code() == ErrorCode::kMemory;
    return Error(memory ? ErrorCode::kMemory : ErrorCode::kException, library.error().message());
  }
  if (failed) {
    return refused("dlopen: " + (loaders_words.empty() ? failed.message() : loaders_words),
                   "a library whose symbols all resolve",
                   "install what it needs, or rebuild it on this system");
  }
  auto entry = base::seam("dlsym", [&] {
    return &library->get<std::remove_pointer_t<meridian_entry_function>>(MERIDIAN_ENTRY_NAME);
  });
  keep_for_life({std::move(file), *std::move(library)});
  if (!entry) {
    return refused("it does not export " MERIDIAN_ENTRY_NAME, "that symbol",
                   "build it with meridian_add_plugin() and MERIDIAN_PLUGIN(...)");
  }
  return *entry;
}

}  // namespace meridian::plugin
