// SPDX-License-Identifier: Apache-2.0
//
// member_reader.hpp: regular files of an archive that the user names (a feed: zip, or tar in any
// compression), one after the other. Not for images: those have tars alone (tar_reader.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "meridian/result.hpp"

namespace meridian::archive {

class MemberReader {
 public:
  /// `file` outlives it. kCorrupt: no archive.
  static Result<std::unique_ptr<MemberReader>> open(int file, const std::string& name);
  ~MemberReader();
  MemberReader(const MemberReader&) = delete;
  MemberReader& operator=(const MemberReader&) = delete;

  /// The name of the next regular file; nothing: that was the last. kLimit past `kMaxMembers`.
  Result<std::optional<std::string>> next();
  /// All of it; kLimit if it has more bytes.
  Result<std::string> read(std::uint64_t limit);
  /// The same into a file.
  Result<void> write_to(int file, std::uint64_t limit);

  static constexpr std::uint64_t kMaxMembers = 5'000'000;  // npm's of OSV has 223,000

 private:
  struct State;
  explicit MemberReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace meridian::archive
