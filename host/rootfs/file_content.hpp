// SPDX-License-Identifier: Apache-2.0
//
// file_content.hpp: content that is a file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/page_cache.hpp"
#include "base/unique_fd.hpp"
#include "rootfs/tree.hpp"

namespace meridian::rootfs {

/// A whole file that it owns; `name` stands for it in errors. read() is kChanged when the file has
/// become shorter than `size`, what it had when it was opened.
/// A large one leaves the page cache as it was (base/page_cache.hpp).
std::unique_ptr<Content> file_content(base::UniqueFd file, std::uint64_t size, std::string name);
/// Of it `uncached` is dropped from the page cache in the end: somebody has asked already, or it is
/// nothing, as with files that are read again and again.
std::unique_ptr<Content> file_content(base::UniqueFd file, std::uint64_t size, std::string name,
                                      std::vector<base::FileRange> uncached);

/// Bytes in memory.
std::unique_ptr<Content> memory_content(std::string bytes);
std::unique_ptr<Content> memory_content(std::shared_ptr<const std::string> bytes);

}  // namespace meridian::rootfs
