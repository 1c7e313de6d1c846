// SPDX-License-Identifier: Apache-2.0
//
// readers.hpp: which file is read by which parser.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <meridian/result.hpp>

#include "byte_source.hpp"
#include "package.hpp"

namespace meridian::packages {

/// A file's parser. `path` helps where a file does not name what it is of. A pure function of both.
using Parse = Parsed (*)(std::string_view path, const ByteSource& bytes);

struct Reader {
  std::string_view name;           // of the parser, for tests and the fuzzer's corpus
  std::vector<std::string> paths;  // globs on the whole path
  Parse parse;
  std::uint64_t max_size;  // bytes; a larger file is a gap
  std::vector<std::string> magic = {};
  std::uint32_t mode_any = 0;
  std::uint64_t min_size = 0;
  std::vector<std::string> exclude = {};
};

/// All of them, always in the same order.
const std::vector<Reader>& readers();

}  // namespace meridian::packages
