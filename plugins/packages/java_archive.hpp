// SPDX-License-Identifier: Apache-2.0
//
// java_archive.hpp: Java libraries in jar, war and ear files, and in archives within them.
#pragma once

#include <string_view>

#include "byte_source.hpp"
#include "package.hpp"

namespace meridian::packages {

/// Each archive tells of what its META-INF/maven/**/pom.properties name (a shaded one of several);
/// without any of what its manifest names, and then of what its file name says: "guava-31.1.jar".
/// A name is "group:artifact" where the group is known.
Parsed parse_java_archive(std::string_view path, const ByteSource& source);

constexpr std::size_t kMaxNesting = 4;              // archives within archives
constexpr std::uint64_t kMaxNested = 64 << 20;      // bytes of one that is nested
constexpr std::uint64_t kMaxUnpacked = 1024 << 20;  // bytes in all, of one file
constexpr std::size_t kMaxArchives = 5'000;         // in one file

}  // namespace meridian::packages
