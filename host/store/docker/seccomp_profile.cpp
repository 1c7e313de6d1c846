// SPDX-License-Identifier: Apache-2.0
#include "store/docker/seccomp_profile.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "model/json.hpp"

namespace meridian::store {
namespace {

using model::Json;
using model::SpecSeccomp;
using model::SpecSyscall;

/// Go's name, the one rules use, libseccomp's, and what runs there too.
struct Architecture {
  std::string_view go;
  std::string_view native;
  std::string_view seccomp;
  std::array<std::string_view, 2> also;
};
constexpr std::array<Architecture, 6> kArchitectures = {{
    {"amd64", "amd64", "SCMP_ARCH_X86_64", {"SCMP_ARCH_X86", "SCMP_ARCH_X32"}},
    {"386", "x86", "SCMP_ARCH_X86", {}},
    {"arm64", "arm64", "SCMP_ARCH_AARCH64", {"SCMP_ARCH_ARM", ""}},
    {"arm", "arm", "SCMP_ARCH_ARM", {}},
    {"ppc64le", "ppc64le", "SCMP_ARCH_PPC64LE", {}},
    {"s390x", "s390x", "SCMP_ARCH_S390X", {"SCMP_ARCH_S390", ""}},
}};

const Architecture* find_architecture(std::string_view go) {
  const auto found = std::find_if(kArchitectures.begin(), kArchitectures.end(),
                                  [go](const Architecture& one) { return one.go == go; });
  return found == kArchitectures.end() ? nullptr : &*found;
}

using Version = std::pair<unsigned, unsigned>;

/// "4.8", "6.1.0-18-amd64"; nullopt without two numbers.
std::optional<Version> kernel_version(std::string_view text) {
  Version version;
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.first);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, version.second);
  if (minor.ec != std::errc()) return std::nullopt;
  return version;
}

class Converter {
 public:
  explicit Converter(const SeccompHost& host) : host_(host) {
    const Architecture* const known = find_architecture(host.architecture);
    native_ = known != nullptr ? known->native : std::string_view(host.architecture);
    seccomp_ = known != nullptr ? known->seccomp : std::string_view();
  }

  Result<SpecSeccomp> convert(const Json& profile) const;

 private:
  Result<void> add_architectures(const Json& profile, SpecSeccomp& out) const;
  Result<std::optional<SpecSyscall>> rule(const Json& call) const;
  /// Whether one of the conditions is met, and whether all are; no condition: false, true.
  struct Met {
    bool any = false;
    bool all = true;
    void add(bool one) {
      any = any || one;
      all = all && one;
    }
  };
  Result<Met> conditions(const Json& filter) const;
  bool has_capability(const std::string& name) const {
    return std::find(host_.bounding.begin(), host_.bounding.end(), name) != host_.bounding.end();
  }

  const SeccompHost& host_;
  std::string_view native_;
  std::string_view seccomp_;
};

// Of the architectures one suffices; of the capabilities each counts.
Result<Converter::Met> Converter::conditions(const Json& filter) const {
  Met met;
  MERIDIAN_TRY(const auto arches, filter.texts("arches"));
  if (!arches.empty()) met.add(std::find(arches.begin(), arches.end(), native_) != arches.end());
  MERIDIAN_TRY(const auto capabilities, filter.texts("caps"));
  for (const std::string& name : capabilities) met.add(has_capability(name));
  MERIDIAN_TRY(const std::string minimum, filter.text("minKernel"));
  if (!minimum.empty()) {
    met.add(kernel_is_at_least(host_.kernel, minimum));
  }
  return met;
}

Result<std::optional<SpecSyscall>> Converter::rule(const Json& call) const {
  MERIDIAN_TRY(const Json excludes, call.object("excludes"));
  MERIDIAN_TRY(const Met excluded, conditions(excludes));
  MERIDIAN_TRY(const Json includes, call.object("includes"));
  MERIDIAN_TRY(const Met included, conditions(includes));
  if (excluded.any || !included.all) return std::optional<SpecSyscall>();
  SpecSyscall out;
  MERIDIAN_TRY(const std::string name, call.text("name"));
  MERIDIAN_TRY(out.names, call.texts("names"));
  if (!name.empty()) out.names = {name};
  MERIDIAN_TRY(out.action, call.text("action"));
  MERIDIAN_TRY(out.errno_ret, call.natural("errnoRet"));
  MERIDIAN_TRY(const auto args, call.list("args"));
  for (const Json& arg : args) {
    model::SpecSyscallArg one;
    MERIDIAN_TRY(const auto index, arg.natural("index"));
    MERIDIAN_TRY(const auto value, arg.natural("value"));
    MERIDIAN_TRY(const auto value_two, arg.natural("valueTwo"));
    MERIDIAN_TRY(one.op, arg.text("op"));
    one.index = index.value_or(0);
    one.value = value.value_or(0);
    one.value_two = value_two.value_or(0);
    out.args.push_back(std::move(one));
  }
  return std::optional(std::move(out));
}

Result<void> Converter::add_architectures(const Json& profile, SpecSeccomp& out) const {
  MERIDIAN_TRY(out.architectures, profile.texts("architectures"));
  MERIDIAN_TRY(const auto map, profile.list("archMap"));
  for (const Json& entry : map) {
    MERIDIAN_TRY(std::string name, entry.text("architecture"));
    if (seccomp_.empty() || name != seccomp_) continue;
    MERIDIAN_TRY(const auto also, entry.texts("subArchitectures"));
    out.architectures.push_back(std::move(name));
    out.architectures.insert(out.architectures.end(), also.begin(), also.end());
    break;
  }
  return {};
}

Result<SpecSeccomp> Converter::convert(const Json& profile) const {
  SpecSeccomp out;
  MERIDIAN_TRY(out.default_action, profile.text("defaultAction"));
  MERIDIAN_TRY(out.default_errno_ret, profile.natural("defaultErrnoRet"));
  MERIDIAN_TRY(out.flags, profile.texts("flags"));
  MERIDIAN_CHECK(add_architectures(profile, out));
  MERIDIAN_TRY(const auto calls, profile.list("syscalls"));
  for (const Json& call : calls) {
    MERIDIAN_TRY(auto converted, rule(call));
    if (converted) out.syscalls.push_back(*std::move(converted));
  }
  return out;
}

}  // namespace

Result<std::optional<SpecSeccomp>> filter_of(std::string_view profile, const SeccompHost& host) {
  MERIDIAN_TRY(const Json root, Json::parse(profile));
  if (!root.is_object()) return Error(ErrorCode::kCorrupt, "seccomp profile: is no JSON object");
  auto filter = Converter(host).convert(root);
  if (!filter) return std::move(filter).error().in("seccomp profile");
  if (filter->default_action.empty() && filter->syscalls.empty()) {
    return std::optional<SpecSeccomp>();
  }
  return std::optional(*std::move(filter));
}

bool kernel_is_at_least(std::string_view release, std::string_view minimum) {
  const auto running = kernel_version(release);
  const auto wanted = kernel_version(minimum);
  return running && wanted && *running >= *wanted;
}

SpecSeccomp default_filter(const std::string& architecture) {
  SpecSeccomp out;
  out.default_action = "SCMP_ACT_ERRNO";
  if (const Architecture* const known = find_architecture(architecture)) {
    out.architectures.emplace_back(known->seccomp);
    for (const std::string_view also : known->also) {
      if (!also.empty()) out.architectures.emplace_back(also);
    }
  }
  return out;
}

}  // namespace meridian::store
