// SPDX-License-Identifier: Apache-2.0
#include "store/oci_layout/platform_choice.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/escape.hpp"

namespace meridian::store {
namespace {

struct Machine {
  std::string_view uname;
  std::string_view architecture;
  std::string_view variant;
};
// Left as the kernel says it, right as Go does; what is not here has one name in both.
constexpr std::array<Machine, 9> kMachines = {{{"x86_64", "amd64", ""},
                                               {"i386", "386", ""},
                                               {"i686", "386", ""},
                                               {"aarch64", "arm64", ""},
                                               {"armv7l", "arm", "v7"},
                                               {"armv8l", "arm", "v7"},
                                               {"armv6l", "arm", "v6"},
                                               {"loongarch64", "loong64", ""},
                                               {"mips64", "mips64", ""}}};

/// "v8" of arm64 is what every arm64 is.
std::string_view variant_of(const model::Platform& platform) {
  if (platform.architecture == "arm64" && platform.variant == "v8") return "";
  return platform.variant;
}

/// The best of `entries` for `asked`; null if none.
const Descriptor* fitting(const std::vector<Descriptor>& entries, const model::Platform& asked) {
  const Descriptor* other_variant = nullptr;
  for (const Descriptor& entry : entries) {
    if (!entry.platform || !fits(*entry.platform, asked)) continue;
    if (variant_of(*entry.platform) == variant_of(asked)) return &entry;
    if (other_variant == nullptr) other_variant = &entry;
  }
  return other_variant;  // who asks for no variant takes any
}

std::string platforms_of(const std::vector<Descriptor>& entries) {
  std::string text;
  for (const Descriptor& entry : entries) {
    text += (text.empty() ? "" : ", ") + (entry.platform ? base::escape(entry.platform->text())
                                                         : std::string("one that is not said"));
  }
  return text.empty() ? "none" : text;
}

}  // namespace

bool fits(const model::Platform& offered, const model::Platform& asked) {
  return offered.os == asked.os && offered.architecture == asked.architecture &&
         (variant_of(asked).empty() || variant_of(offered) == variant_of(asked));
}

model::Platform own_platform() {
  utsname names{};
  if (::uname(&names) != 0) return {"linux", "", ""};
  const std::string_view machine = std::begin(names.machine);
  const auto known = std::find_if(kMachines.begin(), kMachines.end(),
                                  [machine](const Machine& row) { return row.uname == machine; });
  if (known == kMachines.end()) return {"linux", std::string(machine), ""};
  return {"linux", std::string(known->architecture), std::string(known->variant)};
}

Result<std::vector<Descriptor>> choose_platform(
    const std::vector<Descriptor>& entries, const std::optional<model::Platform>& asked,
    const std::function<bool(const Descriptor&)>& is_there) {
  std::vector<Descriptor> images;
  std::copy_if(entries.begin(), entries.end(), std::back_inserter(images),
               [](const Descriptor& entry) { return !entry.is_attestation(); });
  const model::Platform wanted = asked ? *asked : own_platform();
  const Descriptor* const fits = fitting(images, wanted);
  if (fits != nullptr && (asked || is_there(*fits))) return std::vector<Descriptor>{*fits};

  std::vector<Descriptor> unsaid;
  std::copy_if(images.begin(), images.end(), std::back_inserter(unsaid),
               [](const Descriptor& entry) { return !entry.platform; });
  if (fits == nullptr && !unsaid.empty()) return unsaid;
  if (!asked) {
    std::vector<Descriptor> present;
    std::copy_if(images.begin(), images.end(), std::back_inserter(present), is_there);
    if (present.size() == 1) return present;
    if (fits != nullptr) return std::vector<Descriptor>{*fits};  // its absence is said by who reads
  }
  return Error(ErrorCode::kNotFound, "no image for " + base::escape(wanted.text()) +
                                         ", it has: " + platforms_of(images) +
                                         (asked ? "" : " (--platform chooses)"));
}

}  // namespace meridian::store
