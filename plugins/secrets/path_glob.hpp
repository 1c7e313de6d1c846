// SPDX-License-Identifier: Apache-2.0
//
// path_glob.hpp: globs over whole paths as the host understands them: * and ? inside one part,
// [a-z], and ** across parts ("a/**" also matches "a/b/c", "**/x" also matches "x").
//
// No recursion: time is at most the product of both lengths.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace meridian::secrets {

bool glob_matches(std::string_view glob, std::string_view path);

bool any_glob_matches(const std::vector<std::string>& globs, std::string_view path);

}  // namespace meridian::secrets
