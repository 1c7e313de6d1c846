// SPDX-License-Identifier: Apache-2.0
#include "standing.hpp"

#include <algorithm>

namespace meridian::privileges {
namespace {

constexpr std::uint64_t kRoot = 0;

bool has_own_user_namespace(const Privileges& privileges) {
  for (const Namespace one : privileges.namespaces()) {
    if (one.type() == "user") return one.sharing() != Sharing::kHost;
  }
  return false;
}

/// Whether root of the container is root of the host. A user namespace that it joined says nothing
/// of its mappings here: then it counts as if it were.
bool maps_root_to_root(const Privileges& privileges) {
  const meridian_privileges& raw = *privileges.raw();
  for (std::uint64_t i = 0; i < raw.uid_mapping_count; ++i) {
    const meridian_id_mapping& mapping = *raw.uid_mappings[i];
    if (mapping.container_id == kRoot && mapping.size != 0) return mapping.host_id == kRoot;
  }
  return raw.uid_mapping_count == 0;
}

void add_all(Strings names, std::vector<std::string_view>& out) {
  for (const std::string_view name : names) out.push_back(name);
}

}  // namespace

Severity lowered(Severity severity, unsigned steps) {
  if (severity <= Severity::kLow) return severity;
  const auto value = static_cast<unsigned>(severity);
  const auto floor = static_cast<unsigned>(Severity::kLow);
  return static_cast<Severity>(value > floor + steps ? value - steps : floor);
}

Standing::Standing(const Privileges& privileges, const std::optional<Isolation>& isolation)
    : user_namespace_(has_own_user_namespace(privileges)),
      sandbox_(isolation && isolation->is_sandbox()),
      text_("user " + std::to_string(privileges.uid())) {
  constexpr unsigned kMustBecomeRoot = 1;
  constexpr unsigned kCannotBecomeRoot = 2;
  const bool root = privileges.uid() == kRoot;
  const bool stuck = !root && privileges.no_new_privileges();
  if (stuck) text_ += ", no-new-privileges";
  if (user_namespace_) text_ += ", user namespace of its own";
  if (sandbox_) text_.append(", runtime handler ").append(privileges.runtime_handler());

  if (!root) steps_ = kMustBecomeRoot;
  if (stuck || (user_namespace_ && !maps_root_to_root(privileges))) steps_ = kCannotBecomeRoot;

  if (user_namespace_) return;
  add_all(privileges.ambient(), usable_);
  if (stuck) return;
  add_all(privileges.bounding(), usable_);
  add_all(privileges.effective(), usable_);
}

bool Standing::can(std::string_view capability) const {
  return std::find(usable_.begin(), usable_.end(), capability) != usable_.end();
}

Severity Standing::to_files(Severity worst) const { return lowered(worst, steps_); }

Severity Standing::to_kernel(Severity worst) const {
  return lowered(worst, steps_ + (sandbox_ ? 1 : 0));
}

Confidence Standing::confidence() const {
  if (sandbox_) return Confidence::kLow;
  return steps_ == 0 ? Confidence::kHigh : Confidence::kMedium;
}

}  // namespace meridian::privileges
