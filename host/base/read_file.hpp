// SPDX-License-Identifier: Apache-2.0
//
// read_file.hpp: bytes of an open descriptor, bounded. Nothing is mapped: a file that shrinks while
// mapped ends the process (SIGBUS).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "meridian/result.hpp"

namespace meridian::base {

/// All bytes from the start; kLimit if there are more than `limit`. `what` names it in errors.
Result<std::string> read_all(int fd, std::uint64_t limit, std::string_view what);

/// Up to `size` bytes at `offset` into `buffer`; fewer only at the end. Retries EINTR. Everything
/// that is read of files is read here, and takes its time if read_pace.hpp says so.
Result<std::size_t> read_at(int fd, std::uint64_t offset, void* buffer, std::size_t size,
                            std::string_view what);

/// A file of this process (not of the host root): opened O_CLOEXEC|O_NONBLOCK|O_NOCTTY, refused
/// unless regular. For archives, plugins, configuration.
Result<UniqueFd> open_own_file(const std::string& path);
Result<std::string> read_own_file(const std::string& path, std::uint64_t limit);

/// A new unlinked file in $TMPDIR (/tmp), or memory where that has no O_TMPFILE.
Result<UniqueFd> make_scratch_file();
/// The same file, as a descriptor that cannot be written through. Needs /proc.
Result<UniqueFd> reopen_for_reading(int fd);
Result<void> write_all(int fd, std::string_view bytes);

}  // namespace meridian::base
