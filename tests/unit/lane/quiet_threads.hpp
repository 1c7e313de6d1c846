// SPDX-License-Identifier: Apache-2.0
//
// quiet_threads.hpp: a moment in which a process with threads may be forked below a sanitizer.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace meridian::testing_support {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

/// Waits until every other thread of this process sleeps: a sanitizer's allocator whose lock one of
/// them holds stays locked for good in a child that is forked then. (The host itself starts lanes
/// by executing itself.)
inline void wait_for_other_threads() {
  if (!kSanitized) return;
  const auto is_asleep = [](const std::filesystem::path& thread) {
    std::ifstream file(thread / "stat");
    const std::string line((std::istreambuf_iterator<char>(file)), {});
    const std::size_t name_end = line.rfind(')');
    return name_end == std::string::npos || line.compare(name_end, 3, ") S") == 0;
  };
  const std::string own = std::to_string(::gettid());
  for (int attempt = 0; attempt < 1000; ++attempt) {
    bool all = true;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
      all = all && (thread.path().filename() == own || is_asleep(thread.path()));
    }
    if (all) return;
    ::usleep(1000);
  }
}

}  // namespace meridian::testing_support
