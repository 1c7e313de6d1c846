// SPDX-License-Identifier: Apache-2.0
//
// standing.hpp: who a process in the container can be to the host, and what one way there is worth.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/finding.hpp>
#include <meridian/target.hpp>

namespace meridian::privileges {

/// Derived once from a container's privileges. Views of theirs: valid for the callback.
class Standing {
 public:
  /// `isolation`: nullopt, or a boundary that is not known, lowers nothing.
  Standing(const Privileges& privileges, const std::optional<Isolation>& isolation);

  /// A capability that counts outside the container's own user namespace. As root: of its bounding
  /// set; as another user: what a set-user-ID program of the image could give it.
  bool can(std::string_view capability) const;
  /// What root of the host could do there, for this one: lower for a user who must become root
  /// first, and again for one who cannot, by identity mapping or no-new-privileges.
  Severity to_files(Severity worst) const;
  /// The same for ways through the kernel itself; lower again behind a sandbox's kernel.
  Severity to_kernel(Severity worst) const;
  Confidence confidence() const;

  bool has_user_namespace() const { return user_namespace_; }
  /// "user 1000, no-new-privileges, runtime handler runsc": what lowered it, or "user 0".
  const std::string& text() const { return text_; }

 private:
  bool user_namespace_ = false;  // one of its own: no capability in it counts outside
  bool sandbox_ = false;
  unsigned steps_ = 0;  // by which severities are lowered
  std::vector<std::string_view> usable_;
  std::string text_;
};

/// `steps` lower, at least kLow. kUnknown stays.
Severity lowered(Severity severity, unsigned steps);

}  // namespace meridian::privileges
