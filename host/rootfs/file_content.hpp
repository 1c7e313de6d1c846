// SPDX-License-Identifier: Apache-2.0
//
// file_content.hpp: content that is a file.
#pragma once

#include <memory>
#include <string>

#include "base/unique_fd.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

/// A whole file that it owns; `name` stands for it in errors. read() is kChanged when the file has
/// become shorter than `size`, what it had when it was opened.
std::unique_ptr<Content> file_content(base::UniqueFd file, std::uint64_t size, std::string name);

/// Bytes in memory.
std::unique_ptr<Content> memory_content(std::string bytes);
std::unique_ptr<Content> memory_content(std::shared_ptr<const std::string> bytes);

}  // namespace meridian::rootfs
