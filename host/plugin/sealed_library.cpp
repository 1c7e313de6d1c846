// SPDX-License-Identifier: Apache-2.0
//
// sealed_library.cpp: see sealed_library.hpp.
#include "plugin/sealed_library.hpp"

#include <boost/dll/shared_library.hpp>
#include <mutex>
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
  // The overload with error_code loses the loader's words.
  auto library =
      base::seam("dlopen", [&] { return boost::dll::shared_library(path, rtld_now | rtld_local); });
  if (!library) {
    return refused(library.error().message(), "a library whose symbols all resolve",
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
