// SPDX-License-Identifier: Apache-2.0
//
// sudoers_files.hpp: everything that sudo would read in an image, in its order.
#pragma once

#include <string>
#include <vector>

#include "subject.hpp"
#include "sudoers.hpp"

namespace meridian::privilege_escalation {

struct SudoersFile {
  std::string path;
  SudoersText text;
};

/// A file that sudo does not read because of its owner or mode.
struct RefusedSudoers {
  std::string path;
  std::string why;
};

struct Sudoers {
  std::vector<SudoersFile> files;
  std::vector<RefusedSudoers> refused;
};

/// etc/sudoers and what it includes, within the image; none if there is none. Bounds and what
/// cannot be read are gaps of `subject`.
Sudoers read_sudoers(Subject& subject);

}  // namespace meridian::privilege_escalation
